#include "engine/features/audio_window.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/status_macros.h"

namespace wt::features {
namespace {

// The reference appends 30 s of zeros: 3000 frames after the file's.
constexpr FrameIndex kAppendedFrames = kWindowFrames;
// A block of the first pass is 10 s; a thread takes 1 s at a time.
constexpr int kBlockFrames = 1'000;
constexpr int kChunkFrames = 100;
constexpr std::size_t kBlockSamples = std::size_t{kBlockFrames} * kHopSamples;

std::size_t SamplesUnder(int frames) {
  return frames == 0 ? 0 : static_cast<std::size_t>(frames - 1) * kHopSamples + kFrameSamples;
}

Status CheckLength(SampleIndex samples, SampleIndex samples_max) {
  if (samples <= samples_max) return {};
  return Status(
      StatusCode::kResourceExhausted,
      fmt::format("the audio is longer than {} s; split it into parts", samples_max / kSampleRate));
}

}  // namespace

MelStream::MelStream(AudioSource& source, const LogMel& log_mel)
    : log_mel_(log_mel), ring_(source) {}

void MelStream::Resume(const Totals& totals) { totals_ = totals; }

Status MelStream::Samples(SampleIndex begin, std::span<float> out) {
  const SampleIndex there =
      std::clamp<SampleIndex>(totals_.samples - begin, 0, static_cast<SampleIndex>(out.size()));
  const auto count = static_cast<std::size_t>(there);
  std::fill(out.begin() + there, out.end(), 0.0f);
  if (count == 0) return {};
  return ring_.Read(begin, out.first(count));
}

// Fills samples_ with what the frames [first, first + frames) cover: the file, zeros after it, and
// before it the reflection x[-k] = x[k].
Status MelStream::Gather(FrameIndex first, int frames) {
  samples_.resize(SamplesUnder(frames));
  const SampleIndex begin = first * kHopSamples - kFrameContext;
  const auto reflected = static_cast<std::size_t>(std::max<SampleIndex>(-begin, 0));
  WT_TRY(Samples(std::max<SampleIndex>(begin, 0), std::span(samples_).subspan(reflected)));
  if (reflected == 0) return {};
  float mirror[kFrameContext + 1];
  WT_TRY(Samples(0, mirror));
  for (std::size_t k = 1; k <= reflected; ++k) samples_[reflected - k] = mirror[k];
  return {};
}

Status MelStream::Window(FrameIndex first, int frames, BeyondContent beyond, std::span<float> out) {
  WT_CHECK(first >= 0 && frames >= 0 && frames <= kWindowFrames);
  WT_CHECK(out.size() == static_cast<std::size_t>(log_mel_.n_mels()) * kWindowFrames);
  const FrameIndex end =
      content_frames() + (beyond == BeyondContent::kSilence ? kAppendedFrames : 0);
  const auto computed = static_cast<int>(std::clamp<FrameIndex>(end - first, 0, frames));
  if (computed > 0) {
    WT_TRY(Gather(first, computed));
    log_mel_.Compute(samples_, computed, out.data(), kWindowFrames);
    NormalizeLogMel(totals_.log_mel_max, log_mel_.n_mels(), computed, out.data(), kWindowFrames);
  }
  for (int m = 0; m < log_mel_.n_mels(); ++m) {
    float* row = out.data() + static_cast<std::ptrdiff_t>(m) * kWindowFrames;
    std::fill(row + computed, row + kWindowFrames, 0.0f);
  }
  return {};
}

float MelStream::BlockMax(int frames, platform::ThreadPool* pool) {
  const int chunks = (frames + kChunkFrames - 1) / kChunkFrames;
  float maxima[(kBlockFrames + kChunkFrames - 1) / kChunkFrames];
  const auto run = [&](std::ptrdiff_t begin, std::ptrdiff_t end, int /*worker*/) {
    for (auto chunk = static_cast<int>(begin); chunk < static_cast<int>(end); ++chunk) {
      const int first = chunk * kChunkFrames;
      maxima[chunk] = log_mel_.Compute(
          std::span(samples_).subspan(static_cast<std::size_t>(first) * kHopSamples),
          std::min(kChunkFrames, frames - first), scratch_.data() + first, kBlockFrames);
    }
  };
  if (pool != nullptr) {
    pool->ParallelFor(chunks, 1, run);
  } else {
    run(0, chunks, 0);
  }
  return *std::max_element(maxima, maxima + chunks);
}

// Takes the frames [*next, end) into the maximum. Their samples are still in the ring.
Status MelStream::MaxUpTo(FrameIndex end, platform::ThreadPool* pool, FrameIndex* next,
                          float* maximum) {
  while (*next < end) {
    const auto frames = static_cast<int>(std::min<FrameIndex>(end - *next, kBlockFrames));
    WT_TRY(Gather(*next, frames));
    *maximum = std::max(*maximum, BlockMax(frames, pool));
    *next += frames;
  }
  return {};
}

// The next block of the first pass: samples counted and passed on. 0 at the end.
Result<std::size_t> MelStream::ReadBlock(const FirstPassOptions& options) {
  if (base::Cancelled(options.cancel)) {
    return Status(StatusCode::kCancelled, "cancelled while reading the audio");
  }
  WT_ASSIGN(const std::size_t read, ring_.ReadOn(kBlockSamples));
  const SampleIndex before = totals_.samples;
  totals_.samples += static_cast<SampleIndex>(read);
  WT_TRY(CheckLength(totals_.samples, options.samples_max));
  if (read > 0 && options.on_samples) {
    samples_.resize(read);
    WT_TRY(ring_.Read(before, samples_));
    options.on_samples(samples_);
  }
  return read;
}

Result<Totals> MelStream::FirstPass(const FirstPassOptions& options) {
  WT_TRY(CheckLength(ring_.claimed_length().value_or(0), options.samples_max));
  WT_TRY(ring_.MoveEndTo(0));
  scratch_.resize(static_cast<std::size_t>(log_mel_.n_mels()) * kBlockFrames);
  totals_ = {};
  float maximum = kLogFloor;
  FrameIndex next = 0;
  for (std::size_t read = kBlockSamples; read == kBlockSamples;) {
    WT_ASSIGN(read, ReadBlock(options));
    // Frames whose right edge has been read.
    const SampleIndex edges = totals_.samples - kFrameContext;
    if (edges >= 0) WT_TRY(MaxUpTo(edges / kHopSamples + 1, options.pool, &next, &maximum));
  }
  // The last frames that touch a sample; those after them are silence, the floor itself.
  WT_TRY(
      MaxUpTo((totals_.samples + kFrameContext) / kHopSamples + 1, options.pool, &next, &maximum));
  totals_.log_mel_max = maximum;
  scratch_ = {};
  return totals_;
}

}  // namespace wt::features
