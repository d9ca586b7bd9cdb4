// Error texts about model files. Names in them come from outside: they are made printable first.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "whisper_transcriber/status.h"

namespace wt::model {

/// `text` for an error message: at most 80 bytes, bytes outside ASCII 32-126 shown as '?'.
inline std::string Printable(std::string_view text) {
  constexpr std::size_t kBytesMax = 80;
  std::string out(text.substr(0, kBytesMax));
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text.size() > kBytesMax ? out + "..." : out;
}

inline Status Corrupt(std::string message) {
  return Status(StatusCode::kDataCorrupt, std::move(message));
}

inline Status Unsupported(std::string message) {
  return Status(StatusCode::kUnsupported, std::move(message));
}

/// kDataCorrupt as "tensor NAME: reason".
inline Status CorruptTensor(std::string_view name, std::string_view reason) {
  return Corrupt("tensor " + Printable(name) + ": " + std::string(reason));
}

}  // namespace wt::model
