// Arithmetic on sizes that come from outside: false instead of a wrapped result.
#pragma once

#include <concepts>

namespace wt::base {

template <std::integral T>
[[nodiscard]] constexpr bool CheckedAdd(T a, T b, T* sum) {
  return !__builtin_add_overflow(a, b, sum);
}

template <std::integral T>
[[nodiscard]] constexpr bool CheckedMul(T a, T b, T* product) {
  return !__builtin_mul_overflow(a, b, product);
}

}  // namespace wt::base
