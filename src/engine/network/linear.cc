#include "engine/network/linear.h"

#include <utility>

#include "base/check.h"

namespace wt::network {

Linear::Linear(const kernels::KernelSet& kernels, int n, int k, std::span<const float> weight,
               std::vector<float> bias)
    : matrix_{.n = n, .k = k, .panel = kernels.panel}, bias_(std::move(bias)) {
  WT_CHECK(weight.size() == static_cast<std::size_t>(n) * static_cast<std::size_t>(k));
  WT_CHECK(bias_.empty() || bias_.size() == static_cast<std::size_t>(n));
  storage_ = tensor::Buffer<std::byte>(matrix_.bytes());
  matrix_.data = storage_.data();
  kernels.pack(weight.data(), k, 0, n, matrix_, storage_.data());
}

void Linear::Apply(const kernels::KernelSet& kernels, const float* a, std::ptrdiff_t lda, int rows,
                   float* c, std::ptrdiff_t ldc, kernels::Epilogue epilogue) const {
  kernels.gemm({.a = a,
                .lda = lda,
                .w = &matrix_,
                .bias = bias_.empty() ? nullptr : bias_.data(),
                .c = c,
                .ldc = ldc,
                .epilogue = epilogue},
               {0, rows}, {0, matrix_.panels()}, nullptr);
}

}  // namespace wt::network
