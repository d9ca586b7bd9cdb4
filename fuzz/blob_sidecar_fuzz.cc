// The metadata file of a stored object from any bytes: refused as damaged, or it encodes to the
// same bytes again. The first byte says whether the digest at the end is put right, so that what
// is behind that check is reached.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "service/blob/fs/digest.h"
#include "service/blob/fs/sidecar.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 65'536) return 0;
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> bytes(begin + 1, begin + size);
  constexpr std::size_t kDigestBytes = sizeof(wt::blob::Digest);
  if (data[0] % 2 == 1 && bytes.size() >= kDigestBytes) {
    const auto body = std::span(bytes).first(bytes.size() - kDigestBytes);
    const wt::blob::Digest digest = wt::blob::Sha256Of(body);
    std::copy(digest.begin(), digest.end(), bytes.end() - kDigestBytes);
  }
  const auto sidecar = wt::blob::DecodeSidecar(bytes);
  if (!sidecar.ok()) {
    WT_CHECK(sidecar.status().code() == wt::StatusCode::kDataCorrupt);
    return 0;
  }
  WT_CHECK(wt::blob::EncodeSidecar(*sidecar) == bytes);
  return 0;
}
