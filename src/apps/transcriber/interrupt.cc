#include "apps/transcriber/interrupt.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>
#include <utility>

#include "platform/file.h"
#include "platform/process.h"

namespace wt::transcriber {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};

// A handler may touch nothing but lock-free atomics and async-signal-safe calls.
std::atomic<int> g_signal_pipe{-1};

void OnSignal(int) {
  const int saved = errno;
  const char byte = 's';
  const int fd = g_signal_pipe.load(std::memory_order_relaxed);
  if (fd >= 0) static_cast<void>(!::write(fd, &byte, 1));
  errno = saved;
}

std::mutex& CriticalMutex() {
  static std::mutex mutex;
  return mutex;
}

[[noreturn]] void EndProcess() {
  // Held on purpose while the process ends: no file is renamed halfway.
  CriticalMutex().lock();
  ::_exit(kExitInterrupted);
}

// What came through the pipe: 's' for a signal, 'q' when the guard goes, 0 after the time.
char WaitForByte(int fd, int timeout_ms) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  for (;;) {
    const int ready = ::poll(&entry, 1, timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return 0;
    char byte = 'q';
    if (ready < 0 || ::read(fd, &byte, 1) != 1) return 'q';
    return byte;
  }
}

}  // namespace

struct InterruptGuard::State {
  std::function<void()> on_interrupt;
  platform::Pipe pipe;
  int grace_ms = kGraceMs;
  std::atomic<bool> interrupted{false};
  std::array<struct sigaction, kSignals.size()> previous{};
  std::thread watcher;

  void Watch() {
    if (WaitForByte(pipe.read_end.get(), -1) != 's') return;
    interrupted.store(true);
    on_interrupt();
    if (WaitForByte(pipe.read_end.get(), grace_ms) == 'q') return;
    EndProcess();
  }
};

InterruptGuard::InterruptGuard(std::function<void()> on_interrupt, int grace_ms)
    : state_(std::make_unique<State>()) {
  state_->grace_ms = grace_ms;
  state_->on_interrupt = std::move(on_interrupt);
  Result<platform::Pipe> pipe = platform::MakePipe();
  if (!pipe.ok()) return;  // Without a pipe the default handlers stay: Ctrl-C ends at once.
  state_->pipe = std::move(*pipe);
  g_signal_pipe.store(state_->pipe.write_end.get());
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action{};
    action.sa_handler = OnSignal;
    action.sa_flags = SA_RESTART;
    ::sigaction(kSignals[i], &action, &state_->previous[i]);
    // A signal ignored by whoever started this (nohup) stays ignored.
    if (state_->previous[i].sa_handler == SIG_IGN) {
      ::sigaction(kSignals[i], &state_->previous[i], nullptr);
    }
  }
  state_->watcher = std::thread([state = state_.get()] { state->Watch(); });
}

InterruptGuard::~InterruptGuard() {
  if (!state_->watcher.joinable()) return;
  const char byte = 'q';
  static_cast<void>(!::write(state_->pipe.write_end.get(), &byte, 1));
  state_->watcher.join();
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &state_->previous[i], nullptr);
  }
  g_signal_pipe.store(-1);
}

bool InterruptGuard::interrupted() const { return state_->interrupted.load(); }

std::unique_lock<std::mutex> EnterCritical() { return std::unique_lock(CriticalMutex()); }

void IgnoreBrokenPipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace wt::transcriber
