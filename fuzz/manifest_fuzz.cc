// Manifests of installed models: what is read can be written and read again.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "models/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string json(reinterpret_cast<const char*>(data), size);
  const wt::Result<wt::models::Manifest> manifest = wt::models::ManifestFromJson(json);
  if (!manifest.ok()) return 0;
  const wt::Result<wt::models::Manifest> again =
      wt::models::ManifestFromJson(wt::models::ManifestToJson(*manifest));
  WT_CHECK(again.ok() && *again == *manifest);
  return 0;
}
