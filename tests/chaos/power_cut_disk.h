// A disk in memory that can lose power: what survives is what POSIX promises, and otherwise chance.
//
// Per file: synced bytes survive; of what was written since, each 512-byte sector is the new one,
// the old one or zeros, and the length is anything between. Per directory: synced entries survive;
// of later creations, renames and removals any subset. A rename is atomic. A directory whose own
// entry is lost is lost with all in it. Two planted lies show that the tests on top can fail.
// One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "service/blob/fs/disk.h"

namespace wt::chaos {

struct PowerCutLies {
  bool file_sync = false;
  bool directory_sync = false;
};

class PowerCutDisk : public blob::Disk {
 public:
  explicit PowerCutDisk(PowerCutLies lies = {}) : lies_(lies) {}

  /// Called after each operation that changes something.
  void SetHook(std::function<void()> hook) { hook_ = std::move(hook); }
  int operations() const { return operations_; }

  /// The disk as it may be found after power is lost now.
  std::unique_ptr<PowerCutDisk> Cut(base::Random* random) const;
  /// Names of all files, for counting what is left over.
  std::vector<std::string> Files() const;

  Result<std::unique_ptr<blob::DiskFile>> Create(const std::string& path) override;
  Result<std::unique_ptr<blob::DiskFile>> Open(const std::string& path) override;
  Status RenameNew(const std::string& from, const std::string& to) override;
  Status RenameOver(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  bool IsAbandoned(const std::string& path, base::UnixMillis before) override;
  Result<bool> MakeDirectory(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Result<std::vector<blob::DiskEntry>> List(const std::string& path) override;
  Result<blob::DiskSpace> Space(const std::string& path) override;

 private:
  friend class PowerCutFile;

  struct Node {
    bool is_directory = false;
    std::vector<std::byte> content;
    std::vector<std::byte> synced;
  };
  using NodePtr = std::shared_ptr<Node>;
  /// Names to nodes; null: removed.
  using Changes = std::vector<std::pair<std::string, NodePtr>>;
  struct Directory {
    std::map<std::string, NodePtr> entries;
    std::map<std::string, NodePtr> synced;
    /// Since the last sync, in order; each applied whole or not at all.
    std::vector<Changes> pending;
  };

  void Done();
  Directory* Parent(const std::string& path);
  NodePtr Find(const std::string& path);
  void Apply(const std::string& path, Changes changes);

  const PowerCutLies lies_;
  std::map<std::string, Directory> directories_ = {{".", {}}};
  std::function<void()> hook_;
  int operations_ = 0;
};

}  // namespace wt::chaos
