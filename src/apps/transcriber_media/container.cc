#include "apps/transcriber_media/container.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "apps/transcriber_media/allowed_codecs.h"
#include "base/status_macros.h"

extern "C" {
#include <libavutil/dict.h>
#include <libavutil/mem.h>
}

namespace wt::apps::transcriber_media {
namespace {

constexpr int kIoBufferBytes = 64 << 10;
// A transport stream of a whole multiplex has some 60 streams.
constexpr std::int64_t kStreamsMax = 256;
// Containers whose first timestamp lies later than this did not start recording at their zero.
constexpr double kOriginMaxS = 10.0;

bool IsOneOf(std::string_view name, const auto& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The first of the comma-separated names of a demuxer.
std::string_view ShortName(const AVInputFormat* format) {
  const std::string_view names = format->name;
  return names.substr(0, names.find(','));
}

/// Files may refer to other files; none is opened.
int RefuseToOpen(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EPERM);
}

// `read_error` is our own reading's errno or 0: demuxers say EIO for a header that is cut short,
// too.
Status OpenFailed(int error, int read_error) {
  const InternalDetail detail("avformat_open_input: " + LibavError(error));
  if (error == AVERROR(ENOMEM)) {
    return Status(StatusCode::kResourceExhausted,
                  "the index of this file needs more memory than a decoder may use", detail);
  }
  if (read_error != 0) return Status(StatusCode::kUnavailable, "reading failed", detail);
  return Status(StatusCode::kUnsupported,
                "is not a media file this build can read, or is damaged at its beginning; give an "
                "audio or video file, or export it again",
                detail);
}

}  // namespace

Result<std::unique_ptr<Container>> Container::Open(int descriptor, const std::string& hint,
                                                   Durations durations) {
  std::unique_ptr<Container> container(new Container());
  container->descriptor_ = descriptor;
  struct stat info{};
  if (::fstat(descriptor, &info) == 0) container->size_ = info.st_size;
  WT_TRY(container->Probe(hint, durations));
  container->FindTracks();
  return container;
}

Container::~Container() {
  avformat_close_input(&format_);
  if (io_ != nullptr) av_freep(&io_->buffer);
  avio_context_free(&io_);
}

Status Container::Probe(const std::string& hint, Durations durations) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kIoBufferBytes));
  io_ = avio_alloc_context(buffer, kIoBufferBytes, 0, this, &ReadBytes, nullptr, &SeekTo);
  format_ = avformat_alloc_context();
  if (io_ == nullptr || format_ == nullptr) {
    return Status(StatusCode::kResourceExhausted, "no memory for the decoder");
  }
  format_->pb = io_;
  format_->io_open = &RefuseToOpen;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "format_whitelist", kAllowedDemuxers, 0);
  av_dict_set(&options, "codec_whitelist", kAllowedDecoders, 0);
  av_dict_set_int(&options, "max_streams", kStreamsMax, 0);
  // Those of transport streams are sought for at the end of the file.
  if (durations == Durations::kAsStated) {
    av_dict_set(&options, "skip_estimate_duration_from_pts", "1", 0);
  }
  const std::string url = hint.empty() ? "input" : "input." + hint;
  int error = avformat_open_input(&format_, url.c_str(), nullptr, &options);
  av_dict_free(&options);
  if (error < 0) return OpenFailed(error, read_error_);
  error = avformat_find_stream_info(format_, nullptr);
  if (error == AVERROR(ENOMEM)) return OpenFailed(error, read_error_);
  return Status();
}

void Container::FindTracks() {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* stream = format_->streams[i];
    const AVMediaType type = stream->codecpar->codec_type;
    if (type == AVMEDIA_TYPE_AUDIO) tracks_.push_back(stream);
    const bool picture = (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (type == AVMEDIA_TYPE_VIDEO && !picture) has_video_ = true;
  }
}

ClockRules Container::clock() const {
  // Timestamps count from 0, the beginning of the presentation.
  constexpr std::array<std::string_view, 3> kFromZero = {"mov", "matroska", "nut"};
  // Timestamps count from anywhere; the tracks share them.
  constexpr std::array<std::string_view, 7> kShared = {"mpegts", "mpeg", "flv", "live_flv",
                                                       "asf",    "mxf",  "wtv"};
  const std::string_view name = ShortName(format_->iformat);
  const double start_s = format_->start_time == AV_NOPTS_VALUE
                             ? 0.0
                             : static_cast<double>(format_->start_time) / AV_TIME_BASE;
  if (IsOneOf(name, kFromZero)) {
    return {.has_clock = true,
            .origin_s = start_s > kOriginMaxS ? start_s : 0.0,
            .fill_gaps = true,
            .drop_overlaps = true};
  }
  if (IsOneOf(name, kShared)) {
    return {.has_clock = true, .origin_s = start_s, .fill_gaps = true, .drop_overlaps = true};
  }
  // AVI counts bytes instead of keeping times: only the start of its tracks is sure.
  if (name == "avi") return {.has_clock = true, .origin_s = start_s};
  // FLAC frames are numbered, so that a damaged one leaves a hole of known length.
  if (name == "flac") return {.fill_gaps = true};
  return {};
}

int Container::ReadBytes(void* opaque, std::uint8_t* buffer, int size) {
  auto* self = static_cast<Container*>(opaque);
  while (true) {
    const ssize_t count = ::pread(self->descriptor_, buffer, static_cast<std::size_t>(size),
                                  static_cast<off_t>(self->position_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      self->read_error_ = errno;
      return AVERROR(EIO);
    }
    if (count == 0) return AVERROR_EOF;
    self->position_ += count;
    return static_cast<int>(count);
  }
}

std::int64_t Container::SeekTo(void* opaque, std::int64_t offset, int whence) {
  auto* self = static_cast<Container*>(opaque);
  std::int64_t base = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return self->size_;
    case SEEK_SET: break;
    case SEEK_CUR: base = self->position_; break;
    case SEEK_END: base = self->size_; break;
    default: return AVERROR(EINVAL);
  }
  std::int64_t target = 0;
  if (__builtin_add_overflow(base, offset, &target) || target < 0) return AVERROR(EINVAL);
  self->position_ = target;
  return target;
}

bool IsEncrypted(const AVStream* track) {
  const std::uint32_t tag = track->codecpar->codec_tag;
  if (tag == MKTAG('e', 'n', 'c', 'a') || tag == MKTAG('d', 'r', 'm', 's')) return true;
  return av_stream_get_side_data(track, AV_PKT_DATA_ENCRYPTION_INIT_INFO, nullptr) != nullptr ||
         av_stream_get_side_data(track, AV_PKT_DATA_ENCRYPTION_INFO, nullptr) != nullptr;
}

bool IsEncrypted(const AVPacket& packet) {
  return av_packet_get_side_data(&packet, AV_PKT_DATA_ENCRYPTION_INFO, nullptr) != nullptr;
}

}  // namespace wt::apps::transcriber_media
