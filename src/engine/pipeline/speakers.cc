// Speakers of a transcript: turns from diarize/, a speaker for each word, and segments that end
// where the speaker changes. It comes after the text and reads the audio once more, so checkpoints
// know nothing of it.
#include <algorithm>
#include <map>
#include <utility>

#include "base/status_macros.h"
#include "engine/diarize/diarizer.h"
#include "engine/pipeline/long_form.h"

namespace wt::pipeline {
namespace {

std::string SpeakerName(int number) { return "S" + std::to_string(number + 1); }

std::string SpeakerAt(const diarize::TurnIndex& turns, double start_s, double end_s) {
  const diarize::Turn* turn = turns.At(start_s, end_s);
  return turn == nullptr ? std::string() : SpeakerName(turn->speaker);
}

/// Who says most of the words, the first of them where two say as many.
std::string MostOf(const std::vector<Word>& words) {
  std::map<std::string, int> counts;
  for (const Word& word : words) ++counts[word.speaker];
  const Word* best = &words.front();
  for (const Word& word : words) {
    if (counts[word.speaker] > counts[best->speaker]) best = &word;
  }
  return best->speaker;
}

bool OneSpeaker(const std::vector<Word>& words) {
  return std::all_of(words.begin(), words.end(),
                     [&](const Word& word) { return word.speaker == words.front().speaker; });
}

/// Cuts a segment's tokens where its words are cut. A cut that falls inside a token cannot be made.
class TokenCutter {
 public:
  TokenCutter(const tokenizer::Tokenizer& tokenizer, const Segment& segment)
      : tokenizer_(tokenizer), segment_(segment) {}

  /// Moves the tokens of the next `bytes` bytes of text into `piece`; false when they do not end
  /// there. Timestamps go with the text before them.
  bool Take(std::size_t bytes, Segment* piece) {
    const TokenId eot = tokenizer_.special().eot;
    std::size_t taken = 0;
    while (at_ < segment_.tokens.size()) {
      const TokenId token = segment_.tokens[at_];
      const bool is_text = token < eot;
      if (is_text && taken == bytes) break;
      if (is_text) {
        taken += tokenizer_.DecodeBytes({&token, 1}).size();
        if (segment_.token_logprobs) TakeLogprob(piece);
      }
      piece->tokens.push_back(token);
      ++at_;
    }
    return taken == bytes;
  }

 private:
  void TakeLogprob(Segment* piece) {
    if (!piece->token_logprobs) piece->token_logprobs.emplace();
    if (score_ < segment_.token_logprobs->size()) {
      piece->token_logprobs->push_back((*segment_.token_logprobs)[score_++]);
    }
  }

  const tokenizer::Tokenizer& tokenizer_;
  const Segment& segment_;
  std::size_t at_ = 0;
  std::size_t score_ = 0;
};

/// The segment in pieces of one speaker each; empty when it cannot be cut.
std::vector<Segment> Cut(const tokenizer::Tokenizer& tokenizer, const Segment& segment) {
  const std::vector<Word>& words = *segment.words;
  std::string said;
  for (const Word& word : words) said += word.text;
  if (said != segment.text) return {};
  TokenCutter cutter(tokenizer, segment);
  std::vector<Segment> pieces;
  for (std::size_t begin = 0; begin < words.size();) {
    std::size_t end = begin;
    while (end < words.size() && words[end].speaker == words[begin].speaker) ++end;
    Segment piece = segment;
    piece.tokens.clear();
    piece.token_logprobs.reset();
    piece.text.clear();
    piece.words.emplace(words.begin() + static_cast<std::ptrdiff_t>(begin),
                        words.begin() + static_cast<std::ptrdiff_t>(end));
    for (const Word& word : *piece.words) piece.text += word.text;
    if (!cutter.Take(piece.text.size(), &piece)) return {};
    piece.speaker = words[begin].speaker;
    if (begin > 0) piece.start_s = std::max(words[begin].start_s, pieces.back().start_s);
    if (end < words.size()) piece.end_s = std::max(words[end - 1].end_s, piece.start_s);
    piece.end_s = std::max(piece.end_s, piece.start_s);
    pieces.push_back(std::move(piece));
    begin = end;
  }
  return pieces;
}

}  // namespace

std::vector<Segment> LongForm::SplitBySpeaker(std::vector<Segment> segments) const {
  std::vector<Segment> all;
  for (Segment& segment : segments) {
    std::vector<Segment> pieces;
    if (segment.words && !segment.words->empty()) {
      if (!OneSpeaker(*segment.words)) pieces = Cut(tokenizer_, segment);
      if (pieces.empty()) segment.speaker = MostOf(*segment.words);
    }
    if (pieces.empty()) pieces.push_back(std::move(segment));
    for (Segment& piece : pieces) {
      piece.id = static_cast<int>(all.size());
      all.push_back(std::move(piece));
    }
  }
  return all;
}

void LongForm::ReportProgress(SampleIndex done) const {
  if (task_.observer() != nullptr) task_.observer()->OnProgress({done, state_.samples});
}

Status LongForm::AddSpeakers(Transcript* transcript) {
  const JobOwner owner = {.model = &model_,
                          .window = nullptr,
                          .priority = task_.submit().priority,
                          .principal = task_.submit().principal,
                          .cancel = &task_.cancel()};
  diarize::DiarizeInput input;
  input.source = &task_.audio();
  input.samples = state_.samples;
  input.options = request_.diarization;
  input.detector = model_.vad_network() != nullptr ? model_.vad_network()->NewDetector()
                                                   : vad::NewEnergyDetector();
  input.compute = [&](const diarize::Work& work) {
    ComputeJob job{work};
    return scheduler_.Run(owner, &job);
  };
  input.cancel = &task_.cancel();
  input.progress = [&](SampleIndex done) {
    ReportProgress(state_.samples / 3 * 2 + std::min(done, state_.samples) / 3);
  };
  WT_ASSIGN(const diarize::Diarization found, diarize::Diarize(*task_.speakers, std::move(input)));
  const diarize::TurnIndex turns(found.turns);
  for (Segment& segment : transcript->segments) {
    segment.speaker = SpeakerAt(turns, segment.start_s, segment.end_s);
    if (!segment.words) continue;
    for (Word& word : *segment.words) word.speaker = SpeakerAt(turns, word.start_s, word.end_s);
  }
  transcript->segments = SplitBySpeaker(std::move(transcript->segments));
  auto& public_turns = transcript->speaker_turns.emplace();
  for (const diarize::Turn& turn : found.turns) {
    public_turns.push_back({turn.start_s, turn.end_s, SpeakerName(turn.speaker)});
  }
  transcript->speakers_forced = found.forced;
  ReportProgress(state_.samples);
  return Status();
}

}  // namespace wt::pipeline
