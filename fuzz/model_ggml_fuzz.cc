// Reads the input as a ggml file, once as it is and once with the mel filters put in, whose 64 kB
// of numbers would only make every input large.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/model/readers/readers.h"

namespace {

// Magic number and 11 numbers.
constexpr std::size_t kHeaderBytes = 48;
constexpr std::size_t kFilterBytes = 80 * 201 * sizeof(float);

void Read(std::string_view bytes) {
  auto parts = wt::model::ReadGgml(std::as_bytes(std::span(bytes)));
  if (parts.ok()) static_cast<void>(wt::model::WeightMap::Validate(std::move(parts).value()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Read(bytes);
  if (size < kHeaderBytes) return 0;
  std::string whole(bytes.substr(0, kHeaderBytes));
  const std::int32_t shape[2] = {80, 201};
  whole.append(reinterpret_cast<const char*>(shape), sizeof(shape));
  whole.append(kFilterBytes, '\0');
  whole += bytes.substr(kHeaderBytes);
  Read(whole);
  return 0;
}
