// A request body that ends in an error when it is longer than its route allows. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "service/http/message.h"

namespace wt::api {

class LimitedBody : public http::BodySource {
 public:
  /// Borrows `inner`.
  LimitedBody(http::BodySource* inner, std::int64_t bytes_max)
      : inner_(inner), bytes_left_(bytes_max) {}

  /// kResourceExhausted beyond the limit.
  Result<std::size_t> Read(std::span<std::byte> out) override;
  std::optional<std::int64_t> length() const override { return inner_->length(); }
  bool exceeded() const { return exceeded_; }

 private:
  http::BodySource* inner_;
  std::int64_t bytes_left_;
  bool exceeded_ = false;
};

/// Appends the whole body. The source bounds it.
Status ReadAll(http::BodySource* body, std::string* text);

}  // namespace wt::api
