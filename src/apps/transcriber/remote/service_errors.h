// What a server's answers mean to the user: cause and next step. Pure functions: thread-safe.
#pragma once

#include "apps/transcriber/remote/http_client.h"
#include "apps/transcriber/remote/server_link.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

/// An answer that is no success. kNotFound is for a model that the server does not have,
/// kPermissionDenied for 401 and 403.
Status ErrorOfAnswer(const ServerAddress& address, const HttpAnswer& answer);

/// No answer came: `fault` is HttpClient's.
Status ErrorOfConnection(const ServerAddress& address, const Status& fault);

/// A job that failed, by its description (GET /jobs/{id}).
Status ErrorOfJob(const HttpAnswer& answer);

}  // namespace wt::transcriber
