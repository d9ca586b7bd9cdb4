#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/transcriber_media/container.h"
#include "apps/transcriber_media/verbs.h"
#include "base/json_text.h"
#include "base/status_macros.h"

extern "C" {
#include <libavutil/dict.h>
}

namespace wt::apps::transcriber_media {
namespace {

using nlohmann::json;

constexpr int kInput = 0;
constexpr std::size_t kTagBytesMax = 200;
constexpr int kPacketsMax = 256;

/// A value of the file's own making, cut; null when absent.
json Tag(const AVDictionary* tags, const char* name) {
  const AVDictionaryEntry* entry = av_dict_get(tags, name, nullptr, 0);
  if (entry == nullptr) return nullptr;
  return std::string(entry->value).substr(0, kTagBytesMax);
}

json Seconds(std::int64_t value, AVRational base) {
  if (value == AV_NOPTS_VALUE) return nullptr;
  return static_cast<double>(value) * av_q2d(base);
}

/// Streams whose packets are enciphered. Containers say so beside each packet, so that the first of
/// every track is looked at.
std::vector<bool> EncryptedStreams(const Container& container) {
  AVFormatContext* format = container.format();
  std::vector<bool> seen(format->nb_streams, false);
  std::vector<bool> encrypted(format->nb_streams, false);
  for (const AVStream* stream : container.tracks()) {
    encrypted[static_cast<std::size_t>(stream->index)] = IsEncrypted(stream);
  }
  const PacketPointer packet(av_packet_alloc());
  std::size_t left = container.tracks().size();
  for (int i = 0; packet && left > 0 && i < kPacketsMax; ++i) {
    if (av_read_frame(format, packet.get()) < 0) break;
    const auto index = static_cast<std::size_t>(packet->stream_index);
    if (index < seen.size() && !seen[index]) {
      seen[index] = true;
      if (format->streams[index]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) --left;
      if (IsEncrypted(*packet)) encrypted[index] = true;
    }
    av_packet_unref(packet.get());
  }
  return encrypted;
}

json Track(const AVStream* stream, std::size_t index, bool encrypted) {
  const AVCodecParameters* parameters = stream->codecpar;
  return {{"index", index},
          {"codec", avcodec_get_name(parameters->codec_id)},
          {"channels", parameters->ch_layout.nb_channels},
          {"sample_rate", parameters->sample_rate},
          {"bit_rate", parameters->bit_rate},
          {"start_s", Seconds(stream->start_time, stream->time_base)},
          {"duration_s", Seconds(stream->duration, stream->time_base)},
          {"language", Tag(stream->metadata, "language")},
          {"title", Tag(stream->metadata, "title")},
          {"default", (stream->disposition & AV_DISPOSITION_DEFAULT) != 0},
          {"encrypted", encrypted}};
}

}  // namespace

Status Probe(const VerbOptions& options) {
  WT_ASSIGN(const std::unique_ptr<Container> container,
            Container::Open(kInput, options.hint, Durations::kEstimated));
  const AVFormatContext* format = container->format();
  const AVRational microseconds = {1, AV_TIME_BASE};
  json tracks = json::array();
  const std::vector<bool> encrypted = EncryptedStreams(*container);
  for (const AVStream* stream : container->tracks()) {
    const bool cipher = encrypted[static_cast<std::size_t>(stream->index)];
    tracks.push_back(Track(stream, tracks.size(), cipher));
  }
  const json answer = {{"format", format->iformat->name},
                       {"duration_s", Seconds(format->duration, microseconds)},
                       {"start_s", Seconds(format->start_time, microseconds)},
                       {"bit_rate", format->bit_rate},
                       {"has_video", container->has_video()},
                       {"tracks", std::move(tracks)}};
  // Tags may hold any bytes; what is not UTF-8 is replaced.
  return WriteText(1, base::JsonToText(answer) + "\n");
}

}  // namespace wt::apps::transcriber_media
