#include "apps/transcriber/serve/tracing.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "apps/transcriber/version.h"
#include "base/status_macros.h"
#include "base/strip.h"
#include "service/http/url.h"

namespace wt::transcriber {
namespace {

Status BadHeaders() {
  return Status(StatusCode::kInvalidArgument,
                "OTEL_EXPORTER_OTLP_HEADERS must be name=value pairs with commas between them; "
                "percent-encode other characters");
}

bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool IsOneLine(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Status ReadHeaders(std::string_view text, observe::TracerOptions* options) {
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view pair = base::StripWhiteSpace(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return BadHeaders();
    const std::string_view name = base::StripWhiteSpace(pair.substr(0, equals));
    const Result<std::string> value =
        http::PercentDecode(base::StripWhiteSpace(pair.substr(equals + 1)));
    if (!IsToken(name) || !value.ok() || !IsOneLine(*value)) return BadHeaders();
    options->headers.emplace_back(name, *value);
  }
  return Status();
}

}  // namespace

Result<observe::TracerOptions> MakeTracerOptions(const config::Settings& settings,
                                                 base::LogSink* log) {
  observe::TracerOptions options;
  options.endpoint = settings.traces.endpoint;
  options.service_name = settings.log.service_name;
  options.service_version = kVersion;
  options.log = log;
  WT_ASSIGN(options.sampler,
            observe::ParseSampler(settings.traces.sampler, settings.traces.sampler_argument));
  WT_TRY(ReadHeaders(settings.traces.headers.Reveal(), &options));
  return options;
}

}  // namespace wt::transcriber
