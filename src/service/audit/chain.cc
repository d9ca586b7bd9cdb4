#include "service/audit/chain.h"

#include <span>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "platform/sha256.h"

namespace wt::audit {
namespace {

using nlohmann::json;

std::string Hash(const std::string& text) {
  return platform::Sha256Hex(std::as_bytes(std::span(text)));
}

/// Would end a line, colour a terminal or reverse the text after it.
bool IsDangerous(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
         c == 0x200f || c == 0xfeff;
}

std::string Clean(const std::string& text, std::size_t bytes_max) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  std::string_view rest = std::string_view(text).substr(0, bytes_max);
  while (!rest.empty()) {
    const char32_t c = base::NextCodePoint(&rest);
    std::string piece;
    if (IsDangerous(c)) {
      piece = "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) piece += kDigits[c >> shift & 15];
    } else {
      base::AppendUtf8(c, &piece);
    }
    if (out.size() + piece.size() > bytes_max) break;
    out += piece;
  }
  return out;
}

json PersonalJson(const Event& event) {
  return {{"address", event.address}, {"agent", event.agent}, {"username", event.username}};
}

std::string PersonalHash(const Event& event, const std::string& salt) {
  return Hash(salt + base::JsonToText(PersonalJson(event)));
}

json ToJson(const Entry& entry) {
  const Event& event = entry.event;
  return {{"action", event.action},
          {"detail", event.detail},
          {"outcome", OutcomeName(event.outcome)},
          {"personal_sha256", entry.personal_hash},
          {"previous", entry.previous_hash},
          {"request_id", event.request_id},
          {"resource", event.resource},
          {"seq", entry.seq},
          {"severity", SeverityName(event.severity)},
          {"time", base::FormatTime(entry.time)},
          {"type", EventTypeName(event.type)},
          {"user_id", event.user_id}};
}

}  // namespace

Event Sanitised(Event event) {
  for (std::string* text : {&event.action, &event.resource, &event.request_id, &event.user_id,
                            &event.username, &event.address, &event.agent}) {
    *text = Clean(*text, kTextBytesMax);
  }
  event.detail = Clean(event.detail, kDetailBytesMax);
  return event;
}

Entry Seal(const Event& event, std::int64_t seq, base::UnixMillis time, const std::string& salt,
           const std::string& previous_hash) {
  Entry entry;
  entry.seq = seq;
  entry.time = time;
  entry.event = Sanitised(event);
  entry.personal_salt = salt;
  entry.personal_hash = PersonalHash(entry.event, salt);
  entry.previous_hash = previous_hash;
  entry.hash = Hash(CanonicalJson(entry));
  return entry;
}

std::string CanonicalJson(const Entry& entry) {
  // A damaged database may hold any bytes: replaced ones hash to something else.
  return base::JsonToText(ToJson(entry));
}

std::string FileLine(const Entry& entry) {
  json line = ToJson(entry);
  line["hash"] = entry.hash;
  line["personal"] = PersonalJson(entry.event);
  line["personal_salt"] = entry.personal_salt;
  return base::JsonToText(line) + "\n";
}

std::string Fault(const Entry& entry, std::int64_t seq, const std::string& previous_hash) {
  if (entry.seq != seq) return "is missing";
  if (entry.previous_hash != previous_hash) return "does not follow the entry before it";
  if (entry.hash != Hash(CanonicalJson(entry))) return "was changed";
  const bool erased = entry.personal_salt.empty();
  if (!erased && entry.personal_hash != PersonalHash(entry.event, entry.personal_salt)) {
    return "had its personal part changed";
  }
  if (erased && !(entry.event.username + entry.event.address + entry.event.agent).empty()) {
    return "had its personal part replaced";
  }
  return "";
}

}  // namespace wt::audit
