#include "service/documents/document_json.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "service/transcripts/json_cursor.h"

namespace wt::documents {
namespace {

using transcripts::JsonCursor;

void AppendText(std::string_view text, std::string* json) {
  *json += '"';
  for (const char c : text) {
    switch (c) {
      case '"': *json += "\\\""; break;
      case '\\': *json += "\\\\"; break;
      case '\n': *json += "\\n"; break;
      case '\t': *json += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          *json += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
          *json += c;
        }
    }
  }
  *json += '"';
}

/// Without zeros at the end: "1.5", "2".
void AppendNumber(double value, int decimals, std::string* json) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  *json += text == "-0" ? "0" : text;
}

void AppendWord(const Word& word, std::string* json) {
  *json += R"({"t":)";
  AppendText(word.text, json);
  *json += R"(,"s":)";
  AppendNumber(word.start_s, 3, json);
  *json += R"(,"e":)";
  AppendNumber(word.end_s, 3, json);
  if (word.probability) {
    *json += R"(,"p":)";
    AppendNumber(*word.probability, 4, json);
  }
  if (word.changed) *json += R"(,"x":1)";
  if (word.interpolated) *json += R"(,"i":1)";
  *json += '}';
}

void AppendWords(const std::vector<Word>& words, std::string* json) {
  *json += '[';
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) *json += ',';
    AppendWord(words[i], json);
  }
  *json += ']';
}

template <typename T>
void AppendList(const std::vector<T>& list, void (*append)(const T&, std::string*),
                std::string* json) {
  *json += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) *json += ',';
    append(list[i], json);
  }
  *json += ']';
}

void AppendId(const std::string& id, std::string* json) { AppendText(id, json); }

bool ReadWord(JsonCursor* cursor, Word* out) {
  bool text = false;
  bool start = false;
  bool end = false;
  const auto flag = [&](bool* value) {
    std::int64_t number = 0;
    if (!cursor->Int(0, 1, &number)) return false;
    *value = number == 1;
    return true;
  };
  const bool read = cursor->Object([&](std::string_view name) {
    if (name == "t") return text = cursor->String(&out->text);
    if (name == "s") return start = cursor->Number(&out->start_s);
    if (name == "e") return end = cursor->Number(&out->end_s);
    if (name == "x") return flag(&out->changed);
    if (name == "i") return flag(&out->interpolated);
    if (name != "p") return cursor->Skip();
    if (cursor->Null()) return true;
    return cursor->Number(&out->probability.emplace());
  });
  return read && text && start && end;
}

/// Reads {"change_id", "changes": [...]} and says what is wrong in words.
class ChangesReader {
 public:
  explicit ChangesReader(std::string_view json) : cursor_(json) {}

  Result<ChangeSet> Read() {
    const bool read = cursor_.Object([&](std::string_view name) {
      if (name == "change_id") return cursor_.String(&set_.change_id);
      if (name == "changes") return cursor_.Array([&] { return ReadChange(); });
      return cursor_.Skip();
    });
    if (!fault_.ok()) return fault_;
    if (!read || !cursor_.AtEnd()) {
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("The body is not such a set of changes; the fault is at byte {}.",
                                cursor_.position()));
    }
    return std::move(set_);
  }

 private:
  bool Refuse(StatusCode code, const std::string& what) {
    if (fault_.ok()) {
      fault_ = Status(code, fmt::format("changes[{}]: {}", set_.changes.size(), what));
    }
    return cursor_.Fail();
  }

  bool ReadTurn(Turn* turn) {
    return cursor_.Object([&](std::string_view name) {
      if (name == "id") return cursor_.String(&turn->id);
      if (name == "pos") return cursor_.String(&turn->pos);
      if (name == "speaker") return cursor_.Null() || cursor_.String(&turn->speaker);
      if (name == "start") return cursor_.Number(&turn->start_s);
      if (name == "end") return cursor_.Number(&turn->end_s);
      if (name == "note") return cursor_.Null() || cursor_.String(&turn->note);
      if (name != "words") return cursor_.Skip();
      return cursor_.Array([&] {
        if (turn->words.size() == kWordsPerTurnMax) {
          return Refuse(StatusCode::kInvalidArgument,
                        fmt::format("a turn has at most {} words", kWordsPerTurnMax));
        }
        if (++words_ > kWordsMax) {
          return Refuse(StatusCode::kResourceExhausted,
                        fmt::format("a document has at most {} words", kWordsMax));
        }
        return ReadWord(&cursor_, &turn->words.emplace_back());
      });
    });
  }

  bool ReadSpeaker(Speaker* speaker) {
    return cursor_.Object([&](std::string_view name) {
      if (name == "id") return cursor_.String(&speaker->id);
      if (name == "name") return cursor_.String(&speaker->name);
      if (name != "color") return cursor_.Skip();
      std::int64_t color = 0;
      if (!cursor_.Int(0, kColorMax, &color)) return false;
      speaker->color = static_cast<int>(color);
      return true;
    });
  }

  bool ReadOp(Op* out) {
    std::string name;
    if (!cursor_.String(&name)) return false;
    constexpr std::pair<std::string_view, Op> kOps[] = {{"put_turn", Op::kPutTurn},
                                                        {"delete_turn", Op::kDeleteTurn},
                                                        {"put_speaker", Op::kPutSpeaker},
                                                        {"delete_speaker", Op::kDeleteSpeaker}};
    for (const auto& [op_name, op] : kOps) {
      if (op_name != name) continue;
      *out = op;
      return true;
    }
    return Refuse(StatusCode::kInvalidArgument,
                  "op is put_turn, delete_turn, put_speaker or delete_speaker");
  }

  bool ReadChange() {
    if (set_.changes.size() == kChangesPerSetMax) {
      return Refuse(StatusCode::kResourceExhausted,
                    fmt::format("a call has at most {} changes", kChangesPerSetMax));
    }
    Change change;
    bool op = false;
    bool turn = false;
    bool speaker = false;
    bool rev = false;
    const bool read = cursor_.Object([&](std::string_view name) {
      if (name == "op") return op = ReadOp(&change.op);
      if (name == "if_rev") return rev = cursor_.Int(0, INT64_MAX, &change.if_rev);
      if (name == "id") return cursor_.String(&change.id);
      if (name == "turn") return turn = ReadTurn(&change.turn);
      if (name == "speaker") return speaker = ReadSpeaker(&change.speaker);
      return cursor_.Skip();
    });
    if (!read) return false;
    if (!op || !rev) return Refuse(StatusCode::kInvalidArgument, "it needs op and if_rev");
    if (change.op == Op::kPutTurn) {
      if (!turn) return Refuse(StatusCode::kInvalidArgument, "put_turn needs turn");
      change.id = change.turn.id;
    }
    if (change.op == Op::kPutSpeaker) {
      if (!speaker) return Refuse(StatusCode::kInvalidArgument, "put_speaker needs speaker");
      change.id = change.speaker.id;
    }
    set_.changes.push_back(std::move(change));
    return true;
  }

  JsonCursor cursor_;
  ChangeSet set_;
  Status fault_;
  std::int64_t words_ = 0;
};

}  // namespace

std::string WriteWords(const std::vector<Word>& words) {
  std::string json;
  AppendWords(words, &json);
  return json;
}

Result<std::vector<Word>> ReadWords(std::string_view json) {
  JsonCursor cursor(json);
  std::vector<Word> words;
  const bool read = cursor.Array([&] { return ReadWord(&cursor, &words.emplace_back()); });
  if (read && cursor.AtEnd()) return words;
  return Status(StatusCode::kDataCorrupt, "the stored words of a turn are damaged");
}

void AppendTurn(const Turn& turn, std::string* json) {
  *json += R"({"id":)";
  AppendText(turn.id, json);
  *json += R"(,"pos":)";
  AppendText(turn.pos, json);
  *json += fmt::format(R"(,"rev":{},"speaker":)", turn.rev);
  if (turn.speaker.empty()) {
    *json += "null";
  } else {
    AppendText(turn.speaker, json);
  }
  *json += R"(,"start":)";
  AppendNumber(turn.start_s, 3, json);
  *json += R"(,"end":)";
  AppendNumber(turn.end_s, 3, json);
  *json += R"(,"note":)";
  AppendText(turn.note, json);
  *json += R"(,"words":)";
  AppendWords(turn.words, json);
  *json += '}';
}

void AppendSpeaker(const Speaker& speaker, std::string* json) {
  *json += R"({"id":)";
  AppendText(speaker.id, json);
  *json += R"(,"name":)";
  AppendText(speaker.name, json);
  *json += fmt::format(R"(,"color":{},"rev":{}}})", speaker.color, speaker.rev);
}

std::string WriteDocument(const Document& document) {
  std::string json = fmt::format(R"({{"revision":{},"job_id":)", document.revision);
  AppendText(document.job_id, &json);
  json += R"(,"language":)";
  AppendText(document.language, &json);
  json += R"(,"duration":)";
  AppendNumber(document.duration_s, 3, &json);
  json += R"(,"speakers":)";
  AppendList(document.content.speakers, AppendSpeaker, &json);
  json += R"(,"turns":)";
  AppendList(document.content.turns, AppendTurn, &json);
  json += '}';
  return json;
}

std::string WriteDelta(const Delta& delta) {
  std::string json = fmt::format(R"({{"revision":{},"turns":)", delta.revision);
  AppendList(delta.turns, AppendTurn, &json);
  json += R"(,"speakers":)";
  AppendList(delta.speakers, AppendSpeaker, &json);
  json += R"(,"deleted_turns":)";
  AppendList(delta.deleted_turns, AppendId, &json);
  json += R"(,"deleted_speakers":)";
  AppendList(delta.deleted_speakers, AppendId, &json);
  json += '}';
  return json;
}

std::string WriteConflicts(const std::vector<Conflict>& conflicts) {
  std::string json = "[";
  for (const Conflict& conflict : conflicts) {
    if (json.size() > 1) json += ',';
    json += fmt::format(R"({{"index":{},"id":)", conflict.index);
    AppendText(conflict.id, &json);
    json += fmt::format(R"(,"reason":"{}","current":)", ConflictReasonName(conflict.reason));
    if (conflict.turn) {
      AppendTurn(*conflict.turn, &json);
    } else if (conflict.speaker) {
      AppendSpeaker(*conflict.speaker, &json);
    } else {
      json += "null";
    }
    json += '}';
  }
  return json + ']';
}

std::string WriteApplied(const Applied& applied, const ChangeSet& set) {
  std::string json = fmt::format(R"({{"revision":{},"revs":{{)", applied.revision);
  bool first = true;
  for (const Change& change : set.changes) {
    if (change.op == Op::kDeleteTurn || change.op == Op::kDeleteSpeaker) continue;
    if (!first) json += ',';
    first = false;
    AppendText(change.id, &json);
    json += fmt::format(":{}", applied.revision);
  }
  return json + "}}";
}

Result<ChangeSet> ReadChanges(std::string_view json) {
  if (json.size() > kChangesJsonBytesMax) {
    return Status(StatusCode::kResourceExhausted, "A set of changes has at most 16 MiB.");
  }
  if (!base::IsValidUtf8(json)) {
    return Status(StatusCode::kInvalidArgument, "The body is not valid UTF-8.");
  }
  return ChangesReader(json).Read();
}

}  // namespace wt::documents
