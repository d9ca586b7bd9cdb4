#include "service/uploads/content/allowed_types.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace wt::uploads {
namespace {

/// A format under the names that lists use. `names` have a space at both ends.
struct Format {
  Signature signature;
  bool video;
  std::string_view names;
};

// Names that browsers use for sound and for video (webm, mp4, ogg) allow both.
constexpr std::array kFormats = {
    Format{Signature::kWav, false, " wav wave audio/wav audio/x-wav audio/wave audio/vnd.wave "},
    Format{Signature::kMp3, false, " mp3 mpga audio/mpeg audio/mp3 audio/x-mp3 "},
    Format{Signature::kMp4, false, " m4a m4b audio/mp4 audio/m4a audio/x-m4a "},
    Format{Signature::kMp4, true, " mp4 m4v mov 3gp video/mp4 video/quicktime video/3gpp "},
    Format{Signature::kFlac, false, " flac audio/flac audio/x-flac "},
    Format{Signature::kOgg, false, " oga opus spx audio/ogg audio/opus application/ogg "},
    Format{Signature::kOgg, true, " ogg ogv video/ogg "},
    Format{Signature::kMatroska, false, " mka weba audio/webm audio/x-matroska "},
    Format{Signature::kMatroska, true, " webm mkv video/webm video/x-matroska "},
    Format{Signature::kAac, false, " aac audio/aac audio/aacp "},
    Format{Signature::kAsf, false, " wma audio/x-ms-wma "},
    Format{Signature::kAsf, true, " wmv asf video/x-ms-wmv video/x-ms-asf "},
    Format{Signature::kAvi, true, " avi video/x-msvideo video/avi "},
    Format{Signature::kAiff, false, " aif aiff aifc audio/aiff audio/x-aiff "},
    Format{Signature::kAmr, false, " amr awb audio/amr audio/amr-wb "},
    Format{Signature::kCaf, false, " caf audio/x-caf "},
};

std::string Normalised(std::string_view entry) {
  if (entry.starts_with('.')) entry.remove_prefix(1);
  std::string name(entry);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

bool Names(const Format& format, const std::string& name) {
  if (name == "audio/*") return !format.video;
  if (name == "video/*") return format.video;
  return format.names.find(" " + name + " ") != std::string_view::npos;
}

}  // namespace

Result<AllowedTypes> AllowedTypes::Parse(const std::vector<std::string>& entries) {
  AllowedTypes types;
  for (const std::string& entry : entries) {
    const std::string name = Normalised(entry);
    const std::size_t before = types.rules_.size();
    for (const Format& format : kFormats) {
      const bool named = !name.empty() && name.find(' ') == std::string::npos;
      if (named && Names(format, name)) {
        types.rules_.push_back({format.signature, format.video, name});
      }
    }
    if (types.rules_.size() > before) continue;
    return Status(
        StatusCode::kInvalidArgument,
        "ALLOWED_FILE_TYPES: '" + entry +
            "' is no format of recordings that is known here. Use extensions such as mp3, "
            "wav, m4a, mp4, or types such as audio/mpeg, audio/*, video/mp4.");
  }
  return types;
}

bool AllowedTypes::AllowsSignature(Signature signature) const { return Allows(signature, false); }

bool AllowedTypes::Allows(Signature signature, bool has_video) const {
  return rules_.empty() || std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
           return rule.signature == signature && (rule.video || !has_video);
         });
}

std::string AllowedTypes::Describe() const {
  std::string text;
  std::string_view last;
  for (const Rule& rule : rules_) {
    if (rule.entry != last) text += (text.empty() ? "" : ", ") + rule.entry;
    last = rule.entry;
  }
  return text;
}

}  // namespace wt::uploads
