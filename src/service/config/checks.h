// Defaults that are made from other settings, and rules that join several of them.
#pragma once

#include "service/config/loader.h"

namespace wt::config {

/// Fills directories, hosts and whatever else depends on other settings, where nobody set them.
void FillDefaults(const LoadInput& input, Configuration* configuration);

/// Adds a problem for each rule that is broken. Call after FillDefaults.
void CheckTogether(Configuration* configuration);

}  // namespace wt::config
