// The files of the web app inside this program: made by web/tools/pack.mjs, linked by site_data.S.
// Constant data: thread-safe, lives as long as the program.
#pragma once

#include <span>
#include <string_view>

namespace wt::web {

struct EmbeddedFile {
  /// As it is asked for: "/index.html", "/assets/index-BEKPH9V1.css".
  std::string_view path;
  std::string_view type;
  /// The first 16 bytes of the SHA-256 of `plain`, in hexadecimal.
  std::string_view hash;
  std::string_view plain;
  /// The same, compressed; empty where that saves nothing.
  std::string_view gzip;
  std::string_view brotli;
};

/// Sorted by path.
std::span<const EmbeddedFile> EmbeddedSite();

}  // namespace wt::web
