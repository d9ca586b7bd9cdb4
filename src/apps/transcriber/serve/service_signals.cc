#include "apps/transcriber/serve/service_signals.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace wt::transcriber {
namespace {

class CaughtSignals final : public ServiceSignals {
 public:
  CaughtSignals(platform::FileDescriptor file, const sigset_t& previous)
      : file_(std::move(file)), previous_(previous) {}
  ~CaughtSignals() override { ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }

  ServiceEvent Wait(std::chrono::milliseconds timeout) override {
    pollfd entry{.fd = file_.get(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(timeout.count()));
    if (ready <= 0) return ServiceEvent::kTimeout;
    signalfd_siginfo info{};
    if (::read(file_.get(), &info, sizeof info) != sizeof info) return ServiceEvent::kTimeout;
    return info.ssi_signo == SIGHUP ? ServiceEvent::kReload : ServiceEvent::kStop;
  }

 private:
  platform::FileDescriptor file_;
  sigset_t previous_;
};

}  // namespace

Result<std::unique_ptr<ServiceSignals>> CatchServiceSignals() {
  // A write beyond RLIMIT_FSIZE shall fail as one to a full disk does; by default it ends the
  // process.
  ::signal(SIGXFSZ, SIG_IGN);
  sigset_t signals;
  sigset_t previous;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, &previous);
  platform::FileDescriptor file(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!file.valid()) {
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &previous, nullptr);
    return platform::ErrnoStatus(error, "signals");
  }
  return std::unique_ptr<ServiceSignals>(
      std::make_unique<CaughtSignals>(std::move(file), previous));
}

}  // namespace wt::transcriber
