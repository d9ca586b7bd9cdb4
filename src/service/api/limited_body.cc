#include "service/api/limited_body.h"

#include <array>

namespace wt::api {

Result<std::size_t> LimitedBody::Read(std::span<std::byte> out) {
  const Result<std::size_t> got = inner_->Read(out);
  if (!got.ok()) return got;
  bytes_left_ -= static_cast<std::int64_t>(*got);
  if (bytes_left_ < 0) {
    exceeded_ = true;
    return Status(StatusCode::kResourceExhausted, "The body is larger than is accepted here.");
  }
  return got;
}

Status ReadAll(http::BodySource* body, std::string* text) {
  std::array<std::byte, 16 << 10> buffer;
  while (true) {
    const Result<std::size_t> got = body->Read(buffer);
    if (!got.ok()) return got.status();
    if (*got == 0) return {};
    text->append(reinterpret_cast<const char*>(buffer.data()), *got);
  }
}

}  // namespace wt::api
