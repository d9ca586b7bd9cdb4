// Which passwords are accepted. Length and commonness only: rules about kinds of characters make
// passwords worse (NIST SP 800-63B, 5.1.1.2). Pure: thread-safe.
#pragma once

#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::auth {

struct PasswordPolicy {
  /// Code points.
  int length_min = 8;
};

/// True for passwords of the built-in list (whatever their case) and for runs such as "aaaaaaaa",
/// "12345678" and "hgfedcba".
bool IsCommonPassword(std::string_view password);

/// kInvalidArgument with what to change. `username` and `email` may not be the password.
Status CheckPassword(std::string_view password, std::string_view username, std::string_view email,
                     const PasswordPolicy& policy);

}  // namespace wt::auth
