// What /proc says about this process and machine. Missing values are absent, not zero.
//
// Thread-compatible: Machine keeps the previous reading for differences.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace wt::observe {

struct ProcessReading {
  double cpu_seconds = 0;
  std::int64_t resident_bytes = 0;
  std::int64_t virtual_bytes = 0;
  std::int64_t open_files = 0;
  std::int64_t open_files_max = 0;
  std::int64_t threads = 0;
  /// Seconds since 1970.
  double start_time = 0;
};
std::optional<ProcessReading> ReadProcess();

struct MachineReading {
  /// Share of processor time in use since the previous reading.
  std::optional<double> cpu_used;
  /// Processes that want a processor, per processor.
  std::optional<double> cpu_load;
  std::optional<double> memory_used;
  std::optional<double> disk_used;
};

class Machine {
 public:
  /// `directory` is on the disk to watch; empty: none.
  explicit Machine(std::string directory) : directory_(std::move(directory)) {}
  MachineReading Read();

 private:
  std::string directory_;
  std::int64_t cpu_total_ = 0;
  std::int64_t cpu_idle_ = 0;
};

}  // namespace wt::observe
