// The body of a request on its way to the handler that asked for it.
#include <algorithm>
#include <utility>

#include "service/http/net/connection.h"

namespace wt::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Status FromRequestError(const RequestError& error) {
  const StatusCode code =
      error.status == 413 ? StatusCode::kResourceExhausted : StatusCode::kDataCorrupt;
  return Status(code, std::string(error.reason));
}

}  // namespace

void Connection::PostPull(RequestBody* body, std::span<std::byte> out) {
  reactor_->Post([self = shared_from_this(), body, out] {
    self->pull_body_ = body;
    self->pull_out_ = out;
    self->pull_filled_ = 0;
    self->pulling_ = true;
    if (self->state_ == State::kClosed) {
      return self->FinishPull(Status(StatusCode::kCancelled, "The connection was closed."));
    }
    self->StartRateWindow();
    self->ContinuePull();
  });
}

void Connection::ContinuePull() {
  if (!pulling_ || !SendContinue()) return;
  while (PullOnce()) {
  }
}

bool Connection::SendContinue() {
  if (!continue_owed_) return true;
  if (continue_out_.empty()) continue_out_ = kContinue;
  const IoResult result =
      transport_->Write(std::as_bytes(std::span(continue_out_)), WriteHint::kLast);
  switch (result.state) {
    case IoState::kDone:
      continue_out_.erase(0, result.bytes);
      if (!continue_out_.empty()) return SendContinue();
      continue_owed_ = false;
      return true;
    case IoState::kWantRead:
    case IoState::kWantWrite: WaitThen(result.state, &Connection::ContinuePull); return false;
    case IoState::kEnd:
    case IoState::kFailed:
      FinishPull(Status(StatusCode::kDataCorrupt, "The connection ended before the body did."));
      return false;
  }
  return false;
}

bool Connection::PullOnce() {
  if (buffer_.size() > 0) {
    const auto progress = decoder_.Decode(buffer_.view(), pull_out_.subspan(pull_filled_));
    buffer_.Consume(progress.consumed);
    pull_filled_ += progress.produced;
    CountRate(progress.consumed);
  }
  if (decoder_.error()) {
    FinishPull(FromRequestError(*decoder_.error()));
    return false;
  }
  const std::span<std::byte> room = pull_out_.subspan(pull_filled_);
  if (decoder_.done() || room.empty()) {
    FinishPull(pull_filled_);
    return false;
  }
  // Content without framing between goes straight to where the handler wants it.
  const std::int64_t direct = decoder_.data_remaining();
  IoResult result;
  if (direct > 0) {
    const auto wanted = static_cast<std::size_t>(
        std::min<std::int64_t>(direct, static_cast<std::int64_t>(room.size())));
    result = transport_->Read(room.first(wanted));
    if (result.state == IoState::kDone) {
      decoder_.TookData(static_cast<std::int64_t>(result.bytes));
      pull_filled_ += result.bytes;
      CountRate(result.bytes);
    }
  } else {
    if (!buffer_.lent()) buffer_ = reactor_->buffers().Take();
    result = transport_->Read(buffer_.Space());
    if (result.state == IoState::kDone) buffer_.Commit(result.bytes);
  }
  if (result.state == IoState::kDone) return true;
  if (result.state == IoState::kEnd || result.state == IoState::kFailed) {
    FinishPull(Status(StatusCode::kDataCorrupt, "The connection ended before the body did."));
  } else if (pull_filled_ > 0) {
    FinishPull(pull_filled_);
  } else {
    WaitThen(result.state, &Connection::ContinuePull);
  }
  return false;
}

void Connection::FinishPull(Result<std::size_t> result) {
  pulling_ = false;
  deadline_ = TimePoint::max();
  rate_left_ -= reactor_->now() - rate_started_;
  if (!result.ok()) {
    body_failed_ = true;
    keep_alive_ = false;
  }
  pull_body_->Complete(std::move(result));
}

void Connection::StartRateWindow() {
  rate_started_ = reactor_->now();
  deadline_ = rate_started_ + rate_left_;
}

void Connection::CountRate(std::size_t bytes) {
  rate_bytes_ += static_cast<std::int64_t>(bytes);
  if (rate_bytes_ < core_->options.limits.body_rate_min_bytes) return;
  rate_bytes_ = 0;
  rate_left_ = core_->options.limits.body_rate_window;
  StartRateWindow();
}

}  // namespace wt::http
