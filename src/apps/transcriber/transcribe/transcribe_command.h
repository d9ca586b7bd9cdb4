// `transcriber transcribe`: from arguments to an exit status.
//
// One thread. Signals are handled while it runs (interrupt.h).
#pragma once

#include <span>
#include <string_view>

#include "apps/transcriber/console.h"
#include "apps/transcriber/environment.h"
#include "apps/transcriber/services.h"

namespace wt::transcriber {

// Exit statuses of the program.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitModelMissing = 3;
/// 128 + SIGPIPE: standard output was closed, as shells report it.
inline constexpr int kExitPipeClosed = 141;

/// `arguments` begin after "transcribe".
int RunTranscribeCommand(std::span<const std::string_view> arguments,
                         const Environment& environment, const Services& services,
                         Console* console);

}  // namespace wt::transcriber
