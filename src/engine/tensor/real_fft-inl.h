// Power spectrum of a short real signal, for as many signals at once as a vector has lanes.
//
// A real transform of N points is a complex one of N / 2 (even samples real, odd ones imaginary)
// and a pass that separates the two (Numerical Recipes 3rd ed., 12.3.2). The complex one is a
// Stockham autosort of radices 8, 5 and 4 (Van Loan, Computational Frameworks for the FFT, 1.7).
// Lane l of every vector belongs to signal l alone, so a signal's spectrum does not depend on its
// neighbours; there are no fused multiply-adds unless the compiler is told to make them, so every
// instruction set gives the same bits. Compiled once per instruction set: V is a GCC vector type.
#pragma once

#include <cmath>
#include <numbers>

#define WT_FFT_INLINE inline __attribute__((always_inline))

namespace wt::tensor {

/// Twiddle factors of a transform of kPoints real points, computed in double. Immutable.
template <int kPoints>
struct RealFftTables {
  static constexpr int kHalf = kPoints / 2;
  // exp(-2 pi i j / kHalf) and exp(-2 pi i j / kPoints).
  float half_re[kHalf];
  float half_im[kHalf];
  float full_re[kHalf];
  float full_im[kHalf];

  RealFftTables() {
    for (int j = 0; j < kHalf; ++j) {
      const double angle = -2.0 * std::numbers::pi * j / kHalf;
      half_re[j] = static_cast<float>(std::cos(angle));
      half_im[j] = static_cast<float>(std::sin(angle));
      full_re[j] = static_cast<float>(std::cos(angle / 2));
      full_im[j] = static_cast<float>(std::sin(angle / 2));
    }
  }
};

namespace fft_internal {

template <typename V>
struct Complex {
  V re;
  V im;
};

template <typename V>
WT_FFT_INLINE void Butterfly(Complex<V>& a, Complex<V>& b) {
  const V re = a.re - b.re, im = a.im - b.im;
  a.re = a.re + b.re;
  a.im = a.im + b.im;
  b.re = re;
  b.im = im;
}

/// x times -i.
template <typename V>
WT_FFT_INLINE void TurnBack(Complex<V>& x) {
  const V re = x.re;
  x.re = x.im;
  x.im = -re;
}

/// In place; the results stand in natural order.
template <typename V>
WT_FFT_INLINE void Dft4(Complex<V>& x0, Complex<V>& x1, Complex<V>& x2, Complex<V>& x3) {
  Butterfly(x0, x2);
  Butterfly(x1, x3);
  TurnBack(x3);
  Butterfly(x0, x1);
  Butterfly(x2, x3);
  const Complex<V> second = x2;  // x0 x2 x1 x3 is the order of the sums above.
  x2 = x1;
  x1 = second;
}

template <typename V>
WT_FFT_INLINE void Dft8(Complex<V>* x) {
  constexpr float kRoot = 0.70710678118654752f;  // cos(pi / 4)
  Butterfly(x[0], x[4]);
  Butterfly(x[1], x[5]);
  Butterfly(x[2], x[6]);
  Butterfly(x[3], x[7]);
  const Complex<V> a = x[5], b = x[7];
  x[5] = {(a.re + a.im) * kRoot, (a.im - a.re) * kRoot};
  x[7] = {(b.im - b.re) * kRoot, -((b.re + b.im) * kRoot)};
  TurnBack(x[6]);
  Dft4(x[0], x[1], x[2], x[3]);
  Dft4(x[4], x[5], x[6], x[7]);
  const Complex<V> e1 = x[1], e2 = x[2], e3 = x[3];
  x[1] = x[4];
  x[2] = e1;
  x[3] = x[5];
  x[4] = e2;
  x[5] = x[6];
  x[6] = e3;
}

template <typename V>
WT_FFT_INLINE void Dft5(Complex<V>* x) {
  constexpr float kCos1 = 0.30901699437494742f, kSin1 = 0.95105651629515357f;   // 2 pi / 5
  constexpr float kCos2 = -0.80901699437494742f, kSin2 = 0.58778525229247313f;  // 4 pi / 5
  Butterfly(x[1], x[4]);
  Butterfly(x[2], x[3]);
  const Complex<V> a = {x[0].re + x[1].re * kCos1 + x[2].re * kCos2,
                        x[0].im + x[1].im * kCos1 + x[2].im * kCos2};
  const Complex<V> b = {x[0].re + x[1].re * kCos2 + x[2].re * kCos1,
                        x[0].im + x[1].im * kCos2 + x[2].im * kCos1};
  // -i (s1 (x1 - x4) + s2 (x2 - x3)) and its companion.
  const Complex<V> c = {x[4].im * kSin1 + x[3].im * kSin2, -(x[4].re * kSin1 + x[3].re * kSin2)};
  const Complex<V> d = {x[4].im * kSin2 - x[3].im * kSin1, x[3].re * kSin1 - x[4].re * kSin2};
  x[0] = {x[0].re + x[1].re + x[2].re, x[0].im + x[1].im + x[2].im};
  x[1] = {a.re + c.re, a.im + c.im};
  x[4] = {a.re - c.re, a.im - c.im};
  x[2] = {b.re + d.re, b.im + d.im};
  x[3] = {b.re - d.re, b.im - d.im};
}

template <int kRadix, typename V>
WT_FFT_INLINE void Dft(Complex<V>* x) {
  static_assert(kRadix == 4 || kRadix == 5 || kRadix == 8);
  if constexpr (kRadix == 4) Dft4(x[0], x[1], x[2], x[3]);
  if constexpr (kRadix == 5) Dft5(x);
  if constexpr (kRadix == 8) Dft8(x);
}

/// One pass over kHalf complex values: kStride interleaved transforms of kLength points are each
/// split into kLength / kRadix ones. Reads `from`, writes `to`: real parts, then imaginary parts.
template <int kHalf, int kLength, int kRadix, typename V>
WT_FFT_INLINE void Pass(const float* twiddle_re, const float* twiddle_im, const V* from, V* to) {
  constexpr int kStride = kHalf / kLength;
  constexpr int kGroups = kLength / kRadix;
  for (int p = 0; p < kGroups; ++p) {
    for (int q = 0; q < kStride; ++q) {
      Complex<V> x[kRadix];
      for (int k = 0; k < kRadix; ++k) {
        const int at = q + kStride * (p + kGroups * k);
        x[k] = {from[at], from[at + kHalf]};
      }
      Dft<kRadix>(x);
      for (int k = 0; k < kRadix; ++k) {
        const int at = q + kStride * (kRadix * p + k);
        if (kGroups == 1 || k == 0) {
          to[at] = x[k].re;
          to[at + kHalf] = x[k].im;
        } else {
          const float re = twiddle_re[p * k * kStride], im = twiddle_im[p * k * kStride];
          to[at] = x[k].re * re - x[k].im * im;
          to[at + kHalf] = x[k].re * im + x[k].im * re;
        }
      }
    }
  }
}

/// |X[k]|^2 and |X[kHalf - k]|^2 from Z[k] and Z[kHalf - k] of the complex transform.
template <typename V>
WT_FFT_INLINE void Separate(const Complex<V>& a, const Complex<V>& b, float re, float im, V* low,
                            V* high) {
  const Complex<V> even = {a.re + b.re, a.im - b.im};
  const Complex<V> odd = {a.im + b.im, b.re - a.re};
  const Complex<V> turned = {odd.re * re - odd.im * im, odd.re * im + odd.im * re};
  const Complex<V> x = {even.re + turned.re, even.im + turned.im};
  const Complex<V> y = {even.re - turned.re, even.im - turned.im};
  *low = x.re * x.re + x.im * x.im;
  *high = y.re * y.re + y.im * y.im;
}

}  // namespace fft_internal

/// Powers of bins 0 .. kPoints / 2 of `data`: kPoints vectors, even samples first, then odd ones.
/// The samples must have been halved: the separation adds two spectra without dividing by 2.
/// `scratch` holds kPoints vectors. Both are overwritten. kPoints is 256, 400 or 512.
template <int kPoints, typename V>
WT_FFT_INLINE void PowerSpectrum(const RealFftTables<kPoints>& tables, V* data, V* scratch,
                                 V* power) {
  using namespace fft_internal;
  static_assert(kPoints == 256 || kPoints == 400 || kPoints == 512);
  constexpr int kHalf = kPoints / 2;
  const float *re = tables.half_re, *im = tables.half_im;
  if constexpr (kPoints == 256) {
    Pass<128, 128, 8>(re, im, data, scratch);
    Pass<128, 16, 4>(re, im, scratch, data);
    Pass<128, 4, 4>(re, im, data, scratch);
  } else if constexpr (kPoints == 512) {
    Pass<256, 256, 8>(re, im, data, scratch);
    Pass<256, 32, 8>(re, im, scratch, data);
    Pass<256, 4, 4>(re, im, data, scratch);
  } else {
    Pass<200, 200, 8>(re, im, data, scratch);
    Pass<200, 25, 5>(re, im, scratch, data);
    Pass<200, 5, 5>(re, im, data, scratch);
  }
  for (int k = 0; k <= kHalf / 2; ++k) {
    const int mirror = k == 0 ? 0 : kHalf - k;
    const Complex<V> a = {scratch[k], scratch[k + kHalf]};
    const Complex<V> b = {scratch[mirror], scratch[mirror + kHalf]};
    Separate(a, b, tables.full_re[k], tables.full_im[k], &power[k], &power[kHalf - k]);
  }
}

}  // namespace wt::tensor
