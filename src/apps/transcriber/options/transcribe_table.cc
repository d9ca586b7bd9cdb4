// The options of `transcriber transcribe`: a row each with names, range, default, help and effect.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "apps/transcriber/options/arguments.h"
#include "apps/transcriber/options/languages.h"
#include "apps/transcriber/options/transcribe_options.h"
#include "base/status_macros.h"

namespace wt::transcriber {
namespace {

using Args = TranscribeArguments;
using Value = OptionValue;

constexpr std::string_view kModelGroup = "Model and machine";
constexpr std::string_view kServerGroup = "Server";
constexpr std::string_view kOutputGroup = "Output";
constexpr std::string_view kSubtitleGroup = "Subtitles";
constexpr std::string_view kInputGroup = "Input";
constexpr std::string_view kLanguageGroup = "Language and task";
constexpr std::string_view kDecodingGroup = "Decoding";
constexpr std::string_view kPromptGroup = "Prompt";
constexpr std::string_view kFallbackGroup = "When a window is tried again";
constexpr std::string_view kWindowGroup = "Windows and silence";
constexpr std::string_view kWordGroup = "Words";

// More ids than this suppress most of what a language needs.
constexpr std::size_t kSuppressedTokensMax = 51'866;

struct Row {
  OptionSpec spec;
  Status (*apply)(const Value&, Args*);
};

int Int(const Value& value) { return static_cast<int>(value.integer); }

std::optional<double> OptionalReal(const Value& value) {
  return value.none ? std::nullopt : std::optional<double>(value.real);
}

// Milliseconds on the command line, as faster-whisper has them; seconds inside.
double SecondsFromMs(const Value& value) { return value.real / 1000.0; }

// Accepted for other programs' command lines.
Status Ignore(const Value&, Args*) { return Status(); }

Status SetFormats(const Value& value, Args* args) {
  args->formats.clear();
  for (const std::string_view name : SplitList(value.text, ',')) {
    if (name == "all") {
      const auto all = formats::DataFormats();
      args->formats.assign(all.begin(), all.end());
      return Status();
    }
    const formats::Format format = *formats::ParseFormat(name);
    if (std::find(args->formats.begin(), args->formats.end(), format) == args->formats.end()) {
      args->formats.push_back(format);
    }
  }
  return Status();
}

Status SetDevice(const Value& value, Args*) {
  if (value.text != "cuda") return Status();
  return Status(StatusCode::kInvalidArgument,
                "--device: cuda is not available in this build; use cpu or auto");
}

Status SetComputeType(const Value& value, Args* args) {
  // float16 stands for the 16-bit type that processors compute with.
  constexpr std::pair<std::string_view, ComputeType> kTypes[] = {
      {"auto", ComputeType::kAuto},         {"float32", ComputeType::kFloat32},
      {"bfloat16", ComputeType::kBfloat16}, {"float16", ComputeType::kBfloat16},
      {"int8", ComputeType::kInt8},         {"int8_bfloat16", ComputeType::kInt8Bfloat16}};
  for (const auto& [name, type] : kTypes) {
    if (value.text == name) args->compute_type = type;
  }
  return Status();
}

Status SetChannel(const Value& value, Args* args) {
  if (value.text == "mix") {
    args->channel = -1;
  } else if (value.text == "left" || value.text == "right") {
    args->channel = value.text == "left" ? 0 : 1;
  } else {
    constexpr OptionSpec kNumber = {
        .name = "channel", .kind = ValueKind::kInteger, .minimum = 0, .maximum = 63};
    const Result<Value> number = ParseValue(kNumber, value.text);
    if (!number.ok()) {
      return Status(StatusCode::kInvalidArgument,
                    "--channel: give mix, left, right or a number from 0 to 63");
    }
    args->channel = Int(*number);
  }
  return Status();
}

Status SetLanguage(const Value& value, Args* args) {
  args->request.language.language.clear();
  args->language_named = true;
  if (value.none || value.text == "auto" || value.text.empty()) return Status();
  const Result<std::string> code = ParseLanguage(value.text);
  if (!code.ok()) return code.status().WithContext("--language");
  args->request.language.language = *code;
  return Status();
}

Status SetAllowedLanguages(const Value& value, Args* args) {
  args->request.language.allowed.clear();
  for (const std::string_view name : SplitList(value.text, ',')) {
    const Result<std::string> code = ParseLanguage(name);
    if (!code.ok()) return code.status().WithContext("--allowed-languages");
    args->request.language.allowed.push_back(*code);
  }
  return Status();
}

Status SetTemperature(const Value& value, Args* args) {
  constexpr OptionSpec kNumber = {
      .name = "temperature", .kind = ValueKind::kReal, .minimum = 0, .maximum = 1};
  std::vector<double> list;
  for (const std::string_view part : SplitList(value.text, ',')) {
    WT_ASSIGN(const Value number, ParseValue(kNumber, part));
    list.push_back(number.real);
  }
  if (list.empty() || list.size() > 16) {
    return Status(StatusCode::kInvalidArgument, "--temperature: give 1 to 16 numbers from 0 to 1");
  }
  args->temperature = list.front();
  args->temperature_list = list.size() > 1 ? list : std::vector<double>();
  return Status();
}

Status SetSuppressTokens(const Value& value, Args* args) {
  constexpr OptionSpec kNumber = {
      .name = "suppress-tokens", .kind = ValueKind::kInteger, .minimum = -1, .maximum = 51'865};
  std::vector<TokenId>& tokens = args->request.decoding.suppress_tokens;
  tokens.clear();
  for (const std::string_view part : SplitList(value.text, ',')) {
    WT_ASSIGN(const Value number, ParseValue(kNumber, part));
    tokens.push_back(Int(number));
    if (tokens.size() > kSuppressedTokensMax) {
      return Status(StatusCode::kInvalidArgument, "--suppress-tokens: too many tokens");
    }
  }
  return Status();
}

Status SetClips(const Value& value, Args* args) {
  WT_ASSIGN(args->request.clips, ParseClips(value.text));
  return Status();
}

Status SetWindowing(const Value& value, Args* args) {
  args->request.windowing = value.text == "reference" ? Windowing::kReference : Windowing::kRobust;
  return Status();
}

// Rows are kept short by these shapes of specs.
constexpr OptionSpec Switch(std::string_view name, std::string_view default_text,
                            std::string_view group, std::string_view help) {
  return {.name = name, .default_text = default_text, .help = help, .group = group};
}

constexpr OptionSpec Integer(std::string_view name, double minimum, double maximum,
                             std::string_view default_text, std::string_view group,
                             std::string_view help) {
  return {.name = name,
          .kind = ValueKind::kInteger,
          .value_name = "N",
          .minimum = minimum,
          .maximum = maximum,
          .default_text = default_text,
          .help = help,
          .group = group};
}

constexpr OptionSpec Real(std::string_view name, std::string_view unit, double minimum,
                          double maximum, std::string_view default_text, std::string_view group,
                          std::string_view help) {
  return {.name = name,
          .kind = ValueKind::kReal,
          .value_name = unit,
          .minimum = minimum,
          .maximum = maximum,
          .default_text = default_text,
          .help = help,
          .group = group};
}

constexpr OptionSpec Text(std::string_view name, std::string_view value_name,
                          std::string_view default_text, std::string_view group,
                          std::string_view help) {
  return {.name = name,
          .kind = ValueKind::kText,
          .value_name = value_name,
          .default_text = default_text,
          .help = help,
          .group = group};
}

constexpr OptionSpec Choice(std::string_view name, std::string_view choices,
                            std::string_view default_text, std::string_view group,
                            std::string_view help) {
  return {.name = name,
          .kind = ValueKind::kChoice,
          .choices = choices,
          .default_text = default_text,
          .help = help,
          .group = group};
}

constexpr OptionSpec Path(std::string_view name, ValueKind kind, std::string_view value_name,
                          std::string_view group, std::string_view help) {
  return {.name = name, .kind = kind, .value_name = value_name, .help = help, .group = group};
}

constexpr OptionSpec OrNone(OptionSpec spec) {
  spec.allows_none = true;
  return spec;
}

constexpr OptionSpec Short(char short_name, OptionSpec spec) {
  spec.short_name = short_name;
  return spec;
}

constexpr OptionSpec Alias(std::string_view alias, OptionSpec spec) {
  spec.alias = alias;
  return spec;
}

// Most effects are one assignment.
#define WT_SET(target, expression)               \
  [](const Value& value, Args* args) -> Status { \
    static_cast<void>(value);                    \
    args->target = (expression);                 \
    return Status();                             \
  }

constexpr auto kRows = std::to_array<Row>({
#include "apps/transcriber/options/transcribe_rows.inc"
});

#undef WT_SET

constexpr auto kSpecs = [] {
  std::array<OptionSpec, kRows.size()> specs;
  for (std::size_t i = 0; i < kRows.size(); ++i) specs[i] = kRows[i].spec;
  return specs;
}();

}  // namespace

std::span<const OptionSpec> TranscribeOptionSpecs() { return kSpecs; }

Status ApplyTranscribeOption(std::size_t option, const OptionValue& value,
                             TranscribeArguments* arguments) {
  return kRows[option].apply(value, arguments);
}

}  // namespace wt::transcriber
