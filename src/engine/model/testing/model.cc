#include "engine/model/testing/model.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/check.h"
#include "base/random.h"
#include "engine/model/tensor_names.h"
#include "engine/tensor/numbers.h"

namespace wt::model::testing {
namespace {

TensorView ViewOf(const std::vector<std::int64_t>& shape) {
  TensorView view;
  view.type = TensorType::kF16;
  view.rank = static_cast<int>(shape.size());
  std::copy(shape.begin(), shape.end(), view.shape.begin());
  return view;
}

std::size_t HalfBytes(const TensorView& view) {
  return static_cast<std::size_t>(view.elements()) * 2;
}

}  // namespace

Dims SmallDims(int n_vocab) {
  return {.n_mels = n_vocab == 51866 ? 128 : 80,
          .n_audio_ctx = 1500,
          .n_audio_state = 64,
          .n_audio_head = 1,
          .n_audio_layer = 1,
          .n_vocab = n_vocab,
          .n_text_ctx = 448,
          .n_text_state = 64,
          .n_text_head = 1,
          .n_text_layer = 1};
}

WeightMap::Parts ZeroParts(const Dims& dims) {
  WeightMap::Parts parts;
  parts.dims = dims;
  parts.format = "test";
  std::size_t bytes_max = 0;
  for (const auto& [name, shape] : ExpectedTensors(dims)) {
    bytes_max = std::max(bytes_max, HalfBytes(ViewOf(shape)));
  }
  const std::shared_ptr<void> zeros(std::calloc(bytes_max, 1), &std::free);
  for (const auto& [name, shape] : ExpectedTensors(dims)) {
    TensorView view = ViewOf(shape);
    view.data = {static_cast<const std::byte*>(zeros.get()), HalfBytes(view)};
    parts.tensors.emplace(name, view);
  }
  parts.owners.push_back(zeros);
  return parts;
}

std::shared_ptr<const WeightMap> RandomModel(const Dims& dims) {
  WeightMap::Parts parts = ZeroParts(dims);
  parts.owners.clear();
  parts.vocabulary = FakeVocabulary(dims);
  base::Random random(1);
  for (auto& [name, view] : parts.tensors) {
    auto bytes = std::make_shared<std::vector<std::byte>>(HalfBytes(view));
    for (std::size_t at = 0; at < bytes->size(); at += 2) {
      const auto x = static_cast<float>(random.Uniform() * 2.0 - 1.0);
      const std::uint16_t half = tensor::FloatToHalf(x);
      std::memcpy(bytes->data() + at, &half, sizeof(half));
    }
    view.data = *bytes;
    parts.owners.push_back(std::move(bytes));
  }
  auto model = WeightMap::Validate(std::move(parts));
  WT_CHECK(model.ok());
  return *model;
}

std::vector<std::string> FakeVocabulary(const Dims& dims) {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  for (int i = 10; tokens.size() < static_cast<std::size_t>(OrdinaryTokens(dims)); ++i) {
    tokens.push_back(std::to_string(i));
  }
  if (dims.multilingual()) tokens.back().clear();  // The unused id 50256.
  return tokens;
}

TokenizerFacts FakeFacts() {
  static const std::vector<std::string> kCodes = [] {
    std::vector<std::string> codes = {"en"};
    for (int i = 1; i < 100; ++i) codes.push_back("l" + std::to_string(i));
    return codes;
  }();
  static const std::vector<std::string_view> kViews(kCodes.begin(), kCodes.end());
  static const std::vector<std::int32_t> kSuppressed = {1, 2, 7};
  TokenizerFacts facts;
  facts.suppressed_tokens = kSuppressed;
  facts.language_codes = kViews;
  return facts;
}

std::vector<float> AllFloats(const WeightMap& weights) {
  std::vector<float> all;
  for (const auto& [name, shape] : ExpectedTensors(weights.dims())) {
    const std::size_t at = all.size();
    all.resize(at + static_cast<std::size_t>(weights.Get(name).elements()));
    weights.ToFloat(name, std::span(all).subspan(at));
  }
  return all;
}

std::int64_t PeakMemoryBytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::int64_t kilobytes;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace wt::model::testing
