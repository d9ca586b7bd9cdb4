#include "engine/model/writers/tokenizer_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "engine/model/readers/side_files.h"
#include "engine/model/tensor_names.h"
#include "engine/model/writers/merges.h"

namespace wt::model {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kEnd = "<|endoftext|>";
constexpr std::string_view kStart = "<|startoftranscript|>";
constexpr std::string_view kNoTimestamps = "<|notimestamps|>";
constexpr std::string_view kNoSpeech = "<|nospeech|>";
constexpr int kTimestamps = 1501;  // 0.00 to 30.00 s in steps of 0.02 s.
constexpr int kLargeV3Vocabulary = 51866;

/// 99 languages, and Cantonese as the hundredth in the newest vocabulary.
std::size_t LanguageCount(const Dims& dims) {
  return dims.n_vocab == kLargeV3Vocabulary ? 100 : 99;
}

/// In the order of their ids (formats.md, section 6).
std::vector<std::string> SpecialTokens(std::span<const std::string_view> languages) {
  std::vector<std::string> tokens = {std::string(kEnd), std::string(kStart)};
  for (const std::string_view code : languages) tokens.push_back(fmt::format("<|{}|>", code));
  for (const std::string_view name : {"<|translate|>", "<|transcribe|>", "<|startoflm|>",
                                      "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"}) {
    tokens.emplace_back(name);
  }
  for (int i = 0; i < kTimestamps; ++i) {
    tokens.push_back(fmt::format("<|{}.{:02}|>", i * 2 / 100, i * 2 % 100));
  }
  return tokens;
}

std::string Pretty(const Json& json) { return base::JsonToText(json, 2) + "\n"; }

Json HeadsJson(const WeightMap& weights) {
  Json heads = Json::array();
  for (const auto& [layer, head] : weights.alignment_heads()) heads.push_back({layer, head});
  return heads;
}

/// Timestamps are not "special" in these files: they are text that may be decoded.
bool IsTimestamp(std::string_view text) {
  return text.size() > 3 && text[2] >= '0' && text[2] <= '9';
}

}  // namespace

Result<std::span<const std::string>> VocabularyOf(const WeightMap& weights,
                                                  const TokenizerFacts& facts) {
  std::span<const std::string> vocabulary = facts.vocabulary;
  if (vocabulary.empty()) vocabulary = weights.vocabulary();
  const auto want = static_cast<std::size_t>(OrdinaryTokens(weights.dims()));
  if (vocabulary.size() == want) return vocabulary;
  return Status(
      StatusCode::kInvalidArgument,
      fmt::format("vocabulary has {} ordinary tokens, {} needed", vocabulary.size(), want));
}

Result<TokenizerFiles> TokenizerFiles::Create(const WeightMap& weights,
                                              const TokenizerFacts& facts) {
  WT_ASSIGN(const std::span<const std::string> vocabulary, VocabularyOf(weights, facts));
  if (facts.language_codes.size() < LanguageCount(weights.dims())) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{} language codes given, {} needed", facts.language_codes.size(),
                              LanguageCount(weights.dims())));
  }
  return TokenizerFiles(weights, facts, vocabulary);
}

TokenizerFiles::TokenizerFiles(const WeightMap& weights, const TokenizerFacts& facts,
                               std::span<const std::string> vocabulary)
    : weights_(weights), suppressed_(facts.suppressed_tokens), vocabulary_(vocabulary) {
  const auto codes = facts.language_codes.first(LanguageCount(weights.dims()));
  languages_.assign(codes.begin(), codes.end());
  specials_ = SpecialTokens(languages_);
  for (const auto& [first, second] : MergesOf(vocabulary)) {
    merges_.push_back(ToPrintableAlphabet(first) + " " + ToPrintableAlphabet(second));
  }
}

int TokenizerFiles::Special(std::string_view text) const {
  const auto found = std::find(specials_.begin(), specials_.end(), text);
  WT_CHECK(found != specials_.end());
  return static_cast<int>(vocabulary_.size()) + static_cast<int>(found - specials_.begin());
}

int TokenizerFiles::SpaceToken() const {
  const auto found = std::find(vocabulary_.begin(), vocabulary_.end(), " ");
  return static_cast<int>(found - vocabulary_.begin());
}

/// transformers spells the no-speech token differently in the older vocabularies.
std::string_view TokenizerFiles::HuggingFaceSpelling(std::size_t special) const {
  const bool older = weights_.dims().n_vocab != kLargeV3Vocabulary;
  if (older && specials_[special] == kNoSpeech) return "<|nocaptions|>";
  return specials_[special];
}

std::string TokenizerFiles::Ct2Config() const {
  std::vector<int> languages;
  for (std::size_t i = 0; i < languages_.size(); ++i) {
    languages.push_back(Special(kStart) + 1 + static_cast<int>(i));
  }
  return Pretty({{"alignment_heads", HeadsJson(weights_)},
                 {"lang_ids", languages},
                 {"suppress_ids", suppressed_},
                 {"suppress_ids_begin", {SpaceToken(), Special(kEnd)}}});
}

std::string TokenizerFiles::Ct2Vocabulary() const {
  Json all = Json::array();
  for (const std::string& token : vocabulary_) all.push_back(ToPrintableAlphabet(token));
  for (const std::string& token : specials_) all.push_back(token);
  return base::JsonToText(all, 0) + "\n";
}

std::string TokenizerFiles::VocabJson() const {
  // Built by hand: ordered_json searches all keys at each insertion.
  std::string text = "{";
  for (std::size_t id = 0; id < vocabulary_.size(); ++id) {
    text +=
        fmt::format("{}: {}, ", base::JsonToText(Json(ToPrintableAlphabet(vocabulary_[id]))), id);
  }
  return text + fmt::format("\"{}\": {}}}", kEnd, vocabulary_.size());
}

std::string TokenizerFiles::Merges() const {
  std::string text = "#version: 0.2\n";
  for (const std::string& merge : merges_) text += merge + "\n";
  return text;
}

std::string TokenizerFiles::AddedTokens() const {
  std::string text = "{\n";
  for (std::size_t i = 1; i < specials_.size(); ++i) {
    text += fmt::format("  \"{}\": {}{}\n", HuggingFaceSpelling(i), vocabulary_.size() + i,
                        i + 1 < specials_.size() ? "," : "");
  }
  return text + "}\n";
}

std::string TokenizerFiles::TokenizerJson() const {
  Json added = Json::array();
  for (std::size_t i = 0; i < specials_.size(); ++i) {
    const bool timestamp = IsTimestamp(specials_[i]);
    added.push_back({{"id", vocabulary_.size() + i},
                     {"content", HuggingFaceSpelling(i)},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", timestamp},
                     {"special", !timestamp}});
  }
  Json single = Json::array();
  Json special = Json::object();
  for (const std::string_view name : {kStart, kNoTimestamps, kEnd}) {
    const Json token = {{"SpecialToken", {{"id", name}, {"type_id", 0}}}};
    if (name == kEnd) single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
    single.push_back(token);
    special[std::string(name)] = {
        {"id", name}, {"ids", Json::array({Special(name)})}, {"tokens", Json::array({name})}};
  }
  Json pair = single;
  pair.back()["SpecialToken"]["type_id"] = 1;
  pair.insert(pair.end() - 1, Json{{"Sequence", {{"id", "B"}, {"type_id", 1}}}});
  const auto byte_level = [](bool prefix_space) -> Json {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", prefix_space},
            {"trim_offsets", true},
            {"use_regex", true}};
  };
  const Json rest = {{"version", "1.0"},
                     {"truncation", nullptr},
                     {"padding", nullptr},
                     {"added_tokens", added},
                     {"normalizer", nullptr},
                     {"pre_tokenizer", byte_level(false)},
                     {"post_processor",
                      {{"type", "TemplateProcessing"},
                       {"single", single},
                       {"pair", pair},
                       {"special_tokens", special}}},
                     {"decoder", byte_level(true)}};
  // The vocabulary is put in as text, because of its size; see VocabJson().
  std::string text = base::JsonToText(rest);
  text.back() = ',';
  text += fmt::format(
      "\"model\":{{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,"
      "\"continuing_subword_prefix\":\"\",\"end_of_word_suffix\":\"\",\"fuse_unk\":false,"
      "\"vocab\":{},\"merges\":{}}}}}\n",
      VocabJson(), base::JsonToText(Json(merges_)));
  return text;
}

std::string TokenizerFiles::TokenizerConfig() const {
  Json decoder = Json::object();
  Json additional = Json::array();
  for (std::size_t i = 0; i < specials_.size(); ++i) {
    const bool timestamp = IsTimestamp(specials_[i]);
    decoder.push_back({std::to_string(vocabulary_.size() + i),
                       {{"content", HuggingFaceSpelling(i)},
                        {"single_word", false},
                        {"lstrip", false},
                        {"rstrip", false},
                        {"normalized", timestamp},
                        {"special", !timestamp}}});
    if (i > 0 && !timestamp) additional.push_back(HuggingFaceSpelling(i));
  }
  return Pretty({{"add_bos_token", false},
                 {"add_prefix_space", false},
                 {"added_tokens_decoder", decoder},
                 {"additional_special_tokens", additional},
                 {"bos_token", kEnd},
                 {"eos_token", kEnd},
                 {"pad_token", kEnd},
                 {"unk_token", kEnd},
                 {"clean_up_tokenization_spaces", true},
                 {"errors", "replace"},
                 {"model_max_length", 1024},
                 {"processor_class", "WhisperProcessor"},
                 {"return_attention_mask", false},
                 {"tokenizer_class", "WhisperTokenizer"}});
}

std::string TokenizerFiles::SpecialTokensMap() const {
  Json additional = Json::array();
  for (std::size_t i = 1; i < specials_.size(); ++i) {
    if (!IsTimestamp(specials_[i])) additional.push_back(HuggingFaceSpelling(i));
  }
  return Pretty({{"additional_special_tokens", additional},
                 {"bos_token", kEnd},
                 {"eos_token", kEnd},
                 {"pad_token", kEnd},
                 {"unk_token", kEnd}});
}

std::string TokenizerFiles::HuggingFaceConfig(std::string_view torch_dtype) const {
  const Dims& d = weights_.dims();
  const int end = Special(kEnd);
  Json config = {{"architectures", Json::array({"WhisperForConditionalGeneration"})},
                 {"model_type", "whisper"},
                 {"activation_dropout", 0.0},
                 {"activation_function", "gelu"},
                 {"attention_dropout", 0.0},
                 {"begin_suppress_tokens", {SpaceToken(), end}},
                 {"bos_token_id", end},
                 {"eos_token_id", end},
                 {"pad_token_id", end},
                 {"decoder_start_token_id", Special(kStart)},
                 {"d_model", d.n_text_state},
                 {"num_hidden_layers", d.n_audio_layer},
                 {"encoder_layers", d.n_audio_layer},
                 {"encoder_attention_heads", d.n_audio_head},
                 {"encoder_ffn_dim", 4 * d.n_audio_state},
                 {"encoder_layerdrop", 0.0},
                 {"decoder_layers", d.n_text_layer},
                 {"decoder_attention_heads", d.n_text_head},
                 {"decoder_ffn_dim", 4 * d.n_text_state},
                 {"decoder_layerdrop", 0.0},
                 {"dropout", 0.0},
                 {"init_std", 0.02},
                 {"is_encoder_decoder", true},
                 {"max_source_positions", d.n_audio_ctx},
                 {"max_target_positions", d.n_text_ctx},
                 {"num_mel_bins", d.n_mels},
                 {"scale_embedding", false},
                 {"median_filter_width", 7},
                 {"tie_word_embeddings", true},
                 {"use_cache", true},
                 {"vocab_size", d.n_vocab},
                 {"torch_dtype", torch_dtype}};
  return Pretty(config);
}

std::string TokenizerFiles::GenerationConfig() const {
  const int end = Special(kEnd);
  Json config = {{"alignment_heads", HeadsJson(weights_)},
                 {"begin_suppress_tokens", {SpaceToken(), end}},
                 {"bos_token_id", end},
                 {"eos_token_id", end},
                 {"pad_token_id", end},
                 {"decoder_start_token_id", Special(kStart)},
                 {"is_multilingual", weights_.dims().multilingual()},
                 {"max_initial_timestamp_index", 50},
                 {"max_length", 448},
                 {"no_timestamps_token_id", Special(kNoTimestamps)},
                 {"prev_sot_token_id", Special("<|startofprev|>")},
                 {"return_timestamps", false},
                 {"suppress_tokens", suppressed_}};
  if (weights_.dims().multilingual()) {
    Json languages = Json::object();
    for (const std::string_view code : languages_) {
      const std::string text = fmt::format("<|{}|>", code);
      languages[text] = Special(text);
    }
    config["lang_to_id"] = languages;
    config["task_to_id"] = {{"transcribe", Special("<|transcribe|>")},
                            {"translate", Special("<|translate|>")}};
  }
  return Pretty(config);
}

std::string TokenizerFiles::PreprocessorConfig() const {
  return Pretty({{"chunk_length", 30},
                 {"feature_extractor_type", "WhisperFeatureExtractor"},
                 {"feature_size", weights_.dims().n_mels},
                 {"hop_length", 160},
                 {"n_fft", 400},
                 {"n_samples", 480'000},
                 {"nb_max_frames", 3'000},
                 {"padding_side", "right"},
                 {"padding_value", 0.0},
                 {"processor_class", "WhisperProcessor"},
                 {"return_attention_mask", false},
                 {"sampling_rate", 16'000}});
}

}  // namespace wt::model
