// Stable names of weight formats and types (models.h), as options and JSON have them.
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "whisper_transcriber/models.h"

namespace wt {
namespace {

// The first row of a value is its name; further rows are other spellings.
constexpr std::array<std::pair<std::string_view, WeightFormat>, 6> kFormats = {{
    {"ctranslate2", WeightFormat::kCtranslate2},
    {"ct2", WeightFormat::kCtranslate2},
    {"safetensors", WeightFormat::kSafetensors},
    {"openai", WeightFormat::kOpenAi},
    {"pt", WeightFormat::kOpenAi},
    {"ggml", WeightFormat::kGgml},
}};

constexpr std::array<std::pair<std::string_view, WeightType>, 11> kTypes = {{
    {"float32", WeightType::kFloat32},
    {"f32", WeightType::kFloat32},
    {"float16", WeightType::kFloat16},
    {"f16", WeightType::kFloat16},
    {"bfloat16", WeightType::kBfloat16},
    {"bf16", WeightType::kBfloat16},
    {"int8", WeightType::kInt8},
    {"q8_0", WeightType::kQ8_0},
    {"q5_0", WeightType::kQ5_0},
    {"q5_1", WeightType::kQ5_1},
    {"q4_0", WeightType::kQ4_0},
}};

template <typename Table, typename Value>
std::string_view NameIn(const Table& table, Value value) {
  for (const auto& [name, candidate] : table) {
    if (candidate == value) return name;
  }
  return "unknown";
}

template <typename Value, typename Table>
std::optional<Value> ValueIn(const Table& table, std::string_view text) {
  for (const auto& [name, value] : table) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view WeightFormatName(WeightFormat format) { return NameIn(kFormats, format); }
std::optional<WeightFormat> ParseWeightFormat(std::string_view text) {
  return ValueIn<WeightFormat>(kFormats, text);
}
std::string_view WeightTypeName(WeightType type) { return NameIn(kTypes, type); }
std::optional<WeightType> ParseWeightType(std::string_view text) {
  return ValueIn<WeightType>(kTypes, text);
}

}  // namespace wt
