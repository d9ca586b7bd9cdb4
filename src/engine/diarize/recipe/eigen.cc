#include "engine/diarize/recipe/eigen.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace wt::diarize {
namespace {

constexpr int kBlock = 8;
constexpr int kPowers = 20;
constexpr int kBasisMax = kBlock * kPowers;
// Jacobi converges quadratically: 6 to 10 sweeps; more only where rounding keeps it busy.
constexpr int kSweepsMax = 30;
constexpr double kTiny = 1e-12;

Status Cancelled() { return Status(StatusCode::kCancelled, "cancelled"); }

double Dot(const double* a, const double* b, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

void AddScaled(double* a, double factor, const double* b, int n) {
  for (int i = 0; i < n; ++i) a[i] += factor * b[i];
}

/// Rows p and q of a, turned by (c, s).
void TurnRows(double* a, int n, int p, int q, double c, double s) {
  double* x = a + static_cast<std::ptrdiff_t>(p) * n;
  double* y = a + static_cast<std::ptrdiff_t>(q) * n;
  for (int i = 0; i < n; ++i) {
    const double u = x[i], v = y[i];
    x[i] = c * u - s * v;
    y[i] = s * u + c * v;
  }
}

void TurnColumns(double* a, int n, int p, int q, double c, double s) {
  for (int i = 0; i < n; ++i) {
    double* row = a + static_cast<std::ptrdiff_t>(i) * n;
    const double u = row[p], v = row[q];
    row[p] = c * u - s * v;
    row[q] = s * u + c * v;
  }
}

/// The angle that makes a[p][q] zero (Golub and Van Loan, 8.5.2).
std::pair<double, double> Angle(double app, double aqq, double apq) {
  const double tau = (aqq - app) / (2 * apq);
  const double t = (tau >= 0 ? 1.0 : -1.0) / (std::abs(tau) + std::sqrt(1 + tau * tau));
  const double c = 1 / std::sqrt(1 + t * t);
  return {c, t * c};
}

double OffDiagonal(const std::vector<double>& a, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      if (i != j)
        sum += a[static_cast<std::size_t>(i * n + j)] * a[static_cast<std::size_t>(i * n + j)];
    }
  }
  return sum;
}

/// All pairs of a small matrix, which is overwritten.
Result<EigenPairs> Jacobi(std::vector<double> a, int n, const base::CancelFlag* cancel) {
  std::vector<double> vectors(a.size());
  for (int i = 0; i < n; ++i) vectors[static_cast<std::size_t>(i * n + i)] = 1;
  for (int sweep = 0; sweep < kSweepsMax && OffDiagonal(a, n) > kTiny * kTiny * n; ++sweep) {
    if (base::Cancelled(cancel)) return Cancelled();
    for (int p = 0; p < n; ++p) {
      for (int q = p + 1; q < n; ++q) {
        const double apq = a[static_cast<std::size_t>(p * n + q)];
        if (std::abs(apq) < kTiny * 1e-4) continue;
        const auto [c, s] = Angle(a[static_cast<std::size_t>(p * n + p)],
                                  a[static_cast<std::size_t>(q * n + q)], apq);
        TurnColumns(a.data(), n, p, q, c, s);
        TurnRows(a.data(), n, p, q, c, s);
        TurnRows(vectors.data(), n, p, q, c, s);
      }
    }
  }
  std::vector<int> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](int i) { return a[static_cast<std::size_t>(i * n + i)]; };
  std::sort(order.begin(), order.end(),
            [&](int x, int y) { return std::pair(-value(x), x) < std::pair(-value(y), y); });
  EigenPairs pairs;
  for (const int i : order) {
    pairs.values.push_back(value(i));
    const auto row = vectors.begin() + static_cast<std::ptrdiff_t>(i) * n;
    pairs.vectors.insert(pairs.vectors.end(), row, row + n);
  }
  return pairs;
}

/// Column `index` of the basis made orthogonal to those before it, and of length 1; false when
/// nothing is left of it.
bool Orthogonalise(std::vector<double>* basis, int index, int n) {
  double* column = basis->data() + static_cast<std::ptrdiff_t>(index) * n;
  const double before = std::sqrt(Dot(column, column, n));
  for (int pass = 0; pass < 2; ++pass) {  // "Twice is enough" (Parlett, Kahan).
    for (int j = 0; j < index; ++j) {
      const double* other = basis->data() + static_cast<std::ptrdiff_t>(j) * n;
      AddScaled(column, -Dot(other, column, n), other, n);
    }
  }
  const double length = std::sqrt(Dot(column, column, n));
  if (length <= 1e-10 * before || length == 0) return false;
  for (int i = 0; i < n; ++i) column[i] /= length;
  return true;
}

void Multiply(std::span<const float> matrix, int n, const double* x, double* out) {
  for (int i = 0; i < n; ++i) {
    const float* row = matrix.data() + static_cast<std::ptrdiff_t>(i) * n;
    double sums[4] = {};
    int j = 0;
    for (; j + 4 <= n; j += 4) {
      for (int k = 0; k < 4; ++k) sums[k] += static_cast<double>(row[j + k]) * x[j + k];
    }
    for (; j < n; ++j) sums[0] += static_cast<double>(row[j]) * x[j];
    out[i] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
}

/// Orthonormal columns that span the block Krylov space, and the matrix times each of them.
struct Krylov {
  std::vector<double> basis, image;
  int size = 0;
};

Result<Krylov> BuildKrylov(std::span<const float> matrix, int n, const base::CancelFlag* cancel) {
  Krylov space;
  space.basis.resize(static_cast<std::size_t>(kBasisMax) * static_cast<std::size_t>(n));
  space.image.resize(space.basis.size());
  base::Random random(1);
  const auto column = [n](std::vector<double>& of, int i) {
    return of.data() + static_cast<std::ptrdiff_t>(i) * n;
  };
  for (int i = 0; i < kBasisMax; ++i) {
    if (base::Cancelled(cancel)) return Cancelled();
    double* to = column(space.basis, space.size);
    // The image of the column a block before, or fresh numbers where that one has died out.
    bool fresh = i < kBlock || space.size < kBlock;
    if (!fresh) std::copy_n(column(space.image, space.size - kBlock), n, to);
    for (int attempt = 0; attempt < 3; ++attempt) {
      if (fresh) std::generate_n(to, n, [&] { return random.Uniform() - 0.5; });
      if (Orthogonalise(&space.basis, space.size, n)) {
        Multiply(matrix, n, to, column(space.image, space.size));
        ++space.size;
        break;
      }
      fresh = true;
    }
  }
  return space;
}

EigenPairs Truncate(EigenPairs pairs, int n, int count) {
  const auto kept = static_cast<std::size_t>(std::min(n, count));
  pairs.values.resize(kept);
  pairs.vectors.resize(kept * static_cast<std::size_t>(n));
  return pairs;
}

}  // namespace

Result<EigenPairs> LargestEigenPairs(std::span<const float> matrix, int n, int count,
                                     const base::CancelFlag* cancel) {
  WT_CHECK(matrix.size() == static_cast<std::size_t>(n) * static_cast<std::size_t>(n));
  WT_CHECK(count <= kBasisMax);
  if (n <= kBasisMax) {
    WT_ASSIGN(auto all, Jacobi(std::vector<double>(matrix.begin(), matrix.end()), n, cancel));
    return Truncate(std::move(all), n, count);
  }
  WT_ASSIGN(const Krylov space, BuildKrylov(matrix, n, cancel));
  const int m = space.size;
  std::vector<double> small(static_cast<std::size_t>(m) * static_cast<std::size_t>(m));
  const auto column = [n](const std::vector<double>& of, int i) {
    return of.data() + static_cast<std::ptrdiff_t>(i) * n;
  };
  for (int i = 0; i < m; ++i) {
    if (base::Cancelled(cancel)) return Cancelled();
    for (int j = 0; j <= i; ++j) {
      const double value = Dot(column(space.basis, i), column(space.image, j), n);
      small[static_cast<std::size_t>(i * m + j)] = small[static_cast<std::size_t>(j * m + i)] =
          value;
    }
  }
  WT_ASSIGN(const EigenPairs ritz, Jacobi(std::move(small), m, cancel));
  EigenPairs pairs;
  pairs.values.assign(ritz.values.begin(), ritz.values.begin() + std::min(m, count));
  pairs.vectors.resize(pairs.values.size() * static_cast<std::size_t>(n));
  for (std::size_t pair = 0; pair < pairs.values.size(); ++pair) {
    double* to = pairs.vectors.data() + static_cast<std::ptrdiff_t>(pair) * n;
    for (int i = 0; i < m; ++i) {
      AddScaled(to, ritz.vectors[pair * static_cast<std::size_t>(m) + static_cast<std::size_t>(i)],
                column(space.basis, i), n);
    }
  }
  return pairs;
}

}  // namespace wt::diarize
