// Bytes that can be read at any offset: a descriptor, or memory in tests and fuzzing.
//
// Thread-compatible. FdInput borrows its descriptor and never moves its file offset, so that the
// same descriptor can be given to a child process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "whisper_transcriber/status.h"

namespace wt::media {

class RandomInput {
 public:
  virtual ~RandomInput() = default;
  virtual std::int64_t size() const = 0;
  /// Fills `out` from `offset`; fewer bytes only at the end. kUnavailable when the disk fails.
  virtual Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) = 0;
};

class FdInput : public RandomInput {
 public:
  /// `name` is for messages.
  FdInput(int fd, std::int64_t size, std::string name);
  std::int64_t size() const override { return size_; }
  Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) override;

 private:
  int fd_;
  std::int64_t size_;
  std::string name_;
};

class MemoryInput : public RandomInput {
 public:
  /// Borrows `bytes`.
  explicit MemoryInput(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size()); }
  Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) override;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace wt::media
