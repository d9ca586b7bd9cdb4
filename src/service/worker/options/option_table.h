// The table behind request_options: a row per option, with access to its field. Private to this
// folder. Immutable: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/worker/options/request_options.h"

namespace wt::worker {

/// The field of an option. Optional ones may be null in JSON.
using FieldRef =
    std::variant<bool*, int*, std::uint64_t*, double*, std::string*, std::optional<double>*,
                 std::optional<bool>*, std::vector<double>*, std::vector<TokenId>*,
                 std::vector<std::string>*, std::vector<TimeRange>*>;

/// How text means something else than itself.
enum class Meaning : std::uint8_t {
  kPlain,
  kLanguage,
  kLanguages,
  /// A number is the first of a ladder in steps of 0.2 up to 1.
  kTemperature,
};

struct OptionRow {
  std::string_view name;
  /// Another spelling; empty: none.
  std::string_view alias;
  FieldRef (*field)(RequestOptions*);
  double minimum = 0;
  double maximum = 0;
  Meaning meaning = Meaning::kPlain;
  std::string_view help;
};

std::span<const OptionRow> OptionTable();

/// An option whose field is an enumeration is text on the surface.
struct ChoiceRow {
  std::string_view name;
  std::span<const std::string_view> choices;
  int (*get)(const RequestOptions&);
  void (*set)(int choice, RequestOptions*);
  std::string_view help;
};

std::span<const ChoiceRow> ChoiceTable();

}  // namespace wt::worker
