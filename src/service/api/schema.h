// JSON from clients: parsed with limits, and checked against the schemas that the API publishes.
//
// The validator knows the part of JSON Schema 2020-12 that the published document uses: type (one
// or several), properties, required, additionalProperties (false), items, enum, const, minimum,
// maximum, minLength, maxLength (code points), minItems, maxItems, format (uuid, date-time) and
// $ref into #/components/schemas. A schema with another keyword is refused when it is added, so
// that nothing is published that is not checked. Const use is thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "service/api/error.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

struct JsonLimits {
  std::size_t bytes_max = 1 << 20;
  int depth_max = 32;
  /// Members and elements in all.
  std::size_t nodes_max = 100'000;
};

/// UTF-8 and JSON are strict: no duplicate names, no lone surrogates, no numbers beyond a double.
/// kInvalidArgument says where; kResourceExhausted beyond the limits.
Result<nlohmann::json> ParseJson(std::string_view text, const JsonLimits& limits);

class Schemas {
 public:
  Schemas();
  ~Schemas();
  Schemas(const Schemas&) = delete;
  Schemas& operator=(const Schemas&) = delete;

  /// Adds #/components/schemas/<name>. kInvalidArgument for a keyword that Check does not know.
  Status Add(const std::string& name, std::string_view schema_json);
  /// Every $ref leads somewhere.
  Status CheckReferences() const;
  bool Has(const std::string& name) const;
  /// What is wrong with `value`; at most 20 entries. `path` prefixes fields ("body").
  std::vector<FieldError> Check(const std::string& name, const nlohmann::json& value,
                                std::string_view path) const;
  /// The same with a schema that has no name.
  std::vector<FieldError> CheckValue(const nlohmann::json& schema, const nlohmann::json& value,
                                     std::string_view path) const;
  /// REQUIRES: Has(name).
  const nlohmann::json& Get(const std::string& name) const;
  std::vector<std::string> names() const;

 private:
  std::map<std::string, nlohmann::json> schemas_;
};

}  // namespace wt::api
