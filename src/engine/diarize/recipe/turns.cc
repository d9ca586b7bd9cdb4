#include "engine/diarize/recipe/turns.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>

#include "base/status_macros.h"
#include "engine/diarize/recipe/clusters.h"

namespace wt::diarize {
namespace {

constexpr double kGain = 4;
constexpr double kChangeCost = 2.4;
constexpr double kChangeDecay = 0.3;
constexpr double kShareFloor = 0.2;
constexpr float kOverlapMin = 0.25f;
constexpr double kTurnSecondsMin = 0.05;
constexpr FrameIndex kFramesBetweenChecks = 1 << 16;

/// Cosine of each window to each voice: [window][voice].
std::vector<float> WindowScores(const TurnInput& input) {
  std::vector<float> scores;
  scores.reserve(input.windows.size() * input.centroids.size());
  for (const VoiceWindow& window : input.windows) {
    for (const VoiceVector& centroid : input.centroids) {
      scores.push_back(static_cast<float>(Cosine(window.vector, centroid)));
    }
  }
  return scores;
}

class Path {
 public:
  explicit Path(const TurnInput& input)
      : input_(input), voices_(input.centroids.size()), window_scores_(WindowScores(input)) {}

  /// The voice of each active frame (others -1), and of a second one where two speak.
  Status Find(std::vector<std::int8_t>* first, std::vector<std::int8_t>* second) {
    const std::vector<bool>& active = *input_.active;
    const auto count = static_cast<FrameIndex>(active.size());
    first->assign(active.size(), -1);
    second->assign(active.size(), -1);
    std::vector<double> best(voices_), next(voices_), score(voices_);
    from_.assign(active.size() * voices_, 0);
    FrameIndex last = -1;
    for (FrameIndex frame = 0; frame < count; ++frame) {
      if (frame % kFramesBetweenChecks == 0 && base::Cancelled(input_.cancel)) {
        return Status(StatusCode::kCancelled, "cancelled");
      }
      if (!active[static_cast<std::size_t>(frame)]) continue;
      Score(frame, &score);
      const double skipped = static_cast<double>(frame - last - 1);
      Step(frame, last < 0 ? 0 : kChangeCost / (1 + kChangeDecay * skipped), score, best, &next);
      std::swap(best, next);
      last = frame;
    }
    if (last < 0) return Status();
    auto voice =
        static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
    for (FrameIndex frame = last; frame >= 0; --frame) {
      const auto at = static_cast<std::size_t>(frame);
      if (!active[at]) continue;
      (*first)[at] = static_cast<std::int8_t>(voice);
      if (input_.overlap[at] >= kOverlapMin) (*second)[at] = Second(frame, voice, &score);
      voice = from_[at * voices_ + voice];
    }
    return Status();
  }

 private:
  /// Between the middles of two windows in proportion, weighted by how much speech each holds.
  void Score(FrameIndex frame, std::vector<double>* out) const {
    const auto windows = static_cast<std::ptrdiff_t>(input_.windows.size());
    std::fill(out->begin(), out->end(), 0.0);
    if (windows == 0) return;
    constexpr double kHop = static_cast<double>(kVoiceHopSamples) / kSampleRate;
    constexpr double kMiddle = static_cast<double>(kVoiceWindowSamples) / 2 / kSampleRate;
    const double place = (FrameMiddle(frame) - kMiddle) / kHop;
    const double floor = std::floor(place);
    const auto left =
        std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(floor), 0, windows - 1);
    const auto right =
        std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(floor) + 1, 0, windows - 1);
    const auto weight = [&](std::ptrdiff_t window, double share) {
      const auto& entry = input_.windows[static_cast<std::size_t>(window)];
      return share * (kShareFloor + static_cast<double>(entry.active));
    };
    const double a = weight(left, 1 - (place - floor)), b = weight(right, place - floor);
    for (std::size_t v = 0; v < voices_; ++v) {
      const auto score = [&](std::ptrdiff_t window) {
        return static_cast<double>(window_scores_[static_cast<std::size_t>(window) * voices_ + v]);
      };
      (*out)[v] = (a * score(left) + b * score(right)) / (a + b);
    }
  }

  void Step(FrameIndex frame, double cost, const std::vector<double>& score,
            const std::vector<double>& best, std::vector<double>* next) {
    const auto leader =
        static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
    for (std::size_t v = 0; v < voices_; ++v) {
      const bool stays = best[v] >= best[leader] - cost;
      (*next)[v] = kGain * score[v] + (stays ? best[v] : best[leader] - cost);
      from_[static_cast<std::size_t>(frame) * voices_ + v] =
          static_cast<std::uint8_t>(stays ? v : leader);
    }
  }

  std::int8_t Second(FrameIndex frame, std::size_t voice, std::vector<double>* score) const {
    if (voices_ < 2) return -1;
    Score(frame, score);
    std::size_t best = voice == 0 ? 1 : 0;
    for (std::size_t v = 0; v < voices_; ++v) {
      if (v != voice && (*score)[v] > (*score)[best]) best = v;
    }
    return static_cast<std::int8_t>(best);
  }

  const TurnInput& input_;
  const std::size_t voices_;
  const std::vector<float> window_scores_;
  /// [frame][voice]: where the best path to it comes from. A byte each: 256 voices at most.
  std::vector<std::uint8_t> from_;
};

/// Runs of one voice in either list, longer than a slip.
void AddRuns(const std::vector<std::int8_t>& first, const std::vector<std::int8_t>& second,
             int voice, double duration_s, std::vector<Turn>* turns) {
  const auto here = [&](std::size_t i) { return first[i] == voice || second[i] == voice; };
  for (std::size_t begin = 0; begin < first.size(); ++begin) {
    if (!here(begin)) continue;
    std::size_t end = begin;
    while (end < first.size() && here(end)) ++end;
    const double start_s =
        std::max(0.0, FrameMiddle(static_cast<FrameIndex>(begin)) - kFrameSeconds / 2);
    const double end_s =
        std::min(duration_s, FrameMiddle(static_cast<FrameIndex>(end) - 1) + kFrameSeconds / 2);
    if (end_s - start_s >= kTurnSecondsMin) turns->push_back({start_s, end_s, voice});
    begin = end;
  }
}

}  // namespace

Result<std::vector<Turn>> FindTurns(const TurnInput& input) {
  std::vector<Turn> turns;
  if (input.centroids.empty()) return turns;
  std::vector<std::int8_t> first, second;
  WT_TRY(Path(input).Find(&first, &second));
  for (std::size_t v = 0; v < input.centroids.size(); ++v) {
    AddRuns(first, second, static_cast<int>(v), input.duration_s, &turns);
  }
  std::sort(turns.begin(), turns.end(), [](const Turn& a, const Turn& b) {
    return std::tuple(a.start_s, a.end_s, a.speaker) < std::tuple(b.start_s, b.end_s, b.speaker);
  });
  std::vector<int> numbers(input.centroids.size(), -1);
  int used = 0;
  for (Turn& turn : turns) {
    int& number = numbers[static_cast<std::size_t>(turn.speaker)];
    if (number < 0) number = used++;
    turn.speaker = number;
  }
  return turns;
}

TurnIndex::TurnIndex(std::span<const Turn> turns) : turns_(turns) {
  for (const Turn& turn : turns) {
    latest_ends_.push_back(latest_ends_.empty() ? turn.end_s
                                                : std::max(latest_ends_.back(), turn.end_s));
  }
}

const Turn* TurnIndex::At(double start_s, double end_s) const {
  const double middle = (start_s + end_s) / 2;
  const Turn* best = nullptr;
  std::pair<double, double> least;
  const auto consider = [&](const Turn& turn) {
    const double away = std::max({0.0, turn.start_s - middle, middle - turn.end_s});
    const std::pair<double, double> rank(away, std::abs((turn.start_s + turn.end_s) / 2 - middle));
    if (best != nullptr && rank >= least) return;
    best = &turn;
    least = rank;
  };
  const auto after =
      std::upper_bound(turns_.begin(), turns_.end(), middle,
                       [](double at, const Turn& turn) { return at < turn.start_s; });
  // Of those that begin later the first is the nearest.
  if (after != turns_.end()) consider(*after);
  for (auto i = after - turns_.begin() - 1; i >= 0; --i) {
    const double nearest_end = latest_ends_[static_cast<std::size_t>(i)];
    if (best != nullptr && middle - nearest_end > least.first) break;
    consider(turns_[static_cast<std::size_t>(i)]);
  }
  return best;
}

}  // namespace wt::diarize
