#include "platform/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"

namespace wt::platform {
namespace {

using Clock = std::chrono::steady_clock;

/// posix_spawn's two descriptions of the child, freed with the object.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  int Fill(const std::array<int, 3>& descriptors) {
    for (int target = 0; target < 3; ++target) {
      const int error = ::posix_spawn_file_actions_adddup2(
          &actions_, descriptors[static_cast<std::size_t>(target)], target);
      if (error != 0) return error;
    }
    if (const int error = ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3)) return error;
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    return ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }

  int Start(const SpawnOptions& options, pid_t* pid) {
    std::vector<char*> arguments = {const_cast<char*>(options.program.c_str())};
    for (const std::string& argument : options.arguments) {
      arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    std::array<char*, 1> environment = {nullptr};
    return ::posix_spawn(pid, options.program.c_str(), &actions_, &attributes_, arguments.data(),
                         environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// A copy of `fd` above 2, so that the dup2 calls of the child cannot overwrite one another.
Result<FileDescriptor> CopyAboveStandard(int fd) {
  FileDescriptor copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy.valid()) return ErrnoStatus(errno, "descriptor for a child process");
  return copy;
}

}  // namespace

ChildProcess::~ChildProcess() { Kill(); }

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    Kill();
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

Result<ChildProcess> ChildProcess::Spawn(const SpawnOptions& options) {
  std::array<FileDescriptor, 3> copies;
  std::array<int, 3> descriptors{};
  const std::array<int, 3> given = {options.standard_input, options.standard_output,
                                    options.standard_error};
  for (std::size_t i = 0; i < given.size(); ++i) {
    Result<FileDescriptor> copy = CopyAboveStandard(given[i]);
    if (!copy.ok()) return copy.status();
    copies[i] = std::move(*copy);
    descriptors[i] = copies[i].get();
  }
  SpawnPlan plan;
  ChildProcess child;
  int error = plan.Fill(descriptors);
  if (error == 0) error = plan.Start(options, &child.pid_);
  if (error != 0) {
    child.pid_ = -1;
    if (error == EAGAIN) {
      return Status(StatusCode::kResourceExhausted, options.program + ": too many processes");
    }
    return ErrnoStatus(error, options.program);
  }
  return child;
}

std::optional<ExitState> ChildProcess::WaitFor(std::chrono::milliseconds timeout) {
  WT_CHECK(running());
  const Clock::time_point deadline = Clock::now() + timeout;
  // Wakes up at the end of the process; kernels before 5.3 are asked every 10 ms instead.
  const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  while (true) {
    int status = 0;
    const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
    if (reaped < 0 && errno == EINTR) continue;
    if (reaped != 0) {
      pid_ = -1;
      if (reaped < 0) return ExitState{.code = -1, .signal = 0};
      if (WIFSIGNALED(status)) return ExitState{.code = 0, .signal = WTERMSIG(status)};
      return ExitState{.code = WEXITSTATUS(status), .signal = 0};
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return std::nullopt;
    pollfd wait{.fd = handle.get(), .events = POLLIN, .revents = 0};
    const int milliseconds = static_cast<int>(std::min<long long>(left, 60'000));
    if (handle.valid()) {
      ::poll(&wait, 1, milliseconds);
    } else {
      ::poll(nullptr, 0, std::min(milliseconds, 10));
    }
  }
}

void ChildProcess::Kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Result<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe");
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace wt::platform
