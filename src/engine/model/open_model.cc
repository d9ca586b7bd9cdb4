// Finds out what a path holds, maps its files, and joins weights, configuration and vocabulary.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/model/printable.h"
#include "engine/model/readers/readers.h"
#include "engine/model/readers/side_files.h"
#include "engine/model/weight_map.h"
#include "platform/file.h"

namespace wt::model {
namespace {

using platform::MappedFile;
using Parts = WeightMap::Parts;
using Map = std::shared_ptr<const WeightMap>;

/// A weight file, mapped. The mapping is shared because views into it outlive the reader.
struct Source {
  std::string path;
  std::shared_ptr<const MappedFile> file;
  std::string identity;

  std::span<const std::byte> bytes() const { return file->bytes(); }
};

std::string Join(const std::string& directory, std::string_view name) {
  return (std::filesystem::path(directory) / name).string();
}

std::string Nanoseconds(const struct timespec& time) {
  return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
}

/// The change time is part of it: it cannot be set back with utimes(), as the file's own can.
Result<std::string> FileIdentity(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return platform::ErrnoStatus(errno, path);
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" +
         std::to_string(info.st_size) + ":" + Nanoseconds(info.st_mtim) + ":" +
         Nanoseconds(info.st_ctim);
}

Result<Source> MapSource(const std::string& path) {
  Source source;
  source.path = path;
  WT_ASSIGN(source.identity, FileIdentity(path));
  WT_ASSIGN(MappedFile file, MappedFile::Open(path, base::kModelFileBytesMax));
  source.file = std::make_shared<const MappedFile>(std::move(file));
  return source;
}

void Keep(const Source& source, Parts* parts) {
  parts->owners.push_back(source.file);
  parts->source_files.push_back(source.bytes());
  parts->source_identity += (parts->source_identity.empty() ? "" : ",") + source.identity;
}

bool Exists(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0;
}

/// The text of a file that may be absent.
Result<std::optional<std::string>> ReadOptional(const std::string& path) {
  if (!Exists(path)) return std::optional<std::string>();
  WT_ASSIGN(std::string text, platform::ReadWholeFile(path, base::kModelJsonBytesMax));
  return std::optional(std::move(text));
}

Status AddAlignmentHeads(const std::string& path, Parts* parts) {
  WT_ASSIGN(const std::optional<std::string> text, ReadOptional(path));
  if (!text) return Status();
  Result<std::vector<AlignmentHead>> heads = ReadAlignmentHeads(*text);
  if (!heads.ok()) return heads.status().WithContext(path);
  parts->alignment_heads = std::move(heads).value();
  return Status();
}

using VocabularyReader = Result<std::vector<std::string>>(std::string_view, const Dims&);

Status AddVocabulary(const std::string& path, VocabularyReader* read, Parts* parts) {
  if (!parts->vocabulary.empty()) return Status();
  WT_ASSIGN(const std::optional<std::string> text, ReadOptional(path));
  if (!text) return Status();
  Result<std::vector<std::string>> tokens = read(*text, parts->dims);
  if (!tokens.ok()) return tokens.status().WithContext(path);
  parts->vocabulary = std::move(tokens).value();
  return Status();
}

/// Validates what was read from `path`.
Result<Map> Finish(const std::string& path, Parts parts) {
  Result<Map> map = WeightMap::Validate(std::move(parts));
  if (!map.ok()) return map.status().WithContext(path);
  return map;
}

Result<Map> OpenCt2(const std::string& directory) {
  WT_ASSIGN(const Source source, MapSource(Join(directory, "model.bin")));
  Result<Parts> parts = ReadCt2(source.bytes());
  if (!parts.ok()) return parts.status().WithContext(source.path);
  Keep(source, &*parts);
  WT_TRY(AddAlignmentHeads(Join(directory, "config.json"), &*parts));
  WT_TRY(AddVocabulary(Join(directory, "vocabulary.txt"), ReadVocabularyLines, &*parts));
  WT_TRY(AddVocabulary(Join(directory, "vocabulary.json"), ReadVocabularyList, &*parts));
  return Finish(source.path, std::move(parts).value());
}

}  // namespace

Result<Map> OpenModel(const std::string& path) { return OpenCt2(path); }

}  // namespace wt::model
