#include "service/uploads/tus/tus_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace wt::uploads {
namespace {

constexpr std::string_view kVersion = "1.0.0";
constexpr std::string_view kContentType = "application/offset+octet-stream";
constexpr std::size_t kMetadataBytesMax = 16 << 10;
constexpr std::size_t kMetadataPairsMax = 64;

TusReply MakeReply(int status, std::string body = "") {
  TusReply reply;
  reply.status = status;
  reply.headers.emplace_back("Tus-Resumable", kVersion);
  reply.body = std::move(body);
  return reply;
}

/// Decimal digits only: no sign, no space, nothing beyond 63 bits.
std::optional<std::int64_t> ParseCount(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The media type without its parameters, in lower case.
std::string MediaType(std::string_view text) {
  text = text.substr(0, text.find(';'));
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  std::string type(text);
  for (char& c : type) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return type;
}

/// "sha1 BASE64". A reply when the algorithm is unknown or the digest malformed.
std::variant<std::optional<DeclaredChecksum>, TusReply> ReadChecksum(const HeaderLookup& header) {
  const auto text = header("Upload-Checksum");
  if (!text) return std::optional<DeclaredChecksum>();
  const std::size_t space = text->find(' ');
  if (space == text->npos) return MakeReply(400, "Upload-Checksum is malformed.");
  DeclaredChecksum checksum;
  std::size_t digest_bytes = 0;
  if (text->substr(0, space) == "sha1") {
    checksum.kind = ChecksumKind::kSha1;
    digest_bytes = 20;
  } else if (text->substr(0, space) == "sha256") {
    checksum.kind = ChecksumKind::kSha256;
    digest_bytes = 32;
  } else {
    return MakeReply(400, "This checksum algorithm is not supported; use sha1 or sha256.");
  }
  const auto digest = DecodeBase64(text->substr(space + 1));
  if (!digest || digest->size() != digest_bytes) {
    return MakeReply(400, "Upload-Checksum is malformed.");
  }
  checksum.digest = *digest;
  return std::optional<DeclaredChecksum>(std::move(checksum));
}

/// Absent is fine (chunked coding); malformed is a reply.
std::variant<std::optional<std::int64_t>, TusReply> ReadContentLength(const HeaderLookup& header) {
  const auto text = header("Content-Length");
  if (!text) return std::optional<std::int64_t>();
  const auto length = ParseCount(*text);
  if (!length) return MakeReply(400, "Content-Length is malformed.");
  return length;
}

bool IsMetadataKey(std::string_view key) {
  return !key.empty() &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// The fields that creation and PATCH have in common; a reply when one is malformed.
template <typename T>
std::optional<TusReply> ReadContentFields(const HeaderLookup& header, T* out) {
  auto length = ReadContentLength(header);
  if (auto* reply = std::get_if<TusReply>(&length)) return *reply;
  out->content_length = std::get<0>(length);
  auto checksum = ReadChecksum(header);
  if (auto* reply = std::get_if<TusReply>(&checksum)) return *reply;
  out->checksum = std::get<0>(std::move(checksum));
  return std::nullopt;
}

}  // namespace

std::string TusCreation::Meta(std::string_view key) const {
  const auto found = std::find_if(metadata.begin(), metadata.end(),
                                  [&](const auto& pair) { return pair.first == key; });
  return found == metadata.end() ? std::string() : found->second;
}

std::string TusMethod(std::string_view method, const HeaderLookup& header) {
  const auto other = header("X-HTTP-Method-Override");
  // Only POST: a GET or HEAD must not become something that changes the server.
  if (method != "POST" || !other) return std::string(method);
  const bool known = *other == "PATCH" || *other == "DELETE" || *other == "HEAD";
  return std::string(known ? *other : method);
}

TusReply TusCapabilities(const TusLimits& limits) {
  TusReply reply = MakeReply(204);
  reply.headers.emplace_back("Tus-Version", kVersion);
  reply.headers.emplace_back("Tus-Max-Size", std::to_string(limits.bytes_max));
  reply.headers.emplace_back("Tus-Extension",
                             "creation,creation-with-upload,expiration,checksum,termination");
  reply.headers.emplace_back("Tus-Checksum-Algorithm", "sha1,sha256");
  return reply;
}

std::optional<TusReply> RefuseTusVersion(const HeaderLookup& header) {
  if (header("Tus-Resumable") == kVersion) return std::nullopt;
  TusReply reply = MakeReply(412, "This server speaks tus 1.0.0; send Tus-Resumable: 1.0.0.");
  reply.headers.emplace_back("Tus-Version", kVersion);
  return reply;
}

TusDecision<TusCreation> DecideTusCreation(const HeaderLookup& header, const TusLimits& limits) {
  if (auto reply = RefuseTusVersion(header)) return *std::move(reply);
  if (header("Upload-Concat")) {
    return MakeReply(400, "The concatenation extension is not supported.");
  }
  const auto length_text = header("Upload-Length");
  if (header("Upload-Defer-Length") || !length_text) {
    return MakeReply(400, "Upload-Length is needed; it cannot be deferred.");
  }
  const auto length = ParseCount(*length_text);
  if (!length) return MakeReply(400, "Upload-Length is malformed.");
  if (*length > limits.bytes_max) {
    return MakeReply(413, "The file is larger than " + std::to_string(limits.bytes_max) +
                              " bytes, the limit of uploads.");
  }
  TusCreation creation;
  creation.length = *length;
  if (const auto text = header("Upload-Metadata")) {
    auto metadata = ParseTusMetadata(*text);
    if (!metadata) return MakeReply(400, "Upload-Metadata is malformed.");
    creation.metadata = *std::move(metadata);
  }
  if (auto reply = ReadContentFields(header, &creation)) return *std::move(reply);
  const auto type = header("Content-Type");
  creation.has_content =
      type && MediaType(*type) == kContentType && creation.content_length != std::int64_t{0};
  const bool other_content = !creation.has_content && creation.content_length.value_or(0) > 0;
  if (other_content) return MakeReply(415, "Content must be application/offset+octet-stream.");
  if (creation.has_content && creation.content_length.value_or(0) > creation.length) {
    return MakeReply(413, "The content is longer than Upload-Length.");
  }
  return creation;
}

TusDecision<TusPatch> DecideTusPatch(const HeaderLookup& header) {
  if (auto reply = RefuseTusVersion(header)) return *std::move(reply);
  const auto type = header("Content-Type");
  if (!type || MediaType(*type) != kContentType) {
    return MakeReply(415, "Content must be application/offset+octet-stream.");
  }
  const auto offset_text = header("Upload-Offset");
  const auto offset = offset_text ? ParseCount(*offset_text) : std::nullopt;
  if (!offset) return MakeReply(400, "Upload-Offset is missing or malformed.");
  TusPatch patch;
  patch.offset = *offset;
  if (auto reply = ReadContentFields(header, &patch)) return *std::move(reply);
  return patch;
}

TusReply ReplyTusCreated(const std::string& location, const TusState& state) {
  TusReply reply = MakeReply(201);
  reply.headers.emplace_back("Location", location);
  reply.headers.emplace_back("Upload-Offset", std::to_string(state.offset));
  reply.headers.emplace_back("Upload-Expires", HttpDate(state.expires_at));
  return reply;
}

TusReply ReplyTusHead(const TusState& state) {
  TusReply reply = MakeReply(200);
  reply.headers.emplace_back("Upload-Offset", std::to_string(state.offset));
  reply.headers.emplace_back("Upload-Length", std::to_string(state.length));
  reply.headers.emplace_back("Upload-Expires", HttpDate(state.expires_at));
  if (!state.metadata.empty()) reply.headers.emplace_back("Upload-Metadata", state.metadata);
  // A cached offset would make the client send wrong bytes.
  reply.headers.emplace_back("Cache-Control", "no-store");
  return reply;
}

TusReply ReplyTusPatched(const TusState& state) {
  TusReply reply = MakeReply(204);
  reply.headers.emplace_back("Upload-Offset", std::to_string(state.offset));
  reply.headers.emplace_back("Upload-Expires", HttpDate(state.expires_at));
  return reply;
}

TusReply ReplyTusTerminated() { return MakeReply(204); }

TusReply ReplyTusFailure(const Failure& failure) {
  TusReply reply = MakeReply(InfoOf(failure.error).http_status, failure.status.message());
  // The specification wants 404 or 410 for what is gone; a cancelled upload is gone too.
  if (failure.error == UploadError::kWrongState) reply.status = 410;
  if (failure.error == UploadError::kTakenOver) reply.status = 423;
  return reply;
}

std::optional<std::vector<std::pair<std::string, std::string>>> ParseTusMetadata(
    std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (text.size() > kMetadataBytesMax) return std::nullopt;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    const std::size_t space = item.find(' ');
    const std::string_view key = item.substr(0, space);
    const auto value = DecodeBase64(space == item.npos ? "" : item.substr(space + 1));
    const bool repeated = std::any_of(pairs.begin(), pairs.end(),
                                      [&](const auto& pair) { return pair.first == key; });
    const bool last_is_empty = comma != std::string_view::npos && text.empty();
    if (!IsMetadataKey(key) || !value || repeated || last_is_empty ||
        pairs.size() == kMetadataPairsMax) {
      return std::nullopt;
    }
    pairs.emplace_back(key, *value);
  }
  return pairs;
}

std::string HttpDate(base::UnixMillis time) {
  using std::chrono::days;
  using std::chrono::floor;
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr base::UnixMillis kLast = 253'402'300'799'000;  // 9999-12-31T23:59:59Z.
  const std::chrono::sys_seconds at{floor<std::chrono::seconds>(
      std::chrono::milliseconds(std::clamp<std::int64_t>(time, 0, kLast)))};
  const auto day = floor<days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(at - day);
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  std::string out(kDays[std::chrono::weekday(day).c_encoding()]);
  out += ", " + two(static_cast<unsigned>(date.day())) + " ";
  out += kMonths[static_cast<unsigned>(date.month()) - 1];
  out += " " + std::to_string(static_cast<int>(date.year())) + " ";
  out += two(clock.hours().count()) + ":" + two(clock.minutes().count()) + ":" +
         two(clock.seconds().count()) + " GMT";
  return out;
}

}  // namespace wt::uploads
