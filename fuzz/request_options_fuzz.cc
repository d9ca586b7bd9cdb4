// Options of requests and jobs: what is accepted is written and read as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "service/worker/options/request_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const wt::Result<wt::worker::RequestOptions> options = wt::worker::ParseRequestOptions(text);
  if (options.ok()) {
    const std::string written = wt::worker::WriteRequestOptions(*options);
    const auto again = wt::worker::ParseRequestOptions(written);
    WT_CHECK(again.ok() && wt::worker::WriteRequestOptions(*again) == written);
  }
  // The same bytes as a form field: a name, '=', a value.
  const std::size_t mark = text.find('=');
  if (mark == std::string_view::npos) return 0;
  wt::worker::RequestOptions form;
  (void)wt::worker::SetOption(text.substr(0, mark), text.substr(mark + 1), &form);
  return 0;
}
