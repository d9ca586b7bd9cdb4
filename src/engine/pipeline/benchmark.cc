// Benchmark (benchmark.h): encoder and decoder steps of a loaded model over one pool, beside the
// peaks of the machine.
#include "whisper_transcriber/benchmark.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/status_macros.h"
#include "engine/kernels/peaks.h"
#include "engine/pipeline/loaded_model.h"
#include "engine/whisper/logit_screen.h"
#include "platform/cpu.h"
#include "platform/memory.h"

namespace wt {
namespace {

using kernels::PackedType;

constexpr int kMelFrames = 3000;
// Tokens before the first timed step, as in the middle of a window.
constexpr int kPrefixTokens = 100;
constexpr int kEncoderRepeats = 7;
constexpr int kStepRepeats = 24;
constexpr int kReadRepeats = 12;
constexpr int kWindows = 8;

struct Clock {
  double wall = 0;
  double cpu = 0;
  static Clock Now() {
    timespec cpu_time = {};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_time);
    const auto wall_time = std::chrono::steady_clock::now().time_since_epoch();
    return {std::chrono::duration<double>(wall_time).count(),
            static_cast<double>(cpu_time.tv_sec) + 1e-9 * static_cast<double>(cpu_time.tv_nsec)};
  }
  Clock Since(const Clock& start) const { return {wall - start.wall, cpu - start.cpu}; }
};

// The least time that `body` took, and the mean of the processor's: other threads' share of that is
// counted by ticks of the system's clock, which are longer than a step.
template <typename Body>
Clock Fastest(int repeats, const Body& body) {
  double least = 1e30;
  const Clock first = Clock::Now();
  for (int i = 0; i < repeats; ++i) {
    const Clock start = Clock::Now();
    body();
    least = std::min(least, Clock::Now().Since(start).wall);
  }
  return {least, Clock::Now().Since(first).cpu / repeats};
}

MachinePeaks MeasurePeaks(kernels::Isa isa) {
  return {.float32_ops = kernels::MeasurePeak(isa, PackedType::kF32),
          .bfloat16_ops = kernels::MeasurePeak(isa, PackedType::kBf16),
          .int8_ops = kernels::MeasurePeak(isa, PackedType::kInt8),
          .l1_read = kernels::MeasureRead(isa, 32 << 10),
          .l2_read = kernels::MeasureRead(isa, 512 << 10),
          .memory_read = kernels::MeasureRead(isa, 128 << 20)};
}

// Multiplications and additions of one encoder window: linear layers with the cross-attention
// projections of the decoder, and all the rest.
struct EncoderWork {
  double linear = 0;
  double other = 0;
};

EncoderWork WorkOf(const model::Dims& dims) {
  const double t = dims.n_audio_ctx, n = dims.n_audio_state;
  const double layers = dims.n_audio_layer;
  EncoderWork work;
  work.linear = 24 * layers * t * n * n + 4.0 * dims.n_text_layer * t * n * dims.n_text_state;
  work.other = 4 * layers * t * t * n + 6 * kMelFrames * dims.n_mels * n + 6 * t * n * n;
  return work;
}

double Rate(const MachinePeaks& peaks, PackedType type) {
  switch (type) {
    case PackedType::kF32: return peaks.float32_ops;
    // Without an instruction of their own these are float32 and 16-bit arithmetic.
    case PackedType::kBf16: return std::max(peaks.bfloat16_ops, peaks.float32_ops);
    case PackedType::kInt8:
    case PackedType::kInt4: return std::max(peaks.int8_ops, peaks.float32_ops);
  }
  return 0;
}

// Bytes per second at which all threads of the pool together only read as many, over and over: from
// the caches as far as they hold them, from memory beyond. In huge pages, as weights and keys lie.
// 0 without instructions to measure.
double MeasureSharedRead(kernels::Isa isa, std::int64_t bytes, platform::ThreadPool& pool) {
  if (isa == kernels::Isa::kGeneric) return 0;
  constexpr std::size_t kBlock = 256;
  const std::size_t blocks = static_cast<std::size_t>(bytes) / kBlock;
  auto memory = tensor::Buffer<std::byte>::Uninitialized(blocks * kBlock);
  platform::PreferHugePages(memory.data(), memory.size());
  std::fill(memory.data(), memory.data() + memory.size(), std::byte{0});
  const std::size_t tasks = static_cast<std::size_t>(pool.threads()) * 4;
  const Clock took = Fastest(kReadRepeats, [&] {
    pool.ParallelFor(
        static_cast<std::ptrdiff_t>(tasks), 1, [&](std::ptrdiff_t first, std::ptrdiff_t last, int) {
          const std::size_t begin = blocks * static_cast<std::size_t>(first) / tasks;
          const std::size_t end = blocks * static_cast<std::size_t>(last) / tasks;
          kernels::ReadMemory(isa, memory.data() + begin * kBlock, (end - begin) * kBlock);
        });
  });
  return static_cast<double>(memory.size()) / took.wall;
}

// Windows in the middle of decoding, ready for timed steps.
class StepBench {
 public:
  StepBench(const pipeline::LoadedModel& model, platform::ThreadPool& pool,
            std::span<const float> mel)
      : model_(model), pool_(pool) {
    for (int i = 0; i < kWindows; ++i) {
      windows_.push_back(std::make_unique<whisper::WindowState>(
          model.dims(), model.network().kernels(), model.network().cross_type(), kSlots));
      static_cast<void>(model.runtime().encoder.Encode(mel, nullptr, windows_.back().get()));
    }
  }

  StepTime Run(int rows, int windows) {
    const int per_window = rows / windows;
    whisper::Decoder& decoder = model_.runtime().decoder;
    for (int w = 0; w < windows; ++w) Prefill(windows_[static_cast<std::size_t>(w)].get());
    std::vector<int> sources(static_cast<std::size_t>(per_window)), wanted;
    for (int i = 0; i < per_window; ++i) sources[static_cast<std::size_t>(i)] = i;
    for (int i = 0; i < rows; ++i) wanted.push_back(i);
    float* logits = model_.runtime().logits.Get(static_cast<std::size_t>(rows) *
                                                static_cast<std::size_t>(model_.dims().n_vocab));
    const Clock took = Fastest(kStepRepeats, [&] {
      std::vector<whisper::DecoderRow> batch;
      for (int w = 0; w < windows; ++w) {
        whisper::WindowState* window = windows_[static_cast<std::size_t>(w)].get();
        window->AppendStep(sources);
        for (int i = 0; i < per_window; ++i) {
          batch.push_back({window, 1000 + i, window->length() - 1, i, i});
        }
      }
      decoder.Evaluate(batch);
      decoder.StepLogits(wanted, logits);
    });
    const std::int64_t bytes = BytesRead(rows, windows);
    const double read_rate = MeasureSharedRead(model_.network().kernels().isa, bytes, pool_);
    return {rows, windows, took.wall, took.cpu, bytes, read_rate};
  }

 private:
  static constexpr int kSlots = 5;

  void Prefill(whisper::WindowState* window) {
    window->ResetText();
    window->AppendPrefix(kPrefixTokens);
    std::vector<whisper::DecoderRow> rows;
    for (int i = 0; i < kPrefixTokens; ++i) rows.push_back({window, 2000 + i, i, 0, 0});
    model_.runtime().decoder.Evaluate(rows);
  }

  // With a screen at most: rows may share panels.
  std::int64_t LogitBytes(int rows) const {
    const kernels::PackedMatrix& exact = model_.network().logits();
    const kernels::PackedMatrix& near = model_.network().near_logits();
    if (near.data == nullptr) return static_cast<std::int64_t>(exact.bytes());
    const int panels = std::min(exact.panels(), rows * whisper::LogitScreen::kExactPanels);
    return static_cast<std::int64_t>(near.bytes()) +
           panels * static_cast<std::int64_t>(exact.bytes_per_panel());
  }

  std::int64_t BytesRead(int rows, int windows) const {
    const whisper::PackedNetwork& net = model_.network();
    std::int64_t bytes = LogitBytes(rows);
    for (const whisper::DecoderLayer& layer : net.decoder()) {
      for (const whisper::Linear* linear : {&layer.qkv, &layer.attention_out, &layer.cross_q,
                                            &layer.cross_out, &layer.mlp_up, &layer.mlp_down}) {
        bytes += static_cast<std::int64_t>(linear->w.bytes());
      }
      for (int head = 0; head < model_.dims().n_text_head; ++head) {
        const int l = static_cast<int>(&layer - net.decoder().data());
        bytes += static_cast<std::int64_t>(windows_[0]->cross_key(l, head).bytes() +
                                           windows_[0]->cross_value(l, head).bytes()) *
                 windows;
      }
    }
    const auto own = static_cast<std::int64_t>(kPrefixTokens) * model_.dims().n_text_state * 8 *
                     model_.dims().n_text_layer;
    return bytes + own * rows;
  }

  const pipeline::LoadedModel& model_;
  platform::ThreadPool& pool_;
  std::vector<std::unique_ptr<whisper::WindowState>> windows_;
};

Result<RecordingTime> TimeRecording(const EngineOptions& options, const ModelOptions& model_options,
                                    std::unique_ptr<AudioSource> recording) {
  WT_ASSIGN(const auto engine, Engine::Create(options));
  WT_ASSIGN(const auto model, engine->LoadModel(model_options));
  TranscriptionRequest request;
  request.vad.enabled = !model_options.vad_path.empty();
  const Clock start = Clock::Now();
  WT_ASSIGN(const auto task, engine->Submit(model, std::move(recording), request, nullptr));
  WT_ASSIGN(const Transcript transcript, task->Wait());
  const Clock took = Clock::Now().Since(start);
  return RecordingTime{transcript.duration_s, took.wall, took.cpu};
}

}  // namespace

Result<BenchmarkReport> Benchmark(const EngineOptions& engine, const ModelOptions& model,
                                  std::unique_ptr<AudioSource> recording) {
  WT_ASSIGN(const kernels::KernelSet* const kernels, kernels::FindKernels(engine.instruction_set));
  BenchmarkReport report;
  report.threads = engine.threads > 0 ? engine.threads : platform::UsableCpuCount();
  if (report.threads > 256) {
    return Status(StatusCode::kInvalidArgument, "threads must be at most 256");
  }
  report.instruction_set = std::string(kernels::IsaName(kernels->isa));
  report.peaks = MeasurePeaks(kernels->isa);
  if (recording != nullptr) {
    WT_ASSIGN(report.recording, TimeRecording(engine, model, std::move(recording)));
  }
  platform::ThreadPool pool(report.threads);
  const Clock start = Clock::Now();
  WT_ASSIGN(const auto loaded, pipeline::LoadedModel::Load(model, *kernels, pool));
  report.load_seconds = Clock::Now().Since(start).wall;
  report.compute_type = loaded->info().compute_type;
  report.model = loaded->info().name;
  report.weight_bytes = loaded->info().weight_bytes;

  base::Random random(1);
  std::vector<float> mel(static_cast<std::size_t>(loaded->dims().n_mels) * kMelFrames);
  for (float& value : mel) value = static_cast<float>(random.Uniform() * 2 - 1);
  StepBench steps(*loaded, pool, mel);
  whisper::WindowState window(loaded->dims(), *kernels, loaded->network().cross_type(), 1);
  const Clock encoder = Fastest(kEncoderRepeats, [&] {
    static_cast<void>(loaded->runtime().encoder.Encode(mel, nullptr, &window));
  });
  report.encoder_seconds = encoder.wall;
  report.encoder_cpu_seconds = encoder.cpu;
  const EncoderWork work = WorkOf(loaded->dims());
  const PackedType linear = loaded->network().logits().type;
  const bool int8 = linear == PackedType::kInt8;
  report.encoder_int8_ops = int8 ? work.linear : 0;
  report.encoder_float_ops = work.other + (int8 ? 0 : work.linear);
  const double linear_rate = Rate(report.peaks, linear);
  const double other_rate = Rate(report.peaks, loaded->network().encoder_attention_type());
  if (linear_rate > 0 && other_rate > 0) {
    const double floor = work.linear / linear_rate + work.other / other_rate;
    report.encoder_share_of_peak = floor / (encoder.wall * report.threads);
  }
  for (const auto& [rows, windows] : {std::pair(1, 1), {5, 1}, {8, 8}, {32, 8}}) {
    report.steps.push_back(steps.Run(rows, windows));
  }
  return report;
}

}  // namespace wt
