// Owning pointers for FFmpeg's objects, and its error numbers as text. Thread-compatible.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/error.h>
#include <libavutil/frame.h>
#include <libswresample/swresample.h>
}

#include <array>
#include <memory>
#include <string>

namespace wt::apps::transcriber_media {

struct LibavDeleter {
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(SwrContext* resampler) const { swr_free(&resampler); }
};

using CodecPointer = std::unique_ptr<AVCodecContext, LibavDeleter>;
using PacketPointer = std::unique_ptr<AVPacket, LibavDeleter>;
using FramePointer = std::unique_ptr<AVFrame, LibavDeleter>;
using SwrPointer = std::unique_ptr<SwrContext, LibavDeleter>;

inline std::string LibavError(int error) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(error, text.data(), text.size());
  return text.data();
}

}  // namespace wt::apps::transcriber_media
