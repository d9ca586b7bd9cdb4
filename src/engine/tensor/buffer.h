// Aligned memory for numbers. Move-only; thread-compatible.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <span>
#include <utility>

namespace wt::tensor {

/// `count` elements of a trivial type at a 64-byte boundary (a cache line, an AVX-512 register).
/// Buffer(count) is zero at first.
template <typename T>
class Buffer {
 public:
  static constexpr std::size_t kAlignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t count) : Buffer(Uninitialized(count)) {
    if (count != 0) __builtin_memset(static_cast<void*>(data_), 0, count * sizeof(T));
  }
  /// Memory that is written before it is read: pages never touched are never taken.
  static Buffer Uninitialized(std::size_t count) {
    Buffer buffer;
    if (count == 0) return buffer;
    const std::size_t bytes = (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    buffer.data_ = static_cast<T*>(std::aligned_alloc(kAlignment, bytes));
    if (buffer.data_ == nullptr) throw std::bad_alloc();  // Ends the worker process by design.
    buffer.size_ = count;
    return buffer;
  }
  ~Buffer() { std::free(data_); }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace wt::tensor
