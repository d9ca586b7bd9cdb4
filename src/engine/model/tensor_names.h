// Names of the network's tensors in the four file formats (formats.md, section 9).
//
// Everywhere else in the engine a tensor has OpenAI's name; only readers and writers translate.
// Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/model/dims.h"

namespace wt::model {

/// An OpenAI name and the shape that goes with it.
using NamedShape = std::pair<std::string, std::vector<std::int64_t>>;

/// How one CTranslate2 variable, or a pair of them, holds tensors of ours.
enum class Ct2Kind {
  kBare,       // NAME itself is one tensor.
  kEmbedding,  // NAME/weight is one tensor.
  kNorm,       // NAME/gamma and NAME/beta are weight and bias.
  kLinear,     // NAME/weight and NAME/bias; several tensors of ours stacked along rows.
};

struct Ct2Entry {
  std::string theirs;
  Ct2Kind kind;
  /// OpenAI names without ".weight" or ".bias" (kBare: the whole name), in the order of the rows.
  std::vector<std::string> ours;
};

/// Every variable of the network except its scalars, in the order of ExpectedTensors().
std::vector<Ct2Entry> Ct2Plan(const Dims& dims);

/// "decoder.blocks.0.attn.query.weight" -> "model.decoder.layers.0.self_attn.q_proj.weight".
std::string HuggingFaceName(std::string_view openai_name);

/// Ordinary tokens of a vocabulary of that size: 50256 (English-only) or 50257.
int OrdinaryTokens(const Dims& dims);

}  // namespace wt::model
