#include "service/api/schema.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "base/utf8.h"

namespace wt::api {
namespace {

using nlohmann::json;

constexpr std::size_t kFieldErrorsMax = 20;
constexpr std::string_view kReferencePrefix = "#/components/schemas/";

/// Builds the value and stops at the limits; nlohmann's own parser has none.
class LimitedBuilder : public nlohmann::json_sax<json> {
 public:
  LimitedBuilder(json* root, const JsonLimits& limits) : limits_(limits), root_(root) {}

  bool null() override { return Put(nullptr); }
  bool boolean(bool value) override { return Put(value); }
  bool number_integer(number_integer_t value) override { return Put(value); }
  bool number_unsigned(number_unsigned_t value) override { return Put(value); }
  bool number_float(number_float_t value, const string_t&) override {
    if (!std::isfinite(value)) return Stop("a number is out of range");
    return Put(value);
  }
  bool string(string_t& value) override { return Put(std::move(value)); }
  bool binary(binary_t&) override { return Stop("binary values are not JSON"); }
  bool start_object(std::size_t) override { return Open(json::object()); }
  bool start_array(std::size_t) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (stack_.back()->contains(name)) return Stop("a name occurs twice: " + name);
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // The library's own limit on numbers arrives here as out_of_range (406).
    const bool range = error.id == 406;
    return Stop(range ? "a number is out of range"
                      : fmt::format("it is not well-formed near byte {}", position));
  }

  const std::string& reason() const { return reason_; }
  bool too_large() const { return too_large_; }

 private:
  bool Stop(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  bool Put(json value) {
    if (++nodes_ > limits_.nodes_max) {
      too_large_ = true;
      return Stop(fmt::format("it has more than {} values", limits_.nodes_max));
    }
    last_ = nullptr;
    if (stack_.empty()) {
      *root_ = std::move(value);
      last_ = root_;
    } else if (stack_.back()->is_array()) {
      stack_.back()->push_back(std::move(value));
      last_ = &stack_.back()->back();
    } else {
      last_ = &((*stack_.back())[key_] = std::move(value));
    }
    return true;
  }
  bool Open(json value) {
    if (static_cast<int>(stack_.size()) >= limits_.depth_max) {
      too_large_ = true;
      return Stop(fmt::format("it is nested deeper than {}", limits_.depth_max));
    }
    if (!Put(std::move(value))) return false;
    stack_.push_back(last_);
    return true;
  }
  bool Close() {
    stack_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  json* root_;
  json* last_ = nullptr;
  std::vector<json*> stack_;
  std::string key_;
  std::size_t nodes_ = 0;
  std::string reason_;
  bool too_large_ = false;
};

const std::set<std::string>& KnownKeywords() {
  static const std::set<std::string> known = {
      "type",     "properties", "required",  "additionalProperties",
      "items",    "enum",       "const",     "minimum",
      "maximum",  "minLength",  "maxLength", "minItems",
      "maxItems", "format",     "$ref",      "description",
      "default",  "examples",   "deprecated"};
  return known;
}

Status CheckKeywords(const json& schema, const std::string& where) {
  if (!schema.is_object()) {
    return Status(StatusCode::kInvalidArgument, where + ": a schema is an object");
  }
  for (const auto& [keyword, value] : schema.items()) {
    if (KnownKeywords().count(keyword) == 0) {
      return Status(StatusCode::kInvalidArgument, where + ": unknown keyword " + keyword);
    }
    if (keyword == "properties") {
      for (const auto& [name, inner] : value.items()) {
        if (Status s = CheckKeywords(inner, where + "." + name); !s.ok()) return s;
      }
    }
    if (keyword == "items") {
      if (Status s = CheckKeywords(value, where + "[]"); !s.ok()) return s;
    }
  }
  return {};
}

void CollectReferences(const json& schema, std::set<std::string>* names) {
  if (schema.is_array()) {
    for (const json& inner : schema) CollectReferences(inner, names);
  }
  if (!schema.is_object()) return;
  for (const auto& [key, value] : schema.items()) {
    if (key == "$ref" && value.is_string()) {
      names->insert(value.get<std::string>().substr(kReferencePrefix.size()));
    } else {
      CollectReferences(value, names);
    }
  }
}

bool HasType(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  // 2020-12: a number without a fraction is an integer, however it was written.
  if (type == "integer") {
    return value.is_number_integer() ||
           (value.is_number_float() && std::nearbyint(value.get<double>()) == value.get<double>());
  }
  return false;
}

std::size_t CodePoints(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return count;
}

class Checker {
 public:
  Checker(const Schemas& schemas, std::vector<FieldError>* errors)
      : schemas_(schemas), errors_(errors) {}

  void Check(const json& schema, const json& value, const std::string& path) {
    if (errors_->size() >= kFieldErrorsMax) return;
    if (const auto reference = schema.find("$ref"); reference != schema.end()) {
      const std::string name = reference->get<std::string>().substr(kReferencePrefix.size());
      Check(schemas_.Get(name), value, path);
      return;
    }
    if (!CheckType(schema, value, path)) return;
    CheckChoices(schema, value, path);
    if (value.is_string()) CheckString(schema, value.get_ref<const std::string&>(), path);
    if (value.is_number()) CheckNumber(schema, value.get<double>(), path);
    if (value.is_array()) CheckArray(schema, value, path);
    if (value.is_object()) CheckObject(schema, value, path);
  }

 private:
  void Fail(const std::string& path, std::string message) {
    if (errors_->size() < kFieldErrorsMax) errors_->push_back({path, std::move(message)});
  }

  bool CheckType(const json& schema, const json& value, const std::string& path) {
    const auto type = schema.find("type");
    if (type == schema.end()) return true;
    if (type->is_string()) {
      if (HasType(value, *type)) return true;
      Fail(path, "must be of type " + type->get<std::string>());
      return false;
    }
    std::string names;
    for (const json& each : *type) {
      if (HasType(value, each)) return true;
      names += (names.empty() ? "" : " or ") + each.get<std::string>();
    }
    Fail(path, "must be of type " + names);
    return false;
  }

  void CheckChoices(const json& schema, const json& value, const std::string& path) {
    if (const auto constant = schema.find("const");
        constant != schema.end() && *constant != value) {
      Fail(path, "must be " + base::JsonToText(*constant));
    }
    const auto choices = schema.find("enum");
    if (choices == schema.end()) return;
    for (const json& choice : *choices) {
      if (choice == value) return;
    }
    Fail(path, "must be one of " + base::JsonToText(*choices));
  }

  void CheckString(const json& schema, const std::string& text, const std::string& path) {
    const std::size_t length = CodePoints(text);
    if (length < schema.value("minLength", std::size_t{0})) {
      Fail(path,
           fmt::format("must have at least {} characters", base::JsonToText(schema["minLength"])));
    }
    if (schema.contains("maxLength") && length > schema["maxLength"].get<std::size_t>()) {
      Fail(path,
           fmt::format("must have at most {} characters", base::JsonToText(schema["maxLength"])));
    }
    const std::string format = schema.value("format", "");
    if (format == "uuid" && !base::CanonicalUuid(text)) Fail(path, "must be a UUID");
    if (format == "date-time" && !base::ParseTime(text)) {
      Fail(path, "must be a time such as 2026-01-31T09:30:00Z");
    }
  }

  void CheckNumber(const json& schema, double number, const std::string& path) {
    if (schema.contains("minimum") && number < schema["minimum"].get<double>()) {
      Fail(path, "must be at least " + base::JsonToText(schema["minimum"]));
    }
    if (schema.contains("maximum") && number > schema["maximum"].get<double>()) {
      Fail(path, "must be at most " + base::JsonToText(schema["maximum"]));
    }
  }

  void CheckArray(const json& schema, const json& value, const std::string& path) {
    if (value.size() < schema.value("minItems", std::size_t{0})) {
      Fail(path, "must have at least " + base::JsonToText(schema["minItems"]) + " entries");
    }
    if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<std::size_t>()) {
      Fail(path, "must have at most " + base::JsonToText(schema["maxItems"]) + " entries");
      return;
    }
    const auto items = schema.find("items");
    if (items == schema.end()) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
      Check(*items, value[i], fmt::format("{}[{}]", path, i));
    }
  }

  void CheckObject(const json& schema, const json& value, const std::string& path) {
    if (const auto required = schema.find("required"); required != schema.end()) {
      for (const json& name : *required) {
        if (!value.contains(name)) Fail(path + "." + name.get<std::string>(), "is missing");
      }
    }
    const json empty = json::object();
    const auto found = schema.find("properties");
    const json& properties = found == schema.end() ? empty : *found;
    const bool closed = schema.value("additionalProperties", true) == false;
    for (const auto& [name, inner] : value.items()) {
      if (const auto property = properties.find(name); property != properties.end()) {
        Check(*property, inner, path + "." + name);
      } else if (closed) {
        Fail(path + "." + name, "is not a known field");
      }
    }
  }

  const Schemas& schemas_;
  std::vector<FieldError>* errors_;
};

}  // namespace

Result<json> ParseJson(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return Status(StatusCode::kResourceExhausted,
                  fmt::format("The JSON body has {} bytes; at most {} are accepted.", text.size(),
                              limits.bytes_max));
  }
  if (!base::IsValidUtf8(text)) {
    return Status(StatusCode::kInvalidArgument, "The JSON body is not valid UTF-8.");
  }
  json root;
  LimitedBuilder builder(&root, limits);
  if (!json::sax_parse(text.begin(), text.end(), &builder)) {
    return Status(
        builder.too_large() ? StatusCode::kResourceExhausted : StatusCode::kInvalidArgument,
        "The JSON body cannot be read: " + builder.reason() + ".");
  }
  return root;
}

Schemas::Schemas() = default;
Schemas::~Schemas() = default;

Status Schemas::Add(const std::string& name, std::string_view schema_json) {
  json schema = base::JsonFromText(schema_json);
  if (schema.is_discarded()) {
    return Status(StatusCode::kInvalidArgument, name + ": the schema is not JSON");
  }
  if (Status status = CheckKeywords(schema, name); !status.ok()) return status;
  if (!schemas_.emplace(name, std::move(schema)).second) {
    return Status(StatusCode::kAlreadyExists, name + ": this schema exists");
  }
  return {};
}

Status Schemas::CheckReferences() const {
  std::set<std::string> names;
  for (const auto& [name, schema] : schemas_) CollectReferences(schema, &names);
  for (const std::string& name : names) {
    if (!Has(name)) return Status(StatusCode::kInvalidArgument, "no schema is named " + name);
  }
  return {};
}

bool Schemas::Has(const std::string& name) const { return schemas_.count(name) > 0; }

std::vector<FieldError> Schemas::Check(const std::string& name, const json& value,
                                       std::string_view path) const {
  return CheckValue(Get(name), value, path);
}

std::vector<FieldError> Schemas::CheckValue(const json& schema, const json& value,
                                            std::string_view path) const {
  std::vector<FieldError> errors;
  Checker(*this, &errors).Check(schema, value, std::string(path));
  return errors;
}

const json& Schemas::Get(const std::string& name) const { return schemas_.at(name); }

std::vector<std::string> Schemas::names() const {
  std::vector<std::string> all;
  for (const auto& [name, schema] : schemas_) all.push_back(name);
  return all;
}

}  // namespace wt::api
