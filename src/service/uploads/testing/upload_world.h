// Everything around uploads in memory, for tests, fuzzing and simulations: stores with faults, a
// probe that believes WAV files, and jobs as a table by idempotency key. One thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "service/blob/memory_store.h"
#include "service/uploads/cleaner.h"
#include "service/uploads/intake.h"
#include "service/uploads/memory_session_store.h"
#include "service/uploads/sessions.h"

namespace wt::uploads::testing {

class FakeCatalog : public MediaCatalog {
 public:
  Result<std::string> FindByContent(const std::string& owner, const std::string& sha256) override {
    const auto found = by_content.find(owner + "/" + sha256);
    return found == by_content.end() ? std::string() : found->second;
  }
  Result<std::int64_t> StoredBytes(const std::string& owner) override {
    return stored[owner] + (sessions == nullptr ? 0 : *sessions->ReservedBytes(owner));
  }

  std::map<std::string, std::string> by_content;
  std::map<std::string, std::int64_t> stored;
  SessionStore* sessions = nullptr;
};

/// Gives `content` in portions of at most `portion` bytes; fails after `broken_after` of them.
inline Pull PullOf(std::string_view content, std::size_t portion = 1 << 20,
                   std::size_t broken_after = SIZE_MAX) {
  return [content, portion, broken_after,
          at = std::size_t{0}](std::span<std::byte> out) mutable -> Result<std::size_t> {
    if (at >= broken_after) return Status(StatusCode::kDataCorrupt, "the connection broke");
    const std::size_t count =
        std::min({out.size(), portion, content.size() - at, broken_after - at});
    std::copy_n(reinterpret_cast<const std::byte*>(content.data()) + at, count, out.begin());
    at += count;
    return count;
  };
}

/// "RIFF" and then bytes that differ from place to place.
inline std::string FakeWav(std::size_t bytes, unsigned seed = 1) {
  std::string content = "RIFF....WAVEfmt ";
  for (std::size_t i = content.size(); i < bytes; ++i) {
    content += static_cast<char>((i * 2654435761U + seed) >> 13);
  }
  content.resize(bytes);
  return content;
}

struct UploadWorld {
  explicit UploadWorld(SessionLimits session_limits = {}, std::int64_t quota_bytes = 0,
                       blob::BlobStore* other_blobs = nullptr,
                       SessionStore* other_sessions = nullptr)
      : limits(session_limits), quota(quota_bytes) {
    blobs = other_blobs == nullptr ? &memory_blobs : other_blobs;
    sessions = other_sessions == nullptr ? &memory_sessions : other_sessions;
    catalog.sessions = sessions;
    Restart();
  }

  /// A new process over the same stores.
  void Restart() {
    uploads.reset();
    const auto new_id = [this] { return "id" + std::to_string(++ids); };
    IntakePorts intake_ports;
    intake_ports.blobs = blobs;
    intake_ports.catalog = &catalog;
    intake_ports.quota = &quota;
    intake_ports.probe = [this](const platform::FileDescriptor&) -> Result<ProbedMedia> {
      if (!probe_fails.ok()) return probe_fails;
      ProbedMedia media;
      media.container = "wav";
      media.duration_s = 1.5;
      media.audio_tracks = tracks;
      return media;
    };
    intake_ports.new_id = new_id;
    intake_ports.allowed_types = allowed_types;
    intake = std::make_unique<MediaIntake>(intake_ports);
    SessionPorts ports;
    ports.blobs = blobs;
    ports.sessions = sessions;
    ports.intake = intake.get();
    ports.catalog = &catalog;
    ports.quota = &quota;
    ports.clock = &clock;
    ports.new_id = new_id;
    uploads = std::make_unique<Uploads>(ports, limits);
    cleaner = std::make_unique<Cleaner>(blobs, sessions, uploads.get(), &clock, CleanerOptions{});
  }

  Enqueue MakeJobs() {
    return [this](const Session&, const AcceptedMedia& media,
                  const std::string& key) -> Result<std::string> {
      if (!enqueue_fails.ok()) return enqueue_fails;
      const auto [at, made] = jobs.emplace(key, media.media);
      return "job-" + at->second.id;
    };
  }

  /// Keys of stored objects that begin so.
  int CountBlobs(const std::string& prefix) {
    int count = 0;
    const auto all = blobs->List("", 1'000'000);
    for (const auto& info : *all) count += info.key.starts_with(prefix) ? 1 : 0;
    return count;
  }

  SessionLimits limits;
  base::ManualClock clock;
  blob::MemoryBlobStore memory_blobs{&clock};
  MemorySessionStore memory_sessions;
  blob::BlobStore* blobs = nullptr;
  SessionStore* sessions = nullptr;
  FakeCatalog catalog;
  QuotaLedger quota;
  std::map<std::string, jobs::Media> jobs;
  Status probe_fails;
  Status enqueue_fails;
  int tracks = 1;
  /// Used from the next Restart() on.
  AllowedTypes allowed_types;
  std::atomic<int> ids = 0;
  UploadLocks locks;
  std::unique_ptr<MediaIntake> intake;
  std::unique_ptr<Uploads> uploads;
  std::unique_ptr<Cleaner> cleaner;
};

}  // namespace wt::uploads::testing
