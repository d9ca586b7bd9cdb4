// transcriber-media: decodes one media file in a sandbox. Started by the programs of this project;
// usable by hand: transcriber-media decode <talk.mp4 | ...
//
// Input is descriptor 0, output descriptor 1, messages go to descriptor 2. Exit status 0, or 1 with
// an error line. The sandbox is entered before anything is read.
#include <array>
#include <charconv>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "apps/transcriber_media/libav.h"
#include "apps/transcriber_media/output.h"
#include "apps/transcriber_media/sandbox.h"
#include "apps/transcriber_media/verbs.h"
#include "base/status_macros.h"

namespace wt::apps::transcriber_media {
namespace {

constexpr std::string_view kUsage =
    "usage: transcriber-media VERB [--track=N] [--channel=N] [--hint=EXTENSION]\n"
    "                         [--bucket-samples=N] < MEDIA\n"
    "verbs: probe (tracks as JSON), decode (16 kHz mono float32), peaks, sandbox-check\n"
    "The output of decode and peaks is described in docs/formats/media-stream.md.\n";
// Enough to see what happened; a damaged hour of audio would say the same thousands of times.
constexpr int kLogLinesMax = 20;
constexpr std::size_t kHintBytesMax = 8;

void LogFromLibav(void* context, int level, const char* format, va_list arguments) {
  static int lines = 0;
  if (level > AV_LOG_ERROR || lines >= kLogLinesMax) return;
  std::array<char, 300> line{};
  int prefix = 1;
  av_log_format_line2(context, level, format, arguments, line.data(), line.size(), &prefix);
  std::string_view text(line.data());
  while (text.ends_with('\n')) text.remove_suffix(1);
  // Every video file says it about its pictures.
  if (text.find("not on whitelist") != std::string_view::npos) return;
  ++lines;
  ReportDetail(text);
}

Status BadOption(std::string_view option) {
  return Status(StatusCode::kInvalidArgument,
                "the option " + std::string(option) + " is not understood; see --help");
}

template <typename T>
bool ParseNumber(std::string_view text, T smallest, T largest, T* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && *value >= smallest &&
         *value <= largest;
}

bool IsHint(std::string_view text) {
  for (const char c : text) {
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) return false;
  }
  return text.size() <= kHintBytesMax;
}

Result<VerbOptions> ParseOptions(std::span<char* const> arguments) {
  VerbOptions options;
  for (const std::string_view argument : arguments) {
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : argument.substr(equals + 1);
    bool good = false;
    if (name == "--track") good = ParseNumber(value, -1, 255, &options.track);
    if (name == "--channel") good = ParseNumber(value, -1, 63, &options.channel);
    if (name == "--bucket-samples") {
      good =
          ParseNumber(value, std::uint32_t{1}, media::kBucketSamplesMax, &options.bucket_samples);
    }
    if (name == "--hint") {
      good = IsHint(value);
      options.hint = value;
    }
    if (!good) return BadOption(argument);
  }
  return options;
}

Status RunVerb(std::string_view verb, const VerbOptions& options, const SandboxReport& sandbox) {
  constexpr int kOutput = 1;
  if (verb == "probe") return Probe(options);
  if (verb == "decode") {
    PcmSink sink(kOutput);
    return Decode(options, &sink);
  }
  if (verb == "peaks") {
    PeakSink sink(kOutput, options.bucket_samples);
    return Decode(options, &sink);
  }
  if (verb == "sandbox-check") return CheckSandbox(sandbox);
  return BadOption(verb);
}

Status Run(std::span<char* const> arguments) {
  WT_ASSIGN(const VerbOptions options, ParseOptions(arguments.subspan(2)));
  const SandboxReport sandbox = EnterSandbox();
  for (const std::string& reason : sandbox.degraded) {
    ReportWarning("the decoder runs with less protection, this kernel refuses " + reason);
  }
  av_log_set_callback(&LogFromLibav);
  return RunVerb(arguments[1], options, sandbox);
}

}  // namespace
}  // namespace wt::apps::transcriber_media

int main(int argc, char** argv) {
  using namespace wt::apps::transcriber_media;
  const std::span<char* const> arguments(argv, static_cast<std::size_t>(argc));
  const std::string_view verb = argc > 1 ? std::string_view(argv[1]) : "--help";
  if (verb == "--help" || verb == "-h") return WriteText(1, kUsage).ok() ? 0 : 1;
  const wt::Status status = Run(arguments);
  if (status.ok()) return 0;
  ReportError(status);
  return 1;
}
