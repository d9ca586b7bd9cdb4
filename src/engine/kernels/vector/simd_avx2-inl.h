// Eight floats in a register: the vocabulary that the other -inl.h files are written in.
//
// Included once by each source of the AVX2 family; everything has internal linkage. Needs AVX2 and
// FMA. The functions are those of simd_avx512-inl.h, which says what each one does.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "engine/kernels/vector/pair_sums-inl.h"

#define WT_INLINE __attribute__((always_inline)) static inline

namespace wt::kernels {
namespace {

struct Simd {
  using Float = __m256;
  using Mask = __m256;  // All bits of a lane, or none.
  static constexpr int kLanes = 8;
  // A tile of 6 rows x 2 vectors: 12 sums, 2 column vectors and 1 broadcast fill 15 of the 16
  // registers; 12 sums cover 2 FMA units x 4 to 5 cycles of latency.
  static constexpr int kTileVectors = 2;

  static constexpr int PanelsAtOnce(int rows) { return rows == 1 ? 4 : rows == 2 ? 2 : 1; }

  WT_INLINE Float Zero() { return _mm256_setzero_ps(); }
  WT_INLINE Float Set(float value) { return _mm256_set1_ps(value); }
  WT_INLINE Float Load(const void* p) { return _mm256_loadu_ps(static_cast<const float*>(p)); }
  WT_INLINE void Store(void* p, Float x) { _mm256_storeu_ps(static_cast<float*>(p), x); }
  WT_INLINE Mask FirstLanes(int count) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(count), lanes));
  }
  WT_INLINE Float LoadMasked(Mask mask, const void* p) {
    return _mm256_maskload_ps(static_cast<const float*>(p), _mm256_castps_si256(mask));
  }
  WT_INLINE void StoreMasked(void* p, Mask mask, Float x) {
    _mm256_maskstore_ps(static_cast<float*>(p), _mm256_castps_si256(mask), x);
  }
  WT_INLINE Float Broadcast(const void* p) {
    float value;
    __builtin_memcpy(&value, p, sizeof value);
    return _mm256_set1_ps(value);
  }

  WT_INLINE Float Add(Float a, Float b) { return _mm256_add_ps(a, b); }
  WT_INLINE Float Sub(Float a, Float b) { return _mm256_sub_ps(a, b); }
  // The Hadamard matrix of 8 times the lanes, as in AVX-512.
  WT_INLINE Float MixLanes(Float x) {
    const Float neighbours = _mm256_setr_ps(1, -1, 1, -1, 1, -1, 1, -1);
    const Float pairs = _mm256_setr_ps(1, 1, -1, -1, 1, 1, -1, -1);
    const Float fours = _mm256_setr_ps(1, 1, 1, 1, -1, -1, -1, -1);
    x = _mm256_fmadd_ps(x, neighbours, _mm256_permute_ps(x, 0xB1));
    x = _mm256_fmadd_ps(x, pairs, _mm256_permute_ps(x, 0x4E));
    return _mm256_fmadd_ps(x, fours, _mm256_permute2f128_ps(x, x, 1));
  }
  WT_INLINE Float Mul(Float a, Float b) { return _mm256_mul_ps(a, b); }
  WT_INLINE Float Div(Float a, Float b) { return _mm256_div_ps(a, b); }
  WT_INLINE Float Max(Float a, Float b) { return _mm256_max_ps(a, b); }
  WT_INLINE Float Min(Float a, Float b) { return _mm256_min_ps(a, b); }
  WT_INLINE Float MulAdd(Float a, Float b, Float c) { return _mm256_fmadd_ps(a, b, c); }
  WT_INLINE void Accumulate(Float& sum, Float a, Float b) {
    asm("vfmadd231ps %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b));
  }

  WT_INLINE Float Round(Float x) {
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  // In two factors, because 2^n itself is out of range where the result is denormal or infinite.
  // REQUIRES: |n| <= 252. NaN in x stays NaN, whatever n.
  WT_INLINE Float ScaleByPowerOfTwo(Float x, Float n) {
    const __m256i whole = _mm256_cvtps_epi32(n);
    const __m256i half = _mm256_srai_epi32(whole, 1);
    const __m256i bias = _mm256_set1_epi32(127);
    const __m256i first = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
    const __m256i rest = _mm256_sub_epi32(whole, half);
    const __m256i second = _mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23);
    return Mul(Mul(x, _mm256_castsi256_ps(first)), _mm256_castsi256_ps(second));
  }
  WT_INLINE Float Abs(Float x) { return _mm256_andnot_ps(Set(-0.0f), x); }
  WT_INLINE Float CopySign(Float magnitude, Float sign) {
    return _mm256_or_ps(Abs(magnitude), _mm256_and_ps(Set(-0.0f), sign));
  }
  WT_INLINE Mask Less(Float a, Float b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
  WT_INLINE Mask NotEqual(Float a, Float b) { return _mm256_cmp_ps(a, b, _CMP_NEQ_UQ); }
  WT_INLINE Float Select(Mask mask, Float yes, Float no) { return _mm256_blendv_ps(no, yes, mask); }
  WT_INLINE float ReduceAdd(Float x) {
    const __m128 halves = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 pairs = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
    return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_movehdup_ps(pairs)));
  }
  // The same four times, bit for bit.
  WT_INLINE void ReduceAddFour(const Float (&x)[4], float* out) {
    __m128 quarters[4];
    for (int i = 0; i < 4; ++i) {
      quarters[i] = _mm_add_ps(_mm256_castps256_ps128(x[i]), _mm256_extractf128_ps(x[i], 1));
    }
    StorePairSums(quarters, out);
  }
  WT_INLINE float ReduceMax(Float x) {
    const __m128 halves = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 pairs = _mm_max_ps(halves, _mm_movehl_ps(halves, halves));
    return _mm_cvtss_f32(_mm_max_ss(pairs, _mm_movehdup_ps(pairs)));
  }

  WT_INLINE __m256i RoundToBf16(Float x) {
    const __m256i bits = _mm256_castps_si256(x);
    const __m256i sign = _mm256_and_si256(bits, _mm256_set1_epi32(INT32_MIN));
    const __m256i magnitude = _mm256_xor_si256(bits, sign);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    __m256i rounded = _mm256_add_epi32(_mm256_add_epi32(bits, odd), _mm256_set1_epi32(0x7FFF));
    const __m256i denormal = _mm256_cmpgt_epi32(_mm256_set1_epi32(0x00800000), magnitude);
    const __m256i nan = _mm256_cmpgt_epi32(magnitude, _mm256_set1_epi32(0x7F800000));
    const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x00400000));
    rounded = _mm256_blendv_epi8(rounded, sign, denormal);
    rounded = _mm256_blendv_epi8(rounded, quiet, nan);
    return _mm256_and_si256(rounded, _mm256_set1_epi32(static_cast<int>(0xFFFF0000u)));
  }
  WT_INLINE Float PackBf16(Float first, Float second) {
    const __m256i low = _mm256_srli_epi32(RoundToBf16(first), 16);
    const __m256i high = _mm256_srli_epi32(RoundToBf16(second), 16);
    // The pack works within 128-bit halves: quarters come out as 0, 2, 1, 3.
    const __m256i packed = _mm256_packus_epi32(low, high);
    return _mm256_castsi256_ps(_mm256_permute4x64_epi64(packed, 0xD8));
  }
  WT_INLINE Float InterleaveBf16(Float even, Float odd) {
    return _mm256_castsi256_ps(
        _mm256_or_si256(_mm256_srli_epi32(RoundToBf16(even), 16), RoundToBf16(odd)));
  }
  WT_INLINE Float EvenBf16(Float pairs) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(pairs), 16));
  }
  WT_INLINE Float OddBf16(Float pairs) {
    const __m256i upper = _mm256_set1_epi32(static_cast<int>(0xFFFF0000u));
    return _mm256_castsi256_ps(_mm256_and_si256(_mm256_castps_si256(pairs), upper));
  }
  static constexpr bool kHasBf16Products = false;

  using Int = __m256i;
  WT_INLINE Int SetInt(std::int32_t value) { return _mm256_set1_epi32(value); }
  WT_INLINE Int AddInt(Int a, Int b) { return _mm256_add_epi32(a, b); }
  WT_INLINE Int SubInt(Int a, Int b) { return _mm256_sub_epi32(a, b); }
  WT_INLINE Int BitsOf(Float x) { return _mm256_castps_si256(x); }
  WT_INLINE Int ToInt(Float x) { return _mm256_cvtps_epi32(x); }
  WT_INLINE Float ToFloat(Int x) { return _mm256_cvtepi32_ps(x); }
  WT_INLINE std::int32_t ReduceAddInt(Int x) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1)));
  }
  WT_INLINE Float PackBytes(Int a, Int b, Int c, Int d) {
    const __m256i words_ab = _mm256_packs_epi32(a, b);
    const __m256i words_cd = _mm256_packs_epi32(c, d);
    const __m256i bytes = _mm256_packs_epi16(words_ab, words_cd);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    return _mm256_castsi256_ps(_mm256_permutevar8x32_epi32(bytes, order));
  }
  WT_INLINE Float InterleaveBytes(Int a, Int b, Int c, Int d) {
    const __m256i byte = _mm256_set1_epi32(0xFF);
    const __m256i ab =
        _mm256_or_si256(_mm256_and_si256(a, byte), _mm256_slli_epi32(_mm256_and_si256(b, byte), 8));
    const __m256i cd =
        _mm256_or_si256(_mm256_slli_epi32(_mm256_and_si256(c, byte), 16), _mm256_slli_epi32(d, 24));
    return ToUnsignedBytes(_mm256_castsi256_ps(_mm256_or_si256(ab, cd)));
  }
  WT_INLINE Float ToUnsignedBytes(Float bytes) {
    return _mm256_castsi256_ps(
        _mm256_xor_si256(_mm256_castps_si256(bytes), _mm256_set1_epi8(static_cast<char>(0x80))));
  }
  WT_INLINE Float AddToExponent(Float x, Int n) {
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), _mm256_slli_epi32(n, 23)));
  }
#ifdef __AVXVNNI__
  static constexpr bool kHasInt8Products = true;
  WT_INLINE void AccumulateInt8(Float& sum, Float a, Float w) {
    asm("%{vex%} vpdpbusd %1, %2, %0" : "+x"(sum) : "x"(a), "x"(w));
  }
#else
  static constexpr bool kHasInt8Products = false;
#endif
  WT_INLINE Float LowerNibbles(Float bytes) {
    return _mm256_castsi256_ps(
        _mm256_and_si256(_mm256_castps_si256(bytes), _mm256_set1_epi8(0x0F)));
  }
  WT_INLINE Float UpperNibbles(Float bytes) {
    return LowerNibbles(_mm256_castsi256_ps(_mm256_srli_epi16(_mm256_castps_si256(bytes), 4)));
  }
  WT_INLINE Float EvenSigned(Float units) {
    return _mm256_castsi256_ps(
        _mm256_srai_epi16(_mm256_slli_epi16(_mm256_castps_si256(units), 8), 8));
  }
  WT_INLINE Float OddSigned(Float units) {
    return _mm256_castsi256_ps(_mm256_srai_epi16(_mm256_castps_si256(units), 8));
  }
  WT_INLINE Float EvenUnsigned(Float units) {
    return _mm256_castsi256_ps(
        _mm256_and_si256(_mm256_castps_si256(units), _mm256_set1_epi16(0xFF)));
  }
  WT_INLINE Float OddUnsigned(Float units) {
    return _mm256_castsi256_ps(_mm256_srli_epi16(_mm256_castps_si256(units), 8));
  }
  WT_INLINE void AccumulateWords(Float& sum, Float a, Float b) {
    Float products;
    asm("vpmaddwd %3, %2, %1\n\tvpaddd %1, %0, %0" : "+x"(sum), "=&x"(products) : "x"(a), "x"(b));
  }

  // The 4 x 4 blocks within each half.
  WT_INLINE void TransposeWithinHalves(Float& a, Float& b, Float& c, Float& d) {
    const __m256d ab_low = _mm256_castps_pd(_mm256_unpacklo_ps(a, b));
    const __m256d ab_high = _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
    const __m256d cd_low = _mm256_castps_pd(_mm256_unpacklo_ps(c, d));
    const __m256d cd_high = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
    a = _mm256_castpd_ps(_mm256_unpacklo_pd(ab_low, cd_low));
    b = _mm256_castpd_ps(_mm256_unpackhi_pd(ab_low, cd_low));
    c = _mm256_castpd_ps(_mm256_unpacklo_pd(ab_high, cd_high));
    d = _mm256_castpd_ps(_mm256_unpackhi_pd(ab_high, cd_high));
  }
  WT_INLINE void Transpose(Float (&rows)[kLanes]) {
    TransposeWithinHalves(rows[0], rows[1], rows[2], rows[3]);
    TransposeWithinHalves(rows[4], rows[5], rows[6], rows[7]);
    for (int i = 0; i < 4; ++i) {
      const Float upper = rows[i];
      const Float lower = rows[i + 4];
      rows[i] = _mm256_permute2f128_ps(upper, lower, 0x20);
      rows[i + 4] = _mm256_permute2f128_ps(upper, lower, 0x31);
    }
  }
};

}  // namespace
}  // namespace wt::kernels
