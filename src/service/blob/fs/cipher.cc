#include "service/blob/fs/cipher.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "platform/system_clock.h"

namespace wt::blob {
namespace {

static_assert(std::tuple_size_v<SecretKey> == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(std::tuple_size_v<decltype(SealedPart::nonce)> ==
              crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(std::tuple_size_v<decltype(SealedPart::envelope)> ==
              sizeof(SecretKey) + sizeof(Digest) + kTagBytes);

using Nonce = std::array<std::byte, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES>;

const unsigned char* Raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* Raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

void Seal(const SecretKey& key, const Nonce& nonce, std::span<const std::byte> associated,
          std::span<const std::byte> plain, std::span<std::byte> out) {
  WT_CHECK(out.size() == plain.size() + kTagBytes);
  unsigned long long written = 0;
  WT_CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(
               Raw(out.data()), &written, Raw(plain.data()), plain.size(), Raw(associated.data()),
               associated.size(), nullptr, Raw(nonce.data()), Raw(key.data())) == 0);
  WT_CHECK(written == out.size());
}

bool Unseal(const SecretKey& key, const Nonce& nonce, std::span<const std::byte> associated,
            std::span<const std::byte> sealed, std::span<std::byte> plain) {
  WT_CHECK(sealed.size() == plain.size() + kTagBytes);
  unsigned long long written = 0;
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             Raw(plain.data()), &written, nullptr, Raw(sealed.data()), sealed.size(),
             Raw(associated.data()), associated.size(), Raw(nonce.data()), Raw(key.data())) == 0;
}

void PutLittleEndian(std::uint64_t value, std::byte* out) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<std::byte>(value >> (8 * i));
}

Nonce BlockNonce(std::int64_t block) {
  Nonce nonce{};
  PutLittleEndian(static_cast<std::uint64_t>(block), nonce.data());
  return nonce;
}

std::array<std::byte, 17> BlockData(std::uint64_t generation, std::int64_t block,
                                    BlockCipher::Position position) {
  std::array<std::byte, 17> data{};
  PutLittleEndian(generation, data.data());
  PutLittleEndian(static_cast<std::uint64_t>(block), data.data() + 8);
  data[16] = static_cast<std::byte>(position);
  return data;
}

bool IsKeyId(const std::string& id) {
  return !id.empty() && id.size() <= kKeyIdBytesMax &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
                  c == '-';
         });
}

}  // namespace

Result<KeyRing> KeyRing::Create(std::vector<NamedKey> keys) {
  if (keys.empty()) return Status(StatusCode::kInvalidArgument, "no encryption key is given");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool repeated = std::any_of(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const NamedKey& k) { return k.id == keys[i].id; });
    if (repeated || !IsKeyId(keys[i].id)) {
      return Status(StatusCode::kInvalidArgument,
                    "the id of an encryption key is repeated or is not 1 to 32 of a-z 0-9 _ . -");
    }
  }
  WT_CHECK(sodium_init() >= 0);
  return KeyRing(std::move(keys));
}

KeyRing::~KeyRing() {
  for (NamedKey& key : keys_) sodium_memzero(key.key.data(), key.key.size());
}

const NamedKey* KeyRing::Find(const std::string& id) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const NamedKey& k) { return k.id == id; });
  return found == keys_.end() ? nullptr : &*found;
}

BlockCipher::~BlockCipher() { sodium_memzero(key_.data(), key_.size()); }

std::unique_ptr<BlockCipher> BlockCipher::Fresh(std::uint64_t generation) {
  SecretKey key;
  platform::FillSecureRandom(key);
  auto cipher = std::make_unique<BlockCipher>(key, generation);
  sodium_memzero(key.data(), key.size());
  return cipher;
}

void BlockCipher::Seal(std::int64_t block, Position position, std::span<const std::byte> plain,
                       std::span<std::byte> out) const {
  ::wt::blob::Seal(key_, BlockNonce(block), BlockData(generation_, block, position), plain, out);
}

bool BlockCipher::Open(std::int64_t block, Position position, std::span<const std::byte> sealed,
                       std::span<std::byte> plain) const {
  return Unseal(key_, BlockNonce(block), BlockData(generation_, block, position), sealed, plain);
}

void SealEnvelope(const KeyRing& ring, const SecretKey& data_key, const Digest& sha256,
                  Sidecar* sidecar) {
  sidecar->sealed.emplace();
  SealedPart& part = *sidecar->sealed;
  part.key_id = ring.current().id;
  platform::FillSecureRandom(part.nonce);
  std::array<std::byte, sizeof(SecretKey) + sizeof(Digest)> plain;
  std::copy(data_key.begin(), data_key.end(), plain.begin());
  std::copy(sha256.begin(), sha256.end(), plain.begin() + sizeof(SecretKey));
  Seal(ring.current().key, part.nonce, SidecarHeader(*sidecar), plain, part.envelope);
  sodium_memzero(plain.data(), plain.size());
}

Result<OpenedEnvelope> OpenEnvelope(const KeyRing& ring, const Sidecar& sidecar) {
  WT_CHECK(sidecar.sealed.has_value());
  const SealedPart& part = *sidecar.sealed;
  const NamedKey* master = ring.Find(part.key_id);
  if (master == nullptr) {
    return Status(StatusCode::kFailedPrecondition,
                  "the stored object is encrypted with a key that this server does not have",
                  InternalDetail("key id " + part.key_id));
  }
  std::array<std::byte, sizeof(SecretKey) + sizeof(Digest)> plain;
  if (!Unseal(master->key, part.nonce, SidecarHeader(sidecar), part.envelope, plain)) {
    return Status(StatusCode::kDataCorrupt,
                  "the stored object cannot be decrypted: it is damaged or the key is wrong",
                  InternalDetail("envelope under key id " + part.key_id));
  }
  OpenedEnvelope opened;
  std::copy_n(plain.begin(), sizeof(SecretKey), opened.data_key.begin());
  std::copy_n(plain.begin() + sizeof(SecretKey), sizeof(Digest), opened.sha256.begin());
  sodium_memzero(plain.data(), plain.size());
  return opened;
}

}  // namespace wt::blob
