#include "service/http/content/multipart.h"

#include <algorithm>
#include <cstring>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "service/http/content/parameters.h"
#include "service/http/text.h"

namespace wt::http {
namespace {

constexpr std::size_t kBufferBytes = 128 << 10;
// RFC 2046, section 5.1.1.
constexpr std::size_t kBoundaryBytesMax = 70;
// White space after a boundary; nobody sends it, the RFC allows it.
constexpr std::size_t kPaddingBytesMax = 64;

Status Corrupt(std::string_view what) {
  return Status(StatusCode::kDataCorrupt,
                "The multipart form is damaged: " + std::string(what) + ".");
}

Status TooMuch(std::string_view what) {
  return Status(StatusCode::kResourceExhausted,
                "The multipart form has " + std::string(what) + ".");
}

bool IsBoundaryChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

Status TakeHeaderLine(std::string_view line, Headers* headers) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Corrupt("a part has a malformed header line");
  }
  const std::string_view value = TrimSpace(line.substr(colon + 1));
  if (!IsFieldValue(value)) return Corrupt("a part has a malformed header line");
  headers->Add(std::string(line.substr(0, colon)), std::string(value));
  return Status();
}

Status TakeDisposition(PartHead* part) {
  if (part->headers.FindAll("Content-Disposition").size() != 1) {
    return Corrupt("a part needs one Content-Disposition");
  }
  const auto field = ParseFieldValue(*part->headers.Find("Content-Disposition"));
  if (!field.ok() || !EqualsIgnoreCase(field->value, "form-data")) {
    return Corrupt("a part has a malformed Content-Disposition");
  }
  part->name = field->Find("name").value_or("");
  if (part->name.empty()) return Corrupt("a part has no name");
  if (const auto plain = field->Find("filename")) part->file_name = *plain;
  if (const auto extended = field->Find("filename*")) {
    WT_ASSIGN(part->file_name, DecodeExtendedValue(*extended));
  }
  const bool text =
      base::IsValidUtf8(part->name) &&
      (!part->file_name || (base::IsValidUtf8(*part->file_name) && IsFieldValue(*part->file_name)));
  if (!text) return Corrupt("a name is not UTF-8 text");
  return Status();
}

}  // namespace

Result<std::string> MultipartBoundary(std::string_view content_type) {
  const auto field = ParseFieldValue(content_type);
  if (!field.ok()) return field.status();
  if (!EqualsIgnoreCase(field->value, "multipart/form-data")) {
    return Status(StatusCode::kUnsupported, "The body must be multipart/form-data.");
  }
  const std::string_view boundary = field->Find("boundary").value_or("");
  if (boundary.empty() || boundary.size() > kBoundaryBytesMax || boundary.back() == ' ' ||
      !std::all_of(boundary.begin(), boundary.end(), IsBoundaryChar)) {
    return Status(StatusCode::kInvalidArgument,
                  "The form has no valid boundary. It must have 1 to 70 characters of RFC 2046.");
  }
  return std::string(boundary);
}

MultipartReader::MultipartReader(BodySource* body, std::string_view boundary,
                                 MultipartLimits limits)
    : body_(body), limits_(limits), delimiter_("\r\n--" + std::string(boundary)) {
  buffer_.resize(std::max(kBufferBytes, limits_.part_head_bytes_max + 4));
  // The first delimiter may stand at the very beginning, so a line end is put before it.
  buffer_.replace(0, 2, "\r\n");
  end_ = 2;
}

Status MultipartReader::Fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  WT_ASSIGN(const std::size_t count,
            body_->Read(std::as_writable_bytes(std::span(buffer_)).subspan(end_)));
  if (count == 0) return Corrupt("it ends before its final boundary");
  end_ += count;
  return Status();
}

Result<std::size_t> MultipartReader::TakeContent(std::span<std::byte> out) {
  while (certain_ == 0) {
    const std::string_view bytes = view();
    const std::size_t found = bytes.find(delimiter_);
    if (found == 0) {
      begin_ += delimiter_.size();
      place_ = Place::kAfterDelimiter;
      return std::size_t{0};
    }
    // Without a delimiter, one may have begun in the last bytes.
    certain_ = found != std::string_view::npos
                   ? found
                   : bytes.size() - std::min(bytes.size(), delimiter_.size() - 1);
    if (certain_ == 0) WT_TRY(Fill());
  }
  const std::size_t take = std::min(certain_, out.size());
  std::memcpy(out.data(), buffer_.data() + begin_, take);
  begin_ += take;
  certain_ -= take;
  return take;
}

Status MultipartReader::SkipContent() {
  std::byte scratch[4096];
  while (place_ != Place::kAfterDelimiter) WT_TRY(TakeContent(scratch));
  return Status();
}

Result<bool> MultipartReader::AnotherPart() {
  while (view().size() < 2) WT_TRY(Fill());
  if (view().starts_with("--")) {
    begin_ += 2;
    return false;
  }
  for (std::size_t padding = 0; padding <= kPaddingBytesMax; ++padding) {
    while (view().size() < 2) WT_TRY(Fill());
    if (view().starts_with("\r\n")) {
      begin_ += 2;
      return true;
    }
    if (view().front() != ' ' && view().front() != '\t') break;
    ++begin_;
  }
  return Corrupt("something follows a boundary");
}

Result<PartHead> MultipartReader::ReadHead() {
  PartHead part;
  std::size_t used = 0;
  while (true) {
    std::size_t feed = view().find("\r\n");
    while (feed == std::string_view::npos) {
      if (used + view().size() > limits_.part_head_bytes_max)
        return TooMuch("a part's head too large");
      WT_TRY(Fill());
      feed = view().find("\r\n");
    }
    used += feed + 2;
    if (used > limits_.part_head_bytes_max) return TooMuch("a part's head too large");
    const std::string_view line = view().substr(0, feed);
    if (line.empty()) break;
    WT_TRY(TakeHeaderLine(line, &part.headers));
    begin_ += feed + 2;
  }
  begin_ += 2;
  WT_TRY(TakeDisposition(&part));
  part.content_type = part.headers.Find("Content-Type").value_or("");
  return part;
}

Result<std::optional<PartHead>> MultipartReader::NextPart() {
  if (!failure_.ok()) return failure_;
  if (place_ == Place::kEnd) return std::optional<PartHead>();
  const auto next = [&]() -> Result<std::optional<PartHead>> {
    WT_TRY(SkipContent());
    WT_ASSIGN(const bool another, AnotherPart());
    if (!another) {
      place_ = Place::kEnd;
      return std::optional<PartHead>();
    }
    if (++parts_ > limits_.parts_max) return TooMuch("too many parts");
    WT_ASSIGN(PartHead part, ReadHead());
    place_ = Place::kPart;
    return std::optional<PartHead>(std::move(part));
  };
  auto result = next();
  if (!result.ok()) failure_ = result.status();
  return result;
}

Result<std::size_t> MultipartReader::ReadPart(std::span<std::byte> out) {
  if (!failure_.ok()) return failure_;
  if (place_ != Place::kPart || out.empty()) return std::size_t{0};
  auto result = TakeContent(out);
  if (!result.ok()) failure_ = result.status();
  return result;
}

Result<std::string> MultipartReader::ReadPartText(std::size_t bytes_max) {
  std::string text;
  std::byte piece[4096];
  while (true) {
    WT_ASSIGN(const std::size_t count, ReadPart(piece));
    if (count == 0) return text;
    if (count > bytes_max - text.size()) return TooMuch("a field that is too long");
    text.append(reinterpret_cast<const char*>(piece), count);
  }
}

}  // namespace wt::http
