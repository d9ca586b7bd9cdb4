#include "service/auth/crypto/password_policy.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/utf8.h"
#include "service/auth/crypto/password_hash.h"

namespace wt::auth {
namespace {

constexpr auto kCommon = std::to_array<std::string_view>({
#include "service/auth/crypto/common_passwords.inc"
});
static_assert(std::ranges::is_sorted(kCommon));

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Every character is the one before plus the same step of -1, 0 or 1.
bool IsRun(std::string_view text) {
  if (text.size() < 2) return true;
  const int step = text[1] - text[0];
  if (step < -1 || step > 1) return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] - text[i - 1] != step) return false;
  }
  return true;
}

Status Invalid(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}

}  // namespace

bool IsCommonPassword(std::string_view password) {
  const std::string lower = Lower(password);
  return IsRun(lower) || std::ranges::binary_search(kCommon, std::string_view(lower));
}

Status CheckPassword(std::string_view password, std::string_view username, std::string_view email,
                     const PasswordPolicy& policy) {
  if (password.size() > kPasswordBytesMax) {
    return Invalid("The password is longer than " + std::to_string(kPasswordBytesMax) +
                   " bytes. Choose a shorter one.");
  }
  if (!base::IsValidUtf8(password) || password.find('\0') != std::string_view::npos) {
    return Invalid("The password is not valid text. Choose another one.");
  }
  const auto length = static_cast<int>(base::CountCodePoints(password));
  if (length < policy.length_min) {
    return Invalid("The password has fewer than " + std::to_string(policy.length_min) +
                   " characters. Choose a longer one.");
  }
  const std::string lower = Lower(password);
  const std::string mail = Lower(email);
  if (lower == Lower(username) || lower == mail || lower == mail.substr(0, mail.find('@'))) {
    return Invalid("The password is the user name or e-mail address. Choose another one.");
  }
  if (IsCommonPassword(password)) {
    return Invalid("The password is one of those that are tried first. Choose another one.");
  }
  return {};
}

}  // namespace wt::auth
