// The reference page's files, compiled in (docs.html, docs.js, docs.css of this folder).
#pragma once

#include <string_view>

namespace wt::api {

extern const std::string_view kDocsHtml;
extern const std::string_view kDocsScript;
extern const std::string_view kDocsStyle;

}  // namespace wt::api
