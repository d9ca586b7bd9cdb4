// The numeric kernels behind one table of functions per instruction set.
//
// Everything heavy in Whisper is a product with a packed matrix: linear layers and convolutions
// (weights packed once), attention scores (keys packed per head) and attention outputs (values
// packed per head). Functions are coarse: a call works on a block of rows and panels, and the
// choice of instruction set is made once per process. The generic set is the oracle of the others.
//
// Determinism: the sum over k of one output element has an order that depends on the instruction
// set and the matrix only: never on the number of rows in the call, the row's position in a tile,
// the block split or the thread. Kernels never allocate. All pointers may be unaligned unless
// stated. Functions are pure but for their outputs: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::kernels {

enum class Isa : std::uint8_t {
  kGeneric,
  kAvx2,
  kAvx2Vnni,
  kAvx512,
  kAvx512Vnni,
  kAvx512Bf16,
  kAvx512Amx,
};
std::string_view IsaName(Isa isa);

/// Number type of a packed matrix.
enum class PackedType : std::uint8_t { kF32, kBf16, kInt8, kInt4 };

/// A matrix W [n, k] in panels of `panel` columns of W^T: panel p holds columns [p * panel,
/// (p + 1) * panel) as [k][panel] (f32), [k / 2][panel][2] (bf16), [k / 4][panel][4] (int8) or
/// [k / 8][panel][4] (int4). 64-byte aligned. Not owned.
///
/// int8: a column's numbers are w ~ (u - 128) * scale with bytes u of 1 .. 255; the panel's scales
/// (f32) follow its bytes. VPDPBUSD and TDPBSUD multiply unsigned by signed bytes, and a product
/// with u is off by 128 times the sum of the row of A, which its quantisation counts anyway.
///
/// int4: w ~ (u - 7.5) * scale with u of 0 .. 15, half the bytes for sums that need only be near;
/// scales as for int8. The byte at [i][column][j] holds the numbers 8 i + j of k in its lower and
/// 8 i + 4 + j in its upper half, so that one shift gives operands of VPDPBUSD.
///
/// bf16 and int8 are padded along k to 64 bytes of a column (one AMX tile), int4 to 64 numbers.
/// Beyond n and k are zeros (int8: 128; int4 multiplies zeros of A there).
struct PackedMatrix {
  PackedType type = PackedType::kF32;
  int n = 0;
  int k = 0;
  int panel = 0;
  const std::byte* data = nullptr;

  int panels() const { return (n + panel - 1) / panel; }
  /// k rounded up to the packing step.
  int padded_k() const {
    const int step = type == PackedType::kF32 ? 1 : type == PackedType::kBf16 ? 32 : 64;
    return (k + step - 1) / step * step;
  }
  int bits_per_value() const {
    switch (type) {
      case PackedType::kF32: return 32;
      case PackedType::kBf16: return 16;
      case PackedType::kInt8: return 8;
      case PackedType::kInt4: return 4;
    }
    return 0;
  }
  /// A is given as Int8Rows, and scales follow the numbers of a panel.
  bool is_quantized() const { return type == PackedType::kInt8 || type == PackedType::kInt4; }
  /// Of the panel's numbers without its scales.
  std::size_t value_bytes_per_panel() const {
    return static_cast<std::size_t>(padded_k()) *
           static_cast<std::size_t>(panel * bits_per_value()) / 8;
  }
  std::size_t bytes_per_panel() const {
    const int scales = is_quantized() ? panel * 4 : 0;
    return value_bytes_per_panel() + static_cast<std::size_t>(scales);
  }
  std::size_t bytes() const { return bytes_per_panel() * static_cast<std::size_t>(panels()); }
};

/// Rows of activations as signed bytes: x ~ value * scale, a scale per row. What a row becomes
/// depends on that row alone.
///
/// Split rows are numbers of 14 bits: row r lies in the rows 2 r and 2 r + 1 of bytes, and
/// x ~ value[2 r] * scale[2 r] + value[2 r + 1] * scale[2 r + 1], the second scale being the first
/// / 128. Twice the multiplications, and the row's rounding is as good as none: for the numerators
/// of attention, which are many small numbers beside few large ones.
struct Int8Rows {
  std::int8_t* values = nullptr;
  /// Bytes between rows: at least padded_k() of the matrix. 64 more keep rows of a tile from
  /// meeting in one set of the cache.
  std::ptrdiff_t stride = 0;
  float* scales = nullptr;
  /// 128 * sum of the row's values.
  std::int32_t* offsets = nullptr;
  bool split = false;

  /// From row `row` of bytes on, each a row of its own.
  Int8Rows From(int row) const {
    return {values + row * stride, stride, scales + row, offsets + row};
  }
};

/// What happens to a sum before it is stored.
enum class Epilogue : std::uint8_t {
  kStore,  // c = sum * scale + bias
  kGelu,   // c = gelu(sum * scale + bias), erf form: exact, within 1e-4 for int8
  kAdd,    // c += sum * scale + bias
};

/// C[m, n] = epilogue(A[m, k] * W^T). Strides in elements. With int4: kStore without bias, and rows
/// that are not split.
struct GemmArgs {
  const float* a = nullptr;
  std::ptrdiff_t lda = 0;
  /// In place of `a` where w is quantized.
  const Int8Rows* a8 = nullptr;
  const PackedMatrix* w = nullptr;
  /// n values, or null.
  const float* bias = nullptr;
  /// Not used where w is quantized.
  float scale = 1.0f;
  float* c = nullptr;
  std::ptrdiff_t ldc = 0;
  Epilogue epilogue = Epilogue::kStore;
};

/// Attention of `rows` queries (already scaled) over one head's packed keys and values, both of one
/// type: out = softmax(q K^T) V.
///
/// int8: a key has a scale (its column's), and so has a value. Queries become split rows, and so do
/// numerators times the scales of their values: one byte would lose the many small ones.
struct AttentionArgs {
  const float* q = nullptr;
  std::ptrdiff_t ldq = 0;
  int rows = 0;
  const PackedMatrix* keys = nullptr;    // [positions, 64]
  const PackedMatrix* values = nullptr;  // [64, positions]
  /// As pack_values wrote them, where values are int8.
  const float* value_scales = nullptr;
  float* out = nullptr;
  std::ptrdiff_t ldo = 0;
  /// Null, or where the probabilities go: [rows][positions].
  float* probabilities = nullptr;
};
/// Floats of scratch that attention needs: rows of whole cache lines, and one more so that rows do
/// not meet in one set of the cache.
constexpr std::size_t AttentionFloats(int rows, int positions) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>((positions + 63) / 64 * 64 + 16);
}

/// A half-open range of indices.
struct Range {
  int begin = 0;
  int end = 0;
};

struct KernelSet {
  Isa isa = Isa::kGeneric;
  /// Columns per panel that this set packs and expects.
  int panel = 0;
  /// Rows that its widest tile takes: split row blocks at multiples of it.
  int tile_rows = 0;
  /// The faster type for products that are not int8: kBf16 where it has instructions.
  PackedType float_type = PackedType::kF32;
  /// True where products of int8 have instructions, so that int8 is the fastest type.
  bool int8_is_fast = false;
  /// True where products of bf16 with many rows take hardly longer than those of int8: tiles
  /// multiply so fast that loads and epilogues are what takes time.
  bool bf16_is_cheap = false;

  /// Packs rows [first, first + count) of W as columns of the panels. `src` points at row `first`,
  /// rows `ld` elements apart. REQUIRES: first is a multiple of panel, or W is packed in one call.
  void (*pack)(const float* src, std::ptrdiff_t ld, int first, int count, const PackedMatrix& shape,
               std::byte* dst);
  /// Packs rows [first, first + count) of W given transposed: W^T[k][n], rows `ld` elements apart
  /// (values of attention: k is the key position, n the head's 64 columns). `src` points at row
  /// `first`. Not where quantized. REQUIRES: first is even; count too, or it reaches the end.
  void (*pack_transposed)(const float* src, std::ptrdiff_t ld, int first, int count,
                          const PackedMatrix& shape, std::byte* dst);

  /// As pack_transposed for the values of attention as int8: a scale per row of W^T goes to
  /// scales[first + i], those of the columns are 1. The last call also zeroes the scales up to
  /// padded_k of `shape`. REQUIRES: 64 columns; first is a multiple of 4; count too, or it reaches
  /// the end.
  void (*pack_values)(const float* src, std::ptrdiff_t ld, int first, int count,
                      const PackedMatrix& shape, std::byte* dst, float* scales);

  /// Rows and panels of C; A's rows by the same numbers. `a_scratch` holds (rows) * padded_k 16-bit
  /// values for bf16, else unused.
  void (*gemm)(const GemmArgs& args, Range rows, Range panels, std::uint16_t* a_scratch);

  /// Rows of k floats rotated (rotation.h), one after another at `out`. What is multiplied with
  /// weights as bytes is rotated first.
  void (*rotate)(const float* x, std::ptrdiff_t ldx, int rows, int k, float* out);

  /// Rows of k floats as bytes: scale = largest magnitude / 127, nearest even; zeros from k to
  /// `padded_k`. Rows of magnitudes under 2^-100 become zeros. Split rows where `out` says so.
  void (*quantize)(const float* x, std::ptrdiff_t ldx, int rows, int k, int padded_k,
                   const Int8Rows& out);
  void (*attention)(const AttentionArgs& args, float* scores, std::uint16_t* scratch);

  /// out = (x - mean) / sqrt(variance + 1e-5) * gamma + beta, per row of n; two-pass variance.
  void (*layer_norm)(const float* x, std::ptrdiff_t ldx, const float* gamma, const float* beta,
                     int rows, int n, float* out, std::ptrdiff_t ldo);
  /// In place softmax of each row of n. A row of only -infinity becomes zeros: it attends to
  /// nothing.
  void (*softmax)(float* x, std::ptrdiff_t ldx, int rows, int n);
  /// In place exact GELU.
  void (*gelu)(float* x, std::size_t count);
  /// x += y.
  void (*add)(float* x, const float* y, std::size_t count);
  /// Largest value of n > 0 (NaN ignored).
  float (*max)(const float* x, std::size_t n);
  /// sum of exp(x[i] - shift); -infinity adds 0.
  float (*sum_exp)(const float* x, std::size_t n, float shift);

  /// Self attention of one row over its cache: for each of `heads` heads of 64,
  /// out = softmax(q . K_t for t in [0, count)) V_t. Keys of position t are at
  /// keys + offsets[t] (d_model floats, heads one after another), values likewise.
  /// q is already scaled. `scores` holds heads * count floats of scratch.
  void (*cached_attention)(const float* q, const float* keys, const float* values,
                           const std::ptrdiff_t* offsets, int count, int heads, float* scores,
                           float* out);
};

/// row[k] less what packing it as int4 makes of it: an int8 matrix of such rows and the int4 matrix
/// of the rows themselves are together as exact as 10 bits or more, in the memory of 12.
void SubtractInt4(float* row, int k);

/// The best set that this processor can run.
const KernelSet& BestKernels();
/// kUnsupported when the processor (or this build) lacks it. "auto" gives the best.
Result<const KernelSet*> FindKernels(std::string_view name);
/// Every set that can run here, the generic one first (for tests).
struct KernelList {
  const KernelSet* sets[7];
  int count;
};
KernelList RunnableKernels();

}  // namespace wt::kernels
