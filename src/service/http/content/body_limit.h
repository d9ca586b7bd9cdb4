// A body with a maximum: for routes that take less than the server would. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "service/http/message.h"
#include "whisper_transcriber/status.h"

namespace wt::http {

class LimitedBody final : public BodySource {
 public:
  /// `inner` must outlive this.
  LimitedBody(BodySource* inner, std::int64_t bytes_max) : inner_(inner), left_(bytes_max) {}

  /// Besides what `inner` fails with: kResourceExhausted, at once when the announced length is too
  /// large, else with the first byte beyond the maximum.
  Result<std::size_t> Read(std::span<std::byte> out) override;
  std::optional<std::int64_t> length() const override { return inner_->length(); }

 private:
  BodySource* const inner_;
  std::int64_t left_;
  bool began_ = false;
};

/// The whole body, of at most `bytes_max` bytes; errors as LimitedBody.
Result<std::string> ReadAll(BodySource* body, std::int64_t bytes_max);

}  // namespace wt::http
