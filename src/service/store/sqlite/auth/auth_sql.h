// What the repositories of accounts share.
#pragma once

#include <string>
#include <string_view>

#include "service/store/sqlite/database.h"
#include "whisper_transcriber/status.h"

namespace wt::store {

/// Tells other processes' caches that rights may have been taken away.
Status BumpGeneration(Connection& connection);

/// A LIKE pattern (with ESCAPE '\') that finds `part` anywhere.
std::string LikePattern(std::string_view part);

Status NoSuchEntry();

}  // namespace wt::store
