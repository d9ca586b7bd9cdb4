// The largest eigenvalues of a symmetric matrix and their vectors, for spectral clustering.
//
// Small matrices are diagonalised by Jacobi's rotations (Golub and Van Loan, Matrix Computations
// 4th ed., 8.5). Larger ones are first projected onto a block Krylov space (8 columns, 20 powers,
// fully orthogonalised): eigenvalues that occur up to 8 times over are found with all their
// vectors. Deterministic. Pure functions: thread-safe.
#pragma once

#include <span>
#include <vector>

#include "base/cancel.h"
#include "whisper_transcriber/status.h"

namespace wt::diarize {

struct EigenPairs {
  /// Descending.
  std::vector<double> values;
  /// vectors[pair * n + row], of length 1.
  std::vector<double> vectors;
};

/// The `count` largest pairs (fewer when n is smaller) of a symmetric matrix, n rows of n.
/// kCancelled; memory: 160 columns of n doubles beside the matrix.
Result<EigenPairs> LargestEigenPairs(std::span<const float> matrix, int n, int count,
                                     const base::CancelFlag* cancel);

}  // namespace wt::diarize
