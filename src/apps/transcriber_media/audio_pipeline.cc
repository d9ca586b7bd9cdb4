#include "apps/transcriber_media/audio_pipeline.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.h"
#include "base/status_macros.h"

namespace wt::apps::transcriber_media {
namespace {

constexpr std::int64_t kSilencePieceFrames = 4'096;

}  // namespace

AudioPipeline::AudioPipeline(const ClockRules& rules, Fidelity fidelity, int channel,
                             SampleSink* sink)
    : timeline_(rules), fidelity_(fidelity), channel_(channel), sink_(sink) {}

Status AudioPipeline::Push(const AVFrame& frame, std::optional<double> start_s) {
  WT_TRY(FrameToFloats(frame, &interleaved_));
  if (interleaved_.empty()) return Status();
  if (fidelity_ == Fidelity::kLossy && SilenceBurst(&interleaved_)) ++damaged_frames_;
  WT_TRY(EnsureRun(frame));
  ++frames_;
  const Timeline::Placement placement =
      timeline_.Place(start_s, frame.nb_samples, frame.sample_rate);
  if (!begun_) {
    begun_ = true;
    WT_TRY(sink_->Begin(
        static_cast<std::uint32_t>(placement.silence * media::kStreamRate / frame.sample_rate)));
  }
  WT_TRY(PushSilence(placement.silence));
  const std::size_t dropped =
      static_cast<std::size_t>(placement.drop) * static_cast<std::size_t>(run_->channels);
  return PushInterleaved(std::span<const float>(interleaved_).subspan(dropped));
}

Status AudioPipeline::Finish() {
  WT_TRY(FinishRun());
  if (!begun_) WT_TRY(sink_->Begin(0));
  return sink_->Finish();
}

Status AudioPipeline::EnsureRun(const AVFrame& frame) {
  const int channels = frame.ch_layout.nb_channels;
  if (run_ && run_->rate == frame.sample_rate && run_->channels == channels) return Status();
  WT_TRY(FinishRun());
  if (channel_ >= channels) {
    return Status(StatusCode::kInvalidArgument, "there is no channel " + std::to_string(channel_) +
                                                    "; the track has " + std::to_string(channels) +
                                                    ", counted from 0");
  }
  WT_ASSIGN(Resampler resampler, Resampler::Create(frame.sample_rate));
  run_.emplace(Run{frame.sample_rate, channels,
                   media::Mixdown(channels, frame.sample_rate, channel_), std::move(resampler)});
  return Status();
}

Status AudioPipeline::FinishRun() {
  if (!run_) return Status();
  run_->mixdown.Finish(&mixed_);
  WT_TRY(Emit());
  WT_TRY(run_->resampler.Finish(&resampled_));
  run_.reset();
  return WriteOut();
}

Status AudioPipeline::PushSilence(std::int64_t samples) {
  const std::vector<float> silence(
      static_cast<std::size_t>(std::min(samples, kSilencePieceFrames) * run_->channels));
  while (samples > 0) {
    const std::int64_t count = std::min(samples, kSilencePieceFrames);
    WT_TRY(PushInterleaved(
        std::span(silence).first(static_cast<std::size_t>(count * run_->channels))));
    samples -= count;
  }
  return Status();
}

Status AudioPipeline::PushInterleaved(std::span<const float> samples) {
  run_->mixdown.Push(samples, &mixed_);
  return Emit();
}

Status AudioPipeline::Emit() {
  if (mixed_.empty()) return Status();
  WT_TRY(run_->resampler.Push(mixed_, &resampled_));
  mixed_.clear();
  return WriteOut();
}

Status AudioPipeline::WriteOut() {
  samples_out_ += static_cast<std::int64_t>(resampled_.size());
  if (samples_out_ > base::kAudioSamplesMax) {
    return Status(StatusCode::kResourceExhausted,
                  "the audio is longer than 7 days; cut it into parts");
  }
  WT_TRY(sink_->Write(resampled_));
  resampled_.clear();
  return Status();
}

}  // namespace wt::apps::transcriber_media
