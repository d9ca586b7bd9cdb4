// A lock between processes: one of them at a time fetches a model, the others wait and then find
// it.
//
// flock(2) on a file that stays; the kernel lets go when a process ends, however it ends. One
// thread owns a lock; move-only.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::models {

class FileLock {
 public:
  /// Takes the lock, waiting for it. `wait` pauses between attempts and gives false to give up
  /// (kCancelled); the first call tells that somebody else holds the lock.
  static Result<FileLock> Acquire(const std::string& path,
                                  const std::function<bool(std::chrono::milliseconds)>& wait);

 private:
  explicit FileLock(platform::FileDescriptor file) : file_(std::move(file)) {}
  platform::FileDescriptor file_;  // Closing it unlocks.
};

}  // namespace wt::models
