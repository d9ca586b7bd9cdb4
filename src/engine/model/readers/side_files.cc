#include "engine/model/readers/side_files.h"

#include <array>
#include <climits>
#include <cstdint>
#include <optional>
#include <set>

#include "base/json_text.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "engine/model/printable.h"
#include "engine/model/readers/json.h"
#include "engine/model/tensor_names.h"

namespace wt::model {
namespace {

using nlohmann::json;

// A list longer than all heads of the deepest network (64 layers of 32 heads) is nonsense.
constexpr std::size_t kHeadsMax = 64 * 32;
// The largest Whisper model in float32 has two shards of 5 GB.
constexpr std::size_t kShardsMax = 64;

/// GPT-2's bytes_to_unicode(): bytes that print stand for themselves, the other 68 for U+0100 on.
constexpr std::array<char16_t, 256> MakeAlphabet() {
  std::array<char16_t, 256> alphabet{};
  char16_t next = 0x100;
  for (int b = 0; b < 256; ++b) {
    const bool prints = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
    alphabet[static_cast<std::size_t>(b)] = prints ? static_cast<char16_t>(b) : next++;
  }
  return alphabet;
}

constexpr std::array<char16_t, 256> kAlphabet = MakeAlphabet();

/// Character to byte; -1 for characters outside the alphabet. The last one is 0x100 + 67.
constexpr std::array<std::int16_t, 0x100 + 68> MakeBytes() {
  std::array<std::int16_t, 0x100 + 68> bytes{};
  for (std::int16_t& byte : bytes) byte = -1;
  for (std::size_t b = 0; b < 256; ++b) bytes[kAlphabet[b]] = static_cast<std::int16_t>(b);
  return bytes;
}

constexpr std::array<std::int16_t, 0x100 + 68> kBytes = MakeBytes();

Status AppendToken(std::string_view text, std::vector<std::string>* tokens) {
  Result<std::string> token = FromPrintableAlphabet(text);
  if (!token.ok()) {
    return token.status().WithContext("token " + std::to_string(tokens->size()));
  }
  tokens->push_back(std::move(token).value());
  return Status();
}

Status TooFew(std::size_t have, const Dims& dims) {
  return Corrupt("has " + std::to_string(have) + " tokens, at least " +
                 std::to_string(OrdinaryTokens(dims)) + " expected");
}

std::optional<AlignmentHead> HeadOf(const json& pair) {
  if (!pair.is_array() || pair.size() != 2) return std::nullopt;
  std::array<int, 2> numbers{};
  for (std::size_t i = 0; i < 2; ++i) {
    if (!pair[i].is_number_unsigned() || pair[i].get<std::uint64_t>() > INT_MAX) {
      return std::nullopt;
    }
    numbers[i] = pair[i].get<int>();
  }
  return AlignmentHead{numbers[0], numbers[1]};
}

}  // namespace

Result<std::vector<AlignmentHead>> ReadAlignmentHeads(std::string_view json_text) {
  WT_ASSIGN(const json config, ParseJson(json_text));
  std::vector<AlignmentHead> heads;
  if (!config.is_object()) return Corrupt("JSON is not an object");
  const auto list = config.find("alignment_heads");
  if (list == config.end() || list->is_null()) return heads;
  if (!list->is_array() || list->size() > kHeadsMax) {
    return Corrupt("alignment_heads is not a list of [layer, head]");
  }
  for (const json& pair : *list) {
    const std::optional<AlignmentHead> head = HeadOf(pair);
    if (!head) return Corrupt("alignment_heads is not a list of [layer, head]");
    heads.push_back(*head);
  }
  return heads;
}

Status CheckHuggingFaceConfig(std::string_view json_text, const Dims& dims) {
  WT_ASSIGN(const json config, ParseJson(json_text));
  if (!config.is_object()) return Corrupt("JSON is not an object");
  struct Field {
    const char* key;
    int value;
  };
  const Field fields[] = {{"num_mel_bins", dims.n_mels},
                          {"max_source_positions", dims.n_audio_ctx},
                          {"d_model", dims.n_audio_state},
                          {"encoder_attention_heads", dims.n_audio_head},
                          {"encoder_layers", dims.n_audio_layer},
                          {"encoder_ffn_dim", 4 * dims.n_audio_state},
                          {"vocab_size", dims.n_vocab},
                          {"max_target_positions", dims.n_text_ctx},
                          {"decoder_attention_heads", dims.n_text_head},
                          {"decoder_layers", dims.n_text_layer},
                          {"decoder_ffn_dim", 4 * dims.n_text_state}};
  for (const Field& field : fields) {
    if (!config.contains(field.key)) continue;
    if (JsonInteger(config, field.key) != field.value) {
      return Corrupt(std::string(field.key) + " is " +
                     Printable(base::JsonToText(config[field.key])) + ", the tensors have " +
                     std::to_string(field.value));
    }
  }
  return Status();
}

Result<std::vector<std::string>> ReadVocabularyLines(std::string_view text, const Dims& dims) {
  const auto want = static_cast<std::size_t>(OrdinaryTokens(dims));
  std::vector<std::string> tokens;
  tokens.reserve(want);
  while (tokens.size() < want) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && text.empty()) return TooFew(tokens.size(), dims);
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    WT_TRY(AppendToken(line, &tokens));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return tokens;
}

Result<std::vector<std::string>> ReadVocabularyList(std::string_view json_text, const Dims& dims) {
  WT_ASSIGN(const json list, ParseJson(json_text));
  const auto want = static_cast<std::size_t>(OrdinaryTokens(dims));
  if (!list.is_array()) return Corrupt("JSON is not a list");
  if (list.size() < want) return TooFew(list.size(), dims);
  std::vector<std::string> tokens;
  tokens.reserve(want);
  for (std::size_t i = 0; i < want; ++i) {
    if (!list[i].is_string()) return Corrupt("token " + std::to_string(i) + " is not a string");
    WT_TRY(AppendToken(list[i].get_ref<const std::string&>(), &tokens));
  }
  return tokens;
}

Result<std::vector<std::string>> ReadVocabularyIds(std::string_view json_text, const Dims& dims) {
  const auto want = static_cast<std::size_t>(OrdinaryTokens(dims));
  std::vector<std::optional<std::string>> by_id(want);
  WT_TRY(ForEachInteger(json_text, [&](std::string&& text, std::uint64_t id) {
    if (id >= want) return Status();
    if (by_id[id]) return Corrupt("id " + std::to_string(id) + " is there twice");
    by_id[id] = std::move(text);
    return Status();
  }));
  // The unused id 50256 of multilingual vocabularies is left out of some files.
  if (dims.multilingual() && !by_id.back()) by_id.back().emplace();
  std::vector<std::string> tokens;
  tokens.reserve(want);
  for (const std::optional<std::string>& text : by_id) {
    if (!text) return Corrupt("no token has the id " + std::to_string(tokens.size()));
    WT_TRY(AppendToken(*text, &tokens));
  }
  return tokens;
}

Result<std::vector<std::string>> ReadShardNames(std::string_view json_text) {
  WT_ASSIGN(const json index, ParseJson(json_text));
  const auto map = index.find("weight_map");
  if (map == index.end() || !map->is_object()) return Corrupt("JSON has no weight_map");
  std::set<std::string> names;
  for (const auto& item : map->items()) {
    if (!item.value().is_string()) return Corrupt("weight_map names no file for a tensor");
    const auto& name = item.value().get_ref<const std::string&>();
    if (!name.ends_with(".safetensors") || name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos) {
      return Corrupt("weight_map names " + Printable(name) + ", a plain file name is expected");
    }
    names.insert(name);
    if (names.size() > kShardsMax) return Corrupt("weight_map names too many files");
  }
  if (names.empty()) return Corrupt("weight_map is empty");
  return std::vector<std::string>(names.begin(), names.end());
}

std::string ToPrintableAlphabet(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) base::AppendUtf8(kAlphabet[static_cast<unsigned char>(c)], &text);
  return text;
}

Result<std::string> FromPrintableAlphabet(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(2 * base::kTokenBytesMax)) {
    return Corrupt("is longer than " + std::to_string(2 * base::kTokenBytesMax) + " bytes");
  }
  std::string bytes;
  while (!text.empty()) {
    const char32_t c = base::NextCodePoint(&text);
    const int byte = c < kBytes.size() ? kBytes[c] : -1;
    if (byte < 0) return Corrupt("has a character outside the vocabulary's alphabet");
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace wt::model
