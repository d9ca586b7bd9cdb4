#include "apps/transcriber/transcribe/output_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/status_macros.h"
#include "base/utf8.h"

namespace wt::transcriber {
namespace {

std::string BaseName(const std::string& input) {
  if (input == kStandardStream) return "stdin";
  const std::size_t slash = input.rfind('/');
  std::string name = slash == std::string::npos ? input : input.substr(slash + 1);
  return name.empty() ? "output" : name;
}

// Inputs with the same stem (a.wav, a.mp3) keep their extension, so that none is lost.
std::vector<std::string> DistinctStems(const std::vector<std::string>& inputs) {
  std::map<std::string, int> uses;
  for (const std::string& input : inputs) ++uses[OutputStem(input)];
  std::vector<std::string> stems;
  for (const std::string& input : inputs) {
    const std::string stem = OutputStem(input);
    stems.push_back(uses[stem] > 1 ? BaseName(input) : stem);
  }
  return stems;
}

Status CheckDistinct(const std::vector<std::string>& inputs, const OutputPlan& plan) {
  std::map<std::string, std::size_t> writers;
  for (std::size_t i = 0; i < plan.files.size(); ++i) {
    for (const PlannedOutput& output : plan.files[i]) {
      const auto [entry, inserted] = writers.emplace(output.path, i);
      if (inserted) continue;
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("{} and {} would both write {}; transcribe them one after the "
                                "other with --output",
                                inputs[entry->second], inputs[i], output.path));
    }
  }
  return Status();
}

Status CheckInputsAreSafe(const std::vector<std::string>& inputs, const OutputPlan& plan) {
  for (const auto& outputs : plan.files) {
    for (const PlannedOutput& output : outputs) {
      for (const std::string& input : inputs) {
        std::error_code error;
        if (input == kStandardStream || !std::filesystem::equivalent(input, output.path, error)) {
          continue;
        }
        return Status(StatusCode::kInvalidArgument,
                      fmt::format("{} is an input and would be overwritten", output.path));
      }
    }
  }
  return Status();
}

std::vector<formats::Format> FormatsOr(const TranscribeArguments& arguments,
                                       formats::Format otherwise) {
  return arguments.formats.empty() ? std::vector{otherwise} : arguments.formats;
}

}  // namespace

std::string OutputStem(const std::string& input) {
  const std::string name = BaseName(input);
  // Leading dots are part of the name.
  const std::size_t first = std::min(name.find_first_not_of('.'), name.size());
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || dot <= first ? name : name.substr(0, dot);
}

Result<OutputPlan> PlanOutputs(const TranscribeArguments& arguments) {
  OutputPlan plan;
  plan.files.resize(arguments.inputs.size());
  const bool to_file = !arguments.output.empty() && arguments.output != kStandardStream;
  const bool to_directory = !arguments.output_dir.empty() ||
                            (!arguments.jsonl && arguments.output.empty() &&
                             (arguments.inputs.size() > 1 || arguments.formats.size() > 1));
  if (to_file) {
    plan.files[0] = {{FormatsOr(arguments, formats::Format::kTxt)[0], arguments.output}};
  } else if (to_directory) {
    plan.directory = arguments.output_dir;
    const std::string prefix = plan.directory.empty() ? "" : plan.directory + "/";
    const std::vector<std::string> stems = DistinctStems(arguments.inputs);
    for (std::size_t i = 0; i < stems.size(); ++i) {
      for (const formats::Format format : FormatsOr(arguments, formats::Format::kTxt)) {
        plan.files[i].push_back(
            {format, fmt::format("{}{}.{}", prefix, stems[i], formats::FormatName(format))});
      }
    }
  } else if (!arguments.jsonl) {
    if (!arguments.formats.empty()) plan.print_format = arguments.formats[0];
    plan.print_lines = !plan.print_format;
  }
  if ((to_file || to_directory) && !arguments.jsonl) plan.print_lines = arguments.verbose;
  WT_TRY(CheckDistinct(arguments.inputs, plan));
  WT_TRY(CheckInputsAreSafe(arguments.inputs, plan));
  return plan;
}

}  // namespace wt::transcriber
