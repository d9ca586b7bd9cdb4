// Sixteen floats in a register: the vocabulary that the other -inl.h files are written in.
//
// Included once by each source of the AVX-512 family; everything has internal linkage. Needs
// AVX-512 F, BW, DQ and VL. Where the source is compiled for AVX512_BF16 too, roundings and
// products of bf16 use its instructions, with the same results for all numbers.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "engine/kernels/vector/pair_sums-inl.h"

// Small functions are inlined without exception: a call would move 24 registers to memory.
#define WT_INLINE __attribute__((always_inline)) static inline

namespace wt::kernels {
namespace {

struct Simd {
  using Float = __m512;
  using Mask = __mmask16;
  static constexpr int kLanes = 16;
  // A tile of 6 rows x 4 vectors: 24 sums, 4 columns vectors and 1 broadcast fill 29 of the 32
  // registers, and 24 independent sums cover 2 FMA units x 4 cycles of latency three times.
  static constexpr int kTileVectors = 4;

  // How many panels a product of few rows reads at once, so that at least 8 sums are under way.
  static constexpr int PanelsAtOnce(int rows) { return rows <= 2 ? 2 : 1; }

  WT_INLINE Float Zero() { return _mm512_setzero_ps(); }
  WT_INLINE Float Set(float value) { return _mm512_set1_ps(value); }
  WT_INLINE Float Load(const void* p) { return _mm512_loadu_ps(p); }
  WT_INLINE void Store(void* p, Float x) { _mm512_storeu_ps(p, x); }
  WT_INLINE Mask FirstLanes(int count) { return static_cast<Mask>((1u << count) - 1u); }
  WT_INLINE Float LoadMasked(Mask mask, const void* p) { return _mm512_maskz_loadu_ps(mask, p); }
  WT_INLINE void StoreMasked(void* p, Mask mask, Float x) { _mm512_mask_storeu_ps(p, mask, x); }
  // Four bytes to every lane.
  WT_INLINE Float Broadcast(const void* p) {
    float value;
    __builtin_memcpy(&value, p, sizeof value);
    return _mm512_set1_ps(value);
  }

  WT_INLINE Float Add(Float a, Float b) { return _mm512_add_ps(a, b); }
  WT_INLINE Float Sub(Float a, Float b) { return _mm512_sub_ps(a, b); }
  // The Hadamard matrix of 16 times the lanes: sums and differences of neighbours, of pairs, of
  // fours and of eights, which are exact as products with 1 and -1.
  WT_INLINE Float MixLanes(Float x) {
    const Float ones = _mm512_set1_ps(1.0f), minus = _mm512_set1_ps(-1.0f);
    const auto signs = [&](int mask) __attribute__((always_inline)) {
      return _mm512_mask_blend_ps(static_cast<__mmask16>(mask), ones, minus);
    };
    x = _mm512_fmadd_ps(x, signs(0xAAAA), _mm512_permute_ps(x, 0xB1));
    x = _mm512_fmadd_ps(x, signs(0xCCCC), _mm512_permute_ps(x, 0x4E));
    x = _mm512_fmadd_ps(x, signs(0xF0F0), _mm512_shuffle_f32x4(x, x, 0xB1));
    return _mm512_fmadd_ps(x, signs(0xFF00), _mm512_shuffle_f32x4(x, x, 0x4E));
  }
  WT_INLINE Float Mul(Float a, Float b) { return _mm512_mul_ps(a, b); }
  WT_INLINE Float Div(Float a, Float b) { return _mm512_div_ps(a, b); }
  // `b` where either is NaN.
  WT_INLINE Float Max(Float a, Float b) { return _mm512_max_ps(a, b); }
  WT_INLINE Float Min(Float a, Float b) { return _mm512_min_ps(a, b); }
  WT_INLINE Float MulAdd(Float a, Float b, Float c) { return _mm512_fmadd_ps(a, b, c); }
  // sum += a * b. Inline assembly, because g++ 12 moves sums that are written with intrinsics to
  // the stack: 34-49 % of the peak instead of 95 %.
  WT_INLINE void Accumulate(Float& sum, Float a, Float b) {
    asm("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  }

  WT_INLINE Float Round(Float x) {
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  // x * 2^n for whole n; gradual underflow and overflow.
  WT_INLINE Float ScaleByPowerOfTwo(Float x, Float n) { return _mm512_scalef_ps(x, n); }
  WT_INLINE Float Abs(Float x) { return _mm512_abs_ps(x); }
  WT_INLINE Float CopySign(Float magnitude, Float sign) {
    const __m512 bit = _mm512_set1_ps(-0.0f);
    return _mm512_or_ps(_mm512_andnot_ps(bit, magnitude), _mm512_and_ps(bit, sign));
  }
  WT_INLINE Mask Less(Float a, Float b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
  WT_INLINE Mask NotEqual(Float a, Float b) { return _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ); }
  WT_INLINE Float Select(Mask mask, Float yes, Float no) {
    return _mm512_mask_blend_ps(mask, no, yes);
  }
  WT_INLINE float ReduceAdd(Float x) { return _mm512_reduce_add_ps(x); }
  // The same four times, bit for bit.
  WT_INLINE void ReduceAddFour(const Float (&x)[4], float* out) {
    __m128 quarters[4];
    for (int i = 0; i < 4; ++i) {
      const __m256 halves =
          _mm256_add_ps(_mm512_castps512_ps256(x[i]), _mm512_extractf32x8_ps(x[i], 1));
      quarters[i] = _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps(halves, 1));
    }
    StorePairSums(quarters, out);
  }
  // REQUIRES: no NaN.
  WT_INLINE float ReduceMax(Float x) { return _mm512_reduce_max_ps(x); }

  // Lanes as bf16 in the upper halves of dwords: nearest even, denormals to zero, NaN kept.
  WT_INLINE __m512i RoundToBf16(Float x) {
    const __m512i bits = _mm512_castps_si512(x);
    const __m512i sign = _mm512_and_si512(bits, _mm512_set1_epi32(INT32_MIN));
    const __m512i magnitude = _mm512_xor_si512(bits, sign);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, odd), _mm512_set1_epi32(0x7FFF));
    const __mmask16 denormal = _mm512_cmplt_epi32_mask(magnitude, _mm512_set1_epi32(0x00800000));
    const __mmask16 nan = _mm512_cmpgt_epi32_mask(magnitude, _mm512_set1_epi32(0x7F800000));
    rounded = _mm512_mask_mov_epi32(rounded, denormal, sign);
    rounded = _mm512_mask_or_epi32(rounded, nan, bits, _mm512_set1_epi32(0x00400000));
    return _mm512_and_si512(rounded, _mm512_set1_epi32(static_cast<int>(0xFFFF0000u)));
  }
  // 32 numbers in order as bf16.
  WT_INLINE Float PackBf16(Float first, Float second) {
#ifdef __AVX512BF16__
    return reinterpret_cast<__m512>(_mm512_cvtne2ps_pbh(second, first));
#else
    const __m256i low = _mm512_cvtepi32_epi16(_mm512_srli_epi32(RoundToBf16(first), 16));
    const __m256i high = _mm512_cvtepi32_epi16(_mm512_srli_epi32(RoundToBf16(second), 16));
    return _mm512_castsi512_ps(_mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1));
#endif
  }
  // Pairs (even, odd) as bf16.
  WT_INLINE Float InterleaveBf16(Float even, Float odd) {
    return _mm512_castsi512_ps(
        _mm512_or_si512(_mm512_srli_epi32(RoundToBf16(even), 16), RoundToBf16(odd)));
  }
  WT_INLINE Float EvenBf16(Float pairs) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(pairs), 16));
  }
  WT_INLINE Float OddBf16(Float pairs) {
    return _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(pairs),
                                                _mm512_set1_epi32(static_cast<int>(0xFFFF0000u))));
  }
#ifdef __AVX512BF16__
  static constexpr bool kHasBf16Products = true;
  // sum += a.odd * b.odd, then sum += a.even * b.even, per lane.
  WT_INLINE void AccumulateBf16(Float& sum, Float a, Float b) {
    asm("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  }
#else
  static constexpr bool kHasBf16Products = false;
#endif

  // Whole numbers in the lanes' bits.
  using Int = __m512i;
  WT_INLINE Int SetInt(std::int32_t value) { return _mm512_set1_epi32(value); }
  WT_INLINE Int AddInt(Int a, Int b) { return _mm512_add_epi32(a, b); }
  WT_INLINE Int SubInt(Int a, Int b) { return _mm512_sub_epi32(a, b); }
  WT_INLINE Int BitsOf(Float x) { return _mm512_castps_si512(x); }
  // Nearest even; INT32_MIN for NaN and what is out of range.
  WT_INLINE Int ToInt(Float x) { return _mm512_cvtps_epi32(x); }
  WT_INLINE Float ToFloat(Int x) { return _mm512_cvtepi32_ps(x); }
  WT_INLINE std::int32_t ReduceAddInt(Int x) { return _mm512_reduce_add_epi32(x); }
  // 64 numbers in order as signed bytes, saturated.
  WT_INLINE Float PackBytes(Int a, Int b, Int c, Int d) {
    const __m512i words_ab = _mm512_packs_epi32(a, b);
    const __m512i words_cd = _mm512_packs_epi32(c, d);
    const __m512i bytes = _mm512_packs_epi16(words_ab, words_cd);
    // Quarter q holds units a_q b_q c_q d_q.
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_castsi512_ps(_mm512_permutexvar_epi32(order, bytes));
  }
  // Bytes j of every lane: number of the j-th argument, in 1 .. 255 for -127 .. 127.
  WT_INLINE Float InterleaveBytes(Int a, Int b, Int c, Int d) {
    const __m512i byte = _mm512_set1_epi32(0xFF);
    const __m512i ab =
        _mm512_or_si512(_mm512_and_si512(a, byte), _mm512_slli_epi32(_mm512_and_si512(b, byte), 8));
    const __m512i cd =
        _mm512_or_si512(_mm512_slli_epi32(_mm512_and_si512(c, byte), 16), _mm512_slli_epi32(d, 24));
    return ToUnsignedBytes(_mm512_castsi512_ps(_mm512_or_si512(ab, cd)));
  }
  // Signed bytes plus 128.
  WT_INLINE Float ToUnsignedBytes(Float bytes) {
    return _mm512_castsi512_ps(
        _mm512_xor_si512(_mm512_castps_si512(bytes), _mm512_set1_epi8(static_cast<char>(0x80))));
  }
  // 2^x, x whole in the lanes' bits.
  WT_INLINE Float AddToExponent(Float x, Int n) {
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(x), _mm512_slli_epi32(n, 23)));
  }
#ifdef __AVX512VNNI__
  static constexpr bool kHasInt8Products = true;
  // sum += the four products of signed bytes of a and unsigned bytes of w, per lane.
  WT_INLINE void AccumulateInt8(Float& sum, Float a, Float w) {
    asm("vpdpbusd %1, %2, %0" : "+v"(sum) : "v"(a), "v"(w));
  }
#else
  static constexpr bool kHasInt8Products = false;
#endif
  // The lower, or upper, halves of all bytes.
  WT_INLINE Float LowerNibbles(Float bytes) {
    return _mm512_castsi512_ps(
        _mm512_and_si512(_mm512_castps_si512(bytes), _mm512_set1_epi8(0x0F)));
  }
  WT_INLINE Float UpperNibbles(Float bytes) {
    return LowerNibbles(_mm512_castsi512_ps(_mm512_srli_epi16(_mm512_castps_si512(bytes), 4)));
  }
  // Bytes 0 and 2, or 1 and 3, of every lane as 16-bit numbers.
  WT_INLINE Float EvenSigned(Float units) {
    return _mm512_castsi512_ps(
        _mm512_srai_epi16(_mm512_slli_epi16(_mm512_castps_si512(units), 8), 8));
  }
  WT_INLINE Float OddSigned(Float units) {
    return _mm512_castsi512_ps(_mm512_srai_epi16(_mm512_castps_si512(units), 8));
  }
  WT_INLINE Float EvenUnsigned(Float units) {
    return _mm512_castsi512_ps(
        _mm512_and_si512(_mm512_castps_si512(units), _mm512_set1_epi16(0xFF)));
  }
  WT_INLINE Float OddUnsigned(Float units) {
    return _mm512_castsi512_ps(_mm512_srli_epi16(_mm512_castps_si512(units), 8));
  }
  // sum += the two products of 16-bit numbers per lane. Inline assembly as in Accumulate.
  WT_INLINE void AccumulateWords(Float& sum, Float a, Float b) {
    Float products;
    asm("vpmaddwd %3, %2, %1\n\tvpaddd %1, %0, %0" : "+v"(sum), "=&v"(products) : "v"(a), "v"(b));
  }

  // A block of 4 x 4 vectors' quarters: quarter q of out[r] is quarter r of in[q].
  WT_INLINE void TransposeQuarters(Float& a, Float& b, Float& c, Float& d) {
    const __m512 ab_low = _mm512_shuffle_f32x4(a, b, 0x44);
    const __m512 ab_high = _mm512_shuffle_f32x4(a, b, 0xEE);
    const __m512 cd_low = _mm512_shuffle_f32x4(c, d, 0x44);
    const __m512 cd_high = _mm512_shuffle_f32x4(c, d, 0xEE);
    a = _mm512_shuffle_f32x4(ab_low, cd_low, 0x88);
    b = _mm512_shuffle_f32x4(ab_low, cd_low, 0xDD);
    c = _mm512_shuffle_f32x4(ab_high, cd_high, 0x88);
    d = _mm512_shuffle_f32x4(ab_high, cd_high, 0xDD);
  }
  // The 4 x 4 blocks within each quarter.
  WT_INLINE void TransposeWithinQuarters(Float& a, Float& b, Float& c, Float& d) {
    const __m512d ab_low = _mm512_castps_pd(_mm512_unpacklo_ps(a, b));
    const __m512d ab_high = _mm512_castps_pd(_mm512_unpackhi_ps(a, b));
    const __m512d cd_low = _mm512_castps_pd(_mm512_unpacklo_ps(c, d));
    const __m512d cd_high = _mm512_castps_pd(_mm512_unpackhi_ps(c, d));
    a = _mm512_castpd_ps(_mm512_unpacklo_pd(ab_low, cd_low));
    b = _mm512_castpd_ps(_mm512_unpackhi_pd(ab_low, cd_low));
    c = _mm512_castpd_ps(_mm512_unpacklo_pd(ab_high, cd_high));
    d = _mm512_castpd_ps(_mm512_unpackhi_pd(ab_high, cd_high));
  }
  // Lane j of row i becomes lane i of row j.
  WT_INLINE void Transpose(Float (&rows)[kLanes]) {
    for (int i = 0; i < kLanes; i += 4) {
      TransposeWithinQuarters(rows[i], rows[i + 1], rows[i + 2], rows[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
      TransposeQuarters(rows[i], rows[i + 4], rows[i + 8], rows[i + 12]);
    }
  }
};

}  // namespace
}  // namespace wt::kernels
