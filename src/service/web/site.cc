#include "service/web/site.h"

#include <algorithm>
#include <string>

#include "service/http/content/conditional.h"
#include "service/http/text.h"

namespace wt::web {
namespace {

/// Who is answered with a page.
enum class Audience : std::uint8_t {
  /// Everybody: the API has nothing there.
  kAll,
  /// Those who accept text/html; the API has a route of that path.
  kBrowsers,
};

struct PageAddress {
  /// A segment "*" stands for any one segment.
  std::string_view pattern;
  Audience audience;
};

// The addresses in web/src/app/router.tsx; tests/web checks that the two agree.
constexpr PageAddress kPages[] = {
    {"/", Audience::kAll},
    {"/new", Audience::kAll},
    {"/welcome", Audience::kAll},
    {"/transcript/*", Audience::kAll},
    {"/transcript/*/view", Audience::kAll},
    {"/settings", Audience::kAll},
    {"/settings/*", Audience::kAll},
    {"/developers", Audience::kAll},
    {"/help", Audience::kAll},
    {"/search", Audience::kBrowsers},
    {"/jobs", Audience::kBrowsers},
    {"/jobs/*", Audience::kBrowsers},
    {"/active", Audience::kAll},
    {"/completed", Audience::kAll},
    {"/failed", Audience::kAll},
    {"/upload", Audience::kBrowsers},
    {"/transcribe", Audience::kBrowsers},
    {"/batch-upload", Audience::kBrowsers},
    {"/status/*", Audience::kBrowsers},
    {"/progress/*", Audience::kBrowsers},
    {"/api-keys", Audience::kBrowsers},
    {"/admin", Audience::kBrowsers},
    {"/admin/*", Audience::kBrowsers},
    {"/login", Audience::kBrowsers},
    {"/register", Audience::kBrowsers},
    {"/setup", Audience::kBrowsers},
    {"/change-password", Audience::kBrowsers},
};

// Nothing but this origin, no inline script or style, and no string becomes code. `blob:` is for
// sound that was recorded here and not yet sent. The one trusted type makes the address of the
// service worker (web/src/app/offline.ts).
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; "
    "worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types wt";

// A script that runs as a worker lives under the policy of its own reply: it may ask this origin.
constexpr std::string_view kScriptPolicy =
    "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";

bool PatternMatches(std::string_view pattern, std::string_view path) {
  while (true) {
    const std::size_t pattern_end = pattern.find('/', 1);
    const std::size_t path_end = path.find('/', 1);
    const std::string_view want = pattern.substr(0, pattern_end);
    const std::string_view have = path.substr(0, path_end);
    if (want == "/*" ? have.size() < 2 : want != have) return false;
    const bool last = pattern_end == std::string_view::npos;
    if (last != (path_end == std::string_view::npos)) return false;
    if (last) return true;
    pattern.remove_prefix(pattern_end);
    path.remove_prefix(path_end);
  }
}

/// True when `list` names `wanted` with a weight above zero: "text/html;q=0.9, */*".
bool Accepts(const http::Headers& headers, std::string_view field, std::string_view wanted) {
  for (const std::string_view value : headers.FindAll(field)) {
    for (const std::string_view element : http::SplitList(value)) {
      const std::size_t semicolon = std::min(element.find(';'), element.size());
      if (!http::EqualsIgnoreCase(http::TrimSpace(element.substr(0, semicolon)), wanted)) continue;
      const std::string_view rest = element.substr(semicolon);
      const std::size_t weight = rest.find("q=");
      if (weight == std::string_view::npos) return true;
      // "0", "0.", "0.000" are the only weights without another digit.
      return rest.find_first_of("123456789", weight) != std::string_view::npos;
    }
  }
  return false;
}

bool IsPage(const http::Request& request) {
  std::string_view path = request.path;
  if (path.size() > 2 && path.ends_with('/')) path.remove_suffix(1);
  for (const PageAddress& page : kPages) {
    if (!PatternMatches(page.pattern, path)) continue;
    return page.audience == Audience::kAll || Accepts(request.headers, "Accept", "text/html");
  }
  return false;
}

struct Variant {
  std::string_view bytes;
  std::string_view coding;
};

Variant ChooseVariant(const EmbeddedFile& file, const http::Headers& headers) {
  if (!file.brotli.empty() && Accepts(headers, "Accept-Encoding", "br")) return {file.brotli, "br"};
  if (!file.gzip.empty() && Accepts(headers, "Accept-Encoding", "gzip")) return {file.gzip, "gzip"};
  return {file.plain, ""};
}

http::Response Send(const EmbeddedFile& file, const http::Request& request) {
  const Variant variant = ChooseVariant(file, request.headers);
  http::Validators validators;
  validators.etag = http::StrongETag(variant.coding.empty() ? std::string(file.hash)
                                                            : std::string(file.hash) + "-" +
                                                                  std::string(variant.coding));
  http::Response response;
  http::Headers& headers = response.headers;
  // no-transform: what is compressed best is sent as it is.
  headers.Set("Cache-Control", file.path.starts_with("/assets/")
                                   ? "public, max-age=31536000, immutable, no-transform"
                                   : "no-cache, no-transform");
  headers.Set("Vary", "Accept-Encoding, Accept");
  http::AddValidators(validators, &headers);
  if (file.type.starts_with("text/html")) {
    headers.Set("Content-Security-Policy", std::string(kPagePolicy));
  } else if (file.type.starts_with("text/javascript")) {
    headers.Set("Content-Security-Policy", std::string(kScriptPolicy));
  }
  if (http::EvaluatePreconditions(request.method, request.headers, validators) ==
      http::Precondition::kNotModified) {
    response.status = 304;
    return response;
  }
  headers.Set("Content-Type", std::string(file.type));
  if (!variant.coding.empty()) headers.Set("Content-Encoding", std::string(variant.coding));
  response.body = std::string(variant.bytes);
  return response;
}

}  // namespace

const EmbeddedFile* Site::Find(std::string_view path) const {
  const auto at = std::lower_bound(
      files_.begin(), files_.end(), path,
      [](const EmbeddedFile& file, std::string_view wanted) { return file.path < wanted; });
  return at != files_.end() && at->path == path ? &*at : nullptr;
}

std::optional<http::Response> Site::Answer(const http::Request& request) const {
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    return std::nullopt;
  }
  const EmbeddedFile* file = Find(request.path);
  if (file == nullptr && IsPage(request)) file = Find("/index.html");
  if (file == nullptr) return std::nullopt;
  return Send(*file, request);
}

}  // namespace wt::web
