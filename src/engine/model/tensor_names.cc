#include "engine/model/tensor_names.h"

#include <array>

#include "engine/model/weight_map.h"

namespace wt::model {
namespace {

using Shapes = std::vector<NamedShape>;

void AddNorm(const std::string& name, std::int64_t n, Shapes* out) {
  out->emplace_back(name + ".weight", std::vector{n});
  out->emplace_back(name + ".bias", std::vector{n});
}

void AddAttention(const std::string& name, std::int64_t n, Shapes* out) {
  for (const char* part : {"query", "key", "value", "out"}) {
    const std::string linear = name + "." + part;
    out->emplace_back(linear + ".weight", std::vector{n, n});
    // Whisper's key projection has no bias: it would add the same to all scores of a row.
    if (std::string_view(part) != "key") out->emplace_back(linear + ".bias", std::vector{n});
  }
  AddNorm(name + "_ln", n, out);
}

enum class CrossAttention { kNo, kYes };

void AddBlock(const std::string& name, std::int64_t n, CrossAttention cross, Shapes* out) {
  AddAttention(name + ".attn", n, out);
  if (cross == CrossAttention::kYes) AddAttention(name + ".cross_attn", n, out);
  out->emplace_back(name + ".mlp.0.weight", std::vector{4 * n, n});
  out->emplace_back(name + ".mlp.0.bias", std::vector{4 * n});
  out->emplace_back(name + ".mlp.2.weight", std::vector{n, 4 * n});
  out->emplace_back(name + ".mlp.2.bias", std::vector{n});
  AddNorm(name + ".mlp_ln", n, out);
}

void AddCt2Block(const std::string& theirs, const std::string& ours, CrossAttention cross,
                 std::vector<Ct2Entry>* out) {
  const std::string self = theirs + "/self_attention";
  const std::string attn = ours + ".attn.";
  out->push_back({self + "/layer_norm", Ct2Kind::kNorm, {ours + ".attn_ln"}});
  out->push_back(
      {self + "/linear_0", Ct2Kind::kLinear, {attn + "query", attn + "key", attn + "value"}});
  out->push_back({self + "/linear_1", Ct2Kind::kLinear, {attn + "out"}});
  if (cross == CrossAttention::kYes) {
    const std::string other = theirs + "/attention";
    const std::string source = ours + ".cross_attn.";
    out->push_back({other + "/layer_norm", Ct2Kind::kNorm, {ours + ".cross_attn_ln"}});
    out->push_back({other + "/linear_0", Ct2Kind::kLinear, {source + "query"}});
    out->push_back({other + "/linear_1", Ct2Kind::kLinear, {source + "key", source + "value"}});
    out->push_back({other + "/linear_2", Ct2Kind::kLinear, {source + "out"}});
  }
  out->push_back({theirs + "/ffn/layer_norm", Ct2Kind::kNorm, {ours + ".mlp_ln"}});
  out->push_back({theirs + "/ffn/linear_0", Ct2Kind::kLinear, {ours + ".mlp.0"}});
  out->push_back({theirs + "/ffn/linear_1", Ct2Kind::kLinear, {ours + ".mlp.2"}});
}

bool ReplacePrefix(std::string_view from, std::string_view to, std::string* text) {
  if (!text->starts_with(from)) return false;
  text->replace(0, from.size(), to);
  return true;
}

/// The part of a block's tensor after "blocks.L.".
std::string HuggingFaceBlockPart(std::string part) {
  struct Pair {
    std::string_view openai;
    std::string_view theirs;
  };
  constexpr std::array<Pair, 7> kPrefixes = {{{"attn_ln.", "self_attn_layer_norm."},
                                              {"cross_attn_ln.", "encoder_attn_layer_norm."},
                                              {"mlp_ln.", "final_layer_norm."},
                                              {"mlp.0.", "fc1."},
                                              {"mlp.2.", "fc2."},
                                              {"attn.", "self_attn."},
                                              {"cross_attn.", "encoder_attn."}}};
  constexpr std::array<Pair, 4> kProjections = {
      {{"query.", "q_proj."}, {"key.", "k_proj."}, {"value.", "v_proj."}, {"out.", "out_proj."}}};
  for (const Pair& prefix : kPrefixes) {
    if (ReplacePrefix(prefix.openai, prefix.theirs, &part)) break;
  }
  for (const Pair& projection : kProjections) {
    const std::size_t at = part.find("." + std::string(projection.openai));
    if (at != std::string::npos) {
      return part.replace(at + 1, projection.openai.size(), projection.theirs);
    }
  }
  return part;
}

}  // namespace

std::vector<NamedShape> ExpectedTensors(const Dims& dims) {
  const std::int64_t audio = dims.n_audio_state;
  const std::int64_t text = dims.n_text_state;
  Shapes out;
  out.emplace_back("encoder.positional_embedding",
                   std::vector<std::int64_t>{dims.n_audio_ctx, audio});
  out.emplace_back("encoder.conv1.weight", std::vector<std::int64_t>{audio, dims.n_mels, 3});
  out.emplace_back("encoder.conv1.bias", std::vector{audio});
  out.emplace_back("encoder.conv2.weight", std::vector<std::int64_t>{audio, audio, 3});
  out.emplace_back("encoder.conv2.bias", std::vector{audio});
  for (int i = 0; i < dims.n_audio_layer; ++i) {
    AddBlock("encoder.blocks." + std::to_string(i), audio, CrossAttention::kNo, &out);
  }
  AddNorm("encoder.ln_post", audio, &out);
  out.emplace_back("decoder.positional_embedding",
                   std::vector<std::int64_t>{dims.n_text_ctx, text});
  out.emplace_back("decoder.token_embedding.weight", std::vector<std::int64_t>{dims.n_vocab, text});
  for (int i = 0; i < dims.n_text_layer; ++i) {
    AddBlock("decoder.blocks." + std::to_string(i), text, CrossAttention::kYes, &out);
  }
  AddNorm("decoder.ln", text, &out);
  return out;
}

std::vector<Ct2Entry> Ct2Plan(const Dims& dims) {
  std::vector<Ct2Entry> plan;
  plan.push_back(
      {"encoder/position_encodings/encodings", Ct2Kind::kBare, {"encoder.positional_embedding"}});
  plan.push_back({"encoder/conv1", Ct2Kind::kLinear, {"encoder.conv1"}});
  plan.push_back({"encoder/conv2", Ct2Kind::kLinear, {"encoder.conv2"}});
  for (int i = 0; i < dims.n_audio_layer; ++i) {
    AddCt2Block("encoder/layer_" + std::to_string(i), "encoder.blocks." + std::to_string(i),
                CrossAttention::kNo, &plan);
  }
  plan.push_back({"encoder/layer_norm", Ct2Kind::kNorm, {"encoder.ln_post"}});
  plan.push_back(
      {"decoder/position_encodings/encodings", Ct2Kind::kBare, {"decoder.positional_embedding"}});
  plan.push_back({"decoder/embeddings", Ct2Kind::kEmbedding, {"decoder.token_embedding"}});
  for (int i = 0; i < dims.n_text_layer; ++i) {
    AddCt2Block("decoder/layer_" + std::to_string(i), "decoder.blocks." + std::to_string(i),
                CrossAttention::kYes, &plan);
  }
  plan.push_back({"decoder/layer_norm", Ct2Kind::kNorm, {"decoder.ln"}});
  return plan;
}

std::string HuggingFaceName(std::string_view openai_name) {
  const std::size_t dot = openai_name.find('.');
  const std::string side = "model." + std::string(openai_name.substr(0, dot)) + ".";
  std::string rest(openai_name.substr(dot + 1));
  if (rest == "positional_embedding") return side + "embed_positions.weight";
  if (ReplacePrefix("token_embedding.", "embed_tokens.", &rest)) return side + rest;
  if (ReplacePrefix("ln_post.", "layer_norm.", &rest)) return side + rest;
  if (ReplacePrefix("ln.", "layer_norm.", &rest)) return side + rest;
  if (!ReplacePrefix("blocks.", "layers.", &rest)) return side + rest;
  const std::size_t part = rest.find('.', rest.find('.') + 1) + 1;
  return side + rest.substr(0, part) + HuggingFaceBlockPart(rest.substr(part));
}

int OrdinaryTokens(const Dims& dims) { return dims.multilingual() ? 50257 : 50256; }

}  // namespace wt::model
