// Structure of a CTranslate2 model.bin: variables and aliases by name, not yet interpreted.
//
// Names and data point into the bytes given. An alias names a variable, never another alias, so
// that resolving takes one step. Immutable after Parse(): thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::model {

/// The dtype byte in the file.
enum class Ct2Type : std::uint8_t { kF32, kInt8, kInt16, kInt32, kF16, kBf16 };

struct Ct2Variable {
  Ct2Type type = Ct2Type::kF32;
  int rank = 0;
  std::array<std::int64_t, 3> shape = {1, 1, 1};
  std::span<const std::byte> data;

  std::int64_t elements() const { return shape[0] * shape[1] * shape[2]; }
};

class Ct2File {
 public:
  static Result<Ct2File> Parse(std::span<const std::byte> bytes);

  /// The variable of that name or alias; null when there is none.
  const Ct2Variable* Find(std::string_view name) const;
  /// The name itself, or what it is an alias of.
  std::string_view Resolve(std::string_view name) const;

  const std::map<std::string_view, Ct2Variable>& variables() const { return variables_; }
  const std::map<std::string_view, std::string_view>& aliases() const { return aliases_; }

 private:
  std::map<std::string_view, Ct2Variable> variables_;
  std::map<std::string_view, std::string_view> aliases_;
};

}  // namespace wt::model
