// A request body from a string. One thread.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>

#include "service/http/message.h"

namespace wt::api::testing {

class TextBody : public http::BodySource {
 public:
  explicit TextBody(std::string text, bool chunked = false)
      : text_(std::move(text)), chunked_(chunked) {}
  Result<std::size_t> Read(std::span<std::byte> out) override {
    const std::size_t n = std::min(out.size(), text_.size() - read_);
    std::memcpy(out.data(), text_.data() + read_, n);
    read_ += n;
    return n;
  }
  std::optional<std::int64_t> length() const override {
    if (chunked_) return std::nullopt;
    return static_cast<std::int64_t>(text_.size());
  }

 private:
  std::string text_;
  bool chunked_;
  std::size_t read_ = 0;
};

}  // namespace wt::api::testing
