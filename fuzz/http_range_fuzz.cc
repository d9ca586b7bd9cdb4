// Range, conditions, dates and Accept-Encoding: fields that clients write freely.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "service/http/content/compression.h"
#include "service/http/content/conditional.h"
#include "service/http/content/http_date.h"
#include "service/http/content/range.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wt::http;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const std::int64_t length :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{1'000}, INT64_MAX}) {
    const ByteRange range = ParseRange(text, length);
    if (range.kind != RangeKind::kPart) continue;
    WT_CHECK(range.offset >= 0 && range.length > 0 && range.length <= length);
    WT_CHECK(range.offset <= length - range.length);
  }
  Request request;
  for (const char* const name : {"If-Match", "If-None-Match", "If-Modified-Since",
                                 "If-Unmodified-Since", "If-Range", "Range", "Accept-Encoding"}) {
    request.headers = Headers();
    request.headers.Add(name, text);
    Headers headers;
    const ReplyPlan plan = PlanReply(request, {"\"a\"", 784'111'777}, 1'000, &headers);
    WT_CHECK(plan.offset >= 0 && plan.offset + plan.length <= 1'000);
    AcceptsGzip(request.headers);
  }
  if (const auto date = ParseHttpDate(text)) {
    // The name of the day is not compared.
    WT_CHECK(ParseHttpDate(FormatHttpDate(*date)) == date);
  }
  return 0;
}
