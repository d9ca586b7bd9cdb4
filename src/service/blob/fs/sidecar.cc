#include "service/blob/fs/sidecar.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "base/status_macros.h"
#include "service/blob/fs/digest.h"
#include "service/blob/key.h"

namespace wt::blob {
namespace {

constexpr std::string_view kMagic = "WTBLOB1\n";
constexpr std::uint32_t kFlagSealed = 1;

void AppendBytes(std::span<const std::byte> bytes, std::vector<std::byte>* out) {
  out->insert(out->end(), bytes.begin(), bytes.end());
}

void AppendText(std::string_view text, std::vector<std::byte>* out) {
  AppendBytes(std::as_bytes(std::span(text)), out);
}

template <typename T>
void AppendLittleEndian(T value, std::vector<std::byte>* out) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out->push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
}

Status Damaged(const char* what) {
  return Status(StatusCode::kDataCorrupt,
                "the stored object is damaged; restore it from a backup or upload it again",
                InternalDetail(std::string("sidecar: ") + what));
}

/// Takes bytes off the front; every failure is the same to the caller.
class Taker {
 public:
  explicit Taker(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> Take(std::size_t count) {
    if (count > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

  std::uint64_t Number(std::size_t width) {
    std::uint64_t value = 0;
    const auto taken = Take(width);
    for (std::size_t i = 0; i < taken.size(); ++i) {
      value |= std::to_integer<std::uint64_t>(taken[i]) << (8 * i);
    }
    return value;
  }

  std::string Text(std::size_t count) {
    const auto taken = Take(count);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  template <std::size_t N>
  void Fill(std::array<std::byte, N>* out) {
    const auto taken = Take(N);
    std::copy(taken.begin(), taken.end(), out->begin());
  }

  bool failed() const { return failed_; }
  std::size_t left() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  bool failed_ = false;
};

Result<Sidecar> DecodeBody(Taker* taker) {
  Sidecar sidecar;
  if (taker->Text(kMagic.size()) != kMagic) return Damaged("not a sidecar");
  const std::uint64_t flags = taker->Number(4);
  if (flags > kFlagSealed) return Damaged("unknown flags");
  if (taker->Number(4) != kBlockBytes) return Damaged("unknown block size");
  const std::uint64_t content_bytes = taker->Number(8);
  if (content_bytes > kBlobBytesMax) return Damaged("content too large");
  sidecar.content_bytes = static_cast<std::int64_t>(content_bytes);
  sidecar.generation = taker->Number(8);
  sidecar.created_at = static_cast<std::int64_t>(taker->Number(8));
  sidecar.key = taker->Text(taker->Number(2));
  if (!CheckKey(sidecar.key).ok()) return Damaged("bad key");
  if (flags == kFlagSealed) {
    sidecar.sealed.emplace();
    const std::size_t id_bytes = taker->Number(1);
    if (id_bytes == 0 || id_bytes > kKeyIdBytesMax) return Damaged("bad key id");
    sidecar.sealed->key_id = taker->Text(id_bytes);
    taker->Fill(&sidecar.sealed->nonce);
    taker->Fill(&sidecar.sealed->envelope);
  } else {
    taker->Fill(&sidecar.sha256);
    const auto count = static_cast<std::size_t>(BlockCount(sidecar.content_bytes));
    if (taker->left() != count * sizeof(Digest)) return Damaged("wrong number of blocks");
    sidecar.blocks.resize(count);
    for (Digest& block : sidecar.blocks) taker->Fill(&block);
  }
  if (taker->failed() || taker->left() != 0) return Damaged("wrong length");
  return sidecar;
}

}  // namespace

std::vector<std::byte> SidecarHeader(const Sidecar& sidecar) {
  WT_CHECK(CheckKey(sidecar.key).ok());
  std::vector<std::byte> out;
  AppendText(kMagic, &out);
  AppendLittleEndian<std::uint32_t>(sidecar.sealed ? kFlagSealed : 0, &out);
  AppendLittleEndian<std::uint32_t>(kBlockBytes, &out);
  AppendLittleEndian<std::uint64_t>(static_cast<std::uint64_t>(sidecar.content_bytes), &out);
  AppendLittleEndian<std::uint64_t>(sidecar.generation, &out);
  AppendLittleEndian<std::uint64_t>(static_cast<std::uint64_t>(sidecar.created_at), &out);
  AppendLittleEndian<std::uint16_t>(static_cast<std::uint16_t>(sidecar.key.size()), &out);
  AppendText(sidecar.key, &out);
  if (sidecar.sealed) {
    WT_CHECK(!sidecar.sealed->key_id.empty() && sidecar.sealed->key_id.size() <= kKeyIdBytesMax);
    AppendLittleEndian<std::uint8_t>(static_cast<std::uint8_t>(sidecar.sealed->key_id.size()),
                                     &out);
    AppendText(sidecar.sealed->key_id, &out);
  }
  return out;
}

std::vector<std::byte> EncodeSidecar(const Sidecar& sidecar) {
  std::vector<std::byte> out = SidecarHeader(sidecar);
  if (sidecar.sealed) {
    WT_CHECK(sidecar.blocks.empty());
    AppendBytes(sidecar.sealed->nonce, &out);
    AppendBytes(sidecar.sealed->envelope, &out);
  } else {
    WT_CHECK(static_cast<std::int64_t>(sidecar.blocks.size()) == BlockCount(sidecar.content_bytes));
    AppendBytes(sidecar.sha256, &out);
    for (const Digest& block : sidecar.blocks) AppendBytes(block, &out);
  }
  const Digest digest = Sha256Of(out);
  AppendBytes(digest, &out);
  return out;
}

Result<Sidecar> DecodeSidecar(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(Digest)) return Damaged("too short");
  const auto body = bytes.first(bytes.size() - sizeof(Digest));
  const auto stored = bytes.last(sizeof(Digest));
  Taker taker(body);
  WT_ASSIGN(Sidecar sidecar, DecodeBody(&taker));
  const Digest digest = Sha256Of(body);
  if (!std::equal(stored.begin(), stored.end(), digest.begin())) return Damaged("wrong digest");
  return sidecar;
}

std::int64_t SidecarBytesMax() {
  // Fixed fields are below 256 bytes without the key.
  return BlockCount(kBlobBytesMax) * static_cast<std::int64_t>(sizeof(Digest)) + 256 +
         static_cast<std::int64_t>(kKeyBytesMax);
}

}  // namespace wt::blob
