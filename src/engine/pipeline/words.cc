// Word times of a window's segments: attention from the scheduler, rules from align/.
#include "base/status_macros.h"
#include "engine/align/word_times.h"
#include "engine/pipeline/long_form.h"
#include "engine/pipeline/windows/skipped_speech.h"

namespace wt::pipeline {
namespace {

std::vector<align::SegmentWords> WithoutText(const std::vector<decode::WindowSegment>& pieces) {
  std::vector<align::SegmentWords> segments;
  for (const decode::WindowSegment& piece : pieces) {
    segments.push_back({.start_s = piece.start_s, .end_s = piece.end_s, .tokens = piece.tokens});
  }
  return segments;
}

std::vector<Word> PublicWords(const std::vector<align::TimedWord>& timed) {
  std::vector<Word> words;
  for (const align::TimedWord& word : timed) {
    if (word.text.empty()) continue;
    words.push_back({word.text, word.start_s, word.end_s, word.probability});
  }
  return words;
}

}  // namespace

Result<std::vector<align::TimedWord>> LongForm::WordsOf(const Window& window,
                                                        std::span<const TokenId> text) {
  if (text.empty()) return std::vector<align::TimedWord>();
  const auto start = tokenizer_.StartSequence(language_, request_.decoding.task, true);
  const int frames = window.frames / decode::kFramesPerTimestamp;
  WT_ASSIGN(const AlignJob job, decoder_->Align(start, text, frames));
  const align::AttentionInput attention = {
      .weights = job.weights,
      .heads = static_cast<int>(model_.alignment_heads().size()),
      .rows = static_cast<int>(job.tokens.size()),
      .frames = frames,
      .start_tokens = job.start_tokens};
  return align::FindAlignment(tokenizer_, language_, text, attention, job.token_probabilities);
}

Status LongForm::LeaveSkipped(const HeardWindow& heard, decode::WindowSegments* split,
                              WindowEnd* end) {
  const auto skipped = SegmentWithSkip(heard, tokenizer_, *split, state_.segments);
  if (!skipped) return Status();
  const TokenId eot = tokenizer_.special().eot;
  const std::vector<TokenId> text = align::TextTokens(WithoutText(split->segments), eot);
  const Window window = {heard.first_sample / features::kHopSamples, heard.frames};
  WT_ASSIGN(const std::vector<align::TimedWord> words, WordsOf(window, text));
  const auto place = LeaveBeforeSkip(heard, *split, *skipped, words, eot, state_.heard_to);
  if (!place) return Status();
  KeepBeforeSkip(*place, *skipped, eot, split);
  *end = HeardAgainFrom(place->rest);
  return Status();
}

Status LongForm::AlignWords(const Window& window, std::vector<align::SegmentWords>* segments) {
  const TokenId eot = tokenizer_.special().eot;
  align::WordTimesInput input;
  WT_ASSIGN(input.alignment, WordsOf(window, align::TextTokens(*segments, eot)));
  input.options = &request_.words;
  input.eot = eot;
  input.offset_s = static_cast<double>(window.first_frame) / 100.0;
  input.last_speech_s = state_.last_speech_timestamp_s;
  align::AddWordTimes(std::move(input), segments);
  return Status();
}

Result<LongForm::WordsVerdict> LongForm::AddWords(const Window& window, bool judge,
                                                  decode::WindowSegments* split,
                                                  std::vector<std::vector<Word>>* words) {
  std::vector<align::SegmentWords> segments = WithoutText(split->segments);
  WT_TRY(AlignWords(window, &segments));
  WordsVerdict found = WordsVerdict::kAllKept;
  if (judge) {
    const align::WindowPlace place = {.seek_frames = window.first_frame,
                                      .window_frames = window.frames,
                                      .content_frames = audio_.content_frames(),
                                      .next_seek_frames = split->next_seek_frames,
                                      .single_timestamp_ending = split->single_timestamp_ending,
                                      .last_speech_s = state_.last_speech_timestamp_s};
    const align::WindowVerdict verdict =
        align::JudgeWindow(place, request_.words.hallucination_silence_threshold_s, &segments);
    split->next_seek_frames = verdict.next_seek_frames;
    if (verdict.refused) return WordsVerdict::kRefused;
    if (segments.size() < split->segments.size()) found = WordsVerdict::kEndRemoved;
  }
  // Segments are removed at the end only, so the first ones are those that were given.
  split->segments.resize(segments.size());
  for (std::size_t i = 0; i < segments.size(); ++i) {
    words->push_back(PublicWords(segments[i].words));
    split->segments[i].start_s = segments[i].start_s;
    split->segments[i].end_s = segments[i].end_s;
  }
  if (const auto end = align::LastWordEnd(segments)) state_.last_speech_timestamp_s = *end;
  return found;
}

}  // namespace wt::pipeline
