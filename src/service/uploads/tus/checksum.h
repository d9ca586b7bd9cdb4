// SHA-1 and SHA-256 of a body as tus clients declare them ("sha1 BASE64"). A digest is one stream:
// thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wt::uploads {

enum class ChecksumKind : std::uint8_t { kSha1, kSha256 };

struct DeclaredChecksum {
  ChecksumKind kind = ChecksumKind::kSha256;
  /// 20 or 32 bytes.
  std::string digest;
};

class Checksum {
 public:
  explicit Checksum(ChecksumKind kind);
  ~Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;

  void Update(std::span<const std::byte> bytes);
  /// The raw digest. Once, last.
  std::string Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// RFC 4648 base64 with padding. Empty when malformed.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace wt::uploads
