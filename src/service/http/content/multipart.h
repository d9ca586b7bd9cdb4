// multipart/form-data (RFC 7578) pulled from a body piece by piece, in any order, of any size.
//
//   MultipartReader reader(request.body, boundary, {});
//   while (true) {
//     WT_ASSIGN(std::optional<PartHead> part, reader.NextPart());
//     if (!part) break;                       // the final boundary was seen
//     ... reader.ReadPart(span) until it gives 0
//   }
//
// What was not read of a part is skipped by NextPart(). Preamble and epilogue are skipped. A body
// that ends before its final boundary is an error: half a form must not pass for a whole one. Holds
// one buffer of 128 KiB. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/http/message.h"
#include "whisper_transcriber/status.h"

namespace wt::http {

struct MultipartLimits {
  std::size_t part_head_bytes_max = 16 << 10;
  int parts_max = 1'000;
};

struct PartHead {
  /// Of Content-Disposition, never empty.
  std::string name;
  /// As the client sent it: may hold path separators, quotes, anything but control characters.
  /// filename* (RFC 8187) wins. Absent for plain fields.
  std::optional<std::string> file_name;
  /// Content-Type; empty when not given.
  std::string content_type;
  Headers headers;
};

/// The boundary of "multipart/form-data; boundary=...". kUnsupported: another type;
/// kInvalidArgument: no boundary, or one that RFC 2046 forbids (1 to 70 characters).
Result<std::string> MultipartBoundary(std::string_view content_type);

class MultipartReader {
 public:
  MultipartReader(BodySource* body, std::string_view boundary, MultipartLimits limits);

  /// Empty after the last one. kDataCorrupt: malformed or cut short; kResourceExhausted: a limit;
  /// else what the body fails with. An error is final.
  Result<std::optional<PartHead>> NextPart();
  /// Bytes of the present part; 0 at its end.
  Result<std::size_t> ReadPart(std::span<std::byte> out);
  /// All of the present part; kResourceExhausted when it has more than `bytes_max`.
  Result<std::string> ReadPartText(std::size_t bytes_max);

 private:
  enum class Place : std::uint8_t { kPreamble, kPart, kAfterDelimiter, kEnd };

  /// Reads more; kDataCorrupt at the end of the body.
  Status Fill();
  /// Content before the next delimiter; 0 once the delimiter is reached and taken.
  Result<std::size_t> TakeContent(std::span<std::byte> out);
  Status SkipContent();
  /// What follows a delimiter: "--" or a line end.
  Result<bool> AnotherPart();
  Result<PartHead> ReadHead();
  std::string_view view() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }

  BodySource* const body_;
  const MultipartLimits limits_;
  /// CR LF "--" boundary.
  const std::string delimiter_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  /// Bytes from begin_ that are known to be content, so that they are searched once.
  std::size_t certain_ = 0;
  Place place_ = Place::kPreamble;
  int parts_ = 0;
  Status failure_;
};

}  // namespace wt::http
