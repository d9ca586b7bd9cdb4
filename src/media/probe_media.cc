#include "media/probe_media.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "media/helper/helper_run.h"
#include "media/helper/helper_stream.h"
#include "media/media_input.h"

namespace wt::media {
namespace {

using nlohmann::json;

// 256 tracks with two tags of 200 bytes each, which JSON may make six times longer.
constexpr std::size_t kAnswerBytesMax = 1 << 20;
constexpr std::size_t kPiecePeaks = 8'192;

std::string Text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool Flag(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// A whole number from 0 to `largest`; 0 when it is anything else.
std::int64_t Number(const json& object, const char* name, std::int64_t largest) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return 0;
  const std::int64_t value = found->get<std::int64_t>();
  return value < 0 || value > largest ? 0 : value;
}

std::optional<double> Seconds(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  // A thousand years: what lies beyond is a broken header.
  return std::fabs(value) < 3.2e10 ? std::optional<double>(value) : std::nullopt;
}

AudioTrack ParseTrack(const json& track) {
  return {.codec = Text(track, "codec"),
          .channels = static_cast<int>(Number(track, "channels", 65'535)),
          .sample_rate = static_cast<int>(Number(track, "sample_rate", 1 << 30)),
          .bit_rate = Number(track, "bit_rate", std::int64_t{1} << 40),
          .language = Text(track, "language"),
          .title = Text(track, "title"),
          .duration_s = Seconds(track, "duration_s"),
          .start_s = Seconds(track, "start_s"),
          .is_default = Flag(track, "default"),
          .encrypted = Flag(track, "encrypted")};
}

Result<std::string> ReadAnswer(HelperRun* run) {
  std::string text;
  std::array<std::byte, 16'384> piece;
  while (true) {
    WT_ASSIGN(const std::size_t count, run->Read(piece));
    if (count == 0) return text;
    if (text.size() + count > kAnswerBytesMax) {
      return Status(StatusCode::kDataCorrupt, "describes itself at impossible length");
    }
    text.append(reinterpret_cast<const char*>(piece.data()), count);
  }
}

Result<MediaInfo> Probe(const MediaInput& input, const MediaOptions& options) {
  WT_ASSIGN(const HelperCommand command, MakeHelperCommand(input, options, {"probe"}));
  WT_ASSIGN(const std::unique_ptr<HelperRun> run, HelperRun::Start(command));
  WT_ASSIGN(const std::string answer, ReadAnswer(run.get()));
  return ParseProbe(answer);
}

Result<std::vector<Peak>> Peaks(const MediaInput& input, const MediaOptions& options,
                                std::int64_t bucket_samples, std::int64_t peaks_max) {
  WT_ASSIGN(const HelperCommand command,
            MakeHelperCommand(input, options,
                              {"peaks", "--track=" + std::to_string(options.track),
                               "--channel=" + std::to_string(options.channel),
                               "--bucket-samples=" + std::to_string(bucket_samples)}));
  WT_ASSIGN(const std::unique_ptr<HelperStream> stream,
            HelperStream::Start(command, StreamKind::kPeaks, 2 * peaks_max));
  std::vector<Peak> peaks;
  std::vector<float> values(2 * kPiecePeaks);
  while (true) {
    WT_ASSIGN(const std::size_t count, stream->Read(values));
    for (std::size_t i = 0; i + 1 < count; i += 2) peaks.push_back({values[i], values[i + 1]});
    if (count < values.size()) return peaks;
  }
}

}  // namespace

Result<MediaInfo> ParseProbe(const std::string& text) {
  const json answer = base::JsonFromText(text);
  if (!answer.is_object()) {
    return Status(StatusCode::kInternal,
                  "the audio decoder answered in a way that is not understood; reinstall the "
                  "program");
  }
  MediaInfo info{.format = Text(answer, "format"),
                 .duration_s = Seconds(answer, "duration_s"),
                 .has_video = Flag(answer, "has_video"),
                 .tracks = {}};
  const auto tracks = answer.find("tracks");
  if (tracks == answer.end() || !tracks->is_array()) return info;
  for (const json& track : *tracks) {
    if (!track.is_object() || info.tracks.size() >= kTracksReportedMax) break;
    info.tracks.push_back(ParseTrack(track));
  }
  return info;
}

Result<MediaInfo> ProbeMedia(const std::string& path, const MediaOptions& options) {
  WT_ASSIGN(platform::FileDescriptor descriptor, OpenMediaFile(path));
  return ProbeMediaDescriptor(std::move(descriptor), path, options);
}

Result<MediaInfo> ProbeMediaDescriptor(platform::FileDescriptor input, const std::string& name,
                                       const MediaOptions& options) {
  WT_ASSIGN(const MediaInput prepared, PrepareInput(std::move(input), name, options));
  Result<MediaInfo> info = Probe(prepared, options);
  if (!info.ok()) return info.status().WithContext(name);
  return info;
}

Result<std::vector<Peak>> ReadPeaks(const std::string& path, const MediaOptions& options,
                                    std::int64_t bucket_samples, std::int64_t peaks_max) {
  WT_ASSIGN(platform::FileDescriptor descriptor, OpenMediaFile(path));
  return ReadPeaksDescriptor(std::move(descriptor), path, options, bucket_samples, peaks_max);
}

Result<std::vector<Peak>> ReadPeaksDescriptor(platform::FileDescriptor input,
                                              const std::string& name, const MediaOptions& options,
                                              std::int64_t bucket_samples, std::int64_t peaks_max) {
  if (bucket_samples < 1 || bucket_samples > kBucketSamplesMax) {
    return Status(StatusCode::kInvalidArgument, "a bucket of peaks has 1 to 57600000 samples");
  }
  WT_ASSIGN(const MediaInput prepared, PrepareInput(std::move(input), name, options));
  Result<std::vector<Peak>> peaks = Peaks(prepared, options, bucket_samples, peaks_max);
  if (!peaks.ok()) return peaks.status().WithContext(name);
  return peaks;
}

}  // namespace wt::media
