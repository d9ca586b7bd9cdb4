// What a transcriber-media under hostile control may write: stream, messages and probe answers. The
// first byte says how the rest is cut into pieces.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "media/media_stream.h"
#include "media/probe_media.h"

namespace {

void Parse(wt::media::StreamKind kind, std::span<const std::byte> bytes, std::size_t piece) {
  constexpr std::int64_t kValuesMax = 1'000;
  wt::media::StreamParser parser(kind, kValuesMax);
  std::vector<float> values;
  while (!bytes.empty()) {
    const std::size_t count = std::min(piece, bytes.size());
    if (!parser.Push(bytes.first(count), &values).ok()) break;
    bytes = bytes.subspan(count);
  }
  WT_CHECK(values.size() <= static_cast<std::size_t>(kValuesMax));
  for (const float value : values) WT_CHECK(std::isfinite(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{1} + data[0];
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  Parse(wt::media::StreamKind::kPcm, bytes, piece);
  Parse(wt::media::StreamKind::kPeaks, bytes, piece);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const wt::media::Messages messages = wt::media::DecodeMessages(text);
  for (const char c : messages.error.message()) WT_CHECK(c >= 0x20 && c <= 0x7E);
  const auto info = wt::media::ParseProbe(std::string(text));
  if (info.ok()) WT_CHECK(info->tracks.size() <= wt::media::kTracksReportedMax);
  return 0;
}
