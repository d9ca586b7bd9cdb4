// `transcriber bench`: the engine's speed on this machine beside the machine's own limits.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "apps/transcriber/console.h"
#include "apps/transcriber/environment.h"
#include "apps/transcriber/services.h"
#include "whisper_transcriber/benchmark.h"

namespace wt::transcriber {

std::string BenchmarkText(const BenchmarkReport& report);
std::string BenchmarkJson(const BenchmarkReport& report);

/// `arguments` begin after "bench".
int RunBenchCommand(std::span<const std::string_view> arguments, const Environment& environment,
                    const Services& services, Console* console);

}  // namespace wt::transcriber
