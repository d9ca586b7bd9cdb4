// Speed of the kernels as a fraction of what this processor can do, which is measured first: a gate
// on a fraction holds on any machine. One thread, thread CPU time.
//
//   bench_kernels --benchmark_filter='gemm/avx512/'
//
// Counters: "peak%" is the share of the multiply-add rate of the set's registers (of float32, where
// the set has no bf16 products; 0 for the generic set); "GB/s" counts the bytes of packed weights.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/tensor/buffer.h"

namespace wt::kernels {
namespace {

double ThreadSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Twelve independent instructions: more than 2 units x 4 cycles of latency.
#if defined(__x86_64__)
#define WT_TWELVE(instruction, reg)                                                          \
  asm volatile(".irp r,0,1,2,3,4,5,6,7,8,9,10,11\n\t" instruction " %%" reg "12, %%" reg     \
               "13, %%" reg "\\r\n\t.endr" ::                                                \
                   : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", \
                     "xmm9", "xmm10", "xmm11", "xmm12", "xmm13")
#else
#define WT_TWELVE(instruction, reg) static_cast<void>(0)
#endif

// Seconds of a loop of twelve instructions, about a millisecond.
template <typename Twelve>
double SecondsOfPasses(int passes, Twelve twelve) {
  const double start = ThreadSeconds();
  for (int pass = 0; pass < passes; ++pass) twelve();
  return ThreadSeconds() - start;
}

// Operations per second of the set's multiply-add instruction from registers, 0 if it has none.
double MeasurePeak(Isa isa, PackedType type) {
  constexpr int kPasses = 100'000;
  double seconds = 0.0;
  double operations = 0.0;
  if (isa == Isa::kAvx2 || isa == Isa::kAvx2Vnni) {
    seconds = SecondsOfPasses(kPasses, [] { WT_TWELVE("vfmadd231ps", "ymm"); });
    operations = 16;
  } else if (isa == Isa::kAvx512Bf16 && type == PackedType::kBf16) {
    seconds = SecondsOfPasses(kPasses, [] { WT_TWELVE("vdpbf16ps", "zmm"); });
    operations = 64;
  } else if (isa != Isa::kGeneric) {
    seconds = SecondsOfPasses(kPasses, [] { WT_TWELVE("vfmadd231ps", "zmm"); });
    operations = 32;
  }
  return seconds > 0.0 ? 12.0 * kPasses * operations / seconds : 0.0;
}

std::vector<float> Values(std::size_t count) {
  std::vector<float> values(count);
  std::uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<std::int32_t>(state)) * 0x1p-31f;
  }
  return values;
}

struct Shape {
  const char* name;
  int m;
  int n;
  int k;
  Epilogue epilogue;
};

struct Weights {
  Weights(const KernelSet& set, PackedType type, int n, int k)
      : shape{.type = type, .n = n, .k = k, .panel = set.panel}, memory(shape.bytes()) {
    shape.data = memory.data();
    const auto rows = Values(static_cast<std::size_t>(n) * static_cast<std::size_t>(k));
    set.pack(rows.data(), k, 0, n, shape, memory.data());
  }
  PackedMatrix shape;
  tensor::Buffer<std::byte> memory;
};

void RunGemm(benchmark::State& state, const KernelSet& set, PackedType type, Shape shape) {
  const Weights weights(set, type, shape.n, shape.k);
  const auto a = Values(static_cast<std::size_t>(shape.m) * static_cast<std::size_t>(shape.k));
  const auto bias = Values(static_cast<std::size_t>(shape.n));
  std::vector<float> c(static_cast<std::size_t>(shape.m) * static_cast<std::size_t>(shape.n));
  std::vector<std::uint16_t> scratch(static_cast<std::size_t>(shape.m) *
                                     static_cast<std::size_t>(shape.k + 64));
  GemmArgs args;
  args.a = a.data();
  args.lda = shape.k;
  args.w = &weights.shape;
  args.bias = bias.data();
  args.c = c.data();
  args.ldc = shape.n;
  args.epilogue = shape.epilogue;
  // Attention works on blocks of rows: scores of a block are used before the next one.
  const int block = shape.epilogue == Epilogue::kStore && shape.m > 96 ? 96 : shape.m;
  // Peak and product alternate, because the clock of a shared machine moves.
  double best = 1e30;
  double peak = 0.0;
  for (auto _ : state) {
    state.PauseTiming();
    peak = std::max(peak, MeasurePeak(set.isa, type));
    state.ResumeTiming();
    const double start = ThreadSeconds();
    for (int row = 0; row < shape.m; row += block) {
      set.gemm(args, {row, std::min(row + block, shape.m)}, {0, weights.shape.panels()},
               scratch.data());
    }
    best = std::min(best, ThreadSeconds() - start);
    benchmark::ClobberMemory();
  }
  const double operations = 2.0 * shape.m * shape.n * shape.k;
  state.counters["GFLOP/s"] = operations / best * 1e-9;
  if (peak > 0.0) state.counters["peak%"] = 100.0 * operations / best / peak;
  state.counters["GB/s"] = static_cast<double>(weights.shape.bytes()) / best * 1e-9;
}

void RunRows(benchmark::State& state, void (*body)(const KernelSet&, float*), const KernelSet& set,
             int count) {
  const auto source = Values(static_cast<std::size_t>(count));
  std::vector<float> x(source);
  for (auto _ : state) {
    state.PauseTiming();
    std::copy(source.begin(), source.end(), x.begin());
    state.ResumeTiming();
    body(set, x.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * count);
}

void RunPack(benchmark::State& state, const KernelSet& set, PackedType type, int n, int k,
             bool transposed) {
  PackedMatrix shape{.type = type, .n = n, .k = k, .panel = set.panel};
  tensor::Buffer<std::byte> memory(shape.bytes());
  const std::vector<float> rows = Values(static_cast<std::size_t>(std::max(n, k)) * 2048);
  for (auto _ : state) {
    if (transposed) {
      set.pack_transposed(rows.data(), 512, 0, k, shape, memory.data());
    } else {
      set.pack(rows.data(), std::max(k, 512), 0, n, shape, memory.data());
    }
    benchmark::ClobberMemory();
  }
  state.counters["GB/s of source"] = benchmark::Counter(
      4.0 * n * k * static_cast<double>(state.iterations()) * 1e-9, benchmark::Counter::kIsRate);
}

constexpr Shape kShapes[] = {
    {"base_qkvo_512x512", 1500, 512, 512, Epilogue::kStore},
    {"base_mlp1_2048x512", 1500, 2048, 512, Epilogue::kStore},
    {"base_mlp1_gelu", 1500, 2048, 512, Epilogue::kGelu},
    {"base_mlp2_512x2048", 1500, 512, 2048, Epilogue::kAdd},
    {"small_qkvo_768x768", 1500, 768, 768, Epilogue::kStore},
    {"small_mlp1_3072x768", 1500, 3072, 768, Epilogue::kGelu},
    {"small_mlp2_768x3072", 1500, 768, 3072, Epilogue::kAdd},
    {"scores_1500x64", 1500, 1500, 64, Epilogue::kStore},
    {"values_64x1500", 1500, 64, 1500, Epilogue::kStore},
    {"one_row_512x512", 1, 512, 512, Epilogue::kStore},
    {"one_row_2048x512", 1, 2048, 512, Epilogue::kStore},
    {"one_row_51865x512", 1, 51865, 512, Epilogue::kStore},
    {"five_rows_512x512", 5, 512, 512, Epilogue::kStore},
    {"five_rows_2048x512", 5, 2048, 512, Epilogue::kStore},
    {"five_rows_51865x512", 5, 51865, 512, Epilogue::kStore},
    {"eight_rows_512x512", 8, 512, 512, Epilogue::kStore},
    {"eight_rows_2048x512", 8, 2048, 512, Epilogue::kStore},
    {"eight_rows_51865x512", 8, 51865, 512, Epilogue::kStore},
};

void RegisterSet(const KernelSet& set) {
  const std::string isa(IsaName(set.isa));
  for (const PackedType type : {PackedType::kF32, PackedType::kBf16}) {
    const std::string suffix = isa + (type == PackedType::kF32 ? "/f32/" : "/bf16/");
    for (const Shape& shape : kShapes) {
      benchmark::RegisterBenchmark(
          ("gemm/" + suffix + shape.name).c_str(),
          [&set, type, shape](benchmark::State& state) { RunGemm(state, set, type, shape); })
          ->Unit(benchmark::kMicrosecond);
    }
    const auto pack = [&](const char* name, int n, int k, bool transposed) {
      benchmark::RegisterBenchmark(("pack/" + suffix + name).c_str(),
                                   [&set, type, n, k, transposed](benchmark::State& state) {
                                     RunPack(state, set, type, n, k, transposed);
                                   });
    };
    pack("weights_2048x512", 2048, 512, false);
    pack("keys_1500x64", 1500, 64, false);
    pack("values_64x1500", 64, 1500, true);
  }
  const auto rows = [&](const char* name, int count, void (*body)(const KernelSet&, float*)) {
    benchmark::RegisterBenchmark(
        ("rows/" + isa + "/" + name).c_str(),
        [&set, count, body](benchmark::State& state) { RunRows(state, body, set, count); });
  };
  rows("softmax_96x1500", 96 * 1500,
       [](const KernelSet& s, float* x) { s.softmax(x, 1500, 96, 1500); });
  rows("gelu_96x2048", 96 * 2048, [](const KernelSet& s, float* x) { s.gelu(x, 96 * 2048); });
  rows("layer_norm_96x512", 96 * 512,
       [](const KernelSet& s, float* x) { s.layer_norm(x, 512, x, x + 512, 96, 512, x, 512); });
  rows("sum_exp_51865", 51865,
       [](const KernelSet& s, float* x) { x[0] = s.sum_exp(x, 51865, 1.0f); });
  rows("max_51865", 51865, [](const KernelSet& s, float* x) { x[0] = s.max(x, 51865); });
}

void RegisterAll() {
  const KernelList list = RunnableKernels();
  for (int i = 0; i < list.count; ++i) RegisterSet(*list.sets[i]);
}

}  // namespace
}  // namespace wt::kernels

int main(int argc, char** argv) {
  wt::kernels::RegisterAll();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
