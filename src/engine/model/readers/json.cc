#include "engine/model/readers/json.h"

#include <set>
#include <string>
#include <vector>

#include "base/status_macros.h"
#include "engine/model/printable.h"

namespace wt::model {
namespace {

using nlohmann::json;

/// One pass over the bytes, without a tree: brackets outside strings, and marks.
Status CheckSize(std::string_view text, const JsonLimits& limits) {
  int depth = 0;
  std::int64_t marks = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    switch (c) {
      case '"': in_string = true; break;
      case '{':
      case '[':
        ++marks;
        if (++depth > limits.depth_max) {
          return Corrupt("JSON is nested deeper than " + std::to_string(limits.depth_max));
        }
        break;
      case '}':
      case ']': --depth; break;
      case ',':
      case ':': ++marks; break;
      default: break;
    }
    if (marks > limits.marks_max) {
      return Corrupt("JSON has more than " + std::to_string(limits.marks_max) + " values");
    }
  }
  return Status();
}

/// Remembers the keys of every open object and the first key found twice in one of them.
class KeyWatch {
 public:
  bool operator()(int /*depth*/, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) open_.emplace_back();
    if (event == json::parse_event_t::object_end && !open_.empty()) open_.pop_back();
    if (event == json::parse_event_t::key && !open_.empty()) {
      const auto& key = value.get_ref<const std::string&>();
      if (!open_.back().insert(key).second && twice_.empty()) twice_ = "\"" + key + "\"";
    }
    return true;
  }
  const std::string& twice() const { return twice_; }

 private:
  std::vector<std::set<std::string>> open_;
  std::string twice_;
};

/// Events of a flat object of integers; every other event stops the parser.
class FlatObject : public json::json_sax_t {
 public:
  using Use = std::function<Status(std::string&&, std::uint64_t)>;
  explicit FlatObject(const Use& use) : use_(use) {}
  const Status& status() const { return status_; }

  bool start_object(std::size_t) override { return ++objects_ == 1; }
  bool end_object() override { return true; }
  bool key(std::string& name) override {
    key_ = std::move(name);
    return true;
  }
  bool number_unsigned(std::uint64_t number) override {
    if (objects_ != 1) return false;
    status_ = use_(std::move(key_), number);
    return status_.ok();
  }
  bool null() override { return false; }
  bool boolean(bool) override { return false; }
  bool number_integer(std::int64_t) override { return false; }
  bool number_float(double, const std::string&) override { return false; }
  bool string(std::string&) override { return false; }
  bool binary(json::binary_t&) override { return false; }
  bool start_array(std::size_t) override { return false; }
  bool end_array() override { return false; }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

 private:
  const Use& use_;
  std::string key_;
  Status status_;
  int objects_ = 0;
};

}  // namespace

Status ForEachInteger(std::string_view text,
                      const std::function<Status(std::string&&, std::uint64_t)>& use) {
  WT_TRY(CheckSize(text, {}));
  FlatObject events(use);
  if (json::sax_parse(text.begin(), text.end(), &events)) return Status();
  if (!events.status().ok()) return events.status();
  return Corrupt("is not a JSON object of non-negative integers");
}

Result<json> ParseJson(std::string_view text, const JsonLimits& limits) {
  WT_TRY(CheckSize(text, limits));
  KeyWatch watch;
  json value = json::parse(text.begin(), text.end(), std::ref(watch), /*allow_exceptions=*/false);
  if (value.is_discarded()) return Corrupt("is not valid JSON");
  if (!watch.twice().empty())
    return Corrupt("JSON has the key " + Printable(watch.twice()) + " twice");
  if (!value.is_structured()) return Corrupt("JSON is neither an object nor a list");
  return value;
}

std::optional<std::int64_t> JsonInteger(const json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  // A number above 2^63 is kept as unsigned and would wrap to a negative one.
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  return value >= 0 ? std::optional(value) : std::nullopt;
}

}  // namespace wt::model
