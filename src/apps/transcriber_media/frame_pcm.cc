#include "apps/transcriber_media/frame_pcm.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "base/limits.h"
#include "media/pcm_samples.h"

extern "C" {
#include <libavutil/samplefmt.h>
}

namespace wt::apps::transcriber_media {
namespace {

/// Empty for a number that is no sample format.
std::optional<media::PcmType> TypeOf(int format) {
  if (format < 0 || format >= AV_SAMPLE_FMT_NB) return std::nullopt;
  switch (av_get_packed_sample_fmt(static_cast<AVSampleFormat>(format))) {
    case AV_SAMPLE_FMT_U8: return media::PcmType::kU8;
    case AV_SAMPLE_FMT_S16: return media::PcmType::kS16;
    case AV_SAMPLE_FMT_S32: return media::PcmType::kS32;
    case AV_SAMPLE_FMT_S64: return media::PcmType::kS64;
    case AV_SAMPLE_FMT_FLT: return media::PcmType::kF32;
    case AV_SAMPLE_FMT_DBL: return media::PcmType::kF64;
    default: return std::nullopt;
  }
}

}  // namespace

Status FrameToFloats(const AVFrame& frame, std::vector<float>* out) {
  const std::optional<media::PcmType> type = TypeOf(frame.format);
  const int channels = frame.ch_layout.nb_channels;
  if (!type || channels < 1 || channels > base::kAudioChannelsMax || frame.nb_samples < 0 ||
      frame.sample_rate < base::kAudioRateMin || frame.sample_rate > base::kAudioRateMax) {
    return Status(StatusCode::kDataCorrupt,
                  "holds audio with " + std::to_string(channels) + " channels at " +
                      std::to_string(frame.sample_rate) + " Hz, which cannot be handled");
  }
  const bool planar = av_sample_fmt_is_planar(static_cast<AVSampleFormat>(frame.format)) != 0;
  const std::size_t bytes = media::PcmBytes(*type);
  const std::size_t samples = static_cast<std::size_t>(frame.nb_samples);
  const std::size_t width = static_cast<std::size_t>(channels);
  out->resize(samples * width);
  for (std::size_t c = 0; c < width; ++c) {
    const std::uint8_t* plane =
        planar ? frame.extended_data[c] : frame.extended_data[0] + c * bytes;
    const std::size_t step = planar ? bytes : bytes * width;
    const auto* source = reinterpret_cast<const std::byte*>(plane);
    for (std::size_t i = 0; i < samples; ++i) {
      (*out)[i * width + c] = media::PcmToFloat(source + i * step, *type);
    }
  }
  return Status();
}

bool SilenceBurst(std::vector<float>* samples) {
  constexpr float kBurstPeak = 16.0F;
  constexpr float kOvershootMax = 2.0F;
  float peak = 0.0F;
  for (const float x : *samples) peak = std::max(peak, std::fabs(x));
  if (peak > kBurstPeak) {
    std::fill(samples->begin(), samples->end(), 0.0F);
    return true;
  }
  if (peak > kOvershootMax) {
    for (float& x : *samples) x = std::clamp(x, -kOvershootMax, kOvershootMax);
  }
  return false;
}

}  // namespace wt::apps::transcriber_media
