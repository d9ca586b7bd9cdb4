#include "models/manifest.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "platform/file.h"

namespace wt::models {
namespace {

constexpr int kFormat = 1;
constexpr std::int64_t kManifestBytesMax = 256 * 1024;
constexpr std::size_t kFilesMax = 256;
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kTextBytesMax = 4'096;
constexpr int kDepthMax = 8;

bool IsSha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// The text under `key`, or empty when it is absent, of another type or too long.
std::string TextAt(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::string();
  const auto& text = found->get_ref<const std::string&>();
  return text.size() <= kTextBytesMax ? text : std::string();
}

Result<ManifestFile> FileFrom(const nlohmann::json& row) {
  if (!row.is_object()) return Status(StatusCode::kDataCorrupt, "a file is no object");
  ManifestFile file;
  file.name = TextAt(row, "name");
  file.sha256 = TextAt(row, "sha256");
  const auto bytes = row.find("bytes");
  if (!IsPlainName(file.name)) return Status(StatusCode::kDataCorrupt, "a file's name is wrong");
  if (!IsSha256(file.sha256)) {
    return Status(StatusCode::kDataCorrupt, file.name + ": the checksum is no SHA-256");
  }
  if (bytes == row.end() || !bytes->is_number_unsigned()) {
    return Status(StatusCode::kDataCorrupt, file.name + ": the size is missing");
  }
  const auto size = bytes->get<std::uint64_t>();
  if (size > static_cast<std::uint64_t>(base::kModelFileBytesMax)) {
    return Status(StatusCode::kDataCorrupt, file.name + ": the size is too large");
  }
  file.bytes = static_cast<std::int64_t>(size);
  return file;
}

/// nlohmann-json recurses when it parses: nesting is bounded before.
bool IsShallow(const std::string& json) {
  int depth = 0;
  for (const char c : json) {
    depth += c == '[' || c == '{' ? 1 : 0;
    depth -= c == ']' || c == '}' ? 1 : 0;
    if (depth > kDepthMax) return false;
  }
  return true;
}

}  // namespace

std::int64_t Manifest::bytes() const {
  std::int64_t sum = 0;
  for (const ManifestFile& file : files) sum += file.bytes;
  return sum;
}

bool IsPlainName(std::string_view name) {
  const auto alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  return !name.empty() && name.size() <= kNameBytesMax && alphanumeric(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

std::string ManifestToJson(const Manifest& manifest) {
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["name"] = manifest.name;
  json["licence"] = manifest.licence;
  json["source"] = manifest.source;
  json["weights"] = manifest.weights;
  json["files"] = nlohmann::ordered_json::array();
  for (const ManifestFile& file : manifest.files) {
    json["files"].push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  return base::JsonToText(json, 2) + "\n";
}

Result<Manifest> ManifestFromJson(const std::string& json) {
  const nlohmann::json parsed = IsShallow(json)
                                    ? base::JsonFromText(json)
                                    : nlohmann::json(nlohmann::json::value_t::discarded);
  if (!parsed.is_object()) return Status(StatusCode::kDataCorrupt, "is no JSON object");
  const auto format = parsed.find("format");
  if (format == parsed.end() || *format != kFormat) {
    return Status(StatusCode::kUnsupported, "has a format that this program does not know");
  }
  Manifest manifest{.name = TextAt(parsed, "name"),
                    .licence = TextAt(parsed, "licence"),
                    .source = TextAt(parsed, "source"),
                    .weights = TextAt(parsed, "weights"),
                    .files = {}};
  if (!IsPlainName(manifest.name)) return Status(StatusCode::kDataCorrupt, "the name is wrong");
  if (!manifest.weights.empty() && !IsPlainName(manifest.weights)) {
    return Status(StatusCode::kDataCorrupt, "the weights' name is wrong");
  }
  const auto files = parsed.find("files");
  if (files == parsed.end() || !files->is_array() || files->empty() || files->size() > kFilesMax) {
    return Status(StatusCode::kDataCorrupt, "the list of files is wrong");
  }
  for (const nlohmann::json& row : *files) {
    WT_ASSIGN(ManifestFile file, FileFrom(row));
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

Result<Manifest> ReadManifest(const std::string& directory) {
  const std::string path = directory + "/" + std::string(kManifestFile);
  WT_ASSIGN(const std::string json, platform::ReadWholeFile(path, kManifestBytesMax));
  Result<Manifest> manifest = ManifestFromJson(json);
  if (!manifest.ok()) return manifest.status().WithContext(path);
  return manifest;
}

Status WriteManifest(const std::string& directory, const Manifest& manifest) {
  const std::string json = ManifestToJson(manifest);
  return platform::WriteFileAtomically(directory + "/" + std::string(kManifestFile),
                                       std::as_bytes(std::span(json)));
}

}  // namespace wt::models
