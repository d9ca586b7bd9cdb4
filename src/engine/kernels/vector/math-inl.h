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

// Gelu within 8.4e-5 absolute and without a division, for results that become bytes.
//
// x (1/2 + u P(u^2)) with u = x limited to +-4.2, where u P(u^2) is made exactly +-1/2; least
// maximum error of x times the fit's error, weights 1.
WT_INLINE Float QuickGelu(Float x) {
  const Float u = Simd::Max(Simd::Set(-4.2f), Simd::Min(Simd::Set(4.2f), x));
  const Float s = Simd::Mul(u, u);
  Float p = Simd::MulAdd(s, Simd::Set(-9.017563917801397e-10f), Simd::Set(7.941360991026158e-08f));
  p = Simd::MulAdd(p, s, Simd::Set(-3.037937403860269e-06f));
  p = Simd::MulAdd(p, s, Simd::Set(6.689077417831868e-05f));
  p = Simd::MulAdd(p, s, Simd::Set(-0.000950658111833036f));
  p = Simd::MulAdd(p, s, Simd::Set(0.009298231452703476f));
  p = Simd::MulAdd(p, s, Simd::Set(-0.06552820652723312f));
  p = Simd::MulAdd(p, s, Simd::Set(0.3984658718109131f));
  return Simd::Mul(x, Simd::MulAdd(p, u, Simd::Set(0.5f)));
}

// e^x for x <= 0 within 4e-6 relative, for results that become bf16: from -87 down it stays at
// e^-87.
WT_INLINE Float QuickExp(Float x) {
  // Adding 1.5 * 2^23 rounds to a whole number, whose bits are the low ones of the sum.
  const Float shifter = Simd::Set(0x1.8p23f);
  const Float t = Simd::Mul(Simd::Max(x, Simd::Set(-87.0f)), Simd::Set(0x1.715476p+0f));
  const Float shifted = Simd::Add(t, shifter);
  const Float f = Simd::Sub(t, Simd::Sub(shifted, shifter));
  Float p = Simd::MulAdd(f, Simd::Set(0.00957005120535466f), Simd::Set(0.055917862466233884f));
  p = Simd::MulAdd(p, f, Simd::Set(0.24024745842667142f));
  p = Simd::MulAdd(p, f, Simd::Set(0.6931218150276033f));
  p = Simd::MulAdd(p, f, Simd::Set(0.9999992612424625f));
  return Simd::AddToExponent(p, Simd::BitsOf(shifted));
}

}  // namespace
}  // namespace wt::kernels
