// Secrets that nobody set, so that a first start works without configuration.
#pragma once

#include "service/config/loader.h"
#include "whisper_transcriber/status.h"

namespace wt::config {

/// Fills the secrets that are not set from DATA_DIR/secrets (files of mode 0600 in a directory of
/// mode 0700), makes the files that are missing, and notes kGenerated as their source. Two
/// processes that start at once end up with the same secrets. Does nothing where
/// ENVIRONMENT=production was set: there they are required. kPermissionDenied, kUnavailable.
Status EnsureSecrets(Configuration* configuration);

}  // namespace wt::config
