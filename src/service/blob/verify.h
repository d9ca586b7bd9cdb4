// Reads a stored object from end to end and says whether every byte is right: the scrubber's and
// `storage verify`'s step (docs/promises.md, P7). Thread-safe when the store is.
#pragma once

#include <string>

#include "service/blob/blob_store.h"

namespace wt::blob {

/// The object's info; kDataCorrupt when a byte is wrong, kNotFound.
Result<BlobInfo> VerifyBlob(BlobStore* store, const std::string& key);

/// Writes `bytes` as one object.
Result<BlobInfo> WriteBlob(BlobStore* store, const std::string& key,
                           std::span<const std::byte> bytes);

/// The whole object; kResourceExhausted when it has more than `bytes_max`.
Result<std::string> ReadBlob(BlobStore* store, const std::string& key, std::int64_t bytes_max);

}  // namespace wt::blob
