// Finds out what a path holds, maps its files, and joins weights, configuration and vocabulary.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
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

/// Opening a pipe would wait for a writer that may never come.
Status CheckRegular(const struct stat& info, const std::string& path) {
  if (S_ISREG(info.st_mode)) return Status();
  return Status(StatusCode::kInvalidArgument, path + ": is not a regular file");
}

/// The change time is part of it: it cannot be set back with utimes(), as the file's own can.
Result<std::string> FileIdentity(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return platform::ErrnoStatus(errno, path);
  WT_TRY(CheckRegular(info, path));
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" +
         std::to_string(info.st_size) + ":" + Nanoseconds(info.st_mtim) + ":" +
         Nanoseconds(info.st_ctim);
}

Result<Source> MapSource(const std::string& path) {
  Source source;
  source.path = path;
  WT_ASSIGN(source.identity, FileIdentity(path));
  WT_ASSIGN(MappedFile file, MappedFile::Open(path, base::kModelFileBytesMax));
  WT_ASSIGN(const std::string identity, FileIdentity(path));
  if (identity != source.identity) {
    return Status(StatusCode::kUnavailable, path + ": changed while it was being opened");
  }
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
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::optional<std::string>();
  WT_TRY(CheckRegular(info, path));
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

Result<Parts> ReadShards(const std::vector<Source>& sources) {
  std::vector<std::span<const std::byte>> shards;
  for (const Source& source : sources) shards.push_back(source.bytes());
  Result<Parts> parts = ReadSafetensors(shards);
  if (!parts.ok()) return parts.status().WithContext(sources[0].path);
  for (const Source& source : sources) Keep(source, &*parts);
  return parts;
}

/// Weight files of a Hugging Face directory, in the order of their names.
Result<std::vector<Source>> MapShards(const std::string& directory) {
  std::vector<Source> sources;
  if (Exists(Join(directory, "model.safetensors"))) {
    WT_ASSIGN(Source source, MapSource(Join(directory, "model.safetensors")));
    sources.push_back(std::move(source));
    return sources;
  }
  const std::string index_path = Join(directory, "model.safetensors.index.json");
  WT_ASSIGN(const std::string index, platform::ReadWholeFile(index_path, base::kModelJsonBytesMax));
  Result<std::vector<std::string>> names = ReadShardNames(index);
  if (!names.ok()) return names.status().WithContext(index_path);
  for (const std::string& name : *names) {
    WT_ASSIGN(Source source, MapSource(Join(directory, name)));
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<Map> OpenHuggingFace(const std::string& directory) {
  WT_ASSIGN(const std::vector<Source> sources, MapShards(directory));
  WT_ASSIGN(Parts parts, ReadShards(sources));
  const std::string config_path = Join(directory, "config.json");
  WT_ASSIGN(const std::optional<std::string> config, ReadOptional(config_path));
  if (config) {
    const Status status = CheckHuggingFaceConfig(*config, parts.dims);
    if (!status.ok()) return status.WithContext(config_path);
  }
  WT_TRY(AddAlignmentHeads(Join(directory, "generation_config.json"), &parts));
  WT_TRY(AddVocabulary(Join(directory, "vocab.json"), ReadVocabularyIds, &parts));
  return Finish(sources[0].path, std::move(parts));
}

Result<Map> OpenDirectory(const std::string& path) {
  if (Exists(Join(path, "model.bin"))) return OpenCt2(path);
  if (Exists(Join(path, "model.safetensors")) ||
      Exists(Join(path, "model.safetensors.index.json"))) {
    return OpenHuggingFace(path);
  }
  return Status(StatusCode::kNotFound,
                path + ": has neither model.bin (CTranslate2) nor model.safetensors");
}

enum class FileKind { kUnknown, kCt2, kSafetensors, kCheckpoint, kGgml };

bool StartsWith(std::span<const std::byte> bytes, std::string_view prefix) {
  const std::span<const std::byte> want = std::as_bytes(std::span(prefix));
  return bytes.size() >= want.size() && std::equal(want.begin(), want.end(), bytes.begin());
}

/// Told by the first bytes, never by the name.
FileKind KindOf(std::span<const std::byte> bytes) {
  if (StartsWith(bytes, "lmgg")) return FileKind::kGgml;
  if (StartsWith(bytes, "PK")) return FileKind::kCheckpoint;
  // Version 4 to 6, then the length of "WhisperSpec" with its zero byte.
  if (bytes.size() > 6 && StartsWith(bytes.subspan(4), std::string_view("\x0c\0Whisper", 9))) {
    return FileKind::kCt2;
  }
  // A u64 below 2^24, then the header's opening brace.
  if (bytes.size() > 8 && StartsWith(bytes.subspan(3), std::string_view("\0\0\0\0\0{", 6))) {
    return FileKind::kSafetensors;
  }
  return FileKind::kUnknown;
}

/// Says what an unreadable file seems to be, because the remedy differs.
Status UnknownFile(std::span<const std::byte> bytes) {
  constexpr std::string_view kKnown =
      "known are CTranslate2 and Hugging Face folders, OpenAI .pt, .safetensors and ggml files";
  const auto is = [&](std::string_view what) {
    return Unsupported("is " + std::string(what) + "; " + std::string(kKnown));
  };
  if (bytes.empty()) return Corrupt("is empty");
  if (StartsWith(bytes, "GGUF")) return is("a gguf file, in which no Whisper model is published");
  if (StartsWith(bytes, "version https://git-lfs")) {
    return is("a Git LFS pointer, not the model itself: download the real file");
  }
  if (StartsWith(bytes, "\x80\x02")) return is("a checkpoint older than torch 1.6");
  if (StartsWith(bytes, "<")) return is("a web page, not a model: download it again");
  return is("no model in a known format");
}

Result<Map> OpenFile(const std::string& path) {
  WT_ASSIGN(const Source source, MapSource(path));
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const bool usual_name = std::filesystem::path(path).filename() == "model.bin" ||
                          std::filesystem::path(path).filename() == "model.safetensors";
  Result<Parts> parts = Status(StatusCode::kInternal, "unread");
  switch (KindOf(source.bytes())) {
    case FileKind::kUnknown: parts = UnknownFile(source.bytes()); break;
    case FileKind::kGgml: parts = ReadGgml(source.bytes()); break;
    case FileKind::kCheckpoint: parts = ReadCheckpoint(source.bytes()); break;
    case FileKind::kCt2:
      if (usual_name) return OpenCt2(parent);
      parts = ReadCt2(source.bytes());
      break;
    case FileKind::kSafetensors: {
      if (usual_name) return OpenHuggingFace(parent);
      const std::span<const std::byte> bytes = source.bytes();
      parts = ReadSafetensors(std::span(&bytes, 1));
      break;
    }
  }
  if (!parts.ok()) return parts.status().WithContext(path);
  Keep(source, &*parts);
  return Finish(path, std::move(parts).value());
}

}  // namespace

Result<Map> OpenModel(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return platform::ErrnoStatus(errno, path);
  return S_ISDIR(info.st_mode) ? OpenDirectory(path) : OpenFile(path);
}

}  // namespace wt::model
