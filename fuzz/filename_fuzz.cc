// Any bytes as a client's file name: the cleaned one is safe, and cleaning it again changes
// nothing. What is sniffed from them does not matter, but must not go wrong.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "service/uploads/content/filename.h"
#include "service/uploads/content/sniff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4'096) return 0;
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  for (const std::size_t bytes_max : {wt::uploads::kFilenameBytesMax, std::size_t{32}}) {
    const std::string name = wt::uploads::CleanFilename(raw, bytes_max);
    WT_CHECK(!name.empty() && name.size() <= bytes_max);
    WT_CHECK(wt::base::IsValidUtf8(name));
    WT_CHECK(name.find_first_of("/\\<>:\"|?*\x7f") == name.npos);
    WT_CHECK(!name.starts_with('.') && !name.ends_with('.'));
    WT_CHECK(wt::uploads::CleanFilename(name, bytes_max) == name);
  }
  const auto signature = wt::uploads::Sniff(std::as_bytes(std::span(raw.data(), raw.size())));
  (void)wt::uploads::ExtensionFits(signature, raw);
  return 0;
}
