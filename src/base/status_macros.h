// WT_TRY propagates an error, WT_ASSIGN also keeps the value. The only macros for errors.
//
//   WT_TRY(file.Flush());
//   WT_ASSIGN(auto header, ReadHeader(reader));
#pragma once

#include <utility>

#include "whisper_transcriber/status.h"

namespace wt::base {
inline Status ToStatus(Status status) { return status; }
template <typename T>
Status ToStatus(const Result<T>& result) {
  return result.status();
}
}  // namespace wt::base

#define WT_CONCAT_INNER(a, b) a##b
#define WT_CONCAT(a, b) WT_CONCAT_INNER(a, b)

#define WT_TRY(expr)                                                                            \
  do {                                                                                          \
    if (::wt::Status wt_status = ::wt::base::ToStatus(expr); !wt_status.ok()) return wt_status; \
  } while (false)

#define WT_ASSIGN_INNER(declaration, expr, name) \
  auto name = (expr);                            \
  if (!name.ok()) return name.status();          \
  declaration = std::move(name).value()

#define WT_ASSIGN(declaration, expr) \
  WT_ASSIGN_INNER(declaration, expr, WT_CONCAT(wt_result_, __LINE__))
