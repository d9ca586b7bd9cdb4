#include <algorithm>
#include <cstring>

#include "service/http/syntax/http1.h"

namespace wt::http {
namespace {

// 15 hexadecimal digits stay below 2^60, so that no sum overflows.
constexpr int kSizeDigitsMax = 15;
// Nobody reads extensions and trailers here; these bounds only keep them from being endless.
constexpr int kExtensionBytesMax = 1'024;
constexpr int kTrailerBytesMax = 8'192;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

}  // namespace

BodyDecoder BodyDecoder::Sized(std::int64_t length) {
  BodyDecoder decoder;
  decoder.remaining_ = length;
  decoder.state_ = length > 0 ? State::kData : State::kDone;
  return decoder;
}

BodyDecoder BodyDecoder::Chunked(std::int64_t bytes_max) {
  BodyDecoder decoder;
  decoder.chunked_ = true;
  decoder.budget_ = bytes_max;
  return decoder;
}

void BodyDecoder::Fail(int status, std::string_view reason) {
  error_ = RequestError{status, reason};
}

void BodyDecoder::TookData(std::int64_t bytes) {
  remaining_ -= bytes;
  if (remaining_ == 0) state_ = chunked_ ? State::kDataCr : State::kDone;
}

BodyDecoder::Progress BodyDecoder::Decode(std::string_view in, std::span<std::byte> out) {
  Progress progress;
  while (progress.consumed < in.size() && !done() && !error_) {
    if (state_ != State::kData) {
      Step(in[progress.consumed++]);
      continue;
    }
    const std::size_t room =
        std::min(out.size() - progress.produced, in.size() - progress.consumed);
    const auto take = static_cast<std::size_t>(
        std::min<std::int64_t>(remaining_, static_cast<std::int64_t>(room)));
    if (take == 0) break;
    std::memcpy(out.data() + progress.produced, in.data() + progress.consumed, take);
    progress.consumed += take;
    progress.produced += take;
    TookData(static_cast<std::int64_t>(take));
  }
  return progress;
}

void BodyDecoder::Step(char c) {
  switch (state_) {
    case State::kSize: StepSize(c); break;
    case State::kExtension:
      if (c == '\r') {
        state_ = State::kSizeEnd;
      } else if (IsControl(c) || ++line_bytes_ > kExtensionBytesMax) {
        Fail(400, "A chunk extension is malformed or too long.");
      }
      break;
    case State::kSizeEnd:
      if (c != '\n') return Fail(400, "A chunk size is malformed.");
      digits_ = 0;
      line_bytes_ = 0;
      state_ = remaining_ > 0 ? State::kData : State::kTrailer;
      break;
    case State::kDataCr:
      if (c != '\r') return Fail(400, "A chunk does not end where it said.");
      state_ = State::kDataLf;
      break;
    case State::kDataLf:
      if (c != '\n') return Fail(400, "A chunk does not end where it said.");
      state_ = State::kSize;
      break;
    case State::kTrailer:
    case State::kTrailerEnd: StepTrailer(c); break;
    case State::kData:
    case State::kDone: break;
  }
}

void BodyDecoder::StepSize(char c) {
  const int value = HexValue(c);
  if (value >= 0) {
    if (++digits_ > kSizeDigitsMax) return Fail(400, "A chunk size is too large.");
    remaining_ = (digits_ == 1 ? 0 : remaining_ * 16) + value;
    return;
  }
  if (digits_ == 0 || (c != '\r' && c != ';')) return Fail(400, "A chunk size is malformed.");
  if (remaining_ > budget_) return Fail(413, "The body is too large.");
  budget_ -= remaining_;
  state_ = c == '\r' ? State::kSizeEnd : State::kExtension;
}

void BodyDecoder::StepTrailer(char c) {
  if (state_ == State::kTrailerEnd) {
    if (c != '\n') return Fail(400, "A trailer line is malformed.");
    state_ = trailer_line_bytes_ == 0 ? State::kDone : State::kTrailer;
    trailer_line_bytes_ = 0;
    return;
  }
  if (c == '\r') {
    state_ = State::kTrailerEnd;
    return;
  }
  ++trailer_line_bytes_;
  if (IsControl(c) || ++line_bytes_ > kTrailerBytesMax) {
    Fail(400, "A trailer line is malformed or too long.");
  }
}

}  // namespace wt::http
