// Multipart forms: the first byte is the size of the pieces; the result must not depend on it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "service/http/content/content_test_util.h"
#include "service/http/content/multipart.h"
#include "service/http/text.h"

namespace {

using namespace wt::http;

std::string Describe(const std::string& form, std::size_t piece_max, std::size_t read_max) {
  MemoryBody body(form, piece_max);
  MultipartLimits limits;
  limits.part_head_bytes_max = 512;
  limits.parts_max = 20;
  MultipartReader reader(&body, "b", limits);
  std::vector<std::byte> piece(read_max);
  std::string text;
  while (true) {
    const auto head = reader.NextPart();
    if (!head.ok()) return text + std::string(StatusCodeName(head.status().code()));
    if (!*head) return text + "end";
    const PartHead& part = **head;
    WT_CHECK(!part.name.empty() && wt::base::IsValidUtf8(part.name));
    WT_CHECK(IsFieldValue(part.file_name.value_or("")));
    text += part.name + "|" + part.file_name.value_or("-") + "|" + part.content_type + "|";
    while (true) {
      const auto count = reader.ReadPart(piece);
      if (!count.ok()) return text + std::string(StatusCodeName(count.status().code()));
      if (*count == 0) break;
      text.append(reinterpret_cast<const char*>(piece.data()), *count);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string form(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = Describe(form, SIZE_MAX, 65'536);
  const std::string sliced = Describe(form, 1 + data[0] % 16, 1 + data[0] / 16);
  // What was read of a part before an error may differ; a form that is good may not.
  if (whole.ends_with("end")) WT_CHECK(whole == sliced);
  WT_CHECK(whole.ends_with("end") == sliced.ends_with("end"));
  MultipartBoundary(form).ok();
  return 0;
}
