#include <bit>
#include <cstring>
#include <type_traits>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/pipeline/long_form_state.h"

namespace wt::pipeline {
namespace {

constexpr std::uint32_t kMagic = 0x4B435457;  // "WTCK"
constexpr std::uint32_t kVersion = 3;
// A week of speech has fewer than 2 million of anything that is counted here.
constexpr std::uint64_t kCountMax = 16'000'000;

// FNV-1a, 64 bits (Fowler, Noll, Vo): against accidents, not against forgery.
std::uint64_t Fnv(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const std::byte b : bytes) {
    hash = (hash ^ static_cast<std::uint64_t>(b)) * 0x100000001b3u;
  }
  return hash;
}

class Writer {
 public:
  template <typename T>
    requires std::is_arithmetic_v<T>
  void operator()(const T& value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    out_.insert(out_.end(), bytes, bytes + sizeof(T));
  }
  template <typename T>
    requires std::is_enum_v<T>
  void operator()(const T& value) {
    (*this)(static_cast<std::uint8_t>(value));
  }
  void operator()(const std::string& text) {
    (*this)(static_cast<std::uint64_t>(text.size()));
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    out_.insert(out_.end(), bytes, bytes + text.size());
  }
  template <typename T>
  void operator()(const std::vector<T>& values) {
    (*this)(static_cast<std::uint64_t>(values.size()));
    for (const T& value : values) Visit(*this, value);
  }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    (*this)(static_cast<std::uint8_t>(value.has_value()));
    if (value) (*this)(*value);
  }
  std::vector<std::byte>& bytes() { return out_; }

 private:
  std::vector<std::byte> out_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : reader_(bytes) {}

  template <typename T>
    requires std::is_arithmetic_v<T>
  void operator()(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = 0;
      ok_ = ok_ && reader_.Read(&byte) && byte <= 1;
      value = byte == 1;
    } else {
      ok_ = ok_ && reader_.Read(&value);
    }
  }
  template <typename T>
    requires std::is_enum_v<T>
  void operator()(T& value) {
    std::uint8_t byte = 0;
    (*this)(byte);
    value = static_cast<T>(byte);
  }
  void operator()(std::string& text) {
    std::string_view view;
    const std::uint64_t size = Count();
    ok_ = ok_ && reader_.ReadText(size, &view);
    if (ok_) text.assign(view);
  }
  template <typename T>
  void operator()(std::vector<T>& values) {
    const std::uint64_t size = Count();
    for (std::uint64_t i = 0; ok_ && i < size; ++i) {
      T value{};
      Visit(*this, value);
      values.push_back(std::move(value));
    }
  }
  template <typename T>
  void operator()(std::optional<T>& value) {
    std::uint8_t has = 0;
    (*this)(has);
    if (ok_ && has != 0) (*this)(value.emplace());
  }
  bool ok() const { return ok_; }
  bool complete() const { return ok_ && reader_.at_end(); }

 private:
  // Every element takes at least a byte, so a count beyond the rest is a lie.
  std::uint64_t Count() {
    std::uint64_t size = 0;
    (*this)(size);
    ok_ = ok_ && size <= kCountMax && size <= reader_.remaining();
    return ok_ ? size : 0;
  }

  base::ByteReader reader_;
  bool ok_ = true;
};

template <typename A, typename T>
  requires std::is_arithmetic_v<std::remove_const_t<T>>
void Visit(A& archive, T& value) {
  archive(value);
}
template <typename A>
void Visit(A& a, const std::string& value) {
  a(value);
}
template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, Word>
void Visit(A& a, T& w) {
  a(w.text), a(w.start_s), a(w.end_s), a(w.probability);
}
template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, TokenLogprob>
void Visit(A& a, T& t) {
  a(t.token), a(t.bytes), a(t.logprob);
}
template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, Segment>
void Visit(A& a, T& s) {
  a(s.id), a(s.seek), a(s.start_s), a(s.end_s), a(s.text), a(s.tokens), a(s.temperature);
  a(s.avg_logprob), a(s.compression_ratio), a(s.no_speech_prob), a(s.words);
  a(s.token_logprobs);
}
template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, DroppedSpan>
void Visit(A& a, T& d) {
  a(d.start_s), a(d.end_s), a(d.reason), a(d.text);
}
template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, LanguageProbability>
void Visit(A& a, T& l) {
  a(l.language), a(l.probability);
}
template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, vad::SpeechSpan>
void Visit(A& a, T& s) {
  a(s.begin), a(s.end);
}
template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, TimeRange>
void Visit(A& a, T& r) {
  a(r.start_s), a(r.end_s);
}

template <typename A, typename T>
void VisitState(A& a, T& s) {
  a(s.first_pass_done), a(s.samples), a(s.log_mel_max), a(s.vad), a(s.speech);
  a(s.language), a(s.language_probability), a(s.language_candidates);
  a(s.seek), a(s.lead_from), a(s.rest_pending), a(s.heard_to), a(s.clip), a(s.windows);
  a(s.history), a(s.history_was_reset);
  a(s.last_speech_timestamp_s), a(s.segments), a(s.dropped), a(s.finished);
}

Status Refused(const char* why) {
  return Status(StatusCode::kInvalidArgument,
                std::string("the checkpoint ") + why + "; start again without it");
}

}  // namespace

std::uint64_t HashRequest(const TranscriptionRequest& r) {
  Writer w;
  w(r.windowing), w(r.guard), w(r.clips);
  const DecodingOptions& d = r.decoding;
  w(d.task), w(d.temperatures), w(d.beam_size), w(d.best_of), w(d.patience), w(d.length_penalty);
  w(d.repetition_penalty), w(d.no_repeat_ngram_size), w(d.suppress_tokens), w(d.suppress_blank);
  w(d.without_timestamps), w(d.max_initial_timestamp_s), w(d.max_new_tokens), w(d.seed);
  const FallbackOptions& f = r.fallback;
  w(f.compression_ratio_threshold), w(f.logprob_threshold), w(f.no_speech_threshold);
  const PromptOptions& p = r.prompt;
  w(p.initial_prompt), w(p.carry_initial_prompt), w(p.prefix), w(p.hotwords);
  w(p.condition_on_previous_text), w(p.prompt_reset_on_temperature);
  const LanguageOptions& l = r.language;
  w(l.language), w(l.detection_segments), w(l.detection_threshold), w(l.allowed), w(l.multilingual);
  const WordOptions& o = r.words;
  w(o.word_timestamps), w(o.prepend_punctuations), w(o.append_punctuations);
  w(o.hallucination_silence_threshold_s), w(r.token_logprobs);
  const VadOptions& v = r.vad;
  w(v.enabled), w(v.onset), w(v.offset), w(v.min_speech_s), w(v.min_silence_s), w(v.padding_s);
  return Fnv(w.bytes());
}

Checkpoint SaveCheckpoint(const CheckpointKey& key, const LongFormState& state) {
  Writer w;
  w(kMagic), w(kVersion), w(key.model_identity), w(key.options_hash);
  VisitState(w, state);
  w(Fnv(w.bytes()));
  return {std::move(w.bytes())};
}

Result<LongFormState> LoadCheckpoint(const CheckpointKey& key, const Checkpoint& checkpoint) {
  const std::span<const std::byte> all(checkpoint.bytes);
  if (all.size() < sizeof(std::uint64_t)) return Refused("is too short");
  const auto body = all.first(all.size() - sizeof(std::uint64_t));
  std::uint64_t sum = 0;
  std::memcpy(&sum, body.data() + body.size(), sizeof(sum));
  if (sum != Fnv(body)) return Refused("is damaged");
  Reader r(body);
  std::uint32_t magic = 0, version = 0;
  CheckpointKey stored;
  r(magic), r(version);
  if (!r.ok() || magic != kMagic) return Refused("is not one of this program's");
  if (version != kVersion) return Refused("is of another version");
  r(stored.model_identity), r(stored.options_hash);
  if (!r.ok() || stored.model_identity != key.model_identity) {
    return Refused("belongs to another model");
  }
  if (stored.options_hash != key.options_hash) return Refused("belongs to other options");
  LongFormState state;
  VisitState(r, state);
  if (!r.complete()) return Refused("is damaged");
  return state;
}

}  // namespace wt::pipeline
