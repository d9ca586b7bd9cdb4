// A body with a maximum and a last moment: for routes that take less than the server would.
// One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "service/http/message.h"
#include "whisper_transcriber/status.h"

namespace wt::http {

/// When a body has to be whole. A client that keeps the minimum rate can still take days.
struct BodyDeadline {
  /// Null: there is none.
  const base::Clock* clock = nullptr;
  base::BootMillis at = 0;
};

class LimitedBody final : public BodySource {
 public:
  /// `inner` and the clock must outlive this.
  LimitedBody(BodySource* inner, std::int64_t bytes_max, BodyDeadline deadline = {})
      : inner_(inner), left_(bytes_max), deadline_(deadline) {}

  /// Besides what `inner` fails with: kResourceExhausted, at once when the announced length is too
  /// large, else with the first byte beyond the maximum; kDeadlineExceeded with the first bytes
  /// after the deadline.
  Result<std::size_t> Read(std::span<std::byte> out) override;
  std::optional<std::int64_t> length() const override { return inner_->length(); }
  /// Which limit has ended the body, whatever the handler made of it.
  bool exceeded() const { return exceeded_; }
  bool late() const { return late_; }

 private:
  Status TooLarge();

  BodySource* const inner_;
  std::int64_t left_;
  const BodyDeadline deadline_;
  bool began_ = false;
  bool exceeded_ = false;
  bool late_ = false;
};

/// The whole body, of at most `bytes_max` bytes; errors as LimitedBody.
Result<std::string> ReadAll(BodySource* body, std::int64_t bytes_max);

}  // namespace wt::http
