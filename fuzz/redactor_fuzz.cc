// Log lines of any text: one line, and no known secret in it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "service/observe/logs/log_record.h"
#include "service/observe/logs/redactor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 << 10) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  static const wt::observe::Redactor redactor({"canary-secret"});
  wt::observe::LogRecord record;
  record.message = redactor.Apply(text);
  WT_CHECK(record.message.find("canary-secret") == std::string::npos);
  record.extra = {{text, text}};
  for (const std::string& line :
       {wt::observe::FormatJson(record), wt::observe::FormatPlain(record)}) {
    WT_CHECK(line.find_first_of("\n\r\x1b") == std::string::npos);
  }
  static_cast<void>(wt::observe::RedactQuery(text));
  return 0;
}
