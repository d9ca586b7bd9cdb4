#include "tests/golden/synthetic_weights.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>
#include <span>
#include <vector>

#include "base/check.h"
#include "engine/tensor/numbers.h"
#include "platform/sha256.h"

namespace wt::golden {
namespace {

// Philox4x64-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): a keyed
// bijection of a counter, which starts at 1.
class Philox {
 public:
  Philox(std::uint64_t key0, std::uint64_t key1) : key_{key0, key1} {}

  std::uint64_t Next64() {
    if (used_ == block_.size()) Refill();
    return block_[used_++];
  }
  /// The low half of a number first, then its high half.
  std::uint32_t Next32() {
    half_ready_ = !half_ready_;
    if (!half_ready_) return static_cast<std::uint32_t>(whole_ >> 32);
    whole_ = Next64();
    return static_cast<std::uint32_t>(whole_);
  }
  /// Uniform in [0, 1), 24 bits.
  float NextFloat() { return static_cast<float>(Next32() >> 8) * 0x1.0p-24f; }

 private:
  using Wide = unsigned __int128;

  void Refill() {
    if (++counter_[0] == 0) ++counter_[1];
    block_ = counter_;
    std::array<std::uint64_t, 2> key = key_;
    for (int round = 0; round < 10; ++round) {
      const Wide left = Wide{0xd2e7470ee14c6c93u} * block_[0];
      const Wide right = Wide{0xca5a826395121157u} * block_[2];
      block_ = {static_cast<std::uint64_t>(right >> 64) ^ block_[1] ^ key[0],
                static_cast<std::uint64_t>(right),
                static_cast<std::uint64_t>(left >> 64) ^ block_[3] ^ key[1],
                static_cast<std::uint64_t>(left)};
      key[0] += 0x9e3779b97f4a7c15u;  // The golden ratio.
      key[1] += 0xbb67ae8584caa73bu;  // sqrt(3) - 1.
    }
    used_ = 0;
  }

  std::array<std::uint64_t, 2> key_;
  std::array<std::uint64_t, 4> counter_{};
  std::array<std::uint64_t, 4> block_{};
  std::size_t used_ = 4;
  std::uint64_t whole_ = 0;
  bool half_ready_ = false;
};

// The ziggurat method (Marsaglia and Tsang, 2000) with 256 layers of equal area in 23-bit integers:
// layer i reaches from 0 to edge x[i]; `inside` is where it lies wholly below the curve.
struct Ziggurat {
  static constexpr double kEdge = 3.6541528853610088;  // Where the tail begins.
  static constexpr double kArea = 0.00492867323399;    // Of one layer.
  static constexpr double kUnits = 8'388'608;          // 2^23.
  std::array<float, 256> width, height;
  std::array<std::uint32_t, 256> inside;

  static std::uint32_t Whole(double x) { return static_cast<std::uint32_t>(std::lround(x)); }

  Ziggurat() {
    const auto density = [](double x) { return std::exp(-0.5 * x * x); };
    const double base = kArea / density(kEdge);
    double x = kEdge;
    inside[0] = Whole(kEdge / base * kUnits);
    inside[1] = 0;
    width[0] = static_cast<float>(base / kUnits);
    width[255] = static_cast<float>(kEdge / kUnits);
    height[0] = 1.0f;
    height[255] = static_cast<float>(density(kEdge));
    for (std::size_t i = 254; i >= 1; --i) {
      const double outer = x;
      x = std::sqrt(-2 * std::log(kArea / x + density(x)));
      inside[i + 1] = Whole(x / outer * kUnits);
      width[i] = static_cast<float>(x / kUnits);
      height[i] = static_cast<float>(density(x));
    }
  }

  float Normal(Philox* random) const {
    for (;;) {
      const std::uint32_t bits = random->Next32();
      const std::size_t layer = bits & 255;
      const std::uint32_t distance = bits >> 9;
      const float magnitude = static_cast<float>(distance) * width[layer];
      const float x = (bits & 256) != 0 ? -magnitude : magnitude;
      if (distance < inside[layer]) return x;
      if (layer == 0) return Tail((distance & 256) != 0, random);
      const float y = (height[layer - 1] - height[layer]) * random->NextFloat() + height[layer];
      if (static_cast<double>(y) < std::exp(-0.5 * static_cast<double>(x) * x)) return x;
    }
  }

  static float Tail(bool negative, Philox* random) {
    constexpr auto kEdgeFloat = static_cast<float>(kEdge);
    constexpr auto kInverse = static_cast<float>(1 / kEdge);
    for (;;) {
      const float x = -kInverse * std::log1p(-random->NextFloat());
      const float y = -std::log1p(-random->NextFloat());
      if (y + y > x * x) return negative ? -(kEdgeFloat + x) : kEdgeFloat + x;
    }
  }
};

// Rounds once: a float on the way is rounded to odd, which keeps halves of the last bit apart.
std::uint16_t DoubleToHalf(double value) {
  auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  const auto rounded = static_cast<double>(std::bit_cast<float>(bits));
  if (rounded != value) {
    if (std::abs(rounded) > std::abs(value)) --bits;
    bits |= 1;
  }
  return tensor::FloatToHalf(std::bit_cast<float>(bits));
}

// openai-whisper's model.py, sinusoids().
void FillSinusoids(std::int64_t length, std::int64_t channels, std::uint16_t* out) {
  const std::int64_t half = channels / 2;
  const double step = -std::log(10'000.0) / static_cast<double>(half - 1);
  for (std::int64_t t = 0; t < length; ++t) {
    for (std::int64_t c = 0; c < half; ++c) {
      const double angle = static_cast<double>(t) * std::exp(step * static_cast<double>(c));
      out[t * channels + c] = DoubleToHalf(std::sin(angle));
      out[t * channels + half + c] = DoubleToHalf(std::cos(angle));
    }
  }
}

std::uint64_t KeyWord(const std::string& hex, std::size_t word) {
  std::uint64_t key = 0;
  for (std::size_t byte = 8; byte-- > 0;) {  // Little-endian.
    key = key << 8 | std::stoul(hex.substr(word * 16 + byte * 2, 2), nullptr, 16);
  }
  return key;
}

// What a tensor's normal numbers are multiplied by; norm gains also get 1 added.
float SpreadOf(const std::string& name, const std::vector<std::int64_t>& shape) {
  double row = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) row *= static_cast<double>(shape[i]);
  if (name == "decoder.token_embedding.weight") return static_cast<float>(2 / std::sqrt(row));
  if (name == "decoder.positional_embedding") return static_cast<float>(4 / std::sqrt(row));
  if (shape.size() == 1) return 0.02f;
  const bool cross_out = name.find(".cross_attn.out.") != name.npos;
  return static_cast<float>((cross_out ? 0.2 : 1.0) / std::sqrt(row));
}

void FillTensor(const std::string& name, const std::vector<std::int64_t>& shape, std::uint64_t seed,
                std::span<std::uint16_t> out) {
  static const Ziggurat ziggurat;
  if (name == "encoder.positional_embedding") {
    FillSinusoids(shape[0], shape[1], out.data());
    return;
  }
  const std::string text = std::to_string(seed) + "/" + name;
  const std::string hex = platform::Sha256Hex(std::as_bytes(std::span(text)));
  Philox random(KeyWord(hex, 0), KeyWord(hex, 1));
  if (name.ends_with("ln.weight") || name.ends_with("ln_post.weight")) {
    for (auto& half : out) half = tensor::FloatToHalf(1 + 0.1f * ziggurat.Normal(&random));
    return;
  }
  const float spread = SpreadOf(name, shape);
  for (auto& half : out) half = tensor::FloatToHalf(ziggurat.Normal(&random) * spread);
}

}  // namespace

std::shared_ptr<const model::WeightMap> SyntheticModel(const model::Dims& dims,
                                                       std::uint64_t seed) {
  model::WeightMap::Parts parts;
  parts.dims = dims;
  parts.format = "synthetic";
  for (const auto& [name, shape] : model::ExpectedTensors(dims)) {
    model::TensorView view;
    view.type = model::TensorType::kF16;
    view.rank = static_cast<int>(shape.size());
    std::copy(shape.begin(), shape.end(), view.shape.begin());
    auto values =
        std::make_shared<std::vector<std::uint16_t>>(static_cast<std::size_t>(view.elements()));
    FillTensor(name, shape, seed, *values);
    view.data = std::as_bytes(std::span(*values));
    parts.owners.push_back(std::move(values));
    parts.tensors.emplace(name, view);
  }
  auto weights = model::WeightMap::Validate(std::move(parts));
  WT_CHECK(weights.ok());
  return *weights;
}

std::string Fingerprint(const model::WeightMap& weights) {
  platform::Sha256 hash;
  for (const auto& [name, shape] : model::ExpectedTensors(weights.dims())) {
    hash.Update(std::as_bytes(std::span(name)));
    hash.Update(weights.Get(name).data);
  }
  return hash.Finish();
}

}  // namespace wt::golden
