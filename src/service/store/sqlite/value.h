// A value to bind to a parameter of an SQL statement.
//
// Values borrow text and bytes: they live as long as the call that they are passed to, which copies
// them. SQL text never contains values; there is no other way in than this type.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace wt::store {

class Value {
 public:
  Value(std::nullopt_t) {}                                                        // NOLINT
  Value(std::integral auto number) : data_(static_cast<std::int64_t>(number)) {}  // NOLINT
  Value(double number) : data_(number) {}                                         // NOLINT
  Value(const char* text) : data_(std::string_view(text)) {}                      // NOLINT
  Value(std::string_view text) : data_(text) {}                                   // NOLINT
  Value(const std::string& text) : data_(std::string_view(text)) {}               // NOLINT
  Value(std::span<const std::byte> bytes) : data_(bytes) {}                       // NOLINT
  /// NULL when there is none.
  template <typename T>
  Value(const std::optional<T>& maybe) {  // NOLINT
    if (maybe) data_ = Value(*maybe).data_;
  }

  using Data = std::variant<std::monostate, std::int64_t, double, std::string_view,
                            std::span<const std::byte>>;
  const Data& data() const { return data_; }

 private:
  Data data_;
};

/// NULL for an empty text: how optional references are stored.
inline Value NullIfEmpty(std::string_view text) {
  return text.empty() ? Value(std::nullopt) : Value(text);
}

}  // namespace wt::store
