#include "service/jobs/rules/details.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "base/utf8.h"

namespace wt::jobs {
namespace {

enum class Lines : std::uint8_t { kOne, kMany };

Status CheckText(std::string_view name, std::size_t bytes_max, Lines lines, std::string* text) {
  constexpr std::string_view kSpace = " \t\n\r";
  text->erase(0, std::min(text->find_first_not_of(kSpace), text->size()));
  text->erase(text->find_last_not_of(kSpace) + 1);
  const bool control = std::any_of(text->begin(), text->end(), [&](char c) {
    const bool line_break = c == '\n' || c == '\t' || c == '\r';
    const bool allowed = lines == Lines::kMany && line_break;
    return (static_cast<unsigned char>(c) < 0x20 && !allowed) || c == 0x7F;
  });
  if (text->size() <= bytes_max && !control && base::IsValidUtf8(*text)) return Status();
  return Status(StatusCode::kInvalidArgument,
                fmt::format("{} has at most {} bytes and no control characters.", name, bytes_max));
}

}  // namespace

Status CheckDetails(DetailsPatch* patch) {
  if (patch->title) WT_TRY(CheckText("title", kTitleBytesMax, Lines::kOne, &*patch->title));
  if (patch->notes) WT_TRY(CheckText("notes", kNotesBytesMax, Lines::kMany, &*patch->notes));
  if (!patch->tags) return Status();
  std::vector<std::string>& tags = *patch->tags;
  for (std::string& tag : tags) WT_TRY(CheckText("A tag", kTagBytesMax, Lines::kOne, &tag));
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  std::erase(tags, "");
  if (tags.size() <= kTagsPerJobMax) return Status();
  return Status(StatusCode::kInvalidArgument,
                fmt::format("A job has at most {} tags.", kTagsPerJobMax));
}

void ApplyDetails(const DetailsPatch& patch, JobDetails* details) {
  if (patch.title) details->title = *patch.title;
  if (patch.notes) details->notes = *patch.notes;
  if (patch.tags) details->tags = *patch.tags;
  if (patch.starred) details->starred = *patch.starred;
  if (patch.archived) details->archived = *patch.archived;
}

}  // namespace wt::jobs
