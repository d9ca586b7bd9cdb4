#include "apps/transcriber/options/languages.h"

#include "apps/transcriber/options/arguments.h"
#include "base/utf8.h"
#include "formats/languages.h"

namespace wt::transcriber {

Result<std::string> ParseLanguage(std::string_view code_or_name) {
  if (std::optional<std::string> code = formats::FindLanguageCode(code_or_name)) return *code;
  std::string wanted(code_or_name.substr(0, 64));
  for (char& c : wanted) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const std::vector<std::string> names = formats::LowerLanguageNames();
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view nearest = NearestName(wanted, candidates);
  std::string message = "\"" + base::ReplaceInvalidUtf8(code_or_name.substr(0, 64)) +
                        "\" is not a language of Whisper";
  if (!nearest.empty()) message += "; did you mean " + std::string(nearest) + "?";
  return Status(StatusCode::kInvalidArgument,
                message + " (give a code such as en or a name such as English)");
}

std::string LanguageName(std::string_view code) { return formats::LanguageName(code); }

std::vector<std::string_view> LanguageCodes() { return formats::LanguageCodes(); }

}  // namespace wt::transcriber
