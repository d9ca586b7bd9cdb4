// Answers for the web app: its files by their paths, index.html for the addresses of its pages, and
// nothing for everything else, which is then the API's.
//
// Some pages have the address of an API route ("/jobs"). Who accepts text/html gets the page there,
// everybody else the API (spec UI-02). Files under /assets/ carry a hash in their name and may be
// kept for ever; the others are asked for again with their ETag. Paths that no page has stay
// unanswered, so that an unknown path is a JSON 404 (UI-04). Const after construction: thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "service/http/message.h"
#include "service/web/embedded_file.h"

namespace wt::web {

class Site {
 public:
  /// `files` are sorted by path and outlive this.
  explicit Site(std::span<const EmbeddedFile> files) : files_(files) {}

  /// Empty: not for the web app. Never reads the body.
  std::optional<http::Response> Answer(const http::Request& request) const;

 private:
  const EmbeddedFile* Find(std::string_view path) const;

  std::span<const EmbeddedFile> files_;
};

}  // namespace wt::web
