#include "service/blob/fs/fs_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "platform/crash_point.h"
#include "platform/system_clock.h"
#include "service/blob/fs/digest.h"
#include "service/blob/fs/fs_reader.h"
#include "service/blob/fs/fs_writer.h"
#include "service/blob/key.h"

namespace wt::blob {
namespace {

constexpr std::string_view kSidecarEnding = ".blob";
constexpr std::string_view kContentEnding = ".data";
constexpr std::string_view kNewSidecarEnding = ".new";
// Bounds the memory of the list; beyond it directories are synced again, which is only slower.
constexpr std::size_t kDurableDirectoriesMax = 65'536;

std::string GenerationHex(std::uint64_t generation) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex(16, '0');
  for (std::size_t i = 0; i < 16; ++i) hex[15 - i] = kDigits[(generation >> (4 * i)) & 15];
  return hex;
}

std::uint64_t RandomGeneration() {
  std::array<std::byte, 8> bytes{};
  platform::FillSecureRandom(bytes);
  std::uint64_t value = 0;
  for (const std::byte b : bytes) value = value << 8 | std::to_integer<std::uint64_t>(b);
  return value;
}

Status NotThere(const std::string& key) {
  return Status(StatusCode::kNotFound, "the stored object is not there", InternalDetail(key));
}

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// The name before the ending, or empty.
std::string_view WithoutEnding(std::string_view name, std::string_view ending) {
  return name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : std::string_view();
}

/// The object's name in "NAME.GENERATION" + ending; empty when it is not of that form.
std::string_view ObjectOfFile(std::string_view file, std::string_view ending) {
  constexpr std::size_t kGenerationPart = 17;
  const std::string_view stem = WithoutEnding(file, ending);
  if (stem.size() <= kGenerationPart) return {};
  return stem.substr(0, stem.size() - kGenerationPart);
}

}  // namespace

Result<std::unique_ptr<FsBlobStore>> FsBlobStore::Open(FsOptions options, Disk* disk,
                                                       const base::Clock* clock) {
  WT_CHECK(!options.root.empty());
  std::unique_ptr<FsBlobStore> store(new FsBlobStore(std::move(options), disk, clock));
  const std::string& root = store->options_.root;
  for (std::size_t slash = root.find('/', 1); slash != root.npos;
       slash = root.find('/', slash + 1)) {
    const std::string parent = root.substr(0, slash);
    WT_ASSIGN(const bool made, disk->MakeDirectory(parent));
    if (made) WT_TRY(disk->SyncDirectory(ParentOf(parent)));
  }
  WT_TRY(store->EnsureDurableDirectory(ParentOf(root), root));
  return store;
}

FsBlobStore::Paths FsBlobStore::PathsOf(const std::string& key, std::uint64_t generation) const {
  const KeyParts parts = SplitKey(key);
  Paths paths;
  paths.directory = options_.root + "/" + parts.area + "/" + parts.owner;
  const std::string stem = paths.directory + "/" + parts.name;
  const std::string hex = GenerationHex(generation);
  paths.sidecar = stem + std::string(kSidecarEnding);
  paths.content = stem + "." + hex + std::string(kContentEnding);
  paths.new_sidecar = stem + "." + hex + std::string(kNewSidecarEnding);
  return paths;
}

Status FsBlobStore::EnsureDurableDirectory(const std::string& parent, const std::string& path) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (durable_directories_.contains(path)) return Status();
  }
  // Synced also when it was there: whoever made it may have died before syncing.
  WT_TRY(disk_->MakeDirectory(path));
  WT_TRY(disk_->SyncDirectory(parent));
  const std::lock_guard<std::mutex> lock(mutex_);
  if (durable_directories_.size() >= kDurableDirectoriesMax) durable_directories_.clear();
  durable_directories_.insert(path);
  return Status();
}

Status FsBlobStore::EnsureDirectories(const std::string& key) {
  const KeyParts parts = SplitKey(key);
  const std::string area = options_.root + "/" + parts.area;
  WT_TRY(EnsureDurableDirectory(options_.root, area));
  return EnsureDurableDirectory(area, area + "/" + parts.owner);
}

Result<Sidecar> FsBlobStore::ReadSidecar(const std::string& key) {
  WT_ASSIGN(const auto file, disk_->Open(PathsOf(key, 0).sidecar));
  WT_ASSIGN(const std::int64_t size, file->Size());
  if (size > SidecarBytesMax()) {
    return Status(StatusCode::kDataCorrupt, "the stored object is damaged",
                  InternalDetail(key + ": sidecar too large"));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  WT_ASSIGN(const std::size_t count, file->ReadAt(0, bytes));
  bytes.resize(count);
  WT_ASSIGN(Sidecar sidecar, DecodeSidecar(bytes));
  if (sidecar.key != key) {
    return Status(StatusCode::kDataCorrupt, "the stored object is damaged",
                  InternalDetail(key + ": the sidecar is of " + sidecar.key));
  }
  return sidecar;
}

Result<BlobInfo> FsBlobStore::InfoOf(const Sidecar& sidecar) const {
  BlobInfo info{.key = sidecar.key,
                .bytes = sidecar.content_bytes,
                .sha256 = DigestHex(sidecar.sha256),
                .created_at = sidecar.created_at};
  if (!sidecar.sealed) return info;
  if (options_.keys == nullptr) {
    return Status(StatusCode::kFailedPrecondition,
                  "the stored object is encrypted and this server has no encryption key");
  }
  WT_ASSIGN(const OpenedEnvelope opened, OpenEnvelope(*options_.keys, sidecar));
  info.sha256 = DigestHex(opened.sha256);
  return info;
}

Status FsBlobStore::WriteSidecar(const Sidecar& sidecar, const Paths& paths) {
  WT_ASSIGN(const auto file, disk_->Create(paths.new_sidecar));
  WT_TRY(file->Write(EncodeSidecar(sidecar)));
  return file->Sync();
}

Status FsBlobStore::ClearName(const std::string& key) {
  const Status taken(StatusCode::kAlreadyExists, "the stored object is there already",
                     InternalDetail(key));
  const Result<Sidecar> old = ReadSidecar(key);
  if (!old.ok()) {
    // A damaged object is one: it is not overwritten, whoever repairs it needs it.
    if (old.status().code() == StatusCode::kDataCorrupt) return taken;
    return old.status().code() == StatusCode::kNotFound ? Status() : old.status();
  }
  const Paths paths = PathsOf(key, old->generation);
  const Status content = disk_->Open(paths.content).status();
  if (content.ok()) return taken;
  if (content.code() != StatusCode::kNotFound) return content;
  // A crash left the sidecar of a commit or deletion that did not finish.
  return disk_->Remove(paths.sidecar);
}

Result<std::unique_ptr<BlobWriter>> FsBlobStore::Create(const std::string& key) {
  WT_TRY(CheckKey(key));
  WT_TRY(CheckSpace(0));
  WT_TRY(EnsureDirectories(key));
  WT_TRY(ClearName(key));
  Sidecar sidecar;
  sidecar.key = key;
  sidecar.generation = RandomGeneration();
  sidecar.created_at = clock_->Now();
  WT_ASSIGN(auto file, disk_->Create(PathsOf(key, sidecar.generation).content));
  return std::unique_ptr<BlobWriter>(
      std::make_unique<FsWriter>(this, std::move(sidecar), std::move(file)));
}

Result<std::unique_ptr<BlobReader>> FsBlobStore::Open(const std::string& key) {
  WT_TRY(CheckKey(key));
  WT_ASSIGN(Sidecar sidecar, ReadSidecar(key));
  WT_ASSIGN(BlobInfo info, InfoOf(sidecar));
  auto file = disk_->Open(PathsOf(key, sidecar.generation).content);
  if (!file.ok()) {
    return file.status().code() == StatusCode::kNotFound ? NotThere(key) : file.status();
  }
  std::unique_ptr<BlockCipher> cipher;
  if (sidecar.sealed) {
    WT_ASSIGN(const OpenedEnvelope opened, OpenEnvelope(*options_.keys, sidecar));
    cipher = std::make_unique<BlockCipher>(opened.data_key, sidecar.generation);
  }
  return FsReader::Make(std::move(sidecar), std::move(info), std::move(file).value(),
                        std::move(cipher), options_.plain_copy_bytes_max);
}

Status FsBlobStore::Delete(const std::string& key) {
  WT_TRY(CheckKey(key));
  const Paths paths = PathsOf(key, 0);
  const std::string name = SplitKey(key).name;
  WT_ASSIGN(const std::vector<DiskEntry> entries, disk_->List(paths.directory));
  const Result<Sidecar> sidecar = ReadSidecar(key);
  // The sidecar first: from then on it is no object, whatever comes between.
  platform::CrashPoint("blob.before_delete");
  WT_TRY(disk_->Remove(paths.sidecar));
  platform::CrashPoint("blob.sidecar_deleted");
  if (sidecar.ok()) {
    WT_TRY(disk_->Remove(PathsOf(key, sidecar->generation).content));
  } else {
    // The generation is lost with the sidecar: everything of that name that nobody writes.
    for (const DiskEntry& entry : entries) {
      const std::string path = paths.directory + "/" + entry.name;
      if (ObjectOfFile(entry.name, kContentEnding) != name) continue;
      if (disk_->IsAbandoned(path, clock_->Now() + 1)) WT_TRY(disk_->Remove(path));
    }
  }
  platform::CrashPoint("blob.content_deleted");
  const Status synced = disk_->SyncDirectory(paths.directory);
  return synced.code() == StatusCode::kNotFound ? Status() : synced;
}

Result<std::int64_t> FsBlobStore::FreeBytes() {
  WT_ASSIGN(const DiskSpace space, disk_->Space(options_.root));
  constexpr std::int64_t kFloorBytes = 2LL << 30;
  const std::int64_t floor =
      options_.free_floor_bytes.value_or(std::max(space.total_bytes / 20, kFloorBytes));
  return space.free_bytes - floor;
}

Status FsBlobStore::CheckSpace(std::int64_t bytes) {
  WT_ASSIGN(const std::int64_t free, FreeBytes());
  if (free >= bytes) return Status();
  return Status(StatusCode::kResourceExhausted,
                "the storage is full; nothing was stored. Try again later",
                InternalDetail(std::to_string(free) + " bytes above the floor, " +
                               std::to_string(bytes) + " needed"));
}

Status FsBlobStore::Rewrap(const std::string& key) {
  WT_TRY(CheckKey(key));
  WT_ASSIGN(Sidecar sidecar, ReadSidecar(key));
  if (!sidecar.sealed) return Status();
  if (options_.keys == nullptr) return InfoOf(sidecar).status();
  if (sidecar.sealed->key_id == options_.keys->current().id) return Status();
  WT_ASSIGN(const OpenedEnvelope opened, OpenEnvelope(*options_.keys, sidecar));
  SealEnvelope(*options_.keys, opened.data_key, opened.sha256, &sidecar);
  const Paths paths = PathsOf(key, sidecar.generation);
  Status status = WriteSidecar(sidecar, paths);
  if (status.ok()) status = disk_->RenameOver(paths.new_sidecar, paths.sidecar);
  if (!status.ok()) {
    (void)disk_->Remove(paths.new_sidecar);
    return status;
  }
  return disk_->SyncDirectory(paths.directory);
}

Status FsBlobStore::ListOwner(const std::string& prefix, const std::string& after_name, int limit,
                              std::vector<BlobInfo>* out) {
  WT_ASSIGN(const std::vector<DiskEntry> entries, disk_->List(options_.root + "/" + prefix));
  std::vector<std::string> names;
  for (const DiskEntry& entry : entries) {
    const std::string_view name = WithoutEnding(entry.name, kSidecarEnding);
    if (!name.empty() && name > after_name) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (static_cast<int>(out->size()) >= limit) break;
    const std::string key = prefix + "/" + name;
    if (!CheckKey(key).ok()) continue;
    const Result<Sidecar> sidecar = ReadSidecar(key);
    if (!sidecar.ok() && sidecar.status().code() == StatusCode::kNotFound) continue;
    const Result<BlobInfo> info =
        sidecar.ok() ? InfoOf(*sidecar) : Result<BlobInfo>(sidecar.status());
    out->push_back(info.ok() ? *info : BlobInfo{.key = key, .bytes = 0, .sha256 = ""});
  }
  return Status();
}

Result<std::vector<BlobInfo>> FsBlobStore::List(const std::string& after, int limit) {
  KeyParts last;
  if (!after.empty()) {
    WT_TRY(CheckKey(after));
    last = SplitKey(after);
  }
  std::vector<BlobInfo> found;
  WT_ASSIGN(const std::vector<DiskEntry> areas, disk_->List(options_.root));
  for (const DiskEntry& area : areas) {
    if (!area.is_directory || area.name < last.area) continue;
    WT_ASSIGN(const std::vector<DiskEntry> owners, disk_->List(options_.root + "/" + area.name));
    for (const DiskEntry& owner : owners) {
      const bool same_area = area.name == last.area;
      if (!owner.is_directory || (same_area && owner.name < last.owner)) continue;
      if (static_cast<int>(found.size()) >= limit) return found;
      const bool same_owner = same_area && owner.name == last.owner;
      WT_TRY(ListOwner(area.name + "/" + owner.name, same_owner ? last.name : "", limit, &found));
    }
  }
  return found;
}

bool FsBlobStore::IsNeeded(const std::string& prefix, const std::string& file_name) {
  const std::string_view sidecar_of = WithoutEnding(file_name, kSidecarEnding);
  const std::string_view content_of = ObjectOfFile(file_name, kContentEnding);
  const std::string_view of = sidecar_of.empty() ? content_of : sidecar_of;
  // A sidecar that never got its name has no object; files of other kinds are not ours to remove.
  if (of.empty()) return ObjectOfFile(file_name, kNewSidecarEnding).empty();
  const std::string key = prefix + "/" + std::string(of);
  if (!CheckKey(key).ok()) return true;
  const Result<Sidecar> sidecar = ReadSidecar(key);
  // Damaged: kept for whoever repairs it. Verify reports it.
  if (!sidecar.ok()) return sidecar.status().code() != StatusCode::kNotFound;
  const std::string content = PathsOf(key, sidecar->generation).content;
  if (!sidecar_of.empty()) return disk_->Open(content).status().code() != StatusCode::kNotFound;
  return content == options_.root + "/" + prefix + "/" + file_name;
}

Status FsBlobStore::SweepDirectory(const std::string& prefix, base::UnixMillis before,
                                   SweepReport* report) {
  const std::string directory = options_.root + "/" + prefix;
  WT_ASSIGN(const std::vector<DiskEntry> entries, disk_->List(directory));
  bool removed = false;
  for (const DiskEntry& entry : entries) {
    if (entry.is_directory) continue;
    ++report->files_seen;
    const std::string path = directory + "/" + entry.name;
    // In this order: a file that no writer holds has its sidecar already, or never will.
    if (!disk_->IsAbandoned(path, before) || IsNeeded(prefix, entry.name)) continue;
    platform::CrashPoint("sweep.before_remove");
    WT_TRY(disk_->Remove(path));
    platform::CrashPoint("sweep.removed");
    ++report->files_removed;
    removed = true;
  }
  return removed ? disk_->SyncDirectory(directory) : Status();
}

Result<SweepReport> FsBlobStore::Sweep(std::int64_t grace_ms) {
  SweepReport report;
  const base::UnixMillis before = clock_->Now() - grace_ms;
  WT_ASSIGN(const std::vector<DiskEntry> areas, disk_->List(options_.root));
  for (const DiskEntry& area : areas) {
    if (!area.is_directory) continue;
    WT_ASSIGN(const std::vector<DiskEntry> owners, disk_->List(options_.root + "/" + area.name));
    for (const DiskEntry& owner : owners) {
      if (owner.is_directory) WT_TRY(SweepDirectory(area.name + "/" + owner.name, before, &report));
    }
  }
  return report;
}

}  // namespace wt::blob
