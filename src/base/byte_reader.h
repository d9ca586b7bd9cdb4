// Reads little-endian numbers and byte runs from a span, never past its end.
//
// Readers of untrusted bytes use it instead of pointers. A failed read leaves the position where it
// was. Offsets are for error messages. Thread-compatible; does not own the bytes.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace wt::base {

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return bytes_.size() - offset_; }
  bool at_end() const { return remaining() == 0; }

  /// Reads a little-endian number or IEEE float. False when too few bytes are left.
  template <typename T>
    requires(std::integral<T> || std::floating_point<T>)
  [[nodiscard]] bool Read(T* value) {
    if (remaining() < sizeof(T)) return false;
    std::memcpy(value, bytes_.data() + offset_, sizeof(T));
    offset_ += sizeof(T);
    return true;
  }

  /// The next `count` bytes, not copied. False when fewer are left.
  [[nodiscard]] bool ReadBytes(std::size_t count, std::span<const std::byte>* out) {
    if (remaining() < count) return false;
    *out = bytes_.subspan(offset_, count);
    offset_ += count;
    return true;
  }

  [[nodiscard]] bool ReadText(std::size_t count, std::string_view* out) {
    std::span<const std::byte> raw;
    if (!ReadBytes(count, &raw)) return false;
    *out = {reinterpret_cast<const char*>(raw.data()), raw.size()};
    return true;
  }

  [[nodiscard]] bool Skip(std::size_t count) {
    std::span<const std::byte> ignored;
    return ReadBytes(count, &ignored);
  }

  /// Moves to an absolute offset. False when it lies beyond the end.
  [[nodiscard]] bool SeekTo(std::size_t offset) {
    if (offset > bytes_.size()) return false;
    offset_ = offset;
    return true;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t offset_ = 0;
};

}  // namespace wt::base
