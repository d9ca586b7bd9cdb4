#include "service/observe/metrics/machine.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <vector>

namespace wt::observe {
namespace {

std::string ReadText(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Fields behind the name in parentheses, which may hold anything: field 0 is the state, number 3
// of proc(5).
std::vector<std::int64_t> StatFields() {
  const std::string text = ReadText("/proc/self/stat");
  const std::size_t end = text.rfind(')');
  std::vector<std::int64_t> fields;
  if (end == std::string::npos) return fields;
  std::istringstream rest(text.substr(end + 1));
  std::string state;
  rest >> state;
  fields.push_back(0);
  for (std::int64_t value = 0; rest >> value;) fields.push_back(value);
  return fields;
}

std::int64_t CountOpenFiles() {
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  std::int64_t count = 0;
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count - 3;  // ".", ".." and the directory itself.
}

std::optional<std::int64_t> BootTime() {
  std::istringstream text(ReadText("/proc/stat"));
  for (std::string word; text >> word;) {
    if (word != "btime") continue;
    std::int64_t time = 0;
    if (text >> time) return time;
  }
  return std::nullopt;
}

std::optional<double> MemoryUsed() {
  std::istringstream text(ReadText("/proc/meminfo"));
  double total = 0;
  double available = -1;
  for (std::string word; text >> word;) {
    if (word == "MemTotal:") text >> total;
    if (word == "MemAvailable:") text >> available;
  }
  if (total <= 0 || available < 0) return std::nullopt;
  return 1.0 - available / total;
}

std::optional<double> DiskUsed(const std::string& directory) {
  struct statvfs info{};
  if (directory.empty() || ::statvfs(directory.c_str(), &info) != 0 || info.f_blocks == 0) {
    return std::nullopt;
  }
  return 1.0 - static_cast<double>(info.f_bavail) / static_cast<double>(info.f_blocks);
}

}  // namespace

std::optional<ProcessReading> ReadProcess() {
  // proc(5) numbers from 1 and field 3 is index 0 here.
  constexpr std::size_t kThreads = 20 - 3;
  constexpr std::size_t kStartTicks = 22 - 3;
  constexpr std::size_t kVirtualBytes = 23 - 3;
  constexpr std::size_t kResidentPages = 24 - 3;
  const std::vector<std::int64_t> fields = StatFields();
  if (fields.size() <= kResidentPages) return std::nullopt;
  ProcessReading reading;
  reading.threads = fields[kThreads];
  reading.virtual_bytes = fields[kVirtualBytes];
  reading.resident_bytes = fields[kResidentPages] * ::sysconf(_SC_PAGESIZE);
  const double ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  if (const std::optional<std::int64_t> boot = BootTime()) {
    reading.start_time =
        static_cast<double>(*boot) + static_cast<double>(fields[kStartTicks]) / ticks_per_second;
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  reading.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  reading.open_files = CountOpenFiles();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    reading.open_files_max = static_cast<std::int64_t>(limit.rlim_cur);
  }
  return reading;
}

MachineReading Machine::Read() {
  MachineReading reading;
  std::istringstream stat(ReadText("/proc/stat"));
  std::string name;
  stat >> name;
  std::int64_t total = 0;
  std::int64_t idle = 0;
  // user nice system idle iowait irq softirq steal; guest times are within user's.
  for (int i = 0; i < 8; ++i) {
    std::int64_t ticks = 0;
    if (!(stat >> ticks)) break;
    total += ticks;
    if (i == 3 || i == 4) idle += ticks;
  }
  if (cpu_total_ > 0 && total > cpu_total_) {
    reading.cpu_used =
        1.0 - static_cast<double>(idle - cpu_idle_) / static_cast<double>(total - cpu_total_);
  }
  cpu_total_ = total;
  cpu_idle_ = idle;
  double load = 0;
  if (std::istringstream text(ReadText("/proc/loadavg")); text >> load) {
    reading.cpu_load = load / static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
  }
  reading.memory_used = MemoryUsed();
  reading.disk_used = DiskUsed(directory_);
  return reading;
}

}  // namespace wt::observe
