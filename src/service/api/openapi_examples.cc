#include "service/api/openapi_examples.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;
using nlohmann::json;

constexpr std::string_view kUuid = "0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b";
constexpr std::string_view kTime = "2026-01-31T09:30:00.000Z";
constexpr std::string_view kReference = "#/components/schemas/";
// Schemas refer to each other in a tree of three levels at most.
constexpr int kDepthMax = 8;
// Of a request that requires nothing: enough to see what it is about.
constexpr std::size_t kMembersShown = 3;

constexpr std::pair<std::string_view, std::string_view> kTexts[] = {
    {"access_token", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."},
    {"api_key", "wt_..."},
    {"batch_name", "Interviews of May"},
    {"build_sha", "9fceb02"},
    {"container", "flac"},
    {"content_type", "text/plain; charset=utf-8"},
    {"current_password", "correct horse battery staple"},
    {"description", "What was said in May"},
    {"detail", "Job not found"},
    {"download_url", "/jobs/0192a1b0-5c3e-7d7a-8f00-1c2d3e4f5a6b/download"},
    {"email", "ada@example.org"},
    {"error_code", "RESOURCE_NOT_FOUND"},
    {"extension", "txt"},
    {"field", "body.temperature"},
    {"file", "talk.mp3"},
    {"filename", "talk.mp3"},
    {"final_filename", "talk.mp3"},
    {"language", "en"},
    {"detected_language", "en"},
    {"default_language", "en"},
    {"message", "Job not found"},
    {"model", "base"},
    {"model_name", "base"},
    {"default_model", "base"},
    {"name", "laptop"},
    {"new_password", "staple battery horse correct"},
    {"note", "Check this name."},
    {"notes", "Recorded on the train."},
    {"original_filename", "talk.mp3"},
    {"param", "model"},
    {"password", "correct horse battery staple"},
    {"prompt", "Names: Ada Lovelace, Charles Babbage."},
    {"query", "analytical engine"},
    {"service", "whisper-transcriber"},
    {"speaker", "S1"},
    {"status", "queued"},
    {"tag", "interview"},
    {"text", "And now the analytical engine."},
    {"title", "About the engine"},
    {"transcript", "And now the analytical engine."},
    {"username", "ada"},
    {"version", "0.1.0"},
};

bool IsIdName(std::string_view name) { return name == "id" || name.ends_with("_id"); }

class Maker {
 public:
  Maker(const Schemas& schemas, ExampleOf kind) : schemas_(schemas), kind_(kind) {}

  Json Make(const json& given, std::string_view name, int depth) const {
    const json& schema = Resolve(given);
    if (schema.contains("examples")) return Json(schema["examples"][0]);
    if (schema.contains("const")) return Json(schema["const"]);
    if (schema.contains("enum")) return Json(schema["enum"][0]);
    const std::string type = TypeOf(schema);
    if (type == "object") return MakeObject(schema, depth);
    if (type == "array") return MakeArray(schema, name, depth);
    if (type == "string") return MakeText(schema, name);
    if (type == "boolean") return false;
    if (type == "number" || type == "integer") return MakeNumber(schema, name);
    return Json::object();
  }

 private:
  const json& Resolve(const json& schema) const {
    const auto reference = schema.find("$ref");
    if (reference == schema.end()) return schema;
    return schemas_.Get(reference->get<std::string>().substr(kReference.size()));
  }

  static std::string TypeOf(const json& schema) {
    const auto type = schema.find("type");
    if (type == schema.end()) return schema.contains("properties") ? "object" : "";
    if (!type->is_array()) return type->get<std::string>();
    // "or null": the example shows the other one.
    for (const json& one : *type) {
      if (one != "null") return one.get<std::string>();
    }
    return "null";
  }

  Json MakeObject(const json& schema, int depth) const {
    Json object = Json::object();
    if (depth >= kDepthMax || !schema.contains("properties")) return object;
    std::vector<std::string> names;
    if (kind_ == ExampleOf::kRequest && schema.contains("required")) {
      names = schema["required"].get<std::vector<std::string>>();
    } else {
      for (const auto& [name, inner] : schema["properties"].items()) names.push_back(name);
      if (kind_ == ExampleOf::kRequest) names.resize(std::min(names.size(), kMembersShown));
    }
    for (const std::string& name : names) {
      const auto inner = schema["properties"].find(name);
      if (inner != schema["properties"].end()) object[name] = Make(*inner, name, depth + 1);
    }
    return object;
  }

  Json MakeArray(const json& schema, std::string_view name, int depth) const {
    Json list = Json::array();
    if (depth >= kDepthMax || !schema.contains("items")) return list;
    // "tags" holds texts such as a "tag" is.
    const std::string_view one = name.ends_with('s') ? name.substr(0, name.size() - 1) : name;
    const std::size_t count = std::max(schema.value("minItems", std::size_t{1}), std::size_t{1});
    for (std::size_t i = 0; i < count; ++i) list.push_back(Make(schema["items"], one, depth + 1));
    return list;
  }

  static Json MakeText(const json& schema, std::string_view name) {
    const std::string format = schema.value("format", "");
    if (format == "uuid" || IsIdName(name)) return kUuid;
    if (format == "date-time" || name == "timestamp" || name.ends_with("_at")) return kTime;
    std::string text = "text";
    for (const auto& [known, value] : kTexts) {
      if (known == name) text = value;
    }
    const auto least = schema.value("minLength", std::size_t{0});
    // Digests are the texts of one length.
    if (text.size() < least) text = std::string(least, '0');
    const auto most = schema.value("maxLength", text.size());
    return text.substr(0, most);
  }

  static Json MakeNumber(const json& schema, std::string_view name) {
    if (name == "code") return 40401;  // Of "Job not found", as the texts beside it say.
    if (schema.contains("minimum")) return Json(schema["minimum"]);
    return schema.contains("maximum") ? Json(schema["maximum"]) : Json(1);
  }

  const Schemas& schemas_;
  const ExampleOf kind_;
};

}  // namespace

Json MakeExample(const Schemas& schemas, const json& schema, ExampleOf kind) {
  return Maker(schemas, kind).Make(schema, "", 0);
}

}  // namespace wt::api
