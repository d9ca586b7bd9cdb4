#include "engine/pipeline/loaded_model.h"

#include <filesystem>

#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/model/weight_map.h"
#include "platform/file.h"

namespace wt::pipeline {
namespace {

// 1.24 MB as published; room for other sampling rates in one file.
constexpr std::int64_t kVadBytesMax = 64LL << 20;

std::string NameOf(const ModelOptions& options) {
  if (!options.name.empty()) return options.name;
  const std::filesystem::path path(options.path);
  const std::string last = path.filename().string();
  return last.empty() ? path.parent_path().filename().string() : last;
}

Result<std::shared_ptr<const tokenizer::Tokenizer>> MakeTokenizer(const model::WeightMap& weights) {
  const int n_vocab = weights.dims().n_vocab;
  if (weights.vocabulary().empty()) return tokenizer::Tokenizer::Published(n_vocab);
  return tokenizer::Tokenizer::Create(weights.vocabulary(), n_vocab);
}

// Turbo was trained without translation data; the published code refuses it for .en models only,
// but its output there is untranslated text.
bool CanTranslate(const model::Dims& dims) {
  const std::string_view size = model::SizeName(dims);
  return dims.multilingual() && size != "large-v3-turbo" && !size.starts_with("distil");
}

}  // namespace

Result<std::shared_ptr<const LoadedModel>> LoadedModel::Load(const ModelOptions& options,
                                                             const kernels::KernelSet& kernels,
                                                             platform::ThreadPool& pool) {
  WT_ASSIGN(const auto weights, model::OpenModel(options.path));
  std::shared_ptr<LoadedModel> loaded(new LoadedModel());
  WT_ASSIGN(loaded->network_, whisper::PackedNetwork::Create(
                                  *weights, kernels, options.compute_type, options.cache_dir));
  auto tokenizer = MakeTokenizer(*weights);
  if (!tokenizer.ok()) return tokenizer.status().WithContext(options.path);
  loaded->tokenizer_ = *tokenizer;
  loaded->log_mel_ = std::make_unique<features::LogMel>(weights->dims().n_mels);
  if (!options.vad_path.empty()) {
    WT_ASSIGN(const auto file, platform::MappedFile::Open(options.vad_path, kVadBytesMax));
    auto network = vad::Network::Read(file.bytes(), kernels);
    if (!network.ok()) return network.status().WithContext(options.vad_path);
    loaded->vad_ = *network;
  }
  loaded->speaker_dir_ = options.speaker_dir;
  loaded->kernels_ = &kernels;
  loaded->alignment_heads_ = weights->alignment_heads();
  loaded->identity_ = NameOf(options) + ":" +
                      std::string(ComputeTypeName(loaded->network_->compute_type())) + ":" +
                      std::to_string(weights->weight_bytes());
  ModelInfo& info = loaded->info_;
  const model::Dims& dims = weights->dims();
  info.name = NameOf(options);
  info.size = model::SizeName(dims).empty() ? "custom" : std::string(model::SizeName(dims));
  info.compute_type = loaded->network_->compute_type();
  info.multilingual = dims.multilingual();
  const auto codes = tokenizer::LanguageCodes();
  const auto count = dims.multilingual()
                         ? static_cast<std::size_t>(loaded->tokenizer_->special().language_count)
                         : std::size_t{1};
  info.languages.assign(codes.begin(), codes.begin() + static_cast<std::ptrdiff_t>(count));
  info.n_vocab = dims.n_vocab;
  info.n_mels = dims.n_mels;
  info.weight_bytes = loaded->network_->bytes();
  info.can_translate = CanTranslate(dims);
  info.has_vad = loaded->vad_ != nullptr;
  loaded->runtime_ = std::make_unique<ModelRuntime>(*loaded->network_, pool);
  return std::shared_ptr<const LoadedModel>(std::move(loaded));
}

Result<std::shared_ptr<const diarize::SpeakerModel>> LoadedModel::Speakers() const {
  const std::lock_guard lock(speakers_mutex_);
  if (speakers_ == nullptr) {
    WT_ASSIGN(speakers_, diarize::SpeakerModel::Load(speaker_dir_, *kernels_));
  }
  return speakers_;
}

}  // namespace wt::pipeline
