// Takes secrets out of texts before they are logged.
//
// Known secrets are replaced wherever they stand. Unknown ones are found by their surroundings:
// "Bearer ...", passwords in addresses ("//user:...@host"), and values behind names such as token=
// or password:. Immutable: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wt::observe {

class Redactor {
 public:
  /// Texts of fewer than 6 bytes are left out: they would hit ordinary words.
  explicit Redactor(std::vector<std::string> secrets = {});
  std::string Apply(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;
};

/// "a=1&b=2" as "a=[redacted]&b=[redacted]": names stay, values never do. At most 2 KiB.
std::string RedactQuery(std::string_view query);

}  // namespace wt::observe
