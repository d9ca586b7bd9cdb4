// Which model a command line means: a name on one of the shelves, or a path.
//
// A shelf is a directory of models; the program has one for each directory of ModelDirectories().
// Shelves are an interface so that tests need no files. Thread-compatible.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::transcriber {

struct FoundModel {
  std::string name;
  /// For ModelOptions::path.
  std::string path;
};

class ModelShelf {
 public:
  virtual ~ModelShelf() = default;
  virtual const std::string& directory() const = 0;
  /// Best first, without the voice activity network.
  virtual std::vector<FoundModel> List() const = 0;
  /// By name or alias.
  virtual std::optional<FoundModel> Find(std::string_view name) const = 0;
  /// File of the voice activity network; empty when it is not there.
  virtual std::string VadPath() const = 0;
  /// Directory of the networks that tell speakers apart; empty when they are not there.
  virtual std::string SpeakerDir() const = 0;
};

/// Directories in the order of preference, and the names that can be had.
struct ModelShelves {
  std::vector<std::unique_ptr<ModelShelf>> shelves;
  std::vector<std::string> published_names;
};

/// `model` as a path when it names something on disk and has a slash, is no name on a shelf, or
/// else; as a name otherwise; the best model of the first shelf that has one when it is empty.
/// kNotFound says where was looked and which command fetches it.
Result<FoundModel> ChooseModel(const ModelShelves& shelves, const std::string& model);

/// The first shelf's file; empty when there is none.
std::string ChooseVadWeights(const ModelShelves& shelves);

/// The first shelf's directory of the speaker model; kNotFound says how to get it.
Result<std::string> ChooseSpeakerModel(const ModelShelves& shelves);

}  // namespace wt::transcriber
