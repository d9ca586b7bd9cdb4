#include "service/http/content/body_limit.h"

#include "base/status_macros.h"

namespace wt::http {

Status LimitedBody::TooLarge() {
  exceeded_ = true;
  return Status(StatusCode::kResourceExhausted, "The body of the request is too large.");
}

Result<std::size_t> LimitedBody::Read(std::span<std::byte> out) {
  if (!began_ && length().value_or(0) > left_) return TooLarge();
  began_ = true;
  WT_ASSIGN(const std::size_t count, inner_->Read(out));
  if (count > 0 && deadline_.clock != nullptr && deadline_.clock->Boot() > deadline_.at) {
    late_ = true;
    return Status(StatusCode::kDeadlineExceeded, "The body of the request came too slowly.");
  }
  if (static_cast<std::int64_t>(count) > left_) {
    left_ = 0;
    return TooLarge();
  }
  left_ -= static_cast<std::int64_t>(count);
  return count;
}

Result<std::string> ReadAll(BodySource* body, std::int64_t bytes_max) {
  LimitedBody limited(body, bytes_max);
  std::string text;
  // Grown by what has come, never by what was announced.
  std::byte piece[16 << 10];
  while (true) {
    WT_ASSIGN(const std::size_t count, limited.Read(piece));
    if (count == 0) return text;
    text.append(reinterpret_cast<const char*>(piece), count);
  }
}

}  // namespace wt::http
