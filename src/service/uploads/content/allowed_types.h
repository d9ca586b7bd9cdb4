// The operator's list of formats (ALLOWED_FILE_TYPES), held against what a file's content says it
// is: a name or a declared type proves nothing (spec ING-08). Immutable: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "service/uploads/content/sniff.h"
#include "whisper_transcriber/status.h"

namespace wt::uploads {

class AllowedTypes {
 public:
  /// Everything that can be decoded.
  AllowedTypes() = default;
  /// Each entry is a file extension ("mp3", ".mp3") or a MIME type ("audio/mpeg", "audio/*"). No
  /// entries: everything. kInvalidArgument names an entry that means nothing.
  static Result<AllowedTypes> Parse(const std::vector<std::string>& entries);

  bool everything() const { return rules_.empty(); }
  /// Before the file is decoded: could it be allowed still?
  bool AllowsSignature(Signature signature) const;
  /// A video is allowed where a video format is listed, not by the sound format of its container.
  bool Allows(Signature signature, bool has_video) const;
  /// "mp3, wav": for the refusal.
  std::string Describe() const;

 private:
  struct Rule {
    Signature signature;
    bool video;
    std::string entry;
  };
  std::vector<Rule> rules_;
};

}  // namespace wt::uploads
