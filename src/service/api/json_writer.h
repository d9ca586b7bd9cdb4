// JSON straight into a text, for replies that are asked for often: a tree of values in between
// costs some thirty times as much (bench/list_jobs).
//
//   JsonWriter json;
//   json.BeginObject();
//   json.Text("id", job.id);
//   json.Number("progress", 12.5);
//   json.EndObject();
//   return json.Take();
//
// Commas are its business, correct nesting is the caller's. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wt::api {

class JsonWriter {
 public:
  void BeginObject();
  void BeginObject(std::string_view name);
  void EndObject() { End('}'); }
  void BeginArray();
  void BeginArray(std::string_view name);
  void EndArray() { End(']'); }

  // Members of the open object. Names are our own: plain ASCII without quotes.
  /// Invalid UTF-8 is replaced (U+FFFD).
  void Text(std::string_view name, std::string_view value);
  /// null when it is empty.
  void TextOrNull(std::string_view name, std::string_view value);
  void Number(std::string_view name, std::int64_t value);
  void Number(std::string_view name, int value) { Number(name, std::int64_t{value}); }
  /// The shortest text that is read as the same value; null when it is not finite.
  void Number(std::string_view name, double value);
  void Bool(std::string_view name, bool value);
  void Null(std::string_view name);
  template <typename T>
  void NumberOrNull(std::string_view name, const std::optional<T>& value) {
    if (value) {
      Number(name, *value);
    } else {
      Null(name);
    }
  }

  /// A text in the open array.
  void Element(std::string_view value);

  void Reserve(std::size_t bytes) { out_.reserve(bytes); }
  std::string Take() { return std::move(out_); }

 private:
  void Name(std::string_view name);
  void Comma();
  void End(char bracket);
  void Quoted(std::string_view text);

  std::string out_;
  /// The next value or member is the first of what encloses it.
  bool first_ = true;
};

}  // namespace wt::api
