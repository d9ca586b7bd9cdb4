// Small tools over OpenSSL: keyed digests, base64url, comparisons that take the same time.
//
// Pure functions: thread-safe. Secrets are compared with ConstantTimeEqual only; the length of a
// secret is not one.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wt::auth {

using Digest = std::array<std::byte, 32>;

/// HMAC-SHA256 (RFC 2104).
Digest HmacSha256(std::string_view key, std::string_view text);

/// A key for one purpose from a secret of the configuration, so that no two purposes share one.
std::string DeriveKey(std::string_view secret, std::string_view purpose);

/// Lower-case hex of SHA-256: what is stored in place of a random token.
std::string HashToken(std::string_view token);

/// RFC 4648 section 5, without padding.
std::string Base64UrlEncode(std::span<const std::byte> bytes);
std::string Base64UrlEncode(std::string_view text);
/// Empty for padding, other alphabets, and spare bits that are not zero: one text per value.
std::optional<std::string> Base64UrlDecode(std::string_view text);

/// Time depends on the lengths only.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace wt::auth
