#include "apps/transcriber_media/resampler.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/status_macros.h"
#include "media/media_stream.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

namespace wt::apps::transcriber_media {
namespace {

constexpr std::size_t kPieceSamples = 65'536;

Status Failed(int error) {
  return Status(error == AVERROR(ENOMEM) ? StatusCode::kResourceExhausted : StatusCode::kInternal,
                "changing the sample rate failed: " + LibavError(error));
}

SwrPointer MakeSwr(int rate, SwrEngine engine) {
  AVChannelLayout mono;
  av_channel_layout_default(&mono, 1);
  SwrContext* raw = nullptr;
  swr_alloc_set_opts2(&raw, &mono, AV_SAMPLE_FMT_FLT, media::kStreamRate, &mono, AV_SAMPLE_FMT_FLT,
                      rate, 0, nullptr);
  SwrPointer swr(raw);
  if (!swr) return nullptr;
  av_opt_set_int(swr.get(), "resampler", engine, 0);
  if (swr_init(swr.get()) < 0) return nullptr;
  return swr;
}

}  // namespace

Result<Resampler> Resampler::Create(int rate) {
  Resampler resampler;
  resampler.rate_ = rate;
  if (rate == media::kStreamRate) return resampler;
  resampler.swr_ = MakeSwr(rate, SWR_ENGINE_SOXR);
  if (!resampler.swr_) resampler.swr_ = MakeSwr(rate, SWR_ENGINE_SWR);
  if (!resampler.swr_) return Failed(AVERROR(EINVAL));
  return resampler;
}

Status Resampler::Push(std::span<const float> samples, std::vector<float>* out) {
  if (!swr_) {
    out->insert(out->end(), samples.begin(), samples.end());
    return Status();
  }
  while (!samples.empty()) {
    const std::size_t count = std::min(samples.size(), kPieceSamples);
    WT_TRY(Convert(samples.data(), static_cast<int>(count), out));
    samples = samples.subspan(count);
  }
  return Status();
}

Status Resampler::Finish(std::vector<float>* out) {
  if (!swr_) return Status();
  return Convert(nullptr, 0, out);
}

Status Resampler::Convert(const float* samples, int count, std::vector<float>* out) {
  const int room = swr_get_out_samples(swr_.get(), count);
  if (room < 0) return Failed(room);
  const std::size_t before = out->size();
  out->resize(before + static_cast<std::size_t>(room));
  auto* target = reinterpret_cast<std::uint8_t*>(out->data() + before);
  const auto* source = reinterpret_cast<const std::uint8_t*>(samples);
  const int written =
      swr_convert(swr_.get(), &target, room, samples == nullptr ? nullptr : &source, count);
  if (written < 0) return Failed(written);
  out->resize(before + static_cast<std::size_t>(written));
  return Status();
}

}  // namespace wt::apps::transcriber_media
