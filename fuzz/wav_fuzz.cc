// The native WAV reader: header parsing, reading, seeking, any number of channels.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/check.h"
#include "media/wav_layout.h"
#include "media/wav_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  wt::media::MemoryInput input(bytes);
  const auto layout = wt::media::ReadWavLayout(input);
  if (!layout.ok() || !layout.value()) return 0;
  WT_CHECK((*layout)->frames <= static_cast<std::int64_t>(size));
  wt::media::WavSource source(std::make_unique<wt::media::MemoryInput>(bytes), **layout, -1);
  std::vector<float> samples(4096);
  std::int64_t total = 0;
  while (true) {
    const auto count = source.Read(samples);
    WT_CHECK(count.ok());
    for (std::size_t i = 0; i < *count; ++i) {
      // A mean of 64 channels that rounds upwards may pass the maximum by a hair.
      WT_CHECK(samples[i] >= -65'537.0F && samples[i] <= 65'537.0F);
    }
    total += static_cast<std::int64_t>(*count);
    if (*count < samples.size()) break;
  }
  WT_CHECK(total == source.length());
  WT_CHECK(source.Seek(total / 2).ok() && source.Read(samples).ok());
  return 0;
}
