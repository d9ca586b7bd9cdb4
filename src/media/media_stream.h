// What transcriber-media writes: the stream of samples on descriptor 1 and messages on 2.
//
// docs/formats/media-stream.md has the layout with an example. The child may be under the control
// of whoever made the input, so the parsers here believe nothing: the header is checked field by
// field, samples are counted and made finite, messages are cut, cleaned and matched to known codes.
// The writers are used by the child. Thread-compatible.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::media {

inline constexpr std::size_t kStreamHeaderBytes = 32;
inline constexpr int kStreamRate = 16'000;
/// Samples of a bucket of peaks: at most an hour.
inline constexpr std::uint32_t kBucketSamplesMax = 3'600 * kStreamRate;

enum class StreamKind : std::uint16_t {
  /// One value an item: a sample.
  kPcm = 1,
  /// Two values an item: the smallest and the largest sample of a bucket.
  kPeaks = 2,
};

struct StreamHeader {
  StreamKind kind = StreamKind::kPcm;
  std::uint32_t rate = kStreamRate;
  /// Items in all, or -1.
  std::int64_t items = -1;
  /// Samples of silence that were put in front, because the track starts later than its container.
  std::uint32_t lead_samples = 0;
  /// 1, or the samples of a bucket.
  std::uint32_t samples_per_item = 1;
};

std::array<std::byte, kStreamHeaderBytes> EncodeStreamHeader(const StreamHeader& header);
/// kInternal when the bytes are not a header of this version.
Result<StreamHeader> DecodeStreamHeader(std::span<const std::byte, kStreamHeaderBytes> bytes);

/// Cuts a byte stream, which arrives in any pieces, into header and values.
class StreamParser {
 public:
  /// More than `values_max` values are kResourceExhausted.
  StreamParser(StreamKind kind, std::int64_t values_max) : kind_(kind), values_max_(values_max) {}

  /// Appends the values that are complete to `out`.
  Status Push(std::span<const std::byte> bytes, std::vector<float>* out);
  bool has_header() const { return has_header_; }
  const StreamHeader& header() const { return header_; }
  std::int64_t values() const { return values_; }
  /// False when the stream stopped inside its header or a value.
  bool at_boundary() const { return has_header_ && partial_size_ == 0; }

 private:
  Status TakeHeader(std::span<const std::byte>* bytes);

  StreamKind kind_;
  std::int64_t values_max_;
  std::int64_t values_ = 0;
  bool has_header_ = false;
  StreamHeader header_;
  std::array<std::byte, kStreamHeaderBytes> partial_{};
  std::size_t partial_size_ = 0;
};

/// What the child said on its message descriptor.
struct Messages {
  /// The last error, or ok.
  Status error;
  std::vector<std::string> warnings;
  /// Lines of no known form, for the log only.
  std::string other;
};

/// The line of an error or a warning, with its end of line.
std::string EncodeErrorLine(StatusCode code, std::string_view text);
std::string EncodeWarningLine(std::string_view text);
/// At most kMessagesBytesMax bytes are looked at.
inline constexpr std::size_t kMessagesBytesMax = 64 << 10;
Messages DecodeMessages(std::string_view text);

}  // namespace wt::media
