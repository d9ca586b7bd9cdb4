// Cues by the rules of openai-whisper 20250625, utils.py, SubtitlesWriter.iterate_result().
#include <algorithm>
#include <limits>
#include <utility>

#include "base/utf8.h"
#include "formats/cues.h"
#include "formats/text.h"
#include "formats/times.h"

namespace wt::formats {
namespace {

// A pause of more than this begins a cue when cues may run across segments.
constexpr double kLongPauseSeconds = 3.0;
// The reference's stand-in for "no limit".
constexpr int kUnlimited = 1000;

class Packer {
 public:
  explicit Packer(const SubtitleOptions& options)
      : keep_segments_(options.max_line_count == 0 || options.max_line_width == 0),
        line_width_(options.max_line_width > 0 ? options.max_line_width : kUnlimited),
        line_count_max_(options.max_line_count > 0 ? options.max_line_count
                                                   : std::numeric_limits<int>::max()),
        words_max_(options.max_words_per_line > 0 ? options.max_words_per_line : kUnlimited) {}

  // REQUIRES: every segment has words.
  std::vector<Cue> Pack(const std::vector<Segment>& segments,
                        const std::vector<std::string>& speakers) {
    last_start_ = FirstStart(segments);
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (SpeakerOf(speakers, i) != SpeakerOf(speakers, segment_)) {
        Finish();
        line_length_ = 0;
      }
      segment_ = i;
      int in_chunk = 0;
      for (const Word& word : *segments[i].words) {
        // A chunk is a run of words_max_ words; its first word may begin a cue.
        Add(word, in_chunk == 0);
        in_chunk = in_chunk + 1 == words_max_ ? 0 : in_chunk + 1;
      }
    }
    Finish();
    return std::move(cues_);
  }

 private:
  static double FirstStart(const std::vector<Segment>& segments) {
    for (const Segment& segment : segments) {
      if (!segment.words->empty()) return segment.words->front().start_s;
    }
    return segments.empty() ? 0.0 : segments.front().start_s;
  }

  void Add(const Word& word, bool first_of_chunk) {
    CueWord timed{CleanWord(word.text), ToMilliseconds(word.start_s), ToMilliseconds(word.end_s)};
    timed.end_ms = std::max(timed.start_ms, timed.end_ms);
    const int length = static_cast<int>(base::CountCodePoints(timed.text));
    const bool long_pause = !keep_segments_ && word.start_s - last_start_ > kLongPauseSeconds;
    const bool has_room = line_length_ + length <= line_width_;
    const bool segment_break = first_of_chunk && !cue_.empty() && keep_segments_;
    if (line_length_ > 0 && has_room && !long_pause && !segment_break) {
      line_length_ += length;
    } else {
      BeginLine(&timed, long_pause, segment_break);
    }
    cue_.push_back(std::move(timed));
    last_start_ = word.start_s;
  }

  void BeginLine(CueWord* word, bool long_pause, bool segment_break) {
    word->text = std::string(StripSpace(word->text));
    const int length = static_cast<int>(base::CountCodePoints(word->text));
    const bool full = line_count_ >= line_count_max_;
    const bool limited = line_count_max_ != std::numeric_limits<int>::max();
    if ((!cue_.empty() && limited && (long_pause || full)) || segment_break) {
      Finish();
    } else if (line_length_ > 0) {
      ++line_count_;
      word->text.insert(0, 1, '\n');
    }
    line_length_ = length;
  }

  void Finish() {
    if (cue_.empty()) return;
    Cue cue;
    cue.start_ms = cue_.front().start_ms;
    cue.end_ms = std::max(cue.start_ms, cue_.back().end_ms);
    cue.words = std::exchange(cue_, {});
    cue.has_word_times = true;
    cue.segment = segment_;
    cues_.push_back(std::move(cue));
    line_count_ = 1;
  }

  const bool keep_segments_;
  const int line_width_;
  const int line_count_max_;
  const int words_max_;
  std::vector<Cue> cues_;
  std::vector<CueWord> cue_;
  // The one whose words were added last; all words of a cue are of one speaker.
  std::size_t segment_ = 0;
  double last_start_ = 0;
  int line_length_ = 0;
  int line_count_ = 1;
};

}  // namespace

std::vector<Cue> ReferenceCues(const Transcript& transcript, const SubtitleOptions& options,
                               const std::vector<std::string>& speakers) {
  const std::vector<Segment>& segments = transcript.segments;
  // The reference asks the first one; of an edited transcript only some may have word times.
  const bool all_words = std::all_of(segments.begin(), segments.end(), [](const Segment& segment) {
    return segment.words.has_value();
  });
  if (all_words) return Packer(options).Pack(segments, speakers);
  std::vector<Cue> cues;
  for (const Segment& segment : segments) {
    Cue cue;
    cue.segment = cues.size();
    cue.start_ms = ToMilliseconds(segment.start_s);
    cue.end_ms = std::max(cue.start_ms, ToMilliseconds(segment.end_s));
    cue.words.push_back({CleanLine(segment.text), cue.start_ms, cue.end_ms});
    cues.push_back(std::move(cue));
  }
  return cues;
}

}  // namespace wt::formats
