#include "models/net/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>

#include "base/status_macros.h"
#include "platform/file.h"

extern char** environ;  // POSIX: declared by no header.

namespace wt::net {
namespace {

constexpr std::size_t kOutputBytesMax = 4'096;
constexpr int kTickMs = 200;
constexpr std::chrono::milliseconds kGrace{2'000};

using Clock = std::chrono::steady_clock;

/// The inherited environment with the command's variables in place of ones of the same name.
std::vector<std::string> Environment(const ChildCommand& command) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    bool replaced = false;
    for (const auto& [name, value] : command.environment) {
      replaced = replaced || text.starts_with(name + "=");
    }
    if (!replaced) variables.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>* texts) {
  std::vector<char*> pointers;
  for (std::string& text : *texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipe {
  platform::FileDescriptor read;
  platform::FileDescriptor write;
};

Result<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return platform::ErrnoStatus(errno, "pipe");
  return Pipe{platform::FileDescriptor(ends[0]), platform::FileDescriptor(ends[1])};
}

Result<pid_t> Spawn(const ChildCommand& command, int output_fd) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = Environment(command);
  const std::vector<char*> argv = Pointers(&arguments);
  const std::vector<char*> envp = Pointers(&environment);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output_fd, STDERR_FILENO);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return platform::ErrnoStatus(error, command.arguments[0]);
  return pid;
}

/// A started child; one that is left without having been waited for is ended with its group.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ > 0) End();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int Wait() {
    int state = 0;
    while (::waitpid(pid_, &state, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  }

 private:
  /// Asks first, so that it can remove its temporary files.
  void End() {
    ::kill(-pid_, SIGTERM);
    const Clock::time_point deadline = Clock::now() + kGrace;
    while (Clock::now() < deadline) {
      int state = 0;
      if (::waitpid(pid_, &state, WNOHANG) != 0) return;
      ::poll(nullptr, 0, 20);
    }
    ::kill(-pid_, SIGKILL);
    Wait();
  }

  pid_t pid_;
};

/// Reads what there is. False at the end of the output.
bool Drain(int fd, std::string* output) {
  std::array<char, 4'096> buffer{};
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  if (count == 0) return false;
  output->append(buffer.data(), static_cast<std::size_t>(count));
  if (output->size() > kOutputBytesMax) output->erase(0, output->size() - kOutputBytesMax);
  return true;
}

}  // namespace

Result<ChildResult> RunChild(const ChildCommand& command, const ChildOptions& options) {
  WT_ASSIGN(Pipe pipe, MakePipe());
  WT_ASSIGN(const pid_t pid, Spawn(command, pipe.write.get()));
  Child child(pid);
  pipe.write.Reset();
  ChildResult result;
  const Clock::time_point deadline = Clock::now() + std::chrono::seconds(options.timeout_s);
  for (bool open = true; open;) {
    if (base::Cancelled(options.cancel)) return Status(StatusCode::kCancelled, "cancelled");
    if (Clock::now() >= deadline) {
      return Status(StatusCode::kDeadlineExceeded, command.arguments[0] + ": took too long");
    }
    pollfd waiting{pipe.read.get(), POLLIN, 0};
    const int ready = ::poll(&waiting, 1, kTickMs);
    if (ready > 0) open = Drain(pipe.read.get(), &result.output);
    if (options.tick) options.tick();
  }
  result.exit_code = child.Wait();
  return result;
}

}  // namespace wt::net
