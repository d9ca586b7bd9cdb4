// How fast the engine is on this machine, as shares of what the machine can do: its peaks are
// measured first, in the same run.
//
//   wt::Result<wt::BenchmarkReport> report =
//       wt::Benchmark({}, {.path = "models/base"}, wt::MakeMemorySource(samples));
//
// Blocking: some seconds. Nothing else should run meanwhile; times are the least of several
// repeats.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "whisper_transcriber/engine.h"
#include "whisper_transcriber/options.h"
#include "whisper_transcriber/status.h"

namespace wt {

/// Of one thread, by its CPU time. 0: this processor or instruction set has no such instruction.
struct MachinePeaks {
  /// Multiplications and additions per second from registers.
  double float32_ops = 0;
  double bfloat16_ops = 0;
  double int8_ops = 0;
  /// Bytes read per second: 32 KiB, 512 KiB and 128 MiB over and over.
  double l1_read = 0;
  double l2_read = 0;
  double memory_read = 0;
};

/// One decoder step: a new token for each row.
struct StepTime {
  int rows = 0;
  /// Rows of one window are hypotheses of one search and share its keys and values.
  int windows = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  /// Weights, keys and values read.
  std::int64_t bytes = 0;
  /// Bytes per second of as many threads that only read as many, over and over: caches that hold a
  /// part of them make this more than MachinePeaks::memory_read.
  double read_rate = 0;
};

/// A whole recording from its file to its text, with the request's defaults (beam of 5).
struct RecordingTime {
  double audio_seconds = 0;
  double seconds = 0;
  double cpu_seconds = 0;
};

struct BenchmarkReport {
  std::string instruction_set;
  ComputeType compute_type = ComputeType::kFloat32;
  std::string model;
  int threads = 0;
  MachinePeaks peaks;
  double load_seconds = 0;
  std::int64_t weight_bytes = 0;
  /// A 30 s window.
  double encoder_seconds = 0;
  double encoder_cpu_seconds = 0;
  /// Multiplications and additions of it, by the type that they are done in.
  double encoder_float_ops = 0;
  double encoder_int8_ops = 0;
  /// Time that all threads would need at the peak of each type, as a share of encoder_seconds.
  double encoder_share_of_peak = 0;
  std::vector<StepTime> steps;
  /// Zeros where there was none.
  RecordingTime recording;
};

/// `recording` may be null.
Result<BenchmarkReport> Benchmark(const EngineOptions& engine, const ModelOptions& model,
                                  std::unique_ptr<AudioSource> recording);

}  // namespace wt
