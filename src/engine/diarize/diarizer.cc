#include "engine/diarize/diarizer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/status_macros.h"
#include "engine/diarize/networks/weights_rules.h"
#include "engine/diarize/recipe/activity.h"
#include "engine/diarize/recipe/clusters.h"
#include "platform/file.h"

namespace wt::diarize {
namespace {

// Voice windows embedded by one piece of work, and the scratches that share them out: 6 MB each.
constexpr int kVoiceBatch = 12;
constexpr int kVoiceTasksMax = 8;
// Windows of which less is active tell nothing about a voice.
constexpr float kUsedShareMin = 0.5f;
// A frame can only be active later if its average is about that large; a little less is taken, so
// that rounding cannot make a difference.
constexpr float kCandidateMin = 0.29f;

Status Cancelled() { return Status(StatusCode::kCancelled, "cancelled"); }

// NaN and infinity count as 0; others are limited to what keeps all layers far from overflow.
float Clean(float x) {
  constexpr float kSampleMax = 1e6f;
  return std::isfinite(x) ? std::clamp(x, -kSampleMax, kSampleMax) : 0.0f;
}

FrameIndex FrameFrom(double seconds) {
  return static_cast<FrameIndex>(
      std::ceil((seconds * kSampleRate - kFrameReach / 2.0) / kFrameStep));
}

class Run {
 public:
  Run(const SpeakerModel& model, DiarizeInput input)
      : model_(model), input_(std::move(input)), frames_(input_.samples), tasks_(kVoiceTasksMax) {}

  Result<Diarization> All() {
    WT_TRY(input_.source->Seek(0));
    const std::int64_t count = ActivityWindows(input_.samples);
    for (std::int64_t first = 0; first < count; first += kSegmentationBatch) {
      const auto batch =
          static_cast<int>(std::min<std::int64_t>(kSegmentationBatch, count - first));
      WT_TRY(ReadTo((first + batch - 1) * kActivityHopSamples + kSegmentationSamples));
      WT_TRY(Segment(first, batch));
      const bool last = first + batch == count;
      const SampleIndex settled =
          last ? input_.samples : (first + batch) * std::int64_t{kActivityHopSamples};
      WT_TRY(EmbedUpTo(settled, last));
      Forget(std::min((first + batch) * std::int64_t{kActivityHopSamples},
                      next_voice_ * kVoiceHopSamples));
      if (input_.progress) input_.progress(settled);
    }
    input_.detector->Finish(&vad_);
    samples_ = {};
    return Conclude();
  }

 private:
  /// Samples up to `end` are held, zeros beyond the recording's end.
  Status ReadTo(SampleIndex end) {
    while (first_ + static_cast<SampleIndex>(samples_.size()) < end) {
      if (base::Cancelled(input_.cancel)) return Cancelled();
      const std::size_t held = samples_.size();
      // A second at a time: sources may be slow, and cancelling must not wait.
      const SampleIndex want =
          std::min<SampleIndex>(kSampleRate, end - first_ - static_cast<SampleIndex>(held));
      samples_.resize(held + static_cast<std::size_t>(want));
      std::span<float> rest(samples_.data() + held, static_cast<std::size_t>(want));
      while (!ended_ && !rest.empty()) {
        WT_ASSIGN(const std::size_t got, input_.source->Read(rest));
        ended_ = got == 0;
        std::transform(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(got), rest.begin(),
                       Clean);
        input_.detector->Feed(rest.first(got), &vad_);
        rest = rest.subspan(got);
      }
    }
    return Status();
  }

  void Forget(SampleIndex before) {
    const auto gone =
        std::clamp<SampleIndex>(before - first_, 0, static_cast<SampleIndex>(samples_.size()));
    samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(gone));
    first_ += gone;
  }

  const float* At(SampleIndex sample) const { return samples_.data() + (sample - first_); }

  Status Segment(std::int64_t first, int batch) {
    std::vector<const float*> windows;
    for (int i = 0; i < batch; ++i) windows.push_back(At((first + i) * kActivityHopSamples));
    scores_.resize(static_cast<std::size_t>(kSegmentationBatch));
    WT_TRY(input_.compute([&](platform::ThreadPool* pool) {
      return model_.segmentation().Run(windows, pool, input_.cancel, &segmentation_scratch_,
                                       std::span(scores_).first(windows.size()));
    }));
    for (int i = 0; i < batch; ++i) {
      frames_.Add(first + i, scores_[static_cast<std::size_t>(i)]);
    }
    return Status();
  }

  /// Voice windows of which all neighbouring frames are settled.
  Status EmbedUpTo(SampleIndex settled, bool last) {
    std::vector<std::int64_t> wanted;
    // The last quarter of a second belongs to frames that look at this window and the next one.
    constexpr SampleIndex kReach = kVoiceWindowSamples + kVoiceHopSamples / 4;
    const SampleIndex shortest = next_voice_ == 0 && last && input_.samples < kVoiceWindowSamples
                                     ? kVoiceSamplesMin
                                     : kVoiceWindowSamples;
    while (next_voice_ * kVoiceHopSamples + shortest <= input_.samples &&
           (last || next_voice_ * kVoiceHopSamples + kReach <= settled)) {
      windows_.push_back({});
      if (IsNeeded(next_voice_)) wanted.push_back(next_voice_);
      ++next_voice_;
      if (static_cast<int>(wanted.size()) == kVoiceBatch) {
        WT_TRY(Embed(wanted));
        wanted.clear();
      }
    }
    return wanted.empty() ? Status() : Embed(wanted);
  }

  /// True when some frame that may be active looks at the window.
  bool IsNeeded(std::int64_t window) const {
    const double middle =
        static_cast<double>(window * kVoiceHopSamples + kVoiceWindowSamples / 2) / kSampleRate;
    const FrameIndex begin = window == 0 ? 0 : FrameFrom(middle - 1.01);
    // Frames behind the last window look at it too.
    const bool is_last = (window + 1) * kVoiceHopSamples + kVoiceWindowSamples > input_.samples;
    const FrameIndex end = is_last ? frames_.count() : FrameFrom(middle + 1.01);
    return frames_.AnyAbove(kCandidateMin, begin, end);
  }

  Status Embed(const std::vector<std::int64_t>& wanted) {
    return input_.compute([&](platform::ThreadPool* pool) {
      const auto count = static_cast<int>(wanted.size());
      const int tasks = pool == nullptr ? 1 : std::min({pool->threads(), kVoiceTasksMax, count});
      const auto task = [&](std::ptrdiff_t index) {
        for (auto i = static_cast<int>(index); i < count; i += tasks) {
          if (base::Cancelled(input_.cancel)) return;
          const std::int64_t window = wanted[static_cast<std::size_t>(i)];
          const SampleIndex begin = window * kVoiceHopSamples;
          const auto length = std::min<SampleIndex>(kVoiceWindowSamples, input_.samples - begin);
          windows_[static_cast<std::size_t>(window)].vector =
              Normalised(model_.voice().Embed({At(begin), static_cast<std::size_t>(length)},
                                              &tasks_[static_cast<std::size_t>(index)]));
        }
      };
      if (pool == nullptr) {
        task(0);
      } else {
        pool->ParallelFor(tasks, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
          for (std::ptrdiff_t index = begin; index < end; ++index) task(index);
        });
      }
      return base::Cancelled(input_.cancel) ? Cancelled() : Status();
    });
  }

  Result<Diarization> Conclude() {
    const Activity activity = frames_.Finish();
    const std::vector<bool> active = ActiveFrames(activity, vad_);
    Diarization result;
    if (std::find(active.begin(), active.end(), true) == active.end()) return result;
    std::vector<VoiceVector> used;
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      windows_[i].active = ActiveShare(active, static_cast<std::int64_t>(i));
      if (windows_[i].active >= kUsedShareMin) used.push_back(windows_[i].vector);
    }
    WT_ASSIGN(Voices voices, FindVoices(used, static_cast<double>(kVoiceHopSamples) / kSampleRate,
                                        input_.options, model_.kernels(), input_.cancel));
    // Too little speech to know a voice: one speaker, then.
    if (voices.centroids.empty()) voices.centroids.push_back(VoiceVector{});
    TurnInput turns;
    turns.centroids = voices.centroids;
    turns.windows = windows_;
    turns.active = &active;
    turns.overlap = activity.overlap;
    turns.duration_s = static_cast<double>(input_.samples) / kSampleRate;
    turns.cancel = input_.cancel;
    WT_ASSIGN(result.turns, FindTurns(turns));
    for (const Turn& turn : result.turns) {
      result.speakers = std::max(result.speakers, turn.speaker + 1);
    }
    result.forced = voices.forced;
    return result;
  }

  static float ActiveShare(const std::vector<bool>& active, std::int64_t window) {
    const double start = static_cast<double>(window * kVoiceHopSamples) / kSampleRate;
    const auto count = static_cast<FrameIndex>(active.size());
    const FrameIndex begin = std::clamp<FrameIndex>(FrameFrom(start), 0, count);
    const FrameIndex end = std::clamp<FrameIndex>(
        FrameFrom(start + static_cast<double>(kVoiceWindowSamples) / kSampleRate), 0, count);
    if (begin == end) return 0;
    const auto there = std::count(active.begin() + begin, active.begin() + end, true);
    return static_cast<float>(there) / static_cast<float>(end - begin);
  }

  const SpeakerModel& model_;
  DiarizeInput input_;
  ActivityFrames frames_;
  SegmentationNetwork::Scratch segmentation_scratch_;
  std::vector<VoiceNetwork::Scratch> tasks_;
  std::vector<ClassScores> scores_;
  /// Samples from first_ on.
  std::vector<float> samples_;
  SampleIndex first_ = 0;
  bool ended_ = false;
  std::vector<float> vad_;
  std::vector<VoiceWindow> windows_;
  std::int64_t next_voice_ = 0;
};

Result<platform::MappedFile> OpenWeights(const std::string& path) {
  auto file = platform::MappedFile::Open(path, kWeightsBytesMax);
  if (file.status().code() != StatusCode::kNotFound) return file;
  return Status(StatusCode::kFailedPrecondition,
                "speakers cannot be told apart: the model 'speaker' is not installed. Fetch it: "
                "transcriber models pull speaker",
                InternalDetail(path));
}

}  // namespace

Result<std::shared_ptr<const SpeakerModel>> SpeakerModel::Load(const std::string& directory,
                                                               const kernels::KernelSet& kernels) {
  std::shared_ptr<SpeakerModel> model(new SpeakerModel());
  model->kernels_ = &kernels;
  const std::string segmentation_path = directory + "/" + kSegmentationFile;
  WT_ASSIGN(const auto segmentation_file, OpenWeights(segmentation_path));
  auto segmentation = SegmentationNetwork::Read(segmentation_file.bytes(), kernels);
  if (!segmentation.ok()) return segmentation.status().WithContext(segmentation_path);
  model->segmentation_ = *segmentation;
  const std::string voice_path = directory + "/" + kVoiceFile;
  WT_ASSIGN(const auto voice_file, OpenWeights(voice_path));
  auto voice = VoiceNetwork::Read(voice_file.bytes(), kernels);
  if (!voice.ok()) return voice.status().WithContext(voice_path);
  model->voice_ = *voice;
  return std::shared_ptr<const SpeakerModel>(std::move(model));
}

Result<Diarization> Diarize(const SpeakerModel& model, DiarizeInput input) {
  return Run(model, std::move(input)).All();
}

}  // namespace wt::diarize
