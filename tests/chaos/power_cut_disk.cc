#include "tests/chaos/power_cut_disk.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"

namespace wt::chaos {
namespace {

constexpr std::size_t kSectorBytes = 512;

std::string ParentPath(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? "." : path.substr(0, slash);
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Status Error(int error, const std::string& path) { return blob::DiskStatus(error, path, "fault"); }

std::vector<std::byte> Torn(const std::vector<std::byte>& synced,
                            const std::vector<std::byte>& content, base::Random* random) {
  const std::size_t low = std::min(synced.size(), content.size());
  const std::size_t high = std::max(synced.size(), content.size());
  std::vector<std::byte> torn(low + random->Below(high - low + 1));
  for (std::size_t at = 0; at < torn.size(); at += kSectorBytes) {
    const std::size_t end = std::min(at + kSectorBytes, torn.size());
    const bool changed =
        end > synced.size() || !std::equal(synced.begin() + static_cast<std::ptrdiff_t>(at),
                                           synced.begin() + static_cast<std::ptrdiff_t>(end),
                                           content.begin() + static_cast<std::ptrdiff_t>(at));
    const std::uint64_t choice = changed ? random->Below(3) : 0;
    for (std::size_t i = at; i < end; ++i) {
      if (choice == 0 && i < content.size()) torn[i] = content[i];
      if (choice == 1 && i < synced.size()) torn[i] = synced[i];
    }
  }
  return torn;
}

}  // namespace

class PowerCutFile : public blob::DiskFile {
 public:
  PowerCutFile(PowerCutDisk* disk, std::shared_ptr<PowerCutDisk::Node> node)
      : disk_(disk), node_(std::move(node)) {}

  Status Write(std::span<const std::byte> bytes) override {
    node_->content.insert(node_->content.end(), bytes.begin(), bytes.end());
    disk_->Done();
    return Status();
  }
  Status Sync() override {
    if (!disk_->lies_.file_sync) node_->synced = node_->content;
    disk_->Done();
    return Status();
  }
  Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) override {
    const auto from = std::min(static_cast<std::size_t>(offset), node_->content.size());
    const std::size_t count = std::min(out.size(), node_->content.size() - from);
    std::copy_n(node_->content.begin() + static_cast<std::ptrdiff_t>(from), count, out.begin());
    return count;
  }
  Result<std::int64_t> Size() override { return static_cast<std::int64_t>(node_->content.size()); }
  Result<platform::FileDescriptor> Duplicate() override { return Error(EBADF, "memory"); }

 private:
  PowerCutDisk* disk_;
  std::shared_ptr<PowerCutDisk::Node> node_;
};

void PowerCutDisk::Done() {
  ++operations_;
  if (hook_) hook_();
}

PowerCutDisk::Directory* PowerCutDisk::Parent(const std::string& path) {
  const auto found = directories_.find(ParentPath(path));
  return found == directories_.end() ? nullptr : &found->second;
}

PowerCutDisk::NodePtr PowerCutDisk::Find(const std::string& path) {
  const Directory* parent = Parent(path);
  if (parent == nullptr) return nullptr;
  const auto found = parent->entries.find(NameOf(path));
  return found == parent->entries.end() ? nullptr : found->second;
}

void PowerCutDisk::Apply(const std::string& path, Changes changes) {
  Directory* parent = Parent(path);
  WT_CHECK(parent != nullptr);
  for (const auto& [name, node] : changes) {
    if (node == nullptr) {
      parent->entries.erase(name);
    } else {
      parent->entries[name] = node;
    }
  }
  parent->pending.push_back(std::move(changes));
  Done();
}

std::unique_ptr<PowerCutDisk> PowerCutDisk::Cut(base::Random* random) const {
  auto after = std::make_unique<PowerCutDisk>();
  // Parents come before their children in the order of names.
  for (const auto& [path, directory] : directories_) {
    if (path != "." && after->Find(path) == nullptr) continue;
    std::map<std::string, NodePtr> entries = directory.synced;
    // One time in two a prefix, as journals give it, else any subset.
    const bool prefix = random->Below(2) == 0;
    const std::size_t length = random->Below(directory.pending.size() + 1);
    for (std::size_t i = 0; i < directory.pending.size(); ++i) {
      const bool survives = prefix ? i < length : random->Below(2) == 0;
      if (!survives) continue;
      for (const auto& [name, node] : directory.pending[i]) {
        if (node == nullptr) {
          entries.erase(name);
        } else {
          entries[name] = node;
        }
      }
    }
    Directory copy;
    for (const auto& [name, node] : entries) {
      auto survivor = std::make_shared<Node>(*node);
      if (!node->is_directory) survivor->content = Torn(node->synced, node->content, random);
      survivor->synced = survivor->content;
      copy.entries[name] = copy.synced[name] = survivor;
    }
    after->directories_[path] = std::move(copy);
  }
  return after;
}

std::vector<std::string> PowerCutDisk::Files() const {
  std::vector<std::string> files;
  for (const auto& [path, directory] : directories_) {
    for (const auto& [name, node] : directory.entries) {
      if (!node->is_directory) files.push_back(path + "/" + name);
    }
  }
  return files;
}

Result<std::unique_ptr<blob::DiskFile>> PowerCutDisk::Create(const std::string& path) {
  if (Parent(path) == nullptr) return Error(ENOENT, path);
  if (Find(path) != nullptr) return Error(EEXIST, path);
  auto node = std::make_shared<Node>();
  Apply(path, {{NameOf(path), node}});
  return std::unique_ptr<blob::DiskFile>(std::make_unique<PowerCutFile>(this, node));
}

Result<std::unique_ptr<blob::DiskFile>> PowerCutDisk::Open(const std::string& path) {
  const NodePtr node = Find(path);
  if (node == nullptr) return Error(ENOENT, path);
  return std::unique_ptr<blob::DiskFile>(std::make_unique<PowerCutFile>(this, node));
}

Status PowerCutDisk::RenameNew(const std::string& from, const std::string& to) {
  if (Find(to) != nullptr) return Error(EEXIST, to);
  return RenameOver(from, to);
}

Status PowerCutDisk::RenameOver(const std::string& from, const std::string& to) {
  const NodePtr node = Find(from);
  if (node == nullptr) return Error(ENOENT, from);
  WT_CHECK(ParentPath(from) == ParentPath(to));
  Apply(from, {{NameOf(from), nullptr}, {NameOf(to), node}});
  return Status();
}

Status PowerCutDisk::Remove(const std::string& path) {
  if (Find(path) != nullptr) Apply(path, {{NameOf(path), nullptr}});
  return Status();
}

bool PowerCutDisk::IsAbandoned(const std::string&, base::UnixMillis) { return true; }

Result<bool> PowerCutDisk::MakeDirectory(const std::string& path) {
  if (Parent(path) == nullptr) return Error(ENOENT, path);
  if (Find(path) != nullptr) {
    directories_[path];
    return false;
  }
  auto node = std::make_shared<Node>();
  node->is_directory = true;
  directories_[path] = {};
  Apply(path, {{NameOf(path), node}});
  return true;
}

Status PowerCutDisk::SyncDirectory(const std::string& path) {
  const auto found = directories_.find(path);
  if (found == directories_.end()) return Error(ENOENT, path);
  if (!lies_.directory_sync) {
    found->second.synced = found->second.entries;
    found->second.pending.clear();
  }
  Done();
  return Status();
}

Result<std::vector<blob::DiskEntry>> PowerCutDisk::List(const std::string& path) {
  std::vector<blob::DiskEntry> entries;
  const auto found = directories_.find(path);
  if (found == directories_.end()) return entries;
  for (const auto& [name, node] : found->second.entries) {
    entries.push_back({name, node->is_directory});
  }
  return entries;
}

Result<blob::DiskSpace> PowerCutDisk::Space(const std::string&) {
  return blob::DiskSpace{.total_bytes = 1LL << 40, .free_bytes = 1LL << 40};
}

}  // namespace wt::chaos
