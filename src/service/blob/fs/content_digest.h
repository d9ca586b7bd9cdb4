// SHA-256 of content that comes in blocks, computed beside the thread that writes them.
//
// A block of a blob is hashed twice, alone and as part of the whole, and one core hashes about
// 1 GB/s: a large upload would spend two thirds of its time there. So the whole's hash moves to a
// thread of its own once the content is large; small content never starts one. At most
// kBlocksWaiting blocks are copied and wait, then Update() does. Used from one thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "platform/sha256.h"

namespace wt::blob {

class ContentDigest {
 public:
  /// 4 MiB are hashed in 4 ms, a hundred times what a thread costs to start.
  static constexpr std::size_t kBytesBeforeThread = 4 << 20;
  /// Of 64 KiB each (kBlockBytes): 1 MiB a writer, and half a millisecond of work.
  static constexpr std::size_t kBlocksWaiting = 16;

  ContentDigest() = default;
  ~ContentDigest();
  ContentDigest(const ContentDigest&) = delete;
  ContentDigest& operator=(const ContentDigest&) = delete;

  void Update(std::span<const std::byte> block);
  /// 64 lower-case hex digits. Once; nothing may be added afterwards.
  std::string Finish();

 private:
  using Block = std::vector<std::byte>;

  void Run();
  void Stop();

  platform::Sha256 hash_;
  std::size_t bytes_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  /// Both guarded by mutex_, as is `ended_`. What was hashed is kept to be filled again.
  std::deque<Block> waiting_;
  std::vector<Block> empty_;
  bool ended_ = false;
};

}  // namespace wt::blob
