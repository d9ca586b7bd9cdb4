// Cues that read well, for viewers rather than for parity with the reference.
//
// Method, in the order of the steps:
//   1. Words are joined into runs that no cue may cross: a pause of kHardPauseMs ends a run, and so
//      does another speaker.
//   2. A run is cut at sentence ends into pieces; a piece that does not fit into one cue (columns x
//      lines, longest duration) is cut in two at the cheapest place, again and again. A cut costs
//      its distance from the middle; clause marks and pauses make it cheaper.
//   3. Neighbouring pieces of a run that fit into one cue together are joined when one of them
//      would be shown too briefly to be read.
//   4. A cue is shown longer where reading speed or the shortest duration asks for it and the next
//      cue leaves time; gaps below the minimum are opened by ending the earlier cue sooner.
//   5. Lines are broken so that the longest line is as short as possible (line_breaks.h).
// Segments without word times are one cue each; only steps 4 and 5 apply.
#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>

#include "formats/cues.h"
#include "formats/line_breaks.h"
#include "formats/text.h"
#include "formats/times.h"

namespace wt::formats {
namespace {

// Nobody expects one sentence to go on over a silence this long.
constexpr std::int64_t kHardPauseMs = 2'000;
// A pause that sounds like a comma.
constexpr std::int64_t kSoftPauseMs = 300;
constexpr int kDefaultLineWidth = 42;  // EBU-TT and most broadcasters.
constexpr int kDefaultLineCount = 2;
// A run longer than this is cut in the middle first: keeps the search for cuts linear in practice.
constexpr std::size_t kRunWordsMax = 400;

using Words = std::span<const CueWord>;

bool EndsWithAny(std::string_view text, std::initializer_list<std::string_view> marks) {
  return std::any_of(marks.begin(), marks.end(),
                     [text](std::string_view mark) { return text.ends_with(mark); });
}

bool EndsSentence(std::string_view word) {
  return EndsWithAny(StripSpace(word), {".", "?", "!", "…", "。", "？", "！", ".\"", "?\"", "!\"",
                                        ".”", "?”", "!”", "۔", "؟", "।"});
}

bool EndsClause(std::string_view word) {
  return EndsWithAny(StripSpace(word), {",", ";", ":", "–", "—", "、", "，", "；", "：", "،"});
}

std::string Join(Words words) {
  std::string text;
  for (const CueWord& word : words) text += word.text;
  return std::string(StripSpace(text));
}

class Balancer {
 public:
  explicit Balancer(const SubtitleOptions& options)
      : width_(options.max_line_width > 0 ? options.max_line_width : kDefaultLineWidth),
        lines_max_(options.max_line_count > 0 ? options.max_line_count : kDefaultLineCount),
        speed_max_(options.reading_speed_max),
        duration_min_ms_(ToMilliseconds(options.min_duration_s)),
        duration_max_ms_(ToMilliseconds(options.max_duration_s)),
        gap_min_ms_(ToMilliseconds(options.min_gap_s)) {}

  std::vector<Cue> Build(const std::vector<Segment>& segments,
                         const std::vector<std::string>& speakers) {
    std::vector<CueWord> run;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const Segment& segment = segments[i];
      if (!segment.words || SpeakerOf(speakers, i) != SpeakerOf(speakers, segment_)) {
        FinishRun(&run);
      }
      segment_ = i;
      if (!segment.words) {
        AddWhole(segment);
        continue;
      }
      for (const Word& word : *segment.words) {
        CueWord timed{CleanWord(word.text), ToMilliseconds(word.start_s),
                      ToMilliseconds(word.end_s)};
        timed.end_ms = std::max(timed.start_ms, timed.end_ms);
        if (!run.empty() && timed.start_ms - run.back().end_ms >= kHardPauseMs) FinishRun(&run);
        run.push_back(std::move(timed));
        if (run.size() >= kRunWordsMax && EndsClause(run.back().text)) FinishRun(&run);
      }
    }
    FinishRun(&run);
    AdjustTimes();
    return std::move(cues_);
  }

 private:
  void AddWhole(const Segment& segment) {
    Cue cue;
    cue.start_ms = ToMilliseconds(segment.start_s);
    cue.end_ms = std::max(cue.start_ms, ToMilliseconds(segment.end_s));
    std::string text = BreakLines(CleanLine(segment.text), width_);
    cue.words.push_back({std::move(text), cue.start_ms, cue.end_ms});
    cue.segment = segment_;
    cues_.push_back(std::move(cue));
  }

  bool Fits(Words words) const {
    if (words.size() <= 1) return true;
    return words.back().end_ms - words.front().start_ms <= duration_max_ms_ &&
           CountLines(BreakLines(Join(words), width_)) <= lines_max_;
  }

  void FinishRun(std::vector<CueWord>* run) {
    const std::vector<CueWord> words = std::exchange(*run, {});
    pieces_.clear();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i + 1 < words.size() && !EndsSentence(words[i].text)) continue;
      Cut(Words(words).subspan(begin, i + 1 - begin));
      begin = i + 1;
    }
    JoinShortPieces();
    for (const Words piece : pieces_) AddCue(piece);
  }

  void Cut(Words words) {
    std::vector<Words> waiting = {words};
    while (!waiting.empty()) {
      const Words next = waiting.back();
      waiting.pop_back();
      if (Fits(next)) {
        pieces_.push_back(next);
        continue;
      }
      const std::size_t at = CheapestCut(next);
      waiting.push_back(next.subspan(at));
      waiting.push_back(next.first(at));
    }
  }

  // REQUIRES: at least two words. The place is the index of the second part's first word.
  static std::size_t CheapestCut(Words words) {
    std::size_t best = 1;
    double best_cost = 0;
    for (std::size_t at = 1; at < words.size(); ++at) {
      const double share = static_cast<double>(at) / static_cast<double>(words.size());
      // 0 in the middle, 1 at an end. Marks may move the cut by a fifth of the length, no more.
      double cost = std::abs(share - 0.5) * 2;
      if (EndsClause(words[at - 1].text)) cost -= 0.4;
      if (words[at].start_ms - words[at - 1].end_ms >= kSoftPauseMs) cost -= 0.3;
      if (at == 1 || cost < best_cost) {
        best = at;
        best_cost = cost;
      }
    }
    return best;
  }

  bool TooBrief(Words words) const {
    const std::int64_t shown = words.back().end_ms - words.front().start_ms;
    return shown < std::max(duration_min_ms_, ReadingTime(DisplayWidth(Join(words))));
  }

  std::int64_t ReadingTime(int columns) const { return ToMilliseconds(columns / speed_max_); }

  // The pieces of a run lie one after the other in memory, so two neighbours are one span again.
  void JoinShortPieces() {
    std::vector<Words> joined;
    for (const Words piece : pieces_) {
      if (!joined.empty()) {
        const Words both(joined.back().data(), joined.back().size() + piece.size());
        if ((TooBrief(joined.back()) || TooBrief(piece)) && Fits(both)) {
          joined.back() = both;
          continue;
        }
      }
      joined.push_back(piece);
    }
    pieces_ = std::move(joined);
  }

  void AddCue(Words words) {
    if (words.empty() || Join(words).empty()) return;
    Cue cue;
    cue.start_ms = words.front().start_ms;
    cue.end_ms = words.back().end_ms;
    cue.words = BreakWords(words, width_);
    cue.has_word_times = true;
    cue.segment = segment_;
    cues_.push_back(std::move(cue));
  }

  void AdjustTimes() {
    for (std::size_t i = 0; i < cues_.size(); ++i) {
      Cue& cue = cues_[i];
      std::int64_t columns = 0;
      for (const CueWord& word : cue.words) columns += DisplayWidth(word.text);
      const std::int64_t wanted = std::min(
          duration_max_ms_, std::max(duration_min_ms_, ReadingTime(static_cast<int>(columns))));
      std::int64_t end = std::max(cue.end_ms, cue.start_ms + wanted);
      if (i + 1 < cues_.size()) {
        const std::int64_t latest = cues_[i + 1].start_ms - gap_min_ms_;
        // A cue too short to give up the gap keeps its end, unless it would overlap the next one.
        end = latest > cue.start_ms ? std::min(end, latest)
                                    : std::min(cue.end_ms, cues_[i + 1].start_ms);
      }
      cue.end_ms = std::max(cue.start_ms, end);
    }
  }

  const int width_;
  const int lines_max_;
  const double speed_max_;
  const std::int64_t duration_min_ms_;
  const std::int64_t duration_max_ms_;
  const std::int64_t gap_min_ms_;
  std::vector<Cue> cues_;
  // The one whose words were added last; all words of a run are of one speaker.
  std::size_t segment_ = 0;
  std::vector<Words> pieces_;  // Views into the run that FinishRun() holds.
};

}  // namespace

std::vector<Cue> BalancedCues(const Transcript& transcript, const SubtitleOptions& options,
                              const std::vector<std::string>& speakers) {
  return Balancer(options).Build(transcript.segments, speakers);
}

}  // namespace wt::formats
