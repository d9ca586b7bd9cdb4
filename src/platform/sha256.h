// SHA-256 (FIPS 180-4, by OpenSSL) of bytes that arrive in portions, as lower-case hex.
//
//   Sha256 hash;
//   hash.Update(first);
//   hash.Update(second);
//   std::string hex = hash.Finish();  // What `sha256sum` prints.
//
// A hash is one stream: thread-compatible.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace wt::platform {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(std::span<const std::byte> bytes);
  /// The digest in 64 hex digits. The hash is then at its start again.
  std::string Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Digest of bytes that are all there.
std::string Sha256Hex(std::span<const std::byte> bytes);

}  // namespace wt::platform
