// Paths, queries, forms, field parameters and the router.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "service/http/content/parameters.h"
#include "service/http/router.h"
#include "service/http/url.h"

namespace {

using namespace wt::http;

const Router& Routes() {
  static const Router* const routes = [] {
    auto* router = new Router;
    int route = 0;
    for (const char* pattern : {"/", "/a", "/a/{x}", "/{x}/b", "/{x}/{y}/c", "/files/{rest...}"}) {
      WT_CHECK(router->Add(Method::kGet, pattern, route++).ok());
    }
    return router;
  }();
  return *routes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto path = NormalizePath(text); path.ok()) {
    WT_CHECK(NormalizePath(*path).value() == *path);
    WT_CHECK((*path + "/").find("/../") == std::string::npos);
    for (const auto& [name, value] : Routes().Find(Method::kGet, *path).parameters) {
      WT_CHECK(!value.empty() && wt::base::IsValidUtf8(value));
      WT_CHECK(value.find('\0') == std::string::npos);
    }
  }
  Routes().Find(Method::kPost, text);
  if (const auto form = ParseForm(text); form.ok()) {
    std::string again;
    for (const auto& [name, value] : *form) {
      again += PercentEncode(name) + "=" + PercentEncode(value) + "&";
    }
    WT_CHECK(ParseForm(again).value() == *form);
  }
  ParseFieldValue(text).ok();
  DecodeExtendedValue(text).ok();
  return 0;
}
