// The last steps of adding up the lanes of four vectors at once. Included by the vocabularies.
#pragma once

#include <immintrin.h>

namespace wt::kernels {
namespace {

// out[i] = (x[i][0] + x[i][2]) + (x[i][1] + x[i][3]), the order in which one vector is added up.
__attribute__((always_inline)) inline void StorePairSums(const __m128 (&x)[4], float* out) {
  const __m128 ab = _mm_add_ps(_mm_movelh_ps(x[0], x[1]), _mm_movehl_ps(x[1], x[0]));
  const __m128 cd = _mm_add_ps(_mm_movelh_ps(x[2], x[3]), _mm_movehl_ps(x[3], x[2]));
  const __m128 even = _mm_shuffle_ps(ab, cd, 0x88);
  const __m128 odd = _mm_shuffle_ps(ab, cd, 0xDD);
  _mm_storeu_ps(out, _mm_add_ps(even, odd));
}

}  // namespace
}  // namespace wt::kernels
