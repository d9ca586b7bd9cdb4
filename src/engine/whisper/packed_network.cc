#include "engine/whisper/packed_network.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "engine/kernels/rotation.h"
#include "engine/model/packed_cache.h"
#include "engine/tensor/numbers.h"
#include "engine/whisper/blob_plan.h"
#include "platform/memory.h"
#include "whisper_transcriber/transcript.h"

namespace wt::whisper {

using kernels::PackedType;

// Points a network's fields at its blobs. One use each.
class NetworkBinder {
 public:
  NetworkBinder(PackedNetwork* network, std::map<std::string, std::span<const std::byte>> blobs,
                std::map<std::string, kernels::PackedMatrix> shapes)
      : network_(network), blobs_(std::move(blobs)), shapes_(std::move(shapes)) {}

  void Bind() {
    PackedNetwork& net = *network_;
    net.conv1_ = BindLinear("conv1");
    net.conv2_ = BindLinear("conv2");
    net.encoder_positions_ = Floats("encoder.positions");
    for (int i = 0; i < net.dims_.n_audio_layer; ++i) {
      const std::string p = "encoder." + std::to_string(i) + ".";
      net.encoder_.push_back({BindNorm(p + "attention_norm"), BindLinear(p + "qkv"),
                              BindLinear(p + "attention_out"), BindNorm(p + "mlp_norm"),
                              BindLinear(p + "mlp_up"), BindLinear(p + "mlp_down")});
    }
    net.encoder_norm_ = BindNorm("encoder.norm");
    net.decoder_positions_ = Floats("decoder.positions");
    for (int i = 0; i < net.dims_.n_text_layer; ++i) {
      const std::string p = "decoder." + std::to_string(i) + ".";
      net.decoder_.push_back({BindNorm(p + "attention_norm"), BindLinear(p + "qkv"),
                              BindLinear(p + "attention_out"), BindNorm(p + "cross_norm"),
                              BindLinear(p + "cross_q"), BindLinear(p + "cross_kv"),
                              BindLinear(p + "cross_out"), BindNorm(p + "mlp_norm"),
                              BindLinear(p + "mlp_up"), BindLinear(p + "mlp_down")});
    }
    net.decoder_norm_ = BindNorm("decoder.norm");
    net.logits_ = Matrix("logits.w");
    if (shapes_.contains("near_logits.w")) net.near_logits_ = Matrix("near_logits.w");
  }

 private:
  const std::byte* Data(const std::string& name) const { return blobs_.at(name).data(); }
  const float* Floats(const std::string& name) const {
    return reinterpret_cast<const float*>(Data(name));
  }
  kernels::PackedMatrix Matrix(const std::string& name) const {
    kernels::PackedMatrix matrix = shapes_.at(name);
    matrix.data = Data(name);
    return matrix;
  }
  Linear BindLinear(const std::string& name) const {
    return {Matrix(name + ".w"), Floats(name + ".b")};
  }
  Norm BindNorm(const std::string& name) const {
    return {Floats(name + ".gamma"), Floats(name + ".beta")};
  }

  PackedNetwork* network_;
  std::map<std::string, std::span<const std::byte>> blobs_;
  std::map<std::string, kernels::PackedMatrix> shapes_;
};

namespace {

using Blobs = std::map<std::string, std::span<const std::byte>>;

// Raised whenever names, order or layout of blobs change.
constexpr int kLayoutVersion = 5;
// Packed base in float32 has 0.3 GB, large-v3 6.2 GB.
constexpr std::int64_t kCacheBytesMax = 20LL << 30;

std::size_t Aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

std::shared_ptr<const void> PackInMemory(const std::vector<BlobSpec>& specs,
                                         const model::WeightMap& weights,
                                         const kernels::KernelSet& kernels, Blobs* blobs) {
  std::size_t total = 0;
  for (const BlobSpec& spec : specs) total += Aligned(spec.bytes());
  auto buffer =
      std::make_shared<tensor::Buffer<std::byte>>(tensor::Buffer<std::byte>::Uninitialized(total));
  platform::PreferHugePages(buffer->data(), total);
  std::size_t at = 0;
  for (const BlobSpec& spec : specs) {
    FillBlob(spec, weights, kernels, buffer->data() + at);
    (*blobs)[spec.name] = {buffer->data() + at, spec.bytes()};
    at += Aligned(spec.bytes());
  }
  return buffer;
}

model::PackedKey KeyOf(const model::WeightMap& weights, const kernels::KernelSet& kernels,
                       ComputeType compute_type, const std::string& cache_dir) {
  model::PackedKey key;
  key.source = model::CachedSourceHash(weights, cache_dir);
  key.compute_type = std::string(ComputeTypeName(compute_type));
  // Instruction sets with equal panels share a layout.
  key.isa = "panel" + std::to_string(kernels.panel);
  const NumberTypes types = TypesOf(compute_type, kernels);
  if (types.other == PackedType::kBf16) key.isa += ".bf16";
  if (types.projections != types.linear) key.isa += ".projections";
  key.layout_version = kLayoutVersion;
  return key;
}

// One blob in memory at a time.
Status WriteCache(const std::string& path, const model::PackedKey& key,
                  const std::vector<BlobSpec>& specs, const model::WeightMap& weights,
                  const kernels::KernelSet& kernels) {
  WT_ASSIGN(model::PackedCacheWriter writer, model::PackedCacheWriter::Create(path, key));
  std::size_t most = 0;
  for (const BlobSpec& spec : specs) most = std::max(most, spec.bytes());
  auto buffer = tensor::Buffer<std::byte>::Uninitialized(most);
  for (const BlobSpec& spec : specs) {
    FillBlob(spec, weights, kernels, buffer.data());
    WT_TRY(writer.Add(spec.name, {}, buffer.span().first(spec.bytes())));
  }
  return writer.Commit();
}

// Null when the cache has not got every blob at its size.
std::shared_ptr<const void> MapCache(const std::string& path, const model::PackedKey& key,
                                     const std::vector<BlobSpec>& specs, Blobs* blobs) {
  auto cache = model::PackedCache::Open(path, key);
  if (!cache.ok()) return nullptr;
  for (const BlobSpec& spec : specs) {
    const auto bytes = (*cache)->Find(spec.name);
    if (bytes.size() != spec.bytes()) return nullptr;
    (*blobs)[spec.name] = bytes;
  }
  (*cache)->Prefetch();
  return *cache;
}

std::shared_ptr<const void> MapOrWriteCache(const std::vector<BlobSpec>& specs,
                                            const model::WeightMap& weights,
                                            const kernels::KernelSet& kernels,
                                            ComputeType compute_type, const std::string& cache_dir,
                                            Blobs* blobs) {
  const model::PackedKey key = KeyOf(weights, kernels, compute_type, cache_dir);
  const std::string path = model::PackedCachePath(cache_dir, key);
  if (auto mapped = MapCache(path, key, specs, blobs)) return mapped;
  if (!WriteCache(path, key, specs, weights, kernels).ok()) return nullptr;
  model::RemoveOldPackedFiles(cache_dir, kCacheBytesMax, path);
  return MapCache(path, key, specs, blobs);
}

// What every decoder step reads from end to end.
bool IsReadByEveryStep(const BlobSpec& spec) {
  if (spec.kind != BlobKind::kMatrix || spec.name.ends_with(".cross_kv.w")) return false;
  return spec.name.starts_with("decoder.") || spec.name == "near_logits.w";
}

// Copies of such blobs in huge pages, which a file's pages rarely are: 0.5 GB come from them 1.3 to
// 1.4 times as fast (docs/benchmarks.md). The file's own pages leave this process, so it grows by
// nothing. Null, and nothing is changed, where they would take more than an eighth of the memory:
// pages of a file can be had back, these can not.
std::shared_ptr<const void> CopyToHugePages(const std::vector<BlobSpec>& specs, Blobs* blobs) {
  std::size_t total = 0;
  for (const BlobSpec& spec : specs) total += IsReadByEveryStep(spec) ? Aligned(spec.bytes()) : 0;
  if (static_cast<std::int64_t>(total) > platform::UsableMemoryBytes() / 8) return nullptr;
  auto buffer =
      std::make_shared<tensor::Buffer<std::byte>>(tensor::Buffer<std::byte>::Uninitialized(total));
  platform::PreferHugePages(buffer->data(), total);
  std::byte* at = buffer->data();
  for (const BlobSpec& spec : specs) {
    if (!IsReadByEveryStep(spec)) continue;
    std::span<const std::byte>& blob = (*blobs)[spec.name];
    std::memcpy(at, blob.data(), blob.size());
    platform::ReleaseMappedPages(blob.data(), blob.size());
    blob = {at, blob.size()};
    at += Aligned(blob.size());
  }
  return buffer;
}

// One number of a panel's column, as PackedMatrix says.
float ValueAt(const std::byte* panel, const kernels::PackedMatrix& w, int column, int i) {
  switch (w.type) {
    case PackedType::kF32: return reinterpret_cast<const float*>(panel)[i * w.panel + column];
    case PackedType::kBf16:
      return tensor::Bf16ToFloat(
          reinterpret_cast<const std::uint16_t*>(panel)[(i / 2 * w.panel + column) * 2 + i % 2]);
    case PackedType::kInt8: {
      const std::byte byte = panel[(i / 4 * w.panel + column) * 4 + i % 4];
      return static_cast<float>(std::to_integer<int>(byte) - 128);
    }
    case PackedType::kInt4: {
      const std::byte byte = panel[(i / 8 * w.panel + column) * 4 + i % 4];
      return static_cast<float>(std::to_integer<int>(byte >> (i % 8 / 4 * 4) & std::byte{15})) -
             7.5f;
    }
  }
  return 0;
}

// out[k] += column `n` of W.
void AddColumn(const kernels::PackedMatrix& w, int n, float* out) {
  const std::byte* panel = w.data + static_cast<std::size_t>(n / w.panel) * w.bytes_per_panel();
  const int column = n % w.panel;
  float scale = 1;
  if (w.is_quantized()) {
    std::memcpy(&scale, panel + w.value_bytes_per_panel() + column * 4, sizeof scale);
  }
  for (int i = 0; i < w.k; ++i) out[i] += ValueAt(panel, w, column, i) * scale;
}

}  // namespace

Result<std::shared_ptr<const PackedNetwork>> PackedNetwork::Create(
    const model::WeightMap& weights, const kernels::KernelSet& kernels, ComputeType compute_type,
    const std::string& cache_dir) {
  if (compute_type == ComputeType::kAuto) {
    // docs/adr/0023-int8.md
    compute_type = kernels.int8_is_fast ? ComputeType::kInt8 : ComputeType::kFloat32;
  }
  const NumberTypes types = TypesOf(compute_type, kernels);
  const std::vector<BlobSpec> specs = PlanBlobs(weights.dims(), kernels, types);
  std::shared_ptr<PackedNetwork> network(new PackedNetwork());
  network->dims_ = weights.dims();
  network->kernels_ = &kernels;
  network->compute_type_ = compute_type;
  network->encoder_attention_type_ = types.other;
  network->cross_type_ = types.cross;
  Blobs blobs;
  if (!cache_dir.empty()) {
    network->storage_ = MapOrWriteCache(specs, weights, kernels, compute_type, cache_dir, &blobs);
    if (network->storage_ != nullptr) network->step_storage_ = CopyToHugePages(specs, &blobs);
  }
  if (network->storage_ == nullptr) {
    network->storage_ = PackInMemory(specs, weights, kernels, &blobs);
  }
  std::map<std::string, kernels::PackedMatrix> shapes;
  for (const BlobSpec& spec : specs) {
    network->bytes_ += static_cast<std::int64_t>(spec.bytes());
    if (spec.kind != BlobKind::kVector) shapes[spec.name] = spec.shape;
  }
  NetworkBinder(network.get(), std::move(blobs), std::move(shapes)).Bind();
  return std::shared_ptr<const PackedNetwork>(network);
}

void PackedNetwork::Embedding(TokenId token, float* out) const {
  WT_CHECK(token >= 0 && token < dims_.n_vocab);
  std::fill(out, out + logits_.k, 0.0f);
  AddColumn(logits_, token, out);
  if (near_logits_.data != nullptr) AddColumn(near_logits_, token, out);
  if (logits_.is_quantized()) kernels::UnrotateWeights(out, logits_.k);
}

}  // namespace wt::whisper
