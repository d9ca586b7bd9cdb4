// Names of formats and types, as a user gives them, to the writers.
#include <array>
#include <optional>

#include "engine/model/printable.h"
#include "engine/model/writers/model_writer.h"

namespace wt::model {
namespace {

struct NamedType {
  std::string_view name;
  TensorType type;
};

constexpr std::array<NamedType, 7> kGgmlTypes = {{{"f32", TensorType::kF32},
                                                  {"f16", TensorType::kF16},
                                                  {"q4_0", TensorType::kQ4_0},
                                                  {"q4_1", TensorType::kQ4_1},
                                                  {"q5_0", TensorType::kQ5_0},
                                                  {"q5_1", TensorType::kQ5_1},
                                                  {"q8_0", TensorType::kQ8_0}}};
constexpr std::array<NamedType, 3> kCt2Types = {
    {{"f32", TensorType::kF32}, {"f16", TensorType::kF16}, {"int8", TensorType::kInt8Rows}}};
constexpr std::array<NamedType, 2> kSafetensorsTypes = {
    {{"f32", TensorType::kF32}, {"f16", TensorType::kF16}}};

using Writer = Status(const WeightMap&, const TokenizerFacts&, TensorType, const std::string&);

struct NamedFormat {
  std::string_view name;
  std::span<const NamedType> types;
  Writer* write;
};

}  // namespace

Status ConvertModel(const WeightMap& weights, const TokenizerFacts& facts, std::string_view format,
                    std::string_view type, const std::string& path) {
  const std::array<NamedFormat, 3> formats = {
      {{"ggml", kGgmlTypes, &WriteGgml},
       {"ct2", kCt2Types, &WriteCt2},
       {"safetensors", kSafetensorsTypes, &WriteSafetensors}}};
  std::string choices;
  for (const NamedFormat& candidate : formats) {
    choices += (choices.empty() ? "" : "; ") + std::string(candidate.name) + ":";
    for (const NamedType& named : candidate.types) {
      if (candidate.name == format && named.name == type) {
        return candidate.write(weights, facts, named.type, path);
      }
      choices += " " + std::string(named.name);
    }
  }
  return Status(StatusCode::kInvalidArgument, "cannot write " + Printable(format) + " " +
                                                  Printable(type) + "; choose from " + choices);
}

}  // namespace wt::model
