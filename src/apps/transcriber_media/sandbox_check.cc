#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <nlohmann/json.hpp>

#include "apps/transcriber_media/output.h"
#include "apps/transcriber_media/sandbox.h"
#include "base/json_text.h"
#include "base/status_macros.h"

namespace wt::apps::transcriber_media {
namespace {

struct Attempt {
  const char* name;
  /// True when what is forbidden was possible.
  bool (*try_it)();
};

bool OpensFile() { return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0; }

bool CreatesFile() {
  return ::open("transcriber-media-check", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
}

bool ListsDirectory() { return ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0; }

bool OpensSocket() { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }

bool OpensLocalSocket() { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }

bool Forks() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  return child > 0;
}

bool Executes() {
  // A failed exec returns; a successful one never would, so an invalid path is told apart by errno.
  ::execl("/nonexistent", "nonexistent", static_cast<char*>(nullptr));
  return errno != EPERM && errno != EACCES;
}

bool SignalsOthers() { return ::kill(::getppid(), 0) == 0; }

bool Traces() { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }

bool MapsExecutable() {
  return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
         MAP_FAILED;
}

bool Writes() { return ::write(0, "x", 1) == 1; }

}  // namespace

Status CheckSandbox(const SandboxReport& report) {
  constexpr std::array<Attempt, 11> kAttempts = {{{"open_file", OpensFile},
                                                  {"create_file", CreatesFile},
                                                  {"list_directory", ListsDirectory},
                                                  {"socket", OpensSocket},
                                                  {"local_socket", OpensLocalSocket},
                                                  {"fork", Forks},
                                                  {"exec", Executes},
                                                  {"signal", SignalsOthers},
                                                  {"ptrace", Traces},
                                                  {"map_executable", MapsExecutable},
                                                  {"write_input", Writes}}};
  nlohmann::json attempts = nlohmann::json::object();
  bool tight = true;
  for (const Attempt& attempt : kAttempts) {
    const bool possible = attempt.try_it();
    attempts[attempt.name] = possible ? "possible" : "denied";
    tight = tight && !possible;
  }
  const nlohmann::json answer = {{"ok", tight},
                                 {"no_new_privileges", report.no_new_privileges},
                                 {"seccomp", report.seccomp},
                                 {"landlock", report.landlock},
                                 {"landlock_version", report.landlock_version},
                                 {"limits", report.limits},
                                 {"degraded", report.degraded},
                                 {"attempts", attempts}};
  WT_TRY(WriteText(1, base::JsonToText(answer) + "\n"));
  if (tight) return Status();
  return Status(StatusCode::kInternal, "the decoder's sandbox does not hold on this system");
}

}  // namespace wt::apps::transcriber_media
