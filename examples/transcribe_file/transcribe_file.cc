// Transcribes a WAV file (16-bit, 16 kHz, mono) with the installed library and prints its segments.
//
//   transcribe_file MODEL FILE.wav
//
// MODEL is what `transcriber models list` shows as a path: a directory or a weight file. Programs
// that must read other media convert them first, or use the program `transcriber`.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "whisper_transcriber/engine.h"

namespace {

constexpr std::size_t kFileBytesMax = 512u << 20;  // More than 4 hours of 16 kHz 16-bit mono.

std::uint32_t LittleEndian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

/// Samples of a plain WAV file, or nothing when it is another kind of file.
std::optional<std::vector<float>> ParseWav(std::string_view file) {
  if (file.size() < 12 || file.substr(0, 4) != "RIFF" || file.substr(8, 4) != "WAVE") return {};
  bool format_fits = false;
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::string_view name = file.substr(at, 4);
    const std::uint32_t size = LittleEndian(file.substr(at + 4, 4));
    const std::string_view body = file.substr(at + 8, size);
    if (name == "fmt " && body.size() >= 16) {
      format_fits = LittleEndian(body.substr(0, 2)) == 1 && LittleEndian(body.substr(2, 2)) == 1 &&
                    LittleEndian(body.substr(4, 4)) == 16'000 &&
                    LittleEndian(body.substr(14, 2)) == 16;
    }
    if (name == "data") {
      if (!format_fits) return {};
      std::vector<float> samples;
      for (std::size_t i = 0; i + 1 < body.size(); i += 2) {
        const auto sample = static_cast<std::int16_t>(LittleEndian(body.substr(i, 2)));
        samples.push_back(static_cast<float>(sample) / 32768.0f);
      }
      return samples;
    }
    at += 8 + static_cast<std::size_t>(size) + size % 2;  // Chunks begin at even places.
  }
  return {};
}

/// Prints segments as they become final. Called from a thread of the engine.
class Printer final : public wt::Observer {
 public:
  void OnSegment(const wt::Segment& segment) override {
    std::printf("[%7.2f --> %7.2f]%s\n", segment.start_s, segment.end_s, segment.text.c_str());
  }
};

wt::Result<wt::Transcript> Transcribe(const std::string& model_path, std::vector<float> samples,
                                      wt::Observer* observer) {
  auto engine = wt::Engine::Create({});
  if (!engine.ok()) return engine.status();
  wt::ModelOptions options;
  options.path = model_path;
  auto model = (*engine)->LoadModel(options);
  if (!model.ok()) return model.status();
  wt::TranscriptionRequest request;
  request.words.word_timestamps = true;
  auto task =
      (*engine)->Submit(*model, wt::MakeMemorySource(std::move(samples)), request, observer);
  if (!task.ok()) return task.status();
  return (*task)->Wait();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: transcribe_file MODEL FILE.wav\n");
    return 2;
  }
  std::ifstream stream(argv[2], std::ios::binary);
  std::string file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (file.size() > kFileBytesMax) file.clear();
  std::optional<std::vector<float>> samples = ParseWav(file);
  if (!samples) {
    std::fprintf(stderr, "%s: not a WAV file with 16-bit mono samples at 16 kHz\n", argv[2]);
    return 1;
  }
  Printer printer;
  const wt::Result<wt::Transcript> transcript = Transcribe(argv[1], std::move(*samples), &printer);
  if (!transcript.ok()) {
    const wt::Status status = transcript.status();
    std::fprintf(stderr, "%s: %s\n", std::string(wt::StatusCodeName(status.code())).c_str(),
                 status.message().c_str());
    return 1;
  }
  std::printf("language %s (%.2f), %.1f s\n", transcript->language.c_str(),
              transcript->language_probability, transcript->duration_s);
  return 0;
}
