#include "service/worker/jobs/result_metadata.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "base/strip.h"
#include "base/utf8.h"
#include "formats/text.h"

namespace wt::worker {
namespace {

constexpr std::size_t kAbstractCharacters = 500;
// A cut may move back this many bytes to end at a word.
constexpr std::size_t kWordSearchBytes = 40;

double Finite(double value, double steps) {
  return std::isfinite(value) ? std::round(value * steps) / steps : 0.0;
}

}  // namespace

std::int64_t CountWords(std::string_view text) {
  std::int64_t words = 0;
  bool in_word = false;
  while (!text.empty()) {
    const char32_t c = base::NextCodePoint(&text);
    if (base::IsWhiteSpace(c)) {
      in_word = false;
    } else if (formats::CodePointWidth(c) == 2) {
      // Ideographic punctuation (U+3001, U+FF01 ...) is no word.
      const bool mark = (c >= 0x3000 && c <= 0x303f) || (c >= 0xff00 && c <= 0xff0f) ||
                        (c >= 0xff1a && c <= 0xff20);
      if (!mark) ++words;
      in_word = false;
    } else if (!in_word) {
      ++words;
      in_word = true;
    }
  }
  return words;
}

std::string Abstract(std::string_view text, std::size_t characters) {
  text = base::StripWhiteSpace(text);
  std::string_view rest = text;
  for (std::size_t i = 0; i < characters && !rest.empty(); ++i) base::NextCodePoint(&rest);
  if (rest.empty()) return base::ReplaceInvalidUtf8(text);
  std::string_view head = text.substr(0, text.size() - rest.size());
  const std::size_t space = head.rfind(' ');
  if (space != std::string_view::npos && space + kWordSearchBytes >= head.size()) {
    head = head.substr(0, space);
  }
  return base::ReplaceInvalidUtf8(head);
}

std::string MetadataJson(const jobs::Job& job, const Transcript& transcript,
                         base::UnixMillis generated_at) {
  std::int64_t tokens = 0;
  for (const Segment& segment : transcript.segments) {
    tokens += static_cast<std::int64_t>(segment.tokens.size());
  }
  const std::int64_t words = CountWords(transcript.text);
  const double minutes = transcript.duration_s / 60.0;
  nlohmann::ordered_json metadata = {
      {"job_id", job.id},
      {"original_filename", base::ReplaceInvalidUtf8(job.media.filename)},
      {"model", transcript.model},
      {"task", SpeechTaskName(transcript.task)},
      {"language", transcript.language},
      {"language_probability", Finite(transcript.language_probability, 1e6)},
      {"duration", Finite(transcript.duration_s, 1e3)},
      {"speech_duration", Finite(transcript.speech_s, 1e3)},
      {"sample_rate", nullptr},
      {"channels", nullptr},
      {"segment_count", transcript.segments.size()},
      {"word_count", words},
      {"token_count", tokens},
      {"words_per_minute", minutes > 0 ? Finite(static_cast<double>(words) / minutes, 10.0) : 0.0},
      {"no_speech", transcript.segments.empty()},
      {"abstract", Abstract(transcript.text, kAbstractCharacters)},
      {"generated_at", base::FormatTime(generated_at)}};
  if (job.media.sample_rate) metadata["sample_rate"] = *job.media.sample_rate;
  if (job.media.channels) metadata["channels"] = *job.media.channels;
  return base::JsonToText(metadata);
}

}  // namespace wt::worker
