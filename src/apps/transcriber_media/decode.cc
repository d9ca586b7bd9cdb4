#include <memory>

#include "apps/transcriber_media/audio_pipeline.h"
#include "apps/transcriber_media/container.h"
#include "apps/transcriber_media/track_choice.h"
#include "apps/transcriber_media/track_decoder.h"
#include "apps/transcriber_media/verbs.h"
#include "base/status_macros.h"

namespace wt::apps::transcriber_media {
namespace {

constexpr int kInput = 0;

Status NothingDecoded() {
  return Status(StatusCode::kDataCorrupt,
                "no part of the audio can be decoded; the file is damaged, export it again");
}

}  // namespace

Status Decode(const VerbOptions& options, SampleSink* sink) {
  WT_ASSIGN(const std::unique_ptr<Container> container, Container::Open(kInput, options.hint));
  WT_ASSIGN(const std::size_t track, ChooseTrack(*container, kInput, options.hint, options.track));
  WT_ASSIGN(TrackDecoder decoder, TrackDecoder::Open(container.get(), track));
  AudioPipeline pipeline(container->clock(), decoder.fidelity(), options.channel, sink);
  while (true) {
    WT_ASSIGN(const AVFrame* const frame, decoder.Next());
    if (frame == nullptr) break;
    WT_TRY(pipeline.Push(*frame, decoder.frame_start_s()));
  }
  const std::int64_t damaged = decoder.damaged_packets() + pipeline.damaged_frames();
  if (decoder.damaged_packets() > 0 && pipeline.frames() == 0) return NothingDecoded();
  if (damaged > 0) {
    ReportWarning(std::to_string(damaged) +
                  " damaged packets were skipped; text may be missing there");
  }
  return pipeline.Finish();
}

}  // namespace wt::apps::transcriber_media
