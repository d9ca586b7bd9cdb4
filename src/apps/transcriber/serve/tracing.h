// What the settings say of traces, as the tracer takes it. Pure functions: thread-safe.
#pragma once

#include "base/log.h"
#include "service/config/settings.h"
#include "service/observe/traces/tracer.h"

namespace wt::transcriber {

/// kInvalidArgument, naming the setting, for headers or a sampler that mean nothing.
Result<observe::TracerOptions> MakeTracerOptions(const config::Settings& settings,
                                                 base::LogSink* log);

}  // namespace wt::transcriber
