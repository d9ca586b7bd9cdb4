// Which model a request means: one validator for every surface.
//
// A name is that of a published model, one of its aliases (models/catalogue.h), an alias that the
// operator has set (OPENAI_MODEL_ALIASES), or the name of a model that is installed in one of the
// directories. Nothing is ever substituted: a model that is known and not installed is an error
// that says how to get it. Thread-safe; every call looks at the disk anew.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/store.h"
#include "whisper_transcriber/status.h"

namespace wt::worker {

struct ModelNamesOptions {
  /// Directories of models in the order of preference.
  std::vector<std::string> directories;
  /// Used when a request names none; empty: the best installed one.
  std::string default_model;
  /// Names or aliases of those that may be used (AVAILABLE_MODELS); empty: all.
  std::vector<std::string> available = {};
  /// Code of the language of requests that name none; empty: it is detected.
  std::string default_language = {};
  /// The operator's names; they win over the catalogue's aliases.
  std::map<std::string, std::string, std::less<>> aliases = {};
};

class ModelNames {
 public:
  explicit ModelNames(ModelNamesOptions options);

  /// The canonical name of an installed model. kNotFound for a name that nobody knows, with the
  /// list of those allowed; kFailedPrecondition for a model that is known and not installed.
  Result<std::string> Resolve(std::string_view name) const;

  /// By canonical name, in the first directory that has it.
  Result<models::InstalledModel> Find(std::string_view canonical) const;

  /// Published and installed names, best first, without those that are no speech models.
  std::vector<std::string> AllowedNames() const;

  /// Other spellings of a canonical name.
  std::vector<std::string> AliasesOf(std::string_view canonical) const;

  /// Of the installed models, best first.
  std::vector<models::InstalledModel> Installed() const;

  /// Resolve("") or empty.
  std::string DefaultName() const;

  /// Weights of the voice activity network; empty when they are not installed.
  std::string VadPath() const;

  /// Directory of the model that tells speakers apart; kFailedPrecondition with the way to get it
  /// when it is not installed.
  Result<std::string> SpeakerDir() const;

  /// For what an administrator changes at run time. Thread-compatible: before use or under a lock.
  const ModelNamesOptions& options() const { return options_; }

 private:
  bool MayBeUsed(std::string_view canonical) const;
  /// What a name stands for, without looking at the disk; empty when it is unknown.
  std::string Canonical(std::string_view name) const;

  ModelNamesOptions options_;
  std::vector<models::ModelStore> stores_;
};

}  // namespace wt::worker
