// JSON bodies: the parser's limits, the check against schemas, and the writer's own output.
//
// What ParseJson takes must be what a strict reader takes (no duplicate names aside), and any text
// that the writer is given comes back from it as valid JSON.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "service/api/json_writer.h"
#include "service/api/schema.h"

namespace {

const wt::api::Schemas& Known() {
  static const wt::api::Schemas* const kSchemas = [] {
    auto* schemas = new wt::api::Schemas;
    WT_CHECK(schemas
                 ->Add("Body", R"({"type":"object","required":["name"],"properties":{
      "name":{"type":"string","maxLength":20},"count":{"type":"integer","minimum":0,"maximum":9},
      "list":{"type":"array","items":{"type":"number"}},"kind":{"enum":["a","b"]},
      "flag":{"type":["boolean","null"]}},"additionalProperties":false})")
                 .ok());
    return schemas;
  }();
  return *kSchemas;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  wt::api::JsonLimits limits;
  limits.bytes_max = 1 << 16;
  limits.depth_max = 16;
  limits.nodes_max = 1'000;
  const wt::Result<nlohmann::json> parsed = wt::api::ParseJson(text, limits);
  if (parsed.ok()) {
    WT_CHECK(nlohmann::json::accept(text));
    (void)Known().Check("Body", *parsed, "body");
    const auto again = wt::api::ParseJson(parsed->dump(), limits);
    WT_CHECK(again.ok() || again.status().code() == wt::StatusCode::kResourceExhausted);
  }
  wt::api::JsonWriter writer;
  writer.BeginObject();
  writer.Text("text", text);
  writer.TextOrNull("or_null", text);
  writer.EndObject();
  WT_CHECK(nlohmann::json::accept(writer.Take()));
  return 0;
}
