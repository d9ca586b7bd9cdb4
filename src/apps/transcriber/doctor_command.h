// `transcriber doctor`: gathers facts about this machine and prints what follows from them.
//
// One thread. Exit status: 0 fine, 1 there is a problem, 2 wrong usage.
#pragma once

#include <span>
#include <string_view>

#include "apps/transcriber/console.h"
#include "apps/transcriber/doctor_report.h"
#include "apps/transcriber/environment.h"
#include "apps/transcriber/services.h"

namespace wt::transcriber {

/// Everything but models, which `services` knows, is asked of the system.
DoctorFacts GatherFacts(const Environment& environment, const Services& services);

/// `arguments` begin after "doctor".
int RunDoctorCommand(std::span<const std::string_view> arguments, const Environment& environment,
                     const Services& services, Console* console);

}  // namespace wt::transcriber
