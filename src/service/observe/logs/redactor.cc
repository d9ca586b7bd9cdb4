#include "service/observe/logs/redactor.h"

#include <algorithm>
#include <array>

namespace wt::observe {
namespace {

constexpr std::string_view kMark = "[redacted]";
constexpr std::size_t kSecretBytesMin = 6;
constexpr std::size_t kQueryBytesMax = 2'048;
// Names whose values are secrets, and what may stand between.
constexpr std::array<std::string_view, 10> kNames = {
    "password", "passwd",        "secret", "token",      "api_key",
    "apikey",   "authorization", "cookie", "access_key", "private_key"};

char LowerByte(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool MatchesAt(std::string_view text, std::size_t at, std::string_view lower_word) {
  if (text.size() - at < lower_word.size()) return false;
  for (std::size_t i = 0; i < lower_word.size(); ++i) {
    if (LowerByte(text[at + i]) != lower_word[i]) return false;
  }
  return true;
}

bool EndsValue(char c) {
  return c == ' ' || c == '&' || c == ',' || c == ';' || c == '"' || c == '\'' || c == ')' ||
         c == '}' || c == '\n' || c == '\r' || c == '\t' || c == '<';
}

std::size_t SkipValue(std::string_view text, std::size_t at) {
  while (at < text.size() && !EndsValue(text[at])) ++at;
  return at;
}

// Behind a name: quotes, white space and one of = or : before the value. 0 when no value follows.
std::size_t ValueAfterName(std::string_view text, std::size_t at) {
  bool separated = false;
  while (at < text.size()) {
    const char c = text[at];
    if (!separated && (c == '=' || c == ':')) {
      separated = true;
    } else if (c != ' ' && c != '"' && c != '\'' && c != '\\') {
      break;
    }
    ++at;
  }
  return separated && at < text.size() ? at : 0;
}

// Where the secret value that begins at `at` starts, judged by what stands there; 0: none.
std::size_t SecretValueFrom(std::string_view text, std::size_t at) {
  // Every log line comes through here: most bytes begin none of the words below.
  constexpr std::string_view kFirstBytes = "abcpstABCPST";
  if (kFirstBytes.find(text[at]) == std::string_view::npos) return 0;
  constexpr std::string_view kBearer = "bearer ";
  constexpr std::string_view kBasic = "basic ";
  if (MatchesAt(text, at, kBearer)) return at + kBearer.size();
  if (MatchesAt(text, at, kBasic) && text.size() - at > kBasic.size() + 8)
    return at + kBasic.size();
  for (const std::string_view name : kNames) {
    if (!MatchesAt(text, at, name)) continue;
    const std::size_t value = ValueAfterName(text, at + name.size());
    // "Authorization: Bearer x" is for the rule above.
    if (value != 0 && !MatchesAt(text, value, kBearer) && !MatchesAt(text, value, kBasic)) {
      return value;
    }
  }
  return 0;
}

// "//user:password@host": the password's end, when the text at `at` is the part behind "//".
std::size_t PasswordEnd(std::string_view text, std::size_t at, std::size_t* begin) {
  const std::size_t end = text.find_first_of("@/ ?#\"", at);
  if (end == std::string_view::npos || text[end] != '@') return 0;
  const std::size_t colon = text.find(':', at);
  if (colon == std::string_view::npos || colon > end) return 0;
  *begin = colon + 1;
  return end;
}

std::string ReplaceByShape(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t begin = 0;
    std::size_t end = 0;
    if (text.substr(at).starts_with("://")) {
      end = PasswordEnd(text, at + 3, &begin);
    } else if (begin = SecretValueFrom(text, at); begin != 0) {
      end = SkipValue(text, begin);
    }
    if (end > begin && end != 0) {
      out += text.substr(at, begin - at);
      out += kMark;
      at = end;
    } else {
      out += text[at++];
    }
  }
  return out;
}

void ReplaceAll(std::string_view secret, std::string* text) {
  for (std::size_t at = text->find(secret); at != std::string::npos;
       at = text->find(secret, at + kMark.size())) {
    text->replace(at, secret.size(), kMark);
  }
}

}  // namespace

Redactor::Redactor(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  std::erase_if(secrets_, [](const std::string& text) { return text.size() < kSecretBytesMin; });
  // A secret that contains another one goes first, else its rest would stay.
  std::sort(secrets_.begin(), secrets_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Redactor::Apply(std::string_view text) const {
  std::string out(text);
  for (const std::string& secret : secrets_) ReplaceAll(secret, &out);
  return ReplaceByShape(out);
}

std::string RedactQuery(std::string_view query) {
  query = query.substr(0, kQueryBytesMax);
  std::string out;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (!out.empty()) out += '&';
    if (equals != std::string_view::npos) {
      out += pair.substr(0, equals + 1);
      out += kMark;
    } else if (!pair.empty()) {
      out += kMark;
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return out;
}

}  // namespace wt::observe
