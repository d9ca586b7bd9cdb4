#include "engine/diarize/networks/segmentation.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "engine/diarize/networks/weights_rules.h"

namespace wt::diarize {
namespace {

constexpr std::size_t kTensors = 54;
constexpr int kTaps = 251, kHalf = kTaps / 2, kStride = 10;
constexpr int kBands = 40, kSincChannels = 2 * kBands, kChannels = 60;
constexpr int kSincRows = (kSegmentationSamples - kTaps) / kStride + 1;  // 15,975
constexpr int kRows0 = kSincRows / 3;                                    // 5,325
constexpr int kConvTaps = 5;
constexpr int kRows1 = (kRows0 - kConvTaps + 1) / 3;  // 1,773
constexpr int kRows2 = (kRows1 - kConvTaps + 1) / 3;
static_assert(kRows2 == kSegmentationFrames);
constexpr int kState = 128, kGates = 4 * kState, kBoth = 2 * kState;
constexpr double kEpsilon = 1e-5;
// Rows of a convolution computed at once before they are pooled: 96 x 128 x 4 B stay in the
// second-level cache. A multiple of 3.
constexpr int kBlockRows = 96;
constexpr int kFoldWidth = 128;

// Two buffers of the folded samples and one of products: see SincLayer.
constexpr std::size_t kBlockFloats = 3 * kBlockRows * kFoldWidth;
// The normalised samples, then the outputs of the two first layers.
constexpr std::size_t kWindowFloats =
    kBlockFloats + kSegmentationSamples + kFoldWidth + kRows0 * kSincChannels + kRows1 * kChannels;

std::size_t Size(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

// SincNet, eq. 4-6 (asteroid-filterbanks, ParamSincFB): band-pass kernels, even ones and odd ones.
std::vector<float> SincKernels(const std::vector<float>& low_hz, const std::vector<float>& band_hz,
                               const std::vector<float>& n, const std::vector<float>& window) {
  std::vector<float> kernels(Size(kSincChannels, kTaps));
  for (int band = 0; band < kBands; ++band) {
    const auto i = static_cast<std::size_t>(band);
    const double low = 50.0 + std::abs(static_cast<double>(low_hz[i]));
    const double high =
        std::clamp(low + 50.0 + std::abs(static_cast<double>(band_hz[i])), 50.0, 8000.0);
    const double width = high - low;
    float* even = kernels.data() + Size(band, kTaps);
    float* odd = kernels.data() + Size(kBands + band, kTaps);
    for (int j = 0; j < kHalf; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const double angle = static_cast<double>(n[at]);
      const double factor = static_cast<double>(window[at]) / (angle / 2) / (2 * width);
      const double sine = (std::sin(high * angle) - std::sin(low * angle)) * factor;
      const double cosine = (std::cos(low * angle) - std::cos(high * angle)) * factor;
      even[j] = even[kTaps - 1 - j] = static_cast<float>(sine);
      odd[j] = static_cast<float>(cosine);
      odd[kTaps - 1 - j] = static_cast<float>(-cosine);
    }
    even[kHalf] = 1.0f;
    odd[kHalf] = 0.0f;
  }
  return kernels;
}

// Weights [out][in][taps] as [out][taps][in]: the order of rows at time-major layout.
std::vector<float> TapsFirst(const std::vector<float>& weight, int out, int in) {
  std::vector<float> turned(weight.size());
  for (int o = 0; o < out; ++o) {
    for (int i = 0; i < in; ++i) {
      for (int t = 0; t < kConvTaps; ++t) {
        turned[Size(o * kConvTaps + t, in) + static_cast<std::size_t>(i)] =
            weight[Size(o * in + i, kConvTaps) + static_cast<std::size_t>(t)];
      }
    }
  }
  return turned;
}

Result<network::Linear> ReadLinear(const network::WeightsFile& file,
                                   const kernels::KernelSet& kernels, const std::string& name,
                                   int n, int k) {
  WT_ASSIGN(const auto weight, file.Read(name + ".weight", {n, k}));
  WT_ASSIGN(auto bias, file.Read(name + ".bias", {n}));
  return network::Linear(kernels, n, k, weight, std::move(bias));
}

Result<network::Linear> ReadConvolution(const network::WeightsFile& file,
                                        const kernels::KernelSet& kernels, const std::string& name,
                                        int in) {
  WT_ASSIGN(const auto weight, file.Read(name + ".weight", {kChannels, in, kConvTaps}));
  WT_ASSIGN(auto bias, file.Read(name + ".bias", {kChannels}));
  return network::Linear(kernels, kChannels, kConvTaps * in, TapsFirst(weight, kChannels, in),
                         std::move(bias));
}

void LogSoftmax(float* x) {
  const float largest = *std::max_element(x, x + kClasses);
  double sum = 0;
  for (int i = 0; i < kClasses; ++i) sum += std::exp(static_cast<double>(x[i] - largest));
  const double shift = static_cast<double>(largest) + std::log(sum);
  for (int i = 0; i < kClasses; ++i) x[i] = static_cast<float>(static_cast<double>(x[i]) - shift);
}

// body(index) for all indices, by the pool's threads where there is one.
template <typename Body>
void ForEach(platform::ThreadPool* pool, int count, const Body& body) {
  if (pool == nullptr) {
    for (int i = 0; i < count; ++i) body(i);
    return;
  }
  pool->ParallelFor(count, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
    for (std::ptrdiff_t i = begin; i < end; ++i) body(static_cast<int>(i));
  });
}

}  // namespace

SegmentationNetwork::Scratch::Scratch() {
  const std::size_t rows = Size(kSegmentationFrames, kSegmentationBatch);
  for (auto& features : features_) features = tensor::Buffer<float>(rows * kBoth);
  gates_ = tensor::Buffer<float>(2 * rows * kGates);
  for (int i = 0; i < kSegmentationBatch; ++i) {
    windows_.push_back(tensor::Buffer<float>(kWindowFloats));
  }
}

Result<std::shared_ptr<const SegmentationNetwork>> SegmentationNetwork::Read(
    std::span<const std::byte> safetensors, const kernels::KernelSet& kernels) {
  WT_ASSIGN(const network::WeightsFile file,
            network::WeightsFile::Open(safetensors, RulesOf("speaker segmentation", kTensors)));
  std::shared_ptr<SegmentationNetwork> made(new SegmentationNetwork());
  SegmentationNetwork& net = *made;
  net.kernels_ = &kernels;
  net.simd_ = &ChooseSimd();
  const auto read_norm = [&file](const char* name, int n, Norm* norm) -> Status {
    WT_ASSIGN(norm->weight, file.Read(std::string("sincnet.") + name + ".weight", {n}));
    WT_ASSIGN(norm->bias, file.Read(std::string("sincnet.") + name + ".bias", {n}));
    return Status();
  };
  Norm wave;
  WT_TRY(read_norm("wav_norm1d", 1, &wave));
  net.wave_weight_ = wave.weight[0];
  net.wave_bias_ = wave.bias[0];
  WT_TRY(read_norm("norm1d.0", kSincChannels, &net.norm0_));
  WT_TRY(read_norm("norm1d.1", kChannels, &net.norm1_));
  WT_TRY(read_norm("norm1d.2", kChannels, &net.norm2_));
  const std::string bank = "sincnet.conv1d.0.filterbank.";
  WT_ASSIGN(const auto low, file.Read(bank + "low_hz_", {kBands, 1}));
  WT_ASSIGN(const auto band, file.Read(bank + "band_hz_", {kBands, 1}));
  WT_ASSIGN(const auto n, file.Read(bank + "n_", {1, kHalf}));
  WT_ASSIGN(const auto window, file.Read(bank + "window_", {kHalf}));
  net.sinc_kernels_ = SincKernels(low, band, n, window);
  // Half of each kernel: the other half is met by folding the samples.
  std::vector<float> even, odd;
  for (int i = 0; i < kBands; ++i) {
    const float* row = net.sinc_kernels_.data() + Size(i, kTaps);
    even.insert(even.end(), row, row + kHalf + 1);
    row += Size(kBands, kTaps);
    odd.insert(odd.end(), row, row + kHalf);
  }
  net.sinc_even_ = network::Linear(kernels, kBands, kHalf + 1, even);
  net.sinc_odd_ = network::Linear(kernels, kBands, kHalf, odd);
  WT_ASSIGN(net.conv1_, ReadConvolution(file, kernels, "sincnet.conv1d.1", kSincChannels));
  WT_ASSIGN(net.conv2_, ReadConvolution(file, kernels, "sincnet.conv1d.2", kChannels));
  for (int layer = 0; layer < 4; ++layer) {
    const int in = layer == 0 ? kChannels : kBoth;
    for (int direction = 0; direction < 2; ++direction) {
      const std::string end = "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
      WT_ASSIGN(const auto ih, file.Read("lstm.weight_ih" + end, {kGates, in}));
      WT_ASSIGN(const auto hh, file.Read("lstm.weight_hh" + end, {kGates, kState}));
      WT_ASSIGN(auto bias, file.Read("lstm.bias_ih" + end, {kGates}));
      WT_ASSIGN(const auto bias_hh, file.Read("lstm.bias_hh" + end, {kGates}));
      for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += bias_hh[i];
      net.input_[layer][direction] = network::Linear(kernels, kGates, in, ih, std::move(bias));
      net.recurrent_[layer][direction] = network::Linear(kernels, kGates, kState, hh);
    }
  }
  WT_ASSIGN(net.linear0_, ReadLinear(file, kernels, "linear.0", kState, kBoth));
  WT_ASSIGN(net.linear1_, ReadLinear(file, kernels, "linear.1", kState, kState));
  WT_ASSIGN(net.classifier_, ReadLinear(file, kernels, "classifier", kClasses, kState));
  return std::shared_ptr<const SegmentationNetwork>(std::move(made));
}

// Instance norm over time of each channel, and leaky ReLU. In place.
void SegmentationNetwork::Normalise(const Norm& norm, int rows, float* x) const {
  const int n = static_cast<int>(norm.weight.size());
  double sums[kSincChannels] = {}, squares[kSincChannels] = {};
  for (int r = 0; r < rows; ++r) {
    for (int i = 0; i < n; ++i) sums[i] += static_cast<double>(x[Size(r, n) + i]);
  }
  for (int i = 0; i < n; ++i) sums[i] /= rows;
  for (int r = 0; r < rows; ++r) {
    for (int i = 0; i < n; ++i) {
      const double off = static_cast<double>(x[Size(r, n) + i]) - sums[i];
      squares[i] += off * off;
    }
  }
  float scale[kSincChannels], shift[kSincChannels];
  for (int i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double factor =
        static_cast<double>(norm.weight[at]) / std::sqrt(squares[i] / rows + kEpsilon);
    scale[i] = static_cast<float>(factor);
    shift[i] = static_cast<float>(static_cast<double>(norm.bias[at]) - sums[i] * factor);
  }
  simd_->scale_leaky(x, scale, shift, rows, n);
}

// Kernels 0-39 are symmetric and 40-79 antisymmetric about their middle, so sums and differences of
// the samples on both sides meet half of each: 160 million multiplications instead of 321.
void SegmentationNetwork::SincLayer(const float* window, float* scratch, float* out) const {
  float* sums = scratch;
  float* differences = sums + kBlockRows * kFoldWidth;
  float* products = differences + kBlockRows * kFoldWidth;
  for (int first = 0; first < kSincRows; first += kBlockRows) {
    const int rows = std::min(kBlockRows, kSincRows - first);
    for (int r = 0; r < rows; ++r) {
      simd_->fold(window + Size(first + r, kStride), kHalf, sums + r * kFoldWidth,
                  differences + r * kFoldWidth);
    }
    sinc_even_.Apply(*kernels_, sums, kFoldWidth, rows, products, kSincChannels);
    sinc_odd_.Apply(*kernels_, differences, kFoldWidth, rows, products + kBands, kSincChannels);
    simd_->pool_magnitudes(products, rows / 3, kSincChannels, out + Size(first / 3, kSincChannels));
  }
  Normalise(norm0_, kRows0, out);
}

// `rows` rows of output are `3 rows` of the convolution.
void SegmentationNetwork::PooledConvolution(const network::Linear& conv, const float* in, int rows,
                                            float* scratch, float* out) const {
  const int width = &conv == &conv1_ ? kSincChannels : kChannels;
  for (int first = 0; first < 3 * rows; first += kBlockRows) {
    const int count = std::min(kBlockRows, 3 * rows - first);
    conv.Apply(*kernels_, in + Size(first, width), width, count, scratch, kChannels);
    simd_->pool(scratch, count / 3, kChannels, out + Size(first / 3, kChannels));
  }
}

// Samples to 589 rows of 60.
void SegmentationNetwork::Convolve(const float* window, float* scratch, float* out) const {
  float* wave = scratch + kBlockFloats;
  float* rows0 = wave + kSegmentationSamples + kFoldWidth;
  float* rows1 = rows0 + Size(kRows0, kSincChannels);
  double sum = 0, squares = 0;
  for (int i = 0; i < kSegmentationSamples; ++i) sum += static_cast<double>(window[i]);
  const double mean = sum / kSegmentationSamples;
  for (int i = 0; i < kSegmentationSamples; ++i) {
    const double off = static_cast<double>(window[i]) - mean;
    squares += off * off;
  }
  const double factor =
      static_cast<double>(wave_weight_) / std::sqrt(squares / kSegmentationSamples + kEpsilon);
  for (int i = 0; i < kSegmentationSamples; ++i) {
    wave[i] = static_cast<float>((static_cast<double>(window[i]) - mean) * factor) + wave_bias_;
  }
  SincLayer(wave, scratch, rows0);
  PooledConvolution(conv1_, rows0, kRows1, scratch, rows1);
  Normalise(norm1_, kRows1, rows1);
  PooledConvolution(conv2_, rows1, kRows2, scratch, out);
  Normalise(norm2_, kRows2, out);
}

// One direction of one layer over all frames. `gates` holds what the layer's input adds:
// [frame][window][512].
void SegmentationNetwork::Recur(int layer, int direction, int batch, float* gates, float* state,
                                float* out) const {
  const network::Linear& recurrent = recurrent_[layer][direction];
  std::fill_n(state, 2 * kState * batch, 0.0f);
  float* h = state;
  float* c = state + kState * batch;
  for (int step = 0; step < kSegmentationFrames; ++step) {
    const int frame = direction == 0 ? step : kSegmentationFrames - 1 - step;
    float* row = gates + Size(frame * batch, kGates);
    if (step > 0) {
      recurrent.Apply(*kernels_, h, kState, batch, row, kGates, kernels::Epilogue::kAdd);
    }
    for (int b = 0; b < batch; ++b) {
      simd_->lstm_cell(row + b * kGates, kState, c + b * kState, h + b * kState);
      std::copy_n(h + b * kState, kState,
                  out + Size(frame * batch + b, kBoth) + direction * kState);
    }
  }
}

// 589 rows of 256, `batch` rows apart, to scores.
void SegmentationNetwork::Classify(const float* features, float* scratch, ClassScores* out) const {
  float* hidden0 = scratch;
  float* hidden1 = scratch + Size(kSegmentationFrames, kState);
  linear0_.Apply(*kernels_, features, kBoth, kSegmentationFrames, hidden0, kState);
  simd_->leaky(hidden0, Size(kSegmentationFrames, kState));
  linear1_.Apply(*kernels_, hidden0, kState, kSegmentationFrames, hidden1, kState);
  simd_->leaky(hidden1, Size(kSegmentationFrames, kState));
  classifier_.Apply(*kernels_, hidden1, kState, kSegmentationFrames, out->data(), kClasses);
  for (int frame = 0; frame < kSegmentationFrames; ++frame) {
    LogSoftmax(out->data() + frame * kClasses);
  }
}

Status SegmentationNetwork::Run(std::span<const float* const> windows, platform::ThreadPool* pool,
                                const base::CancelFlag* cancel, Scratch* scratch,
                                std::span<ClassScores> out) const {
  const int batch = static_cast<int>(windows.size());
  WT_CHECK(batch >= 1 && batch <= kSegmentationBatch && out.size() == windows.size());
  const Status cancelled(StatusCode::kCancelled, "cancelled");
  float* input = scratch->features_[0].data();
  float* output = scratch->features_[1].data();
  ForEach(pool, batch, [&](int b) {
    if (base::Cancelled(cancel)) return;
    auto& own = scratch->windows_[static_cast<std::size_t>(b)];
    // The layer's output stands where the samples were.
    float* rows = own.data() + kBlockFloats;
    Convolve(windows[static_cast<std::size_t>(b)], own.data(), rows);
    for (int frame = 0; frame < kSegmentationFrames; ++frame) {
      std::copy_n(rows + Size(frame, kChannels), kChannels,
                  input + Size(frame * batch + b, kChannels));
    }
  });
  int width = kChannels;
  for (int layer = 0; layer < 4; ++layer) {
    ForEach(pool, 2, [&](int direction) {
      if (base::Cancelled(cancel)) return;
      const int rows = kSegmentationFrames * batch;
      float* gates = scratch->gates_.data() + direction * Size(rows, kGates);
      float state[2 * kState * kSegmentationBatch];
      input_[layer][direction].Apply(*kernels_, input, width, rows, gates, kGates);
      Recur(layer, direction, batch, gates, state, output);
    });
    if (base::Cancelled(cancel)) return cancelled;
    std::swap(input, output);
    width = kBoth;
  }
  ForEach(pool, batch, [&](int b) {
    float* own = scratch->windows_[static_cast<std::size_t>(b)].data();
    float* rows = own + 2 * Size(kSegmentationFrames, kState);
    for (int frame = 0; frame < kSegmentationFrames; ++frame) {
      std::copy_n(input + Size(frame * batch + b, kBoth), kBoth, rows + Size(frame, kBoth));
    }
    Classify(rows, own, &out[static_cast<std::size_t>(b)]);
  });
  return Status();
}

}  // namespace wt::diarize
