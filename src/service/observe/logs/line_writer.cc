#include "service/observe/logs/line_writer.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/status_macros.h"

namespace wt::observe {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Writes to one output; false: given up, because `give_up` said so.
using Output = std::function<bool(std::string_view line, const std::function<bool()>& give_up)>;

// Pieces of PIPE_BUF: poll() says that so many bytes fit into a pipe without blocking.
bool WriteToDescriptor(int fd, std::string_view line, const std::function<bool()>& give_up) {
  constexpr int kPollMs = 50;
  while (!line.empty()) {
    pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&entry, 1, kPollMs);
    if (ready == 0 && give_up()) return false;
    if (ready <= 0) continue;
    const std::size_t piece = std::min<std::size_t>(line.size(), PIPE_BUF);
    const ssize_t written = ::write(fd, line.data(), piece);
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) return true;  // The reader has gone: there is nowhere to complain.
    line.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

class QueuedWriter final : public LineWriter {
 public:
  QueuedWriter(Output output, std::function<void()> reopen, DroppedLine dropped_line)
      : output_(std::move(output)),
        reopen_(std::move(reopen)),
        dropped_line_(std::move(dropped_line)),
        thread_([this] { Run(); }) {}

  ~QueuedWriter() override {
    {
      const std::lock_guard lock(mutex_);
      stop_at_ = SteadyClock::now() + std::chrono::milliseconds(kFlushMs);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void Add(std::string line) override {
    {
      const std::lock_guard lock(mutex_);
      if (lines_.size() >= kQueuedLinesMax || bytes_ + line.size() > kQueuedBytesMax) {
        ++unsaid_;
        ++dropped_;
        return;
      }
      bytes_ += line.size();
      lines_.push_back(std::move(line));
      ++added_;
    }
    changed_.notify_all();
  }

  std::int64_t dropped() const override { return dropped_.load(); }

  void Reopen() override {
    const std::lock_guard lock(mutex_);
    reopen_wanted_ = true;
  }

  bool Flush(int timeout_ms) override {
    std::unique_lock lock(mutex_);
    const std::int64_t target = added_;
    return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                             [&] { return written_ >= target; });
  }

 private:
  void Run() {
    ::pthread_setname_np(::pthread_self(), "wt-log");
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || !lines_.empty(); });
      if (lines_.empty()) return;
      std::string line = std::move(lines_.front());
      lines_.pop_front();
      bytes_ -= line.size();
      if (unsaid_ > 0) line += dropped_line_(std::exchange(unsaid_, 0));
      const bool reopen = std::exchange(reopen_wanted_, false);
      lock.unlock();
      if (reopen) reopen_();
      const bool written = output_(line, [this] { return PastTheEnd(); });
      lock.lock();
      ++written_;
      changed_.notify_all();
      if (!written) return;
    }
  }

  bool PastTheEnd() {
    const std::lock_guard lock(mutex_);
    return stopping_ && SteadyClock::now() >= stop_at_;
  }

  const Output output_;
  const std::function<void()> reopen_;
  const DroppedLine dropped_line_;
  std::atomic<std::int64_t> dropped_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;
  std::int64_t unsaid_ = 0;
  std::int64_t added_ = 0;
  std::int64_t written_ = 0;
  bool reopen_wanted_ = false;
  bool stopping_ = false;
  SteadyClock::time_point stop_at_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<LineWriter> MakeDescriptorWriter(int fd, DroppedLine dropped_line) {
  return std::make_unique<QueuedWriter>(
      [fd](std::string_view line, const std::function<bool()>& give_up) {
        return WriteToDescriptor(fd, line, give_up);
      },
      [] {}, std::move(dropped_line));
}

Result<std::unique_ptr<LineWriter>> MakeFileWriter(RotatingFileOptions options,
                                                   DroppedLine dropped_line) {
  // Shared by the two functions below, which one thread calls.
  auto file = std::make_shared<RotatingFile>(std::move(options));
  WT_TRY(file->Open());
  return std::unique_ptr<LineWriter>(std::make_unique<QueuedWriter>(
      [file](std::string_view line, const std::function<bool()>&) {
        // A full disk must not end the service; the next line tries again.
        static_cast<void>(file->Write(line).ok());
        return true;
      },
      [file] { static_cast<void>(file->Reopen().ok()); }, std::move(dropped_line)));
}

}  // namespace wt::observe
