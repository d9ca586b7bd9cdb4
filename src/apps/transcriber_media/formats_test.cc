// Every file of the formats set through the program, as its manifest expects; and the golden sums.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/transcriber_media/media_test_util.h"
#include "platform/process.h"

namespace wt::apps::transcriber_media {
namespace {

using nlohmann::json;

constexpr std::size_t kStep = 8;
constexpr std::size_t kWindow = 32;

/// The part below 500 Hz, at 2 kHz, without its mean: what tells the recording from anything else,
/// whatever the codec.
std::vector<double> Outline(const std::vector<float>& samples) {
  std::vector<double> outline;
  double mean = 0.0;
  const std::size_t length = std::min<std::size_t>(samples.size(), 48'000);
  for (std::size_t i = 0; i + kWindow <= length; i += kStep) {
    double sum = 0.0;
    for (std::size_t j = 0; j < kWindow; ++j) sum += samples[i + j];
    outline.push_back(sum);
    mean += sum;
  }
  mean /= static_cast<double>(std::max<std::size_t>(outline.size(), 1));
  for (double& value : outline) value -= mean;
  return outline;
}

double CorrelationAt(const std::vector<double>& a, const std::vector<double>& b, int lag) {
  double product = 0.0;
  double energy_a = 1e-12;
  double energy_b = 1e-12;
  for (int i = std::max(0, lag); i < static_cast<int>(a.size()); ++i) {
    const int j = i - lag;
    if (j >= static_cast<int>(b.size())) break;
    const double x = a[static_cast<std::size_t>(i)];
    const double y = b[static_cast<std::size_t>(j)];
    product += x * y;
    energy_a += x * x;
    energy_b += y * y;
  }
  return product / std::sqrt(energy_a * energy_b);
}

/// The largest correlation within 100 ms.
double Likeness(const std::vector<float>& samples, const std::vector<double>& reference) {
  const std::vector<double> outline = Outline(samples);
  double best = -1.0;
  for (int lag = -200; lag <= 200; ++lag) {
    best = std::max(best, CorrelationAt(outline, reference, lag));
  }
  return best;
}

std::vector<json> Manifest(const std::string& set) {
  std::vector<json> entries;
  std::ifstream file(SharedDirectory() + "/speech/manifest.jsonl");
  for (std::string line; std::getline(file, line);) {
    json entry = json::parse(line);
    if (entry["set"] == set) entries.push_back(std::move(entry));
  }
  return entries;
}

class FormatsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (HelperPath().empty()) GTEST_SKIP() << "transcriber-media was not built";
    const auto reference = DecodeFile(SharedDirectory() + "/speech/formats/wav-s16.wav");
    if (!reference.ok()) GTEST_SKIP() << "no recordings";
    reference_ = Outline(*reference);
  }

  void Check(const json& entry, const Result<std::vector<float>>& samples) {
    const std::string expect = entry["expect"];
    SCOPED_TRACE(entry["path"].get<std::string>());
    if (expect == "error") {
      EXPECT_FALSE(samples.ok());
      return;
    }
    if (expect == "empty") {
      EXPECT_TRUE(!samples.ok() || samples->size() <= 1'440);
      return;
    }
    if (expect == "ok_or_error" && !samples.ok()) return;
    ASSERT_TRUE(samples.ok()) << samples.status().message();
    for (const float x : *samples) ASSERT_TRUE(std::isfinite(x));
    if (entry["duration_s"].is_null()) return;
    const double seconds = static_cast<double>(samples->size()) / 16'000;
    EXPECT_NEAR(seconds, entry["duration_s"].get<double>(), 0.5);
    // Encoder delay of half a step costs up to 0.4; another recording or silence stays under 0.3.
    if (expect != "ok_or_error") {
      EXPECT_GT(Likeness(*samples, reference_), 0.5);
    }
  }

  std::vector<double> reference_;
};

TEST_F(FormatsTest, EveryFileIsTakenAsItsManifestExpects) {
  const std::vector<json> entries = Manifest("formats");
  ASSERT_EQ(entries.size(), 127u);
  for (const json& entry : entries) {
    Check(entry, DecodeFile(SharedDirectory() + "/speech/" + entry["path"].get<std::string>()));
  }
}

TEST_F(FormatsTest, NoFileTakesMuchMemory) {
  // The children of the tests before this one count as well; so run one that lies about its size.
  (void)DecodeFile(SharedDirectory() + "/speech/formats/odd-huge-rate.wav");
  rusage usage{};
  ASSERT_EQ(::getrusage(RUSAGE_CHILDREN, &usage), 0);
#ifndef WT_DEBUG_CHECKS  // Sanitizers multiply memory.
  EXPECT_LT(usage.ru_maxrss, 256L << 10) << "KiB";
#endif
}

TEST_F(FormatsTest, APipeGivesWhatTheFileGives) {
  const std::vector<json> entries = Manifest("formats");
  // Every tenth: containers with their index at the end and the native reader are among them.
  for (std::size_t i = 0; i < entries.size(); i += 10) {
    const std::string path = SharedDirectory() + "/speech/" + entries[i]["path"].get<std::string>();
    Result<platform::Pipe> pipe = platform::MakePipe();
    ASSERT_TRUE(pipe.ok());
    std::thread writer([&pipe, &path] {
      std::ifstream file(path, std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(file), {});
      for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t count =
            ::write(pipe->write_end.get(), bytes.data() + done, bytes.size() - done);
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
      }
      pipe->write_end.Reset();
    });
    auto source =
        media::OpenAudioDescriptor(std::move(pipe->read_end), path, {.helper_path = HelperPath()});
    writer.join();
    Check(entries[i],
          source.ok() ? ReadToEnd(source->get()) : Result<std::vector<float>>(source.status()));
  }
}

TEST_F(FormatsTest, StereoWithOddContentKeepsItsSpeech) {
  for (const char* name : {"phase-inverted-dev.flac", "right-only-dev.flac"}) {
    const auto samples = DecodeFile(SharedDirectory() + "/speech/stereo/" + name);
    ASSERT_TRUE(samples.ok()) << name;
    EXPECT_GT(Likeness(*samples, reference_), 0.99) << name;
  }
  const auto silent =
      DecodeFile(SharedDirectory() + "/speech/stereo/right-only-dev.flac", {.channel = 0});
  ASSERT_TRUE(silent.ok());
  EXPECT_TRUE(std::all_of(silent->begin(), silent->end(), [](float x) { return x == 0.0F; }));
}

struct Sums {
  std::string md5;
  double rms = 0.0;
};

/// As audio.json has them: of 16-bit samples.
Sums SumsOf(const std::vector<float>& samples) {
  std::vector<std::int16_t> pcm;
  double energy = 0.0;
  for (const float x : samples) {
    pcm.push_back(static_cast<std::int16_t>(
        std::clamp(std::lrint(static_cast<double>(x) * 32768.0), -32768L, 32767L)));
    energy += static_cast<double>(x) * x;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(pcm.data(), pcm.size() * sizeof(pcm[0]), digest, &size, EVP_md5(), nullptr);
  Sums sums{.md5 = {}, .rms = std::sqrt(energy / static_cast<double>(samples.size()))};
  for (unsigned i = 0; i < size; ++i) {
    sums.md5 += "0123456789abcdef"[digest[i] >> 4];
    sums.md5 += "0123456789abcdef"[digest[i] & 15];
  }
  return sums;
}

TEST_F(FormatsTest, GoldenSumsHold) {
  std::ifstream file(SharedDirectory() + "/reference/audio.json");
  if (!file) GTEST_SKIP() << "no golden sums";
  // Lossless and 16 kHz: bit for bit. Otherwise the resampler is another one.
  const std::vector<std::string> exact = {"wav-s16.wav", "flac-16.flac", "wav-f32.wav",
                                          "wav-s24.wav", "wav-u8.wav",   "m4a-alac.m4a"};
  const json golden = json::parse(file);
  ASSERT_EQ(golden["files"].size(), 20u);
  for (const json& entry : golden["files"]) {
    const std::string path = entry["path"];
    const std::string name = std::filesystem::path(path).filename();
    SCOPED_TRACE(name);
    const auto samples = DecodeFile(SharedDirectory() + "/" + path);
    ASSERT_TRUE(samples.ok());
    EXPECT_EQ(samples->size(), entry["samples"].get<std::size_t>());
    const Sums sums = SumsOf(*samples);
    if (std::find(exact.begin(), exact.end(), name) != exact.end()) {
      EXPECT_EQ(sums.md5, entry["pcm_s16le_md5"].get<std::string>());
    }
    // ffmpeg scales the centre of 5.1 down although the other channels are silent.
    if (name != "wav-5ch1-48k.flac") {
      EXPECT_NEAR(sums.rms, entry["rms"].get<double>(), 1e-3);
    }
  }
}

}  // namespace
}  // namespace wt::apps::transcriber_media
