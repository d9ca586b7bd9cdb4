// For tests: a body from memory that comes in pieces of chosen sizes.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "service/http/message.h"

namespace wt::http {

class MemoryBody final : public BodySource {
 public:
  /// `piece_max` bytes come at a time.
  explicit MemoryBody(std::string bytes, std::size_t piece_max = SIZE_MAX)
      : bytes_(std::move(bytes)), piece_max_(piece_max) {}

  Result<std::size_t> Read(std::span<std::byte> out) override {
    const std::size_t take = std::min({out.size(), piece_max_, bytes_.size() - at_});
    std::memcpy(out.data(), bytes_.data() + at_, take);
    at_ += take;
    return take;
  }
  std::optional<std::int64_t> length() const override {
    return chunked ? std::nullopt
                   : std::optional<std::int64_t>(static_cast<std::int64_t>(bytes_.size()));
  }

  bool chunked = false;

 private:
  const std::string bytes_;
  const std::size_t piece_max_;
  std::size_t at_ = 0;
};

}  // namespace wt::http
