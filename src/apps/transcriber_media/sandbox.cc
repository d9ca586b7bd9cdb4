#include "apps/transcriber_media/sandbox.h"

#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WT_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define WT_ADDRESS_SANITIZER 1
#endif

#ifdef WT_ADDRESS_SANITIZER
// The leak checker traces this process from another one, which the sandbox forbids.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }
#endif

namespace wt::apps::transcriber_media {
namespace {

// FFmpeg's libraries map 0.4 GB; the index of a 24-hour recording and the largest frames fit into
// the rest.
constexpr rlim_t kAddressSpaceBytes = rlim_t{2} << 30;
// 7 days of audio at 100 times real time take 6,048 s.
constexpr rlim_t kProcessorSeconds = 7'200;

#ifdef WT_ADDRESS_SANITIZER
// The sanitizer's shadow memory needs terabytes of address space.
constexpr bool kLimitAddressSpace = false;
#else
constexpr bool kLimitAddressSpace = true;
#endif

std::string Reason(const char* layer, int error) {
  return std::string(layer) + ": " + std::generic_category().message(error);
}

bool SetLimit(int resource, rlim_t value) {
  const rlimit limit = {value, value};
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) == 0;
}

/// Run by hand with its output in a file, the program may write it; nothing else can be opened.
bool WritesToFile() {
  struct stat info{};
  for (const int descriptor : {1, 2}) {
    if (::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode)) return true;
  }
  return false;
}

void LimitResources(SandboxReport* report) {
  bool set = SetLimit(RLIMIT_CPU, kProcessorSeconds) && SetLimit(RLIMIT_CORE, 0) &&
             SetLimit(RLIMIT_NOFILE, 3);
  if (!WritesToFile()) set = SetLimit(RLIMIT_FSIZE, 0) && set;
  if (kLimitAddressSpace) set = SetLimit(RLIMIT_AS, kAddressSpaceBytes) && set;
  report->limits = set;
  if (!set) report->degraded.push_back(Reason("resource limits", errno));
}

/// The rights of each Landlock version; a kernel refuses those it does not know.
std::uint64_t FileRights(int version) {
  std::uint64_t rights = (1U << 13) - 1;
  if (version >= 2) rights |= 1U << 13;  // Move between directories.
  if (version >= 3) rights |= 1U << 14;  // Truncate.
  if (version >= 5) rights |= 1U << 15;  // Control devices.
  return rights;
}

/// landlock_ruleset_attr as of version 6; headers of older systems have its first field only.
struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scopes = 0;
};

/// A rule set that handles every right and allows none.
void EnterLandlock(SandboxReport* report) {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version <= 0) {
    report->degraded.push_back(Reason("Landlock", errno));
    return;
  }
  report->landlock_version = static_cast<int>(version);
  RulesetAttributes attributes{.files = FileRights(report->landlock_version)};
  std::size_t size = sizeof(attributes.files);
  if (version >= 4) {
    attributes.network = 3;  // Bind and connect TCP.
    size = 2 * sizeof(std::uint64_t);
  }
  if (version >= 6) {
    attributes.scopes = 3;  // Abstract sockets and signals.
    size = sizeof(attributes);
  }
  const int rules = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
  const bool entered = rules >= 0 && ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  if (!entered) report->degraded.push_back(Reason("Landlock", errno));
  report->landlock = entered;
  if (rules >= 0) ::close(rules);
}

bool AllowPlain(scmp_filter_ctx filter) {
  constexpr std::array<int, 22> kCalls = {SCMP_SYS(brk),           SCMP_SYS(clock_getres),
                                          SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
                                          SCMP_SYS(exit),          SCMP_SYS(exit_group),
                                          SCMP_SYS(fstat),         SCMP_SYS(newfstatat),
                                          SCMP_SYS(futex),         SCMP_SYS(getpid),
                                          SCMP_SYS(getrandom),     SCMP_SYS(gettid),
                                          SCMP_SYS(gettimeofday),  SCMP_SYS(lseek),
                                          SCMP_SYS(madvise),       SCMP_SYS(mremap),
                                          SCMP_SYS(munmap),        SCMP_SYS(restart_syscall),
                                          SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask),
                                          SCMP_SYS(rt_sigreturn),  SCMP_SYS(sched_yield)};
  for (const int call : kCalls) {
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) != 0) return false;
  }
  return true;
}

/// Calls that are allowed with some arguments only: reading the input, writing the two outputs,
/// memory that is not executable, and the signal by which abort() ends this process.
bool AllowWithArguments(scmp_filter_ctx filter) {
  const auto allow = [filter](int call, unsigned count, const scmp_arg_cmp& argument) {
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, &argument) == 0;
  };
  const scmp_arg_cmp input = SCMP_A0(SCMP_CMP_EQ, 0, 0);
  const scmp_arg_cmp output = SCMP_A0(SCMP_CMP_EQ, 1, 0);
  const scmp_arg_cmp messages = SCMP_A0(SCMP_CMP_EQ, 2, 0);
  const scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
  const scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid()), 0);
  return allow(SCMP_SYS(read), 1, input) && allow(SCMP_SYS(pread64), 1, input) &&
         allow(SCMP_SYS(write), 1, output) && allow(SCMP_SYS(write), 1, messages) &&
         allow(SCMP_SYS(mmap), 1, not_executable) && allow(SCMP_SYS(mprotect), 1, not_executable) &&
         allow(SCMP_SYS(tgkill), 1, self);
}

void EnterSeccomp(SandboxReport* report) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  int error = ENOMEM;
  if (filter != nullptr && AllowPlain(filter) && AllowWithArguments(filter)) {
    error = -seccomp_load(filter);
  }
  seccomp_release(filter);
  report->seccomp = error == 0;
  if (error != 0) report->degraded.push_back(Reason("seccomp", error));
}

}  // namespace

SandboxReport EnterSandbox() {
  SandboxReport report;
  // What the parent may have left open besides the three descriptors.
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  report.no_new_privileges = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (!report.no_new_privileges) report.degraded.push_back(Reason("no_new_privs", errno));
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  EnterLandlock(&report);
  LimitResources(&report);
  EnterSeccomp(&report);
  return report;
}

}  // namespace wt::apps::transcriber_media
