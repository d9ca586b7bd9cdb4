#include "service/blob/verify.h"

#include "base/status_macros.h"
#include "platform/sha256.h"

namespace wt::blob {

Result<BlobInfo> VerifyBlob(BlobStore* store, const std::string& key) {
  WT_ASSIGN(const auto reader, store->Open(key));
  platform::Sha256 hash;
  std::vector<std::byte> block(256 << 10);
  std::int64_t offset = 0;
  while (true) {
    WT_ASSIGN(const std::size_t count, reader->ReadAt(offset, block));
    if (count == 0) break;
    hash.Update(std::span(block).first(count));
    offset += static_cast<std::int64_t>(count);
  }
  const BlobInfo info = reader->info();
  if (offset == info.bytes && hash.Finish() == info.sha256) return info;
  return Status(StatusCode::kDataCorrupt,
                "the stored object is damaged; restore it from a backup or upload it again",
                InternalDetail(key + ": digest of the whole"));
}

Result<BlobInfo> WriteBlob(BlobStore* store, const std::string& key,
                           std::span<const std::byte> bytes) {
  WT_ASSIGN(const auto writer, store->Create(key));
  WT_TRY(writer->Write(bytes));
  return writer->Commit();
}

Result<std::string> ReadBlob(BlobStore* store, const std::string& key, std::int64_t bytes_max) {
  WT_ASSIGN(const auto reader, store->Open(key));
  if (reader->info().bytes > bytes_max) {
    return Status(StatusCode::kResourceExhausted, "the stored object is larger than expected",
                  InternalDetail(key));
  }
  std::string text(static_cast<std::size_t>(reader->info().bytes), '\0');
  WT_ASSIGN(const std::size_t count,
            reader->ReadAt(0, std::as_writable_bytes(std::span(text.data(), text.size()))));
  text.resize(count);
  return text;
}

}  // namespace wt::blob
