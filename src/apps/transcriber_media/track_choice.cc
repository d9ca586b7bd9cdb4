#include "apps/transcriber_media/track_choice.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "apps/transcriber_media/frame_pcm.h"
#include "apps/transcriber_media/track_decoder.h"
#include "base/status_macros.h"

namespace wt::apps::transcriber_media {
namespace {

constexpr std::size_t kTracksMax = 8;
constexpr std::int64_t kListenSeconds = 60;
constexpr std::int64_t kListenBytesMax = std::int64_t{64} << 20;
// -66 dB: encoders turn silence into noise below it.
constexpr float kSoundPeak = 16.0F / 32768.0F;

Result<bool> HasSound(int descriptor, const std::string& hint, std::size_t track) {
  // A container of its own: the one that is decoded later starts untouched.
  WT_ASSIGN(const std::unique_ptr<Container> container, Container::Open(descriptor, hint));
  if (track >= container->tracks().size()) return false;
  WT_ASSIGN(TrackDecoder decoder, TrackDecoder::Open(container.get(), track));
  std::vector<float> samples;
  double seconds = 0.0;
  while (seconds < kListenSeconds && container->position() < kListenBytesMax) {
    WT_ASSIGN(const AVFrame* const frame, decoder.Next());
    if (frame == nullptr) break;
    WT_TRY(FrameToFloats(*frame, &samples));
    if (std::any_of(samples.begin(), samples.end(),
                    [](float x) { return std::fabs(x) > kSoundPeak; })) {
      return true;
    }
    seconds += static_cast<double>(frame->nb_samples) / frame->sample_rate;
  }
  return false;
}

Status NoTracks(const Container& container) {
  return Status(StatusCode::kUnsupported,
                container.has_video()
                    ? "holds no audio track, only pictures; give a recording with sound"
                    : "holds no audio track; give an audio or video file");
}

}  // namespace

Result<std::size_t> ChooseTrack(const Container& container, int descriptor, const std::string& hint,
                                int wanted) {
  const std::vector<AVStream*>& tracks = container.tracks();
  if (tracks.empty()) return NoTracks(container);
  if (wanted >= 0) {
    if (static_cast<std::size_t>(wanted) < tracks.size()) return static_cast<std::size_t>(wanted);
    return Status(StatusCode::kInvalidArgument,
                  "there is no audio track " + std::to_string(wanted) + "; the file has " +
                      std::to_string(tracks.size()) + ", counted from 0");
  }
  const auto preferred = std::find_if(tracks.begin(), tracks.end(), [](const AVStream* track) {
    return (track->disposition & AV_DISPOSITION_DEFAULT) != 0;
  });
  const std::size_t first =
      preferred == tracks.end() ? 0 : static_cast<std::size_t>(preferred - tracks.begin());
  if (tracks.size() == 1) return first;
  std::vector<std::size_t> order = {first};
  for (std::size_t i = 0; i < std::min(tracks.size(), kTracksMax); ++i) {
    if (i != first) order.push_back(i);
  }
  for (const std::size_t track : order) {
    const Result<bool> sound = HasSound(descriptor, hint, track);
    // A track that cannot be decoded is no choice; its error is reported when it is the only one.
    if (sound.ok() && *sound) return track;
  }
  return first;
}

}  // namespace wt::apps::transcriber_media
