// Names of blobs: "area/owner/name", each part of [a-z0-9_.-] and not of dots alone.
//
// A valid key is also a safe relative path: no part can leave its directory, be hidden from it or
// be confused with a file that the store makes itself. Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::blob {

/// 200 bytes of key, so that a name with the store's endings stays under the 255 of file systems.
inline constexpr std::size_t kKeyBytesMax = 200;

/// kInvalidArgument when `key` is not as above.
Status CheckKey(std::string_view key);

struct KeyParts {
  std::string area;
  std::string owner;
  std::string name;
};

/// REQUIRES: CheckKey(key) is ok.
KeyParts SplitKey(std::string_view key);

}  // namespace wt::blob
