#include "service/uploads/failure.h"

namespace wt::uploads {

UploadErrorInfo InfoOf(UploadError error) {
  switch (error) {
    case UploadError::kEmptyFile: return {"EMPTY_FILE", 0, 400};
    case UploadError::kTooSmall: return {"AUDIO_TOO_SMALL", 0, 400};
    case UploadError::kUnsupportedMedia: return {"UNSUPPORTED_MEDIA", 40001, 400};
    case UploadError::kFileTooLarge: return {"FILE_TOO_LARGE", 40002, 413};
    case UploadError::kStorageFull: return {"STORAGE_FULL", 40003, 507};
    case UploadError::kQuotaExceeded: return {"QUOTA_EXCEEDED", 0, 413};
    case UploadError::kHashMismatch: return {"HASH_MISMATCH", 0, 422};
    case UploadError::kTransferBroken: return {"TRANSFER_BROKEN", 0, 400};
    case UploadError::kBadRequest: return {"VALIDATION_ERROR", 0, 400};
    case UploadError::kChunkIndex: return {"CHUNK_INDEX", 0, 400};
    case UploadError::kChunkLength: return {"CHUNK_LENGTH", 0, 400};
    case UploadError::kChunkConflict: return {"CHUNK_CONFLICT", 0, 409};
    case UploadError::kNotFound: return {"RESOURCE_NOT_FOUND", 0, 404};
    case UploadError::kWrongState: return {"UPLOAD_STATE", 0, 409};
    case UploadError::kExpired: return {"UPLOAD_EXPIRED", 0, 410};
    case UploadError::kTooManySessions: return {"TOO_MANY_UPLOADS", 0, 429};
    case UploadError::kOffsetConflict: return {"OFFSET_CONFLICT", 0, 409};
    case UploadError::kChecksumMismatch: return {"CHECKSUM_MISMATCH", 0, 460};
    case UploadError::kTakenOver: return {"UPLOAD_TAKEN_OVER", 0, 409};
    case UploadError::kUnavailable: return {"STORAGE_ERROR", 40003, 503};
    case UploadError::kInternal: return {"STORAGE_ERROR", 40003, 500};
  }
  return {"STORAGE_ERROR", 40003, 500};
}

UploadError ErrorOfSlug(std::string_view slug) {
  for (int i = 0; i <= static_cast<int>(UploadError::kInternal); ++i) {
    if (InfoOf(static_cast<UploadError>(i)).slug == slug) return static_cast<UploadError>(i);
  }
  return UploadError::kInternal;
}

Failure FailureOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kInvalidArgument: return {UploadError::kBadRequest, status};
    case StatusCode::kNotFound: return {UploadError::kNotFound, status};
    case StatusCode::kFailedPrecondition: return {UploadError::kWrongState, status};
    case StatusCode::kResourceExhausted: return {UploadError::kStorageFull, status};
    case StatusCode::kUnavailable:
    case StatusCode::kAborted:
    case StatusCode::kCancelled:
    case StatusCode::kDeadlineExceeded: return {UploadError::kUnavailable, status};
    default: return {UploadError::kInternal, status};
  }
}

Failure MakeFailure(UploadError error, std::string message) {
  return {error, Status(StatusCode::kInvalidArgument, std::move(message))};
}

}  // namespace wt::uploads
