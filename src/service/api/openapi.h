// The OpenAPI 3.1 document, made from the routing table: it cannot differ from what is served.
// Pure: thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "service/api/route.h"

namespace wt::api {

/// JSON text. Aliases are listed as deprecated operations that name the canonical path.
std::string MakeOpenApi(const RouteTable& table, std::string_view version);

}  // namespace wt::api
