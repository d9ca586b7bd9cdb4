#include "formats/languages.h"

#include <algorithm>
#include <array>
#include <span>

namespace wt::formats {
namespace {

struct Language {
  std::string_view code;
  std::string_view name;
};

// The languages of openai-whisper 20250625 (tokenizer.py, LANGUAGES) in the order of their tokens;
// Cantonese is known to large-v3 and its descendants only.
constexpr auto kLanguages = std::to_array<Language>({
    {"en", "English"},        {"zh", "Chinese"},     {"de", "German"},        {"es", "Spanish"},
    {"ru", "Russian"},        {"ko", "Korean"},      {"fr", "French"},        {"ja", "Japanese"},
    {"pt", "Portuguese"},     {"tr", "Turkish"},     {"pl", "Polish"},        {"ca", "Catalan"},
    {"nl", "Dutch"},          {"ar", "Arabic"},      {"sv", "Swedish"},       {"it", "Italian"},
    {"id", "Indonesian"},     {"hi", "Hindi"},       {"fi", "Finnish"},       {"vi", "Vietnamese"},
    {"he", "Hebrew"},         {"uk", "Ukrainian"},   {"el", "Greek"},         {"ms", "Malay"},
    {"cs", "Czech"},          {"ro", "Romanian"},    {"da", "Danish"},        {"hu", "Hungarian"},
    {"ta", "Tamil"},          {"no", "Norwegian"},   {"th", "Thai"},          {"ur", "Urdu"},
    {"hr", "Croatian"},       {"bg", "Bulgarian"},   {"lt", "Lithuanian"},    {"la", "Latin"},
    {"mi", "Maori"},          {"ml", "Malayalam"},   {"cy", "Welsh"},         {"sk", "Slovak"},
    {"te", "Telugu"},         {"fa", "Persian"},     {"lv", "Latvian"},       {"bn", "Bengali"},
    {"sr", "Serbian"},        {"az", "Azerbaijani"}, {"sl", "Slovenian"},     {"kn", "Kannada"},
    {"et", "Estonian"},       {"mk", "Macedonian"},  {"br", "Breton"},        {"eu", "Basque"},
    {"is", "Icelandic"},      {"hy", "Armenian"},    {"ne", "Nepali"},        {"mn", "Mongolian"},
    {"bs", "Bosnian"},        {"kk", "Kazakh"},      {"sq", "Albanian"},      {"sw", "Swahili"},
    {"gl", "Galician"},       {"mr", "Marathi"},     {"pa", "Punjabi"},       {"si", "Sinhala"},
    {"km", "Khmer"},          {"sn", "Shona"},       {"yo", "Yoruba"},        {"so", "Somali"},
    {"af", "Afrikaans"},      {"oc", "Occitan"},     {"ka", "Georgian"},      {"be", "Belarusian"},
    {"tg", "Tajik"},          {"sd", "Sindhi"},      {"gu", "Gujarati"},      {"am", "Amharic"},
    {"yi", "Yiddish"},        {"lo", "Lao"},         {"uz", "Uzbek"},         {"fo", "Faroese"},
    {"ht", "Haitian Creole"}, {"ps", "Pashto"},      {"tk", "Turkmen"},       {"nn", "Nynorsk"},
    {"mt", "Maltese"},        {"sa", "Sanskrit"},    {"lb", "Luxembourgish"}, {"my", "Myanmar"},
    {"bo", "Tibetan"},        {"tl", "Tagalog"},     {"mg", "Malagasy"},      {"as", "Assamese"},
    {"tt", "Tatar"},          {"haw", "Hawaiian"},   {"ln", "Lingala"},       {"ha", "Hausa"},
    {"ba", "Bashkir"},        {"jw", "Javanese"},    {"su", "Sundanese"},     {"yue", "Cantonese"},
});

// Other names (tokenizer.py, TO_LANGUAGE_CODE).
constexpr auto kOtherNames = std::to_array<Language>({
    {"my", "Burmese"},
    {"ca", "Valencian"},
    {"nl", "Flemish"},
    {"ht", "Haitian"},
    {"lb", "Letzeburgesch"},
    {"ps", "Pushto"},
    {"pa", "Panjabi"},
    {"ro", "Moldavian"},
    {"ro", "Moldovan"},
    {"si", "Sinhalese"},
    {"es", "Castilian"},
    {"zh", "Mandarin"},
});

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = ' ';
  }
  return lower;
}

constexpr std::array<std::span<const Language>, 2> kTables = {kLanguages, kOtherNames};

}  // namespace

std::optional<std::string> FindLanguageCode(std::string_view code_or_name) {
  const std::string wanted = Lower(code_or_name.substr(0, 64));
  for (const auto& table : kTables) {
    for (const Language& language : table) {
      if (language.code == wanted || Lower(language.name) == wanted) {
        return std::string(language.code);
      }
    }
  }
  return std::nullopt;
}

std::string LanguageName(std::string_view code) {
  const auto found =
      std::find_if(kLanguages.begin(), kLanguages.end(),
                   [code](const Language& language) { return language.code == code; });
  return std::string(found == kLanguages.end() ? code : found->name);
}

std::vector<std::string_view> LanguageCodes() {
  std::vector<std::string_view> codes;
  for (const Language& language : kLanguages) codes.push_back(language.code);
  return codes;
}

std::vector<std::string> LowerLanguageNames() {
  std::vector<std::string> names;
  for (const auto& table : kTables) {
    for (const Language& language : table) names.push_back(Lower(language.name));
  }
  return names;
}

}  // namespace wt::formats
