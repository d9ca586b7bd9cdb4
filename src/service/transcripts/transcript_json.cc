#include "service/transcripts/transcript_json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "service/transcripts/json_cursor.h"

namespace wt::transcripts {
namespace {

constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
// Seeks are frames of 10 ms: ten years of audio is 3e10.
constexpr std::int64_t kSeekMax = 1LL << 40;

// Members that an object must have, ticked off as they come; a second one of a name is an error.
class Required {
 public:
  explicit Required(int count) : wanted_((1U << count) - 1) {}
  bool Tick(int index) {
    const std::uint32_t bit = 1U << index;
    if ((seen_ & bit) != 0) return false;
    seen_ |= bit;
    return true;
  }
  bool complete() const { return (seen_ & wanted_) == wanted_; }

 private:
  std::uint32_t wanted_;
  std::uint32_t seen_ = 0;
};

template <std::size_t N>
int IndexOf(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

class Reader {
 public:
  explicit Reader(std::string_view json) : cursor_(json) {}

  bool Read(Transcript* out) { return ReadTranscript(out) && cursor_.AtEnd(); }
  std::size_t position() const { return cursor_.position(); }

 private:
  bool ReadWord(Word* out) {
    constexpr std::array<std::string_view, 5> kNames = {"word", "start", "end", "probability",
                                                        "speaker"};
    Required required(4);
    const bool read = cursor_.Object([&](std::string_view name) {
      const int index = IndexOf(kNames, name);
      if (index < 0) return cursor_.Skip();
      if (!required.Tick(index)) return false;
      switch (index) {
        case 0: return cursor_.String(&out->text);
        case 1: return cursor_.Number(&out->start_s);
        case 2: return cursor_.Number(&out->end_s);
        case 3: return cursor_.Number(&out->probability);
        default: return cursor_.String(&out->speaker);
      }
    });
    return read && required.complete();
  }

  bool ReadTokens(std::vector<TokenId>* out) {
    return cursor_.Array([&] {
      std::int64_t token = 0;
      if (!cursor_.Int(0, kIntMax, &token)) return false;
      out->push_back(static_cast<TokenId>(token));
      return true;
    });
  }

  template <typename T>
  bool ReadList(std::vector<T>* out, bool (Reader::*read)(T*)) {
    return cursor_.Array([&] {
      T value;
      if (!(this->*read)(&value)) return false;
      out->push_back(std::move(value));
      return true;
    });
  }

  // "token" repeats the bytes as text, with damaged UTF-8 replaced.
  bool ReadTokenLogprob(TokenLogprob* out) {
    Required required(3);
    const bool read = cursor_.Object([&](std::string_view name) {
      if (name == "id") {
        std::int64_t token = 0;
        if (!required.Tick(0) || !cursor_.Int(0, kIntMax, &token)) return false;
        out->token = static_cast<TokenId>(token);
        return true;
      }
      if (name == "logprob") return required.Tick(1) && cursor_.Number(&out->logprob);
      if (name == "bytes") return required.Tick(2) && ReadBytes(&out->bytes);
      return cursor_.Skip();
    });
    return read && required.complete();
  }

  bool ReadBytes(std::string* out) {
    return cursor_.Array([&] {
      std::int64_t byte = 0;
      if (!cursor_.Int(0, 255, &byte)) return false;
      out->push_back(static_cast<char>(byte));
      return true;
    });
  }

  bool ReadSegment(Segment* out) {
    constexpr std::array<std::string_view, 13> kNames = {"id",
                                                         "seek",
                                                         "start",
                                                         "end",
                                                         "text",
                                                         "tokens",
                                                         "temperature",
                                                         "avg_logprob",
                                                         "compression_ratio",
                                                         "no_speech_prob",
                                                         "words",
                                                         "token_logprobs",
                                                         "speaker"};
    Required required(10);
    const bool read = cursor_.Object([&](std::string_view name) {
      const int index = IndexOf(kNames, name);
      if (index < 0) return cursor_.Skip();
      if (!required.Tick(index)) return false;
      std::int64_t number = 0;
      switch (index) {
        case 0:
          if (!cursor_.Int(0, kIntMax, &number)) return false;
          out->id = static_cast<int>(number);
          return true;
        case 1: return cursor_.Int(0, kSeekMax, &out->seek);
        case 2: return cursor_.Number(&out->start_s);
        case 3: return cursor_.Number(&out->end_s);
        case 4: return cursor_.String(&out->text);
        case 5: return ReadTokens(&out->tokens);
        case 6: return cursor_.Number(&out->temperature);
        case 7: return cursor_.Number(&out->avg_logprob);
        case 8: return cursor_.Number(&out->compression_ratio);
        case 9: return cursor_.Number(&out->no_speech_prob);
        case 10: return ReadList(&out->words.emplace(), &Reader::ReadWord);
        case 11: return ReadList(&out->token_logprobs.emplace(), &Reader::ReadTokenLogprob);
        default: return cursor_.String(&out->speaker);
      }
    });
    return read && required.complete();
  }

  bool ReadCandidate(LanguageProbability* out) {
    Required required(2);
    const bool read = cursor_.Object([&](std::string_view name) {
      if (name == "language") return required.Tick(0) && cursor_.String(&out->language);
      if (name == "probability") return required.Tick(1) && cursor_.Number(&out->probability);
      return cursor_.Skip();
    });
    return read && required.complete();
  }

  bool ReadDropped(DroppedSpan* out) {
    Required required(4);
    const bool read = cursor_.Object([&](std::string_view name) {
      if (name == "start") return required.Tick(0) && cursor_.Number(&out->start_s);
      if (name == "end") return required.Tick(1) && cursor_.Number(&out->end_s);
      if (name == "reason") {
        return required.Tick(2) && ReadName(DropReason::kLowEvidence, DropReasonName, &out->reason);
      }
      if (name == "text") return required.Tick(3) && cursor_.String(&out->text);
      return cursor_.Skip();
    });
    return read && required.complete();
  }

  bool ReadTurn(SpeakerTurn* out) {
    Required required(3);
    const bool read = cursor_.Object([&](std::string_view name) {
      if (name == "start") return required.Tick(0) && cursor_.Number(&out->start_s);
      if (name == "end") return required.Tick(1) && cursor_.Number(&out->end_s);
      if (name == "speaker") return required.Tick(2) && cursor_.String(&out->speaker);
      return cursor_.Skip();
    });
    return read && required.complete();
  }

  bool ReadConfidence(bool* forced) {
    std::string text;
    if (!cursor_.String(&text)) return false;
    *forced = text == "low";
    return *forced || text == "normal" || cursor_.Fail();
  }

  // A value of an enumeration by its name, from 0 to `last`.
  template <typename Enum>
  bool ReadName(Enum last, std::string_view (*name_of)(Enum), Enum* out) {
    std::string name;
    if (!cursor_.String(&name)) return false;
    for (int i = 0; i <= static_cast<int>(last); ++i) {
      if (name_of(static_cast<Enum>(i)) != name) continue;
      *out = static_cast<Enum>(i);
      return true;
    }
    return cursor_.Fail();
  }

  bool ReadMember(int index, Transcript* out) {
    switch (index) {
      case 0: return cursor_.String(&out->text);
      case 1: return ReadList(&out->segments, &Reader::ReadSegment);
      case 2: return cursor_.String(&out->language);
      case 3: return cursor_.Number(&out->language_probability);
      case 4: return cursor_.Number(&out->duration_s);
      case 5: return cursor_.Number(&out->speech_s);
      case 6: return cursor_.String(&out->model);
      case 7: return ReadName(ComputeType::kInt8Bfloat16, ComputeTypeName, &out->compute_type);
      case 8: return ReadName(SpeechTask::kTranslate, SpeechTaskName, &out->task);
      case 9: return ReadName(Windowing::kReference, WindowingName, &out->windowing);
      case 10: return ReadName(VadMethod::kEnergy, VadMethodName, &out->vad);
      case 11: return ReadList(&out->dropped, &Reader::ReadDropped);
      case 12: return ReadList(&out->language_candidates, &Reader::ReadCandidate);
      case 13: return ReadList(&out->speaker_turns.emplace(), &Reader::ReadTurn);
      default: return ReadConfidence(&out->speakers_forced);
    }
  }

  bool ReadTranscript(Transcript* out) {
    constexpr std::array<std::string_view, 15> kNames = {"text",
                                                         "segments",
                                                         "language",
                                                         "language_probability",
                                                         "duration",
                                                         "speech_duration",
                                                         "model",
                                                         "compute_type",
                                                         "task",
                                                         "windowing",
                                                         "vad",
                                                         "dropped",
                                                         "language_candidates",
                                                         "speaker_turns",
                                                         "speaker_confidence"};
    Required required(12);
    const bool read = cursor_.Object([&](std::string_view name) {
      const int index = IndexOf(kNames, name);
      if (index < 0) return cursor_.Skip();
      return required.Tick(index) && ReadMember(index, out);
    });
    return read && required.complete();
  }

  JsonCursor cursor_;
};

}  // namespace

Result<Transcript> ReadTranscriptJson(std::string_view json) {
  if (json.size() > kTranscriptJsonBytesMax) {
    return Status(StatusCode::kResourceExhausted, "the stored transcript is longer than 256 MiB");
  }
  if (!base::IsValidUtf8(json)) {
    return Status(StatusCode::kDataCorrupt,
                  "the stored transcript is damaged: it is not valid UTF-8");
  }
  Reader reader(json);
  Transcript transcript;
  if (!reader.Read(&transcript)) {
    return Status(StatusCode::kDataCorrupt,
                  "the stored transcript is damaged at byte " + std::to_string(reader.position()));
  }
  return transcript;
}

}  // namespace wt::transcripts
