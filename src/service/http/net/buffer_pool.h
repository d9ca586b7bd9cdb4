// Read buffers, lent to a connection while bytes are on their way and taken back while it is idle.
//
// An idle connection so costs its object only, not 32 KiB. One thread (the reactor's).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace wt::http {

/// Bytes that came and are not used up: [begin, end) of one block.
class ReadBuffer {
 public:
  ReadBuffer() = default;
  ReadBuffer(std::unique_ptr<std::byte[]> block, std::size_t capacity)
      : block_(std::move(block)), capacity_(capacity) {}

  bool lent() const { return block_ != nullptr; }
  std::size_t size() const { return end_ - begin_; }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(block_.get()) + begin_, size()};
  }
  /// Room for more, after moving what is there to the front when that helps.
  std::span<std::byte> Space() {
    if (begin_ > 0 && capacity_ - end_ < capacity_ / 2) {
      std::memmove(block_.get(), block_.get() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    return {block_.get() + end_, capacity_ - end_};
  }
  void Commit(std::size_t bytes) { end_ += bytes; }
  void Consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  std::unique_ptr<std::byte[]> Release() {
    begin_ = end_ = 0;
    return std::move(block_);
  }

 private:
  std::unique_ptr<std::byte[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class BufferPool {
 public:
  explicit BufferPool(std::size_t block_bytes) : block_bytes_(block_bytes) {}

  ReadBuffer Take() {
    if (free_.empty()) {
      return ReadBuffer(std::make_unique_for_overwrite<std::byte[]>(block_bytes_), block_bytes_);
    }
    ReadBuffer buffer(std::move(free_.back()), block_bytes_);
    free_.pop_back();
    return buffer;
  }
  void Give(ReadBuffer* buffer) {
    std::unique_ptr<std::byte[]> block = buffer->Release();
    if (block != nullptr && free_.size() < kFreeMax) free_.push_back(std::move(block));
  }

 private:
  // 64 blocks of 32 KiB: 2 MiB stay after a burst.
  static constexpr std::size_t kFreeMax = 64;
  const std::size_t block_bytes_;
  std::vector<std::unique_ptr<std::byte[]>> free_;
};

}  // namespace wt::http
