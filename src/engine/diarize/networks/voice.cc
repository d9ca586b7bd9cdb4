#include "engine/diarize/networks/voice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "engine/diarize/networks/weights_rules.h"

namespace wt::diarize {
namespace {

constexpr std::size_t kTensors = 815;
constexpr int kImage = 32;  // Channels of the head.
constexpr int kFlatBands = 10, kFlat = kImage * kFlatBands;
constexpr int kTdnn = 128, kTdnnTaps = 5;
constexpr int kHidden = 128, kGrowth = 32, kContext = 64;
constexpr int kLayers[3] = {12, 24, 16};
constexpr int kDilations[3] = {1, 2, 2};
constexpr int kDilationMax = 2;
constexpr int kBlockIn[3] = {128, 256, 512};
constexpr int kWidthMax = 1024;  // 128 + 12 * 32 = 512, 256 + 24 * 32 = 1024, 512 + 16 * 32 = 1024.
constexpr int kOut = 512;
constexpr int kStretch = 100;  // Frames of a stretch of the context.
constexpr double kEpsilon = 1e-5;
constexpr kernels::Epilogue kStore = kernels::Epilogue::kStore;
constexpr kernels::Epilogue kAdd = kernels::Epilogue::kAdd;

std::size_t Size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

int TdnnFrames(int frames) { return (frames - 1) / 2 + 1; }

}  // namespace

// [band][time + 2][32] with a frame of zeros on both sides of each band.
struct VoiceNetwork::Image {
  float* data = nullptr;
  int bands = 0;
  int frames = 0;

  int row() const { return (frames + 2) * kImage; }
  float* Band(int band) const { return data + Size(band, row()); }
  void ClearBorders() const {
    for (int band = 0; band < bands; ++band) {
      std::fill_n(Band(band), kImage, 0.0f);
      std::fill_n(Band(band) + (frames + 1) * kImage, kImage, 0.0f);
    }
  }
};

void VoiceNetwork::Scratch::Fit(int frames) {
  if (frames == frames_) return;
  frames_ = frames;
  const int times = TdnnFrames(frames);
  features_.assign(Size(frames + 2, kMelBands + 2), 0.0f);
  flat_.assign(Size(frames + kTdnnTaps - 1, kFlat), 0.0f);
  for (auto& image : images_) image.assign(Size(kMelBands, (frames + 2) * kImage), 0.0f);
  for (auto& x : x_) x.assign(Size(times, kWidthMax), 0.0f);
  normed_.assign(Size(times, kWidthMax), 0.0f);
  hidden_.assign(Size(times + 2 * kDilationMax, kHidden), 0.0f);
  local_.assign(std::max(Size(times, kGrowth), Size(frames, 9)), 0.0f);
  context_.assign(Size(times / kStretch + 1, kHidden + kContext + kGrowth), 0.0f);
}

/// Tensors as products with the batch norms that follow them folded in.
struct VoiceNetwork::Reader {
  const network::WeightsFile& file;
  const kernels::KernelSet& kernels;

  Result<Norm> ReadNorm(const std::string& name, int n, bool affine) const {
    WT_ASSIGN(const auto mean, file.Read(name + ".running_mean", {n}));
    WT_ASSIGN(const auto variance, file.Read(name + ".running_var", {n}));
    std::vector<float> weight(static_cast<std::size_t>(n), 1.0f);
    std::vector<float> bias(static_cast<std::size_t>(n), 0.0f);
    if (affine) {
      WT_ASSIGN(weight, file.Read(name + ".weight", {n}));
      WT_ASSIGN(bias, file.Read(name + ".bias", {n}));
    }
    Norm norm;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      if (variance[i] < 0) {
        return Status(StatusCode::kDataCorrupt,
                      fmt::format("voice weights: tensor \"{}.running_var\" holds a negative "
                                  "variance",
                                  name));
      }
      const double scale =
          static_cast<double>(weight[i]) / std::sqrt(static_cast<double>(variance[i]) + kEpsilon);
      norm.scale.push_back(static_cast<float>(scale));
      norm.shift.push_back(
          static_cast<float>(static_cast<double>(bias[i]) - static_cast<double>(mean[i]) * scale));
    }
    return norm;
  }

  /// Rows of `weight` scaled by `norm`.
  static void Scale(const Norm& norm, std::vector<float>* weight) {
    const std::size_t k = weight->size() / norm.scale.size();
    for (std::size_t i = 0; i < weight->size(); ++i) (*weight)[i] *= norm.scale[i / k];
  }

  Result<std::vector<float>> ReadScaled(const std::string& name,
                                        std::initializer_list<std::int64_t> shape,
                                        const Norm& norm) const {
    WT_ASSIGN(auto weight, file.Read(name + ".weight", shape));
    Scale(norm, &weight);
    return weight;
  }

  /// 3x3 with its batch norm; the shift goes with the middle band, which every output meets.
  Result<Conv> ReadConv(const std::string& conv_name, const std::string& norm_name) const {
    WT_ASSIGN(const Norm norm, ReadNorm(norm_name, kImage, true));
    WT_ASSIGN(const auto weight, ReadScaled(conv_name, {kImage, kImage, 3, 3}, norm));
    Conv conv;
    for (int band = 0; band < 3; ++band) {
      std::vector<float> taps(Size(kImage, 3 * kImage));
      for (int o = 0; o < kImage; ++o) {
        for (int i = 0; i < kImage; ++i) {
          for (int t = 0; t < 3; ++t) {
            taps[Size(o, 3 * kImage) + Size(t, kImage) + static_cast<std::size_t>(i)] =
                weight[Size(o * kImage + i, 9) + static_cast<std::size_t>(band * 3 + t)];
          }
        }
      }
      conv.bands[band] = network::Linear(kernels, kImage, 3 * kImage, taps,
                                         band == 1 ? norm.shift : std::vector<float>());
    }
    return conv;
  }

  Result<Residual> ReadResidual(const std::string& name, bool halves) const {
    Residual block;
    block.halves = halves;
    WT_ASSIGN(block.conv1, ReadConv(name + ".conv1", name + ".bn1"));
    WT_ASSIGN(block.conv2, ReadConv(name + ".conv2", name + ".bn2"));
    if (!halves) return block;
    WT_ASSIGN(const Norm norm, ReadNorm(name + ".shortcut.1", kImage, true));
    WT_ASSIGN(const auto weight, ReadScaled(name + ".shortcut.0", {kImage, kImage, 1, 1}, norm));
    block.shortcut = network::Linear(kernels, kImage, kImage, weight, norm.shift);
    return block;
  }

  /// 320 -> 128; the file's rows are [channel][band][tap], ours [tap][band][channel].
  Result<network::Linear> ReadTdnn() const {
    WT_ASSIGN(const Norm norm, ReadNorm("xvector.tdnn.nonlinear.batchnorm", kTdnn, true));
    WT_ASSIGN(const auto weight,
              ReadScaled("xvector.tdnn.linear", {kTdnn, kFlat, kTdnnTaps}, norm));
    std::vector<float> rows(weight.size());
    for (int o = 0; o < kTdnn; ++o) {
      for (int channel = 0; channel < kImage; ++channel) {
        for (int band = 0; band < kFlatBands; ++band) {
          for (int t = 0; t < kTdnnTaps; ++t) {
            const int from = channel * kFlatBands + band;
            const int to = t * kFlat + band * kImage + channel;
            rows[Size(o, kFlat * kTdnnTaps) + static_cast<std::size_t>(to)] =
                weight[Size(o * kFlat + from, kTdnnTaps) + static_cast<std::size_t>(t)];
          }
        }
      }
    }
    return network::Linear(kernels, kTdnn, kFlat * kTdnnTaps, rows, norm.shift);
  }

  Result<Layer> ReadLayer(const std::string& name, int in) const {
    Layer layer;
    WT_ASSIGN(layer.norm1, ReadNorm(name + ".nonlinear1.batchnorm", in, true));
    WT_ASSIGN(const Norm norm2, ReadNorm(name + ".nonlinear2.batchnorm", kHidden, true));
    WT_ASSIGN(const auto linear1, ReadScaled(name + ".linear1", {kHidden, in, 1}, norm2));
    layer.linear1 = network::Linear(kernels, kHidden, in, linear1, norm2.shift);
    const std::string cam = name + ".cam_layer.";
    WT_ASSIGN(const auto local, file.Read(cam + "linear_local.weight", {kGrowth, kHidden, 3}));
    for (std::size_t t = 0; t < 3; ++t) {
      std::vector<float> tap(Size(kGrowth, kHidden));
      for (std::size_t i = 0; i < tap.size(); ++i) tap[i] = local[3 * i + t];
      layer.local[t] = network::Linear(kernels, kGrowth, kHidden, tap);
    }
    WT_ASSIGN(const auto weight1, file.Read(cam + "linear1.weight", {kContext, kHidden, 1}));
    WT_ASSIGN(auto bias1, file.Read(cam + "linear1.bias", {kContext}));
    layer.context1 = network::Linear(kernels, kContext, kHidden, weight1, std::move(bias1));
    WT_ASSIGN(const auto weight2, file.Read(cam + "linear2.weight", {kGrowth, kContext, 1}));
    WT_ASSIGN(auto bias2, file.Read(cam + "linear2.bias", {kGrowth}));
    layer.context2 = network::Linear(kernels, kGrowth, kContext, weight2, std::move(bias2));
    return layer;
  }

  Result<Block> ReadBlock(int index) const {
    Block block;
    block.in = kBlockIn[index];
    block.dilation = kDilations[index];
    for (int i = 0; i < kLayers[index]; ++i) {
      const std::string name = fmt::format("xvector.block{}.tdnnd{}", index + 1, i + 1);
      WT_ASSIGN(Layer layer, ReadLayer(name, block.in + i * kGrowth));
      block.layers.push_back(std::move(layer));
    }
    const int all = block.in + kLayers[index] * kGrowth;
    const std::string transit = fmt::format("xvector.transit{}", index + 1);
    WT_ASSIGN(block.transit_norm, ReadNorm(transit + ".nonlinear.batchnorm", all, true));
    WT_ASSIGN(const auto weight, file.Read(transit + ".linear.weight", {all / 2, all, 1}));
    block.transit = network::Linear(kernels, all / 2, all, weight);
    return block;
  }
};

Result<std::shared_ptr<const VoiceNetwork>> VoiceNetwork::Read(
    std::span<const std::byte> safetensors, const kernels::KernelSet& kernels) {
  WT_ASSIGN(const network::WeightsFile file,
            network::WeightsFile::Open(safetensors, RulesOf("voice", kTensors)));
  std::shared_ptr<VoiceNetwork> made(new VoiceNetwork());
  VoiceNetwork& net = *made;
  net.kernels_ = &kernels;
  net.simd_ = &ChooseSimd();
  const Reader reader{file, kernels};
  WT_ASSIGN(const Norm norm1, reader.ReadNorm("head.bn1", kImage, true));
  WT_ASSIGN(const auto conv1, reader.ReadScaled("head.conv1", {kImage, 1, 3, 3}, norm1));
  net.conv1_ = network::Linear(kernels, kImage, 9, conv1, norm1.shift);
  for (int i = 0; i < 4; ++i) {
    const std::string name = fmt::format("head.layer{}.{}", i / 2 + 1, i % 2);
    WT_ASSIGN(net.residuals_[i], reader.ReadResidual(name, i % 2 == 0));
  }
  WT_ASSIGN(net.conv2_, reader.ReadConv("head.conv2", "head.bn2"));
  WT_ASSIGN(net.tdnn_, reader.ReadTdnn());
  for (int i = 0; i < 3; ++i) {
    WT_ASSIGN(net.blocks_[i], reader.ReadBlock(i));
  }
  WT_ASSIGN(net.out_norm_, reader.ReadNorm("xvector.out_nonlinear.batchnorm", kOut, true));
  WT_ASSIGN(const Norm last,
            reader.ReadNorm("xvector.dense.nonlinear.batchnorm", kVoiceValues, false));
  WT_ASSIGN(const auto dense,
            reader.ReadScaled("xvector.dense.linear", {kVoiceValues, 2 * kOut, 1}, last));
  net.dense_ = network::Linear(kernels, kVoiceValues, 2 * kOut, dense, last.shift);
  return std::shared_ptr<const VoiceNetwork>(std::move(made));
}

// Bands outside the image are zeros: their products are left out. `first` says whether the sums
// begin at 0 or at what stands in `out`.
void VoiceNetwork::Convolve(const Conv& conv, const Image& in, int band_stride, Image* out,
                            kernels::Epilogue first) const {
  for (int band = 0; band < out->bands; ++band) {
    float* to = out->Band(band) + kImage;
    const int middle = band * band_stride;
    conv.bands[1].Apply(*kernels_, in.Band(middle), kImage, in.frames, to, kImage, first);
    for (const int side : {-1, 1}) {
      const int from = middle + side;
      if (from < 0 || from >= in.bands) continue;
      conv.bands[1 + side].Apply(*kernels_, in.Band(from), kImage, in.frames, to, kImage, kAdd);
    }
  }
}

// `in` is overwritten where the bands are not halved: it is the sum that the shortcut asks for.
void VoiceNetwork::RunResidual(const Residual& block, Image* in, Image* middle, Image* out) const {
  const auto relu = [this](Image* image) {
    for (int band = 0; band < image->bands; ++band) {
      simd_->relu(image->Band(band) + kImage, Size(image->frames, kImage));
    }
  };
  const int stride = block.halves ? 2 : 1;
  middle->bands = out->bands = in->bands / stride;
  middle->ClearBorders();
  out->ClearBorders();
  Convolve(block.conv1, *in, stride, middle, kStore);
  relu(middle);
  for (int band = 0; band < out->bands; ++band) {
    float* to = out->Band(band) + kImage;
    const float* from = in->Band(band * stride) + kImage;
    if (block.halves) {
      block.shortcut.Apply(*kernels_, from, kImage, in->frames, to, kImage);
    } else {
      std::copy_n(from, Size(in->frames, kImage), to);
    }
  }
  Convolve(block.conv2, *middle, 1, out, kAdd);
  relu(out);
}

// features_ [frame][80] to flat_ [2 + time][band][channel].
void VoiceNetwork::Head(int frames, Scratch* scratch) const {
  Image images[3];
  for (int i = 0; i < 3; ++i) images[i] = {scratch->images_[i].data(), kMelBands, frames};
  Image *x = &images[0], *middle = &images[1], *y = &images[2];
  x->ClearBorders();
  // The first convolution has one channel: its nine taps are gathered. Features have a border of
  // zeros on all sides: frame f, band b stands at (f + 1) * 82 + b + 1.
  constexpr int kRow = kMelBands + 2;
  float* taps = scratch->local_.data();
  for (int band = 0; band < kMelBands; ++band) {
    for (int f = 0; f < frames; ++f) {
      for (int i = 0; i < 3; ++i) {
        for (int t = 0; t < 3; ++t) {
          taps[f * 9 + i * 3 + t] = scratch->features_[Size(f + t, kRow) + band + i];
        }
      }
    }
    float* to = x->Band(band) + kImage;
    conv1_.Apply(*kernels_, taps, 9, frames, to, kImage);
    simd_->relu(to, Size(frames, kImage));
  }
  for (const Residual& block : residuals_) {
    RunResidual(block, x, middle, y);
    std::swap(x, y);
  }
  middle->bands = kFlatBands;
  Convolve(conv2_, *x, 2, middle, kStore);
  for (int band = 0; band < kFlatBands; ++band) {
    float* row = middle->Band(band) + kImage;
    simd_->relu(row, Size(frames, kImage));
    for (int f = 0; f < frames; ++f) {
      std::copy_n(row + f * kImage, kImage,
                  scratch->flat_.data() + Size(f + kTdnnTaps / 2, kFlat) + band * kImage);
    }
  }
}

// One layer of a block: 32 more channels behind the `channels` that are there.
void VoiceNetwork::DenseLayer(const Layer& layer, const Block& block, int channels, int times,
                              int ld, float* x, Scratch* scratch) const {
  float* normed = scratch->normed_.data();
  simd_->scale_relu(x, ld, layer.norm1.scale.data(), layer.norm1.shift.data(), times, channels,
                    normed, channels);
  // Two frames of zeros on both sides.
  float* hidden = scratch->hidden_.data() + kDilationMax * kHidden;
  layer.linear1.Apply(*kernels_, normed, channels, times, hidden, kHidden);
  simd_->relu(hidden, Size(times, kHidden));
  float* local = scratch->local_.data();
  for (int t = 0; t < 3; ++t) {
    const float* from = hidden + (t - 1) * block.dilation * kHidden;
    layer.local[t].Apply(*kernels_, from, kHidden, times, local, kGrowth, t == 0 ? kStore : kAdd);
  }
  // The context of each stretch of 100 frames: its own mean and that of all frames.
  const int stretches = (times + kStretch - 1) / kStretch;
  float* means = scratch->context_.data();
  float* inner = means + Size(stretches, kHidden);
  float* masks = inner + Size(stretches, kContext);
  for (int i = 0; i < kHidden; ++i) {
    double all = 0;
    for (int s = 0; s < stretches; ++s) {
      const int end = std::min(times, (s + 1) * kStretch);
      double sum = 0;
      for (int t = s * kStretch; t < end; ++t) sum += static_cast<double>(hidden[t * kHidden + i]);
      all += sum;
      means[s * kHidden + i] = static_cast<float>(sum / (end - s * kStretch));
    }
    for (int s = 0; s < stretches; ++s) means[s * kHidden + i] += static_cast<float>(all / times);
  }
  layer.context1.Apply(*kernels_, means, kHidden, stretches, inner, kContext);
  simd_->relu(inner, Size(stretches, kContext));
  layer.context2.Apply(*kernels_, inner, kContext, stretches, masks, kGrowth);
  for (int i = 0; i < stretches * kGrowth; ++i) masks[i] = 1.0f / (1.0f + std::exp(-masks[i]));
  for (int t = 0; t < times; ++t) {
    const float* mask = masks + t / kStretch * kGrowth;
    float* to = x + Size(t, ld) + channels;
    for (int i = 0; i < kGrowth; ++i) to[i] = local[t * kGrowth + i] * mask[i];
  }
}

// Mean and standard deviation over time of each channel, and the last product.
VoiceVector VoiceNetwork::Pool(const float* x, int times) const {
  float statistics[2 * kOut];
  for (int i = 0; i < kOut; ++i) {
    double sum = 0, squares = 0;
    for (int t = 0; t < times; ++t) sum += static_cast<double>(x[Size(t, kOut) + i]);
    const double mean = sum / times;
    for (int t = 0; t < times; ++t) {
      const double off = static_cast<double>(x[Size(t, kOut) + i]) - mean;
      squares += off * off;
    }
    statistics[i] = static_cast<float>(mean);
    statistics[kOut + i] = static_cast<float>(std::sqrt(squares / (times - 1)));
  }
  VoiceVector out;
  dense_.Apply(*kernels_, statistics, 2 * kOut, 1, out.data(), kVoiceValues);
  return out;
}

VoiceVector VoiceNetwork::Embed(std::span<const float> samples, Scratch* scratch) const {
  WT_CHECK(samples.size() >= kVoiceSamplesMin && samples.size() <= kVoiceSamplesMax);
  const int frames = FbankFrames(static_cast<int>(samples.size()));
  const int times = TdnnFrames(frames);
  scratch->Fit(frames);
  // Into rows of 82: the last ones first, so that none is overwritten before it is moved.
  constexpr int kRow = kMelBands + 2;
  float* features = scratch->features_.data();
  filterbank_.Compute(samples, features);
  for (int f = frames - 1; f >= 0; --f) {
    float* to = features + Size(f + 1, kRow);
    std::copy_backward(features + Size(f, kMelBands), features + Size(f + 1, kMelBands),
                       to + kMelBands + 1);
    to[0] = to[kMelBands + 1] = 0;
  }
  std::fill_n(features, kRow, 0.0f);
  Head(frames, scratch);
  float* x = scratch->x_[0].data();
  float* next = scratch->x_[1].data();
  int ld = kBlockIn[0] + kLayers[0] * kGrowth;
  tdnn_.Apply(*kernels_, scratch->flat_.data(), 2 * kFlat, times, x, ld);
  for (int t = 0; t < times; ++t) simd_->relu(x + Size(t, ld), kTdnn);
  for (int b = 0; b < 3; ++b) {
    const Block& block = blocks_[b];
    int channels = block.in;
    for (const Layer& layer : block.layers) {
      DenseLayer(layer, block, channels, times, ld, x, scratch);
      channels += kGrowth;
    }
    float* normed = scratch->normed_.data();
    simd_->scale_relu(x, ld, block.transit_norm.scale.data(), block.transit_norm.shift.data(),
                      times, channels, normed, channels);
    const int next_ld = b < 2 ? kBlockIn[b + 1] + kLayers[b + 1] * kGrowth : kOut;
    block.transit.Apply(*kernels_, normed, channels, times, next, next_ld);
    std::swap(x, next);
    ld = next_ld;
  }
  simd_->scale_relu(x, ld, out_norm_.scale.data(), out_norm_.shift.data(), times, kOut,
                    scratch->normed_.data(), kOut);
  return Pool(scratch->normed_.data(), times);
}

}  // namespace wt::diarize
