#include "service/worker/options/request_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "formats/languages.h"
#include "service/worker/options/option_table.h"

namespace wt::worker {
namespace {

using nlohmann::json;

// The ladder of openai-whisper's command line: steps of 0.2 up to 1.
constexpr double kTemperatureStep = 0.2;
// Objects of options are flat; ranges are lists in a list.
constexpr int kDepthMax = 4;
constexpr std::size_t kTemperaturesMax = 16;
constexpr std::size_t kListMax = 65'536;
constexpr std::size_t kTextShownMax = 64;

std::string Shown(std::string_view text) {
  return base::ReplaceInvalidUtf8(text.substr(0, kTextShownMax));
}

Status Bad(std::string_view name, const std::string& rule) {
  return Status(StatusCode::kInvalidArgument, std::string(name) + ": " + rule);
}

std::string NumberText(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

Status OutOfRange(const OptionRow& row) {
  return Bad(row.name,
             "must be from " + NumberText(row.minimum) + " to " + NumberText(row.maximum));
}

bool InRange(const OptionRow& row, double value) {
  return value >= row.minimum && value <= row.maximum;  // False for NaN.
}

// Writes one JSON value into a field, by the field's type.
class Setter {
 public:
  Setter(const OptionRow& row, const json& value) : row_(row), value_(value) {}

  Status operator()(bool* field) const {
    if (!value_.is_boolean()) return Bad(row_.name, "must be true or false");
    *field = value_.get<bool>();
    return Status();
  }
  Status operator()(int* field) const {
    WT_ASSIGN(const double number, Whole());
    *field = static_cast<int>(number);
    return Status();
  }
  Status operator()(std::uint64_t* field) const {
    WT_ASSIGN(const double number, Whole());
    *field = static_cast<std::uint64_t>(number);
    return Status();
  }
  Status operator()(double* field) const {
    WT_ASSIGN(*field, Number(value_));
    return Status();
  }
  Status operator()(std::optional<double>* field) const {
    if (value_.is_null()) {
      field->reset();
      return Status();
    }
    WT_ASSIGN(*field, Number(value_));
    return Status();
  }
  Status operator()(std::optional<bool>* field) const {
    if (value_.is_null()) {
      field->reset();
      return Status();
    }
    return (*this)(&field->emplace());
  }
  Status operator()(std::string* field) const {
    if (value_.is_null() && row_.meaning == Meaning::kLanguage) {
      field->clear();
      return Status();
    }
    WT_ASSIGN(std::string text, Text(value_));
    if (row_.meaning == Meaning::kLanguage) {
      Result<std::string> code = NormaliseLanguage(text);
      if (!code.ok()) return code.status().WithContext(row_.name);
      text = *std::move(code);
    }
    *field = std::move(text);
    return Status();
  }
  Status operator()(std::vector<double>* field) const {
    if (value_.is_number()) return Ladder(field);
    if (!value_.is_array() || value_.empty() || value_.size() > kTemperaturesMax) {
      return Bad(row_.name, "must be a number or a list of 1 to 16 numbers");
    }
    std::vector<double> list;
    for (const json& item : value_) {
      WT_ASSIGN(const double number, Number(item));
      list.push_back(number);
    }
    *field = std::move(list);
    return Status();
  }
  Status operator()(std::vector<TokenId>* field) const {
    if (!value_.is_array() || value_.size() > kListMax) {
      return Bad(row_.name, "must be a list of token numbers");
    }
    std::vector<TokenId> list;
    for (const json& item : value_) {
      if (!item.is_number_integer()) return Bad(row_.name, "must be a list of token numbers");
      WT_ASSIGN(const double number, Number(item));
      list.push_back(static_cast<TokenId>(number));
    }
    *field = std::move(list);
    return Status();
  }
  Status operator()(std::vector<std::string>* field) const {
    if (!value_.is_array() || static_cast<double>(value_.size()) > row_.maximum) {
      return Bad(row_.name, "must be a list of at most " + NumberText(row_.maximum) + " languages");
    }
    std::vector<std::string> list;
    for (const json& item : value_) {
      if (!item.is_string()) return Bad(row_.name, "must be a list of texts");
      Result<std::string> code = NormaliseLanguage(item.get_ref<const std::string&>());
      if (!code.ok()) return code.status().WithContext(row_.name);
      if (!code->empty()) list.push_back(*std::move(code));
    }
    *field = std::move(list);
    return Status();
  }
  Status operator()(std::vector<TimeRange>* field) const {
    const std::string rule = "must be a list of [start, end] in seconds";
    if (!value_.is_array() || value_.size() > kListMax) return Bad(row_.name, rule);
    std::vector<TimeRange> list;
    for (const json& item : value_) {
      if (!item.is_array() || item.empty() || item.size() > 2) return Bad(row_.name, rule);
      TimeRange range;
      WT_ASSIGN(range.start_s, Number(item[0]));
      if (item.size() == 2 && !item[1].is_null()) {
        WT_ASSIGN(range.end_s, Number(item[1]));
        if (*range.end_s < range.start_s) return Bad(row_.name, "a range ends before it starts");
      }
      list.push_back(range);
    }
    *field = std::move(list);
    return Status();
  }

 private:
  Result<double> Number(const json& value) const {
    if (!value.is_number()) return Bad(row_.name, "must be a number");
    const double number = value.get<double>();
    if (!InRange(row_, number)) return OutOfRange(row_);
    return number;
  }
  // 5.0 is a whole number: clients of languages without integers send it so.
  Result<double> Whole() const {
    WT_ASSIGN(const double number, Number(value_));
    if (number != std::floor(number)) return Bad(row_.name, "must be a whole number");
    return number;
  }
  Result<std::string> Text(const json& value) const {
    if (!value.is_string()) return Bad(row_.name, "must be a text");
    std::string text = value.get<std::string>();
    if (static_cast<double>(text.size()) > row_.maximum) {
      return Bad(row_.name, "is longer than " + NumberText(row_.maximum) + " bytes");
    }
    if (!base::IsValidUtf8(text) || text.find('\0') != std::string::npos) {
      return Bad(row_.name, "is not valid UTF-8 text");
    }
    return text;
  }
  Status Ladder(std::vector<double>* field) const {
    WT_ASSIGN(const double first, Number(value_));
    field->clear();
    // A little is added so that the rounding of 0.2 does not lose the last step.
    for (int i = 0; first + i * kTemperatureStep <= 1.0 + 1e-6; ++i) {
      // Rounded to what people write: 0.6, not 0.6000000000000001.
      field->push_back(std::round((first + i * kTemperatureStep) * 1e6) / 1e6);
    }
    return Status();
  }

  const OptionRow& row_;
  const json& value_;
};

// One JSON value of a field.
struct Getter {
  json operator()(const bool* field) const { return *field; }
  json operator()(const int* field) const { return *field; }
  json operator()(const std::uint64_t* field) const { return *field; }
  json operator()(const double* field) const { return *field; }
  json operator()(const std::string* field) const { return *field; }
  json operator()(const std::optional<double>* field) const {
    return *field ? json(**field) : json(nullptr);
  }
  json operator()(const std::optional<bool>* field) const {
    return *field ? json(**field) : json(nullptr);
  }
  json operator()(const std::vector<double>* field) const { return *field; }
  json operator()(const std::vector<TokenId>* field) const { return *field; }
  json operator()(const std::vector<std::string>* field) const { return *field; }
  json operator()(const std::vector<TimeRange>* field) const {
    json list = json::array();
    for (const TimeRange& range : *field) {
      list.push_back({range.start_s, range.end_s ? json(*range.end_s) : json(nullptr)});
    }
    return list;
  }
};

const OptionRow* FindRow(std::string_view name) {
  for (const OptionRow& row : OptionTable()) {
    if (row.name == name || (!row.alias.empty() && row.alias == name)) return &row;
  }
  return nullptr;
}

const ChoiceRow* FindChoice(std::string_view name) {
  for (const ChoiceRow& row : ChoiceTable()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

Status SetChoice(const ChoiceRow& row, const json& value, RequestOptions* options) {
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  const auto found = std::find(row.choices.begin(), row.choices.end(), text);
  if (found == row.choices.end()) {
    std::string rule = "must be ";
    for (std::size_t i = 0; i < row.choices.size(); ++i) {
      rule += (i == 0 ? "" : " or ") + std::string(row.choices[i]);
    }
    return Bad(row.name, rule);
  }
  row.set(static_cast<int>(found - row.choices.begin()), options);
  return Status();
}

Status SetValue(std::string_view name, const json& value, RequestOptions* options) {
  if (const OptionRow* row = FindRow(name)) {
    return std::visit(Setter(*row, value), row->field(options));
  }
  if (const ChoiceRow* row = FindChoice(name)) return SetChoice(*row, value, options);
  return Status(StatusCode::kInvalidArgument,
                Shown(name) + ": is not an option; see the documentation for those there are");
}

// Containers deeper than kDepthMax are refused before the parser recurses into them.
bool TooDeep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > kDepthMax) return true;
  }
  return false;
}

Result<json> ParseBounded(std::string_view text, std::string_view what) {
  if (text.size() > kOptionsJsonBytesMax) return Bad(what, "are longer than 1 MiB");
  if (TooDeep(text)) return Bad(what, "are nested too deeply");
  // Doubled names are refused below by the parser's callback: the last one must not win silently.
  std::vector<std::string> names;
  bool doubled = false;
  const json::parser_callback_t callback = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event != json::parse_event_t::key || depth != 1) return true;
    const auto& name = parsed.get_ref<const std::string&>();
    doubled = doubled || std::find(names.begin(), names.end(), name) != names.end();
    if (names.size() < kTextShownMax * 2) names.push_back(name);
    return true;
  };
  json value = json::parse(text, callback, /*allow_exceptions=*/false);
  if (value.is_discarded()) return Bad(what, "are not valid JSON");
  if (doubled) return Bad(what, "name an option twice");
  return value;
}

// The JSON value that the text of a form field stands for, by the option's kind.
struct FromText {
  std::string_view text;

  json operator()(const bool*) const { return Boolean(); }
  json operator()(const std::optional<bool>*) const { return text.empty() ? json() : Boolean(); }
  json operator()(const int*) const { return Number(text); }
  json operator()(const std::uint64_t*) const { return Number(text); }
  json operator()(const double*) const { return Number(text); }
  json operator()(const std::optional<double>*) const {
    return text.empty() || text == "none" ? json() : Number(text);
  }
  json operator()(const std::string*) const { return std::string(text); }
  json operator()(const std::vector<double>*) const {
    return text.find(',') == std::string_view::npos ? Number(text) : Numbers();
  }
  json operator()(const std::vector<TokenId>*) const { return Numbers(); }
  json operator()(const std::vector<std::string>*) const {
    json list = json::array();
    for (const std::string_view part : Split()) list.push_back(std::string(part));
    return list;
  }
  json operator()(const std::vector<TimeRange>*) const {
    const json numbers = Numbers();
    json list = json::array();
    for (std::size_t i = 0; i < numbers.size(); i += 2) {
      list.push_back({numbers[i], i + 1 < numbers.size() ? numbers[i + 1] : json()});
    }
    return list;
  }

 private:
  json Boolean() const {
    for (const std::string_view yes : {"true", "1", "yes", "on", "True"}) {
      if (text == yes) return true;
    }
    for (const std::string_view no : {"false", "0", "no", "off", "False"}) {
      if (text == no) return false;
    }
    return std::string(text);
  }
  // Text that is no number stays text, and is refused as such.
  static json Number(std::string_view part) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    std::int64_t whole = 0;
    const char* end = part.data() + part.size();
    if (const auto [at, error] = std::from_chars(part.data(), end, whole);
        error == std::errc() && at == end) {
      return whole;
    }
    double real = 0;
    const auto [at, error] = std::from_chars(part.data(), end, real);
    if (error != std::errc() || at != end) return std::string(part);
    return real;
  }
  std::vector<std::string_view> Split() const {
    std::vector<std::string_view> parts;
    std::string_view rest = text;
    while (!rest.empty() && parts.size() <= kListMax) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      parts.push_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return parts;
  }
  json Numbers() const {
    json list = json::array();
    for (const std::string_view part : Split()) list.push_back(Number(part));
    return list;
  }
};

std::string_view KindOf(const OptionRow& row) {
  RequestOptions options;
  constexpr std::array<std::string_view, std::variant_size_v<FieldRef>> kKinds = {
      "boolean", "integer", "integer",  "number",  "string", "number",
      "boolean", "numbers", "integers", "strings", "ranges"};
  return kKinds[row.field(&options).index()];
}

}  // namespace

Result<RequestOptions> ParseRequestOptions(std::string_view text) {
  RequestOptions options;
  if (text.empty()) return options;
  WT_ASSIGN(const json object, ParseBounded(text, "options"));
  if (!object.is_object()) return Bad("options", "must be a JSON object");
  for (const auto& [name, value] : object.items()) WT_TRY(SetValue(name, value, &options));
  WT_TRY(CheckOptions(options));
  return options;
}

std::string WriteRequestOptions(const RequestOptions& options) {
  RequestOptions defaults;
  RequestOptions copy = options;  // Fields are reached through a pointer that may write.
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const OptionRow& row : OptionTable()) {
    const json value = std::visit(Getter(), row.field(&copy));
    if (value != std::visit(Getter(), row.field(&defaults))) object[std::string(row.name)] = value;
  }
  for (const ChoiceRow& row : ChoiceTable()) {
    const int choice = row.get(options);
    if (choice != row.get(defaults)) object[std::string(row.name)] = row.choices[choice];
  }
  return base::JsonToText(object);
}

Status SetOption(std::string_view name, std::string_view text, RequestOptions* options) {
  const OptionRow* row = FindRow(name);
  if (row == nullptr) return SetValue(name, std::string(text), options);
  const json value = std::visit(FromText{text}, row->field(options));
  return std::visit(Setter(*row, value), row->field(options));
}

Status SetOptionJson(std::string_view name, std::string_view json_value, RequestOptions* options) {
  WT_ASSIGN(const json value, ParseBounded(json_value, name));
  return SetValue(name, value, options);
}

Status CheckOptions(const RequestOptions& options) {
  const VadOptions& vad = options.request.vad;
  if (vad.offset > vad.onset) return Bad("vad_offset", "must be at most vad_onset");
  const WordOptions& words = options.request.words;
  if (words.hallucination_silence_threshold_s && !words.word_timestamps) {
    return Bad("hallucination_silence_threshold", "needs word_timestamps");
  }
  return options.request.Validate();
}

bool IsOption(std::string_view name) {
  return FindRow(name) != nullptr || FindChoice(name) != nullptr;
}

std::vector<OptionDescription> DescribeOptions() {
  std::vector<OptionDescription> list;
  for (const OptionRow& row : OptionTable()) {
    list.push_back({row.name, KindOf(row), row.minimum, row.maximum, row.help});
  }
  for (const ChoiceRow& row : ChoiceTable()) list.push_back({row.name, "string", 0, 0, row.help});
  return list;
}

Result<std::string> NormaliseLanguage(std::string_view text) {
  if (text.empty() || text == "auto" || text == "detect") return std::string();
  if (std::optional<std::string> code = formats::FindLanguageCode(text)) return *code;
  // Regions as in BCP 47 ("en-US", "zh_CN"): Whisper knows languages only.
  const std::size_t mark = text.find_first_of("-_");
  if (mark != std::string_view::npos && mark >= 2 && mark <= 3) {
    if (std::optional<std::string> code = formats::FindLanguageCode(text.substr(0, mark))) {
      return *code;
    }
  }
  return Status(StatusCode::kInvalidArgument,
                "'" + Shown(text) +
                    "' is not a language of Whisper; give a code such as en or a name such as "
                    "English, or leave it out");
}

}  // namespace wt::worker
