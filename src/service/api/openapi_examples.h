// Example values for the OpenAPI document, made from the schemas that are checked: an example that
// the server would refuse cannot be published. Pure: thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "service/api/schema.h"

namespace wt::api {

enum class ExampleOf : std::uint8_t {
  /// What has to be there; of objects that require nothing, what comes first.
  kRequest,
  /// Every member.
  kResponse,
};

/// A value that `schema` accepts. Names that people know have the values that they expect.
nlohmann::ordered_json MakeExample(const Schemas& schemas, const nlohmann::json& schema,
                                   ExampleOf kind);

}  // namespace wt::api
