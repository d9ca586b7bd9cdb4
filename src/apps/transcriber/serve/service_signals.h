// Signals as events: SIGTERM and SIGINT ask to stop, SIGHUP to read certificates and logs again.
//
// The signals are blocked for the thread that makes it and for all threads started after, so make
// it before any thread. One thread waits.
#pragma once

#include <chrono>
#include <csignal>
#include <memory>

#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

enum class ServiceEvent : std::uint8_t { kStop, kReload, kTimeout };

class ServiceSignals {
 public:
  virtual ~ServiceSignals() = default;
  virtual ServiceEvent Wait(std::chrono::milliseconds timeout) = 0;
};

/// The signals of this process, until it is destroyed. kUnavailable.
Result<std::unique_ptr<ServiceSignals>> CatchServiceSignals();

}  // namespace wt::transcriber
