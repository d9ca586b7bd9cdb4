// A client and a server in one process, to be killed, failed and cut off from outside (syscalls.py,
// power_cut.py).
//
//   chaos_driver upload DIR    uploads a recording in three chunks, or goes on where an earlier run
//                              stopped, and prints a line after each acknowledgement.
//   chaos_driver check DIR     reads the lines of earlier runs from standard input, finishes the
//                              upload, and checks what was promised. Exit status 0: all holds.
//   chaos_driver blobs DIR     writes objects without a database; blobs-no-directory-sync and
//                              blobs-no-file-sync are stores with that fault.
//   chaos_driver check-blobs DIR
#include <unistd.h>

#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "platform/sha256.h"
#include "platform/system_clock.h"
#include "service/blob/fs/fs_store.h"
#include "service/blob/verify.h"
#include "service/store/sqlite/database.h"
#include "service/store/sqlite/migrations.h"
#include "service/store/sqlite/uploads/uploads_store.h"
#include "service/uploads/testing/upload_world.h"

namespace wt::chaos {
namespace {

using uploads::Session;
using uploads::UploadStatus;

constexpr int kChunks = 3;
constexpr std::int64_t kChunkBytes = 70'000;

std::string Content() { return uploads::testing::FakeWav(kChunks * kChunkBytes); }

std::string ContentSha256() {
  const std::string content = Content();
  return platform::Sha256Hex(std::as_bytes(std::span(content)));
}

void Say(const std::string& line) {
  const std::string text = line + "\n";
  // One call, so that a line is whole or not there.
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) std::_Exit(3);
}

int Complain(const std::string& what, const Status& status = {}) {
  std::cerr << what << ": " << status.message() << " " << status.detail().ForLog() << "\n";
  return 1;
}

class Server {
 public:
  static std::unique_ptr<Server> Start(const std::string& folder) {
    auto server = std::make_unique<Server>();
    store::DatabaseOptions options;
    options.path = folder + "/db";
    auto database = store::Database::Open(std::move(options));
    if (!database.ok()) return nullptr;
    server->database_ = std::move(database).value();
    if (!store::MigrateUp(*server->database_, store::EmbeddedMigrations(), server->clock_).ok() ||
        !server->MakeJobTable().ok()) {
      return nullptr;
    }
    blob::FsOptions blob_options;
    blob_options.root = folder + "/blobs";
    blob_options.free_floor_bytes = 0;
    auto blobs =
        blob::FsBlobStore::Open(std::move(blob_options), server->disk_.get(), &server->clock_);
    if (!blobs.ok()) return nullptr;
    server->blobs_ = std::move(blobs).value();
    server->sessions_ = std::make_unique<store::SqliteUploadStore>(server->database_.get());
    uploads::SessionLimits limits;
    limits.chunk_bytes = kChunkBytes;
    server->world_ = std::make_unique<uploads::testing::UploadWorld>(
        limits, 0, server->blobs_.get(), server->sessions_.get());
    // Ids differ from those of earlier runs.
    server->world_->ids = static_cast<int>(server->clock_.Boot() % 1'000'000'000);
    return server;
  }

  /// The session of this or an earlier run.
  Result<Session> Begin() {
    const auto open = world_->uploads->List("ann", false, 10);
    if (!open.ok()) return open.failure().status;
    if (!open->empty()) return open->front();
    uploads::NewUpload upload;
    upload.filename = "a.wav";
    upload.bytes = kChunks * kChunkBytes;
    upload.sha256 = ContentSha256();
    auto session = world_->uploads->Create("ann", upload);
    if (!session.ok()) return session.failure().status;
    return *session;
  }

  Status Upload() {
    auto session = Begin();
    if (!session.ok()) return session.status();
    Say("session " + session->id);
    const std::string content = Content();
    const auto status = world_->uploads->Get("ann", session->id);
    if (!status.ok()) return status.failure().status;
    for (const std::int64_t index : status->missing_chunks) {
      const auto bytes = std::string_view(content).substr(
          static_cast<std::size_t>(index * kChunkBytes), kChunkBytes);
      const auto receipt = world_->uploads->PutChunk("ann", session->id, index,
                                                     uploads::testing::PullOf(bytes, 16'384));
      if (!receipt.ok()) return receipt.failure().status;
      Say("chunk " + std::to_string(index));
    }
    const auto done = world_->uploads->Finalize("ann", session->id, Enqueue());
    if (!done.ok()) return done.failure().status;
    if (!done->complete) return Status(StatusCode::kAborted, "incomplete");
    Say("job " + done->session.job_id);
    return Status();
  }

  /// What holds for the acknowledged lines before anything is repaired.
  int CheckAcknowledged(const std::set<std::string>& lines) {
    const auto list = world_->uploads->List("ann", false, 10);
    if (!list.ok()) return Complain("list", list.failure().status);
    if (list->size() > 1) return Complain("two sessions");
    if (list->empty()) return lines.empty() ? 0 : Complain("the session is lost");
    const Session& session = list->front();
    const auto status = world_->uploads->Get("ann", session.id);
    if (!status.ok()) return Complain("status", status.failure().status);
    const bool completed = session.state == uploads::SessionState::kCompleted;
    for (const std::int64_t missing : status->missing_chunks) {
      if (lines.contains("chunk " + std::to_string(missing))) return Complain("a chunk is lost");
    }
    const auto parts = sessions_->Parts(session.id);
    for (const auto& part : *parts) {
      // A completed session's parts may be half deleted, their rows go last.
      const auto verified = blob::VerifyBlob(blobs_.get(), part.blob_key);
      if (!completed && !verified.ok()) return Complain("a part is damaged", verified.status());
    }
    for (const std::string& line : lines) {
      if (line.starts_with("job ") && line != "job " + session.job_id) {
        return Complain("another job than acknowledged");
      }
    }
    return 0;
  }

  /// What holds once the upload has been finished and swept.
  int CheckEnd() {
    const Status integrity = database_->CheckIntegrity();
    if (!integrity.ok()) return Complain("database", integrity);
    if (!world_->cleaner->Step().status.ok() || !blobs_->Sweep(-1'000'000).ok()) {
      return Complain("clean");
    }
    const auto left = blobs_->List("chunks/-/-", 100);
    for (const auto& info : *left) {
      // Young bytes without a row are the sweeper's later.
      if (info.key.starts_with("chunks/") && *sessions_->IsReferenced(info.key)) {
        return Complain("a part has stayed");
      }
    }
    auto tx = database_->BeginRead();
    auto row = (*tx)->Query("SELECT count(*), max(blob_key) FROM chaos_jobs");
    if (!row.ok() || !row->Step().ok() || row->Int(0) != 1) return Complain("not one job");
    const auto media = blob::VerifyBlob(blobs_.get(), row->Text(1));
    if (!media.ok()) return Complain("the recording", media.status());
    const bool same = media->sha256 == ContentSha256();
    return same ? 0 : Complain("other content");
  }

 private:
  Status MakeJobTable() {
    auto tx = database_->BeginWrite();
    if (!tx.ok()) return tx.status();
    const Status made = (*tx)->RunScript(
        "CREATE TABLE IF NOT EXISTS chaos_jobs (key TEXT PRIMARY KEY, blob_key TEXT)");
    return made.ok() ? tx->Commit() : made;
  }

  uploads::Enqueue Enqueue() {
    return [this](const Session&, const uploads::AcceptedMedia& media,
                  const std::string& key) -> Result<std::string> {
      auto tx = database_->BeginWrite();
      if (!tx.ok()) return tx.status();
      const auto inserted =
          (*tx)->Execute("INSERT INTO chaos_jobs VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING",
                         {key, media.media.blob_key});
      if (!inserted.ok()) return inserted.status();
      if (const Status committed = tx->Commit(); !committed.ok()) return committed;
      return "job-of-" + key;
    };
  }

  platform::SystemClock clock_;
  std::unique_ptr<blob::Disk> disk_ = blob::MakePosixDisk();
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<blob::FsBlobStore> blobs_;
  std::unique_ptr<store::SqliteUploadStore> sessions_;
  std::unique_ptr<uploads::testing::UploadWorld> world_;
};

int Check(const std::string& folder) {
  std::set<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) lines.insert(line);
  {
    const auto server = Server::Start(folder);
    if (server == nullptr) return Complain("does not start");
    if (const int fault = server->CheckAcknowledged(lines); fault != 0) return fault;
    if (const Status done = server->Upload(); !done.ok()) return Complain("cannot go on", done);
  }
  const auto server = Server::Start(folder);
  return server == nullptr ? Complain("does not start again") : server->CheckEnd();
}

struct Faults {
  bool file_sync = false;
  bool directory_sync = false;
};

/// A real disk with planted faults.
class FaultyDisk : public blob::Disk {
 public:
  explicit FaultyDisk(Faults faults) : faults_(faults) {}

  class File : public blob::DiskFile {
   public:
    File(std::unique_ptr<blob::DiskFile> file, bool lies) : file_(std::move(file)), lies_(lies) {}
    Status Write(std::span<const std::byte> bytes) override { return file_->Write(bytes); }
    Status Sync() override { return lies_ ? Status() : file_->Sync(); }
    Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) override {
      return file_->ReadAt(offset, out);
    }
    Result<std::int64_t> Size() override { return file_->Size(); }
    Result<platform::FileDescriptor> Duplicate() override { return file_->Duplicate(); }

   private:
    std::unique_ptr<blob::DiskFile> file_;
    const bool lies_;
  };

  Result<std::unique_ptr<blob::DiskFile>> Create(const std::string& path) override {
    auto file = disk_->Create(path);
    if (!file.ok()) return file;
    return std::unique_ptr<blob::DiskFile>(
        std::make_unique<File>(std::move(file).value(), faults_.file_sync));
  }
  Result<std::unique_ptr<blob::DiskFile>> Open(const std::string& path) override {
    return disk_->Open(path);
  }
  Status RenameNew(const std::string& from, const std::string& to) override {
    return disk_->RenameNew(from, to);
  }
  Status RenameOver(const std::string& from, const std::string& to) override {
    return disk_->RenameOver(from, to);
  }
  Status Remove(const std::string& path) override { return disk_->Remove(path); }
  bool IsAbandoned(const std::string& path, base::UnixMillis before) override {
    return disk_->IsAbandoned(path, before);
  }
  Result<bool> MakeDirectory(const std::string& path) override {
    return disk_->MakeDirectory(path);
  }
  Status SyncDirectory(const std::string& path) override {
    return faults_.directory_sync ? Status() : disk_->SyncDirectory(path);
  }
  Result<std::vector<blob::DiskEntry>> List(const std::string& path) override {
    return disk_->List(path);
  }
  Result<blob::DiskSpace> Space(const std::string& path) override { return disk_->Space(path); }

 private:
  const Faults faults_;
  std::unique_ptr<blob::Disk> disk_ = blob::MakePosixDisk();
};

/// Writes objects that are not there yet, or checks those that were acknowledged first.
int Blobs(const std::string& folder, Faults faults, bool check) {
  FaultyDisk disk(faults);
  const platform::SystemClock clock;
  blob::FsOptions options;
  options.root = folder + "/blobs";
  options.free_floor_bytes = 0;
  const auto store = blob::FsBlobStore::Open(std::move(options), &disk, &clock);
  if (!store.ok()) return Complain("does not start", store.status());
  if (check) {
    for (std::string key; std::getline(std::cin, key);) {
      const auto verified = blob::VerifyBlob(store->get(), key);
      if (!verified.ok()) return Complain(key + " is lost", verified.status());
    }
  }
  const std::string content = Content();
  for (int n = 0; n < 12; ++n) {
    const std::string key = "media/o" + std::to_string(n % 3) + "/n" + std::to_string(n);
    const auto bytes =
        std::as_bytes(std::span(content.data(), 20'000 + static_cast<std::size_t>(n) * 9'000));
    const auto stored = blob::WriteBlob(store->get(), key, bytes);
    const bool taken = stored.status().code() == StatusCode::kAlreadyExists;
    if (taken && blob::VerifyBlob(store->get(), key).ok()) continue;
    if (!stored.ok()) return Complain(key + " cannot be stored", stored.status());
    if (!check) Say(key);
  }
  return 0;
}

int Main(const std::string& verb, const std::string& folder) {
  if (verb == "check") return Check(folder);
  if (verb == "blobs") return Blobs(folder, {}, false);
  if (verb == "blobs-no-directory-sync") return Blobs(folder, {.directory_sync = true}, false);
  if (verb == "blobs-no-file-sync") return Blobs(folder, {.file_sync = true}, false);
  if (verb == "check-blobs") return Blobs(folder, {}, true);
  const auto server = Server::Start(folder);
  if (server == nullptr) return 2;
  const Status done = server->Upload();
  return done.ok() ? 0 : 2;
}

}  // namespace
}  // namespace wt::chaos

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  return wt::chaos::Main(argv[1], argv[2]);
}
