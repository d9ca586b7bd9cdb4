#include "apps/transcriber_media/track_decoder.h"

#include <string>

#include "base/status_macros.h"

namespace wt::apps::transcriber_media {
namespace {

// Demuxers find back into the stream after a few calls, or never.
constexpr int kReadFailuresMax = 64;

Status Encrypted() {
  return Status(StatusCode::kUnsupported,
                "is encrypted (protected by DRM) and cannot be decoded; give an unprotected copy");
}

Status NoDecoder(const AVCodecParameters* parameters, int error) {
  return Status(StatusCode::kUnsupported,
                "holds audio in the codec " + std::string(avcodec_get_name(parameters->codec_id)) +
                    ", which this build cannot decode; convert it to FLAC, MP3, AAC or WAV",
                InternalDetail("avcodec_open2: " + LibavError(error)));
}

}  // namespace

Result<TrackDecoder> TrackDecoder::Open(Container* container, std::size_t track) {
  TrackDecoder decoder;
  decoder.container_ = container;
  decoder.stream_ = container->tracks()[track];
  for (unsigned i = 0; i < container->format()->nb_streams; ++i) {
    AVStream* stream = container->format()->streams[i];
    stream->discard = stream == decoder.stream_ ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
  if (IsEncrypted(decoder.stream_)) return Encrypted();
  const AVCodecParameters* parameters = decoder.stream_->codecpar;
  const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
  if (codec == nullptr) return NoDecoder(parameters, AVERROR_DECODER_NOT_FOUND);
  decoder.codec_.reset(avcodec_alloc_context3(codec));
  decoder.packet_.reset(av_packet_alloc());
  decoder.frame_.reset(av_frame_alloc());
  if (!decoder.codec_ || !decoder.packet_ || !decoder.frame_) {
    return Status(StatusCode::kResourceExhausted, "no memory for the decoder");
  }
  int error = avcodec_parameters_to_context(decoder.codec_.get(), parameters);
  decoder.codec_->pkt_timebase = decoder.stream_->time_base;
  decoder.codec_->thread_count = 1;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "codec_whitelist", container->format()->codec_whitelist, 0);
  if (error >= 0) error = avcodec_open2(decoder.codec_.get(), codec, &options);
  av_dict_free(&options);
  if (error < 0) return NoDecoder(parameters, error);
  return decoder;
}

Result<const AVFrame*> TrackDecoder::Next() {
  while (true) {
    const int error = avcodec_receive_frame(codec_.get(), frame_.get());
    if (error == 0) {
      if (frame_->nb_samples > 0) return static_cast<const AVFrame*>(frame_.get());
      continue;
    }
    if (error == AVERROR_EOF) return static_cast<const AVFrame*>(nullptr);
    if (error == AVERROR(ENOMEM)) {
      return Status(StatusCode::kResourceExhausted, "decoding needs more memory than is allowed");
    }
    if (error != AVERROR(EAGAIN)) {
      ++damaged_packets_;
      if (draining_) return static_cast<const AVFrame*>(nullptr);
    }
    WT_TRY(Feed());
  }
}

Status TrackDecoder::Feed() {
  int failures = 0;
  while (true) {
    const int error = av_read_frame(container_->format(), packet_.get());
    if (error == AVERROR(ENOMEM)) {
      return Status(StatusCode::kResourceExhausted, "decoding needs more memory than is allowed");
    }
    if (error < 0 && error != AVERROR_EOF && ++failures < kReadFailuresMax) {
      if (error != AVERROR(EAGAIN)) ++damaged_packets_;
      continue;
    }
    if (error < 0) {
      // The end, or damage beyond which the container cannot be followed: what was decoded stays.
      draining_ = true;
      avcodec_send_packet(codec_.get(), nullptr);
      return Status();
    }
    if (packet_->stream_index != stream_->index) {
      av_packet_unref(packet_.get());
      continue;
    }
    if (IsEncrypted(*packet_)) return Encrypted();
    const int sent = avcodec_send_packet(codec_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (sent == 0) return Status();
    ++damaged_packets_;
  }
}

Fidelity TrackDecoder::fidelity() const {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(stream_->codecpar->codec_id);
  const int properties = descriptor == nullptr ? 0 : descriptor->props;
  const bool lossy =
      (properties & AV_CODEC_PROP_LOSSY) != 0 && (properties & AV_CODEC_PROP_LOSSLESS) == 0;
  return lossy ? Fidelity::kLossy : Fidelity::kExact;
}

std::optional<double> TrackDecoder::frame_start_s() const {
  const std::int64_t timestamp = frame_->best_effort_timestamp;
  if (timestamp == AV_NOPTS_VALUE) return std::nullopt;
  return static_cast<double>(timestamp) * av_q2d(stream_->time_base);
}

}  // namespace wt::apps::transcriber_media
