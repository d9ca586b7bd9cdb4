// exp and exact GELU of a vector. Constants are minimax fits made for this file (Lawson iteration
// in double, then rounded to float32); errors were measured over two million points.
#pragma once

namespace wt::kernels {
namespace {

using Float = Simd::Float;

// e^x within 1.3 units of 2^-24 relative; 0 from -104 down, infinity from 88.73 up, NaN kept.
//
// x = n ln2 + r with |r| <= ln2 / 2, ln2 in two parts so that r is exact, then
// e^r = 1 + r (1 + r p(r)) with a fit error of 3e-9.
WT_INLINE Float Exp(Float x) {
  // Beyond these the result is 0 (e^-104 is under half the least denormal) and infinity.
  x = Simd::Max(Simd::Set(-104.0f), Simd::Min(Simd::Set(89.0f), x));
  const Float n = Simd::Round(Simd::Mul(x, Simd::Set(0x1.715476p+0f)));
  Float r = Simd::MulAdd(n, Simd::Set(-0x1.62e430p-1f), x);
  r = Simd::MulAdd(n, Simd::Set(0x1.05c610p-29f), r);
  Float p = Simd::MulAdd(r, Simd::Set(0x1.6db4e2p-10f), Simd::Set(0x1.123be0p-7f));
  p = Simd::MulAdd(p, r, Simd::Set(0x1.55545ep-5f));
  p = Simd::MulAdd(p, r, Simd::Set(0x1.55548ep-3f));
  p = Simd::MulAdd(p, r, Simd::Set(0.5f));
  p = Simd::MulAdd(p, r, Simd::Set(1.0f));
  p = Simd::MulAdd(p, r, Simd::Set(1.0f));
  return Simd::ScaleByPowerOfTwo(p, n);
}

// x / 2 * (1 + erf(x / sqrt(2))), absolute error <= 1.9e-7 |x|.
//
// erf(x / sqrt(2)) = x P(x^2) / Q(x^2) for |x| < 5.6, fit error 2.4e-8; beyond, 1 - |erf| < 2.2e-8
// is under half a unit of 1 in the last place, and exactly 1 makes the negative tail exactly 0.
WT_INLINE Float Gelu(Float x) {
  const Float u = Simd::Mul(x, x);
  Float p = Simd::MulAdd(u, Simd::Set(4.316060258e-08f), Simd::Set(1.274834422e-05f));
  Float q = Simd::MulAdd(u, Simd::Set(1.164961579e-06f), Simd::Set(7.676756583e-05f));
  p = Simd::MulAdd(p, u, Simd::Set(3.587860994e-04f));
  q = Simd::MulAdd(q, u, Simd::Set(1.944548082e-03f));
  p = Simd::MulAdd(p, u, Simd::Set(9.481645910e-03f));
  q = Simd::MulAdd(q, u, Simd::Set(2.926063509e-02f));
  p = Simd::MulAdd(p, u, Simd::Set(6.988213519e-02f));
  q = Simd::MulAdd(q, u, Simd::Set(2.542497371e-01f));
  p = Simd::MulAdd(p, u, Simd::Set(7.978844118e-01f));
  q = Simd::MulAdd(q, u, Simd::Set(1.0f));
  const Float inner = Simd::Div(Simd::Mul(x, p), q);
  const Float one = Simd::CopySign(Simd::Set(1.0f), x);
  const Float erf = Simd::Select(Simd::Less(Simd::Abs(x), Simd::Set(5.6f)), inner, one);
  const Float half = Simd::Mul(x, Simd::Set(0.5f));
  return Simd::MulAdd(half, erf, half);
}

}  // namespace
}  // namespace wt::kernels
