// Cursors of lists as clients hold them: where the store left off, signed for a day.
//
// A cursor is bound to its list, which names the owner and every filter: with another filter it
// would pass rows over without a word, and nobody can write one for rows that are not theirs to
// see. Const use is thread-safe. Source: spec API-07.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace wt::api {

class PageCursors {
 public:
  /// `secret` of the configuration; every process of a service has the same. `clock` outlives it.
  PageCursors(std::string_view secret, const base::Clock* clock);

  /// `place`: what the store understands. Only characters of base64url and a dot.
  std::string Seal(std::string_view list, std::string_view place) const;
  /// The place; empty for whatever is not a cursor of this list, or is too old.
  std::optional<std::string> Open(std::string_view list, std::string_view cursor) const;

 private:
  std::string Signature(std::string_view list, std::string_view body) const;

  std::string key_;
  const base::Clock* clock_;
};

}  // namespace wt::api
