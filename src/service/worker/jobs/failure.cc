#include "service/worker/jobs/failure.h"

#include <array>

namespace wt::worker {
namespace {

using jobs::FailureKind;

// What the code alone says about trying again.
bool MayPass(StatusCode code) {
  return code == StatusCode::kUnavailable || code == StatusCode::kResourceExhausted ||
         code == StatusCode::kDeadlineExceeded || code == StatusCode::kAborted;
}

Failure ModelFailure(const Status& status) {
  const bool missing =
      status.code() == StatusCode::kNotFound || status.code() == StatusCode::kFailedPrecondition;
  const bool damaged =
      status.code() == StatusCode::kDataCorrupt || status.code() == StatusCode::kUnsupported;
  return {
      .kind = FailureKind::kLaunch,
      .code = missing ? "MODEL_NOT_AVAILABLE" : (damaged ? "MODEL_DAMAGED" : "MODEL_NOT_LOADED"),
      .message = status.message(),
      .transient = MayPass(status.code())};
}

Failure StorageFailure(const Status& status) {
  if (status.code() == StatusCode::kNotFound) {
    return {FailureKind::kLaunch, "MEDIA_MISSING",
            "the recording is not there any more; upload it again", false};
  }
  if (status.code() == StatusCode::kDataCorrupt) {
    return {FailureKind::kLaunch, "MEDIA_DAMAGED",
            "the stored recording was damaged on the server; upload it again", false};
  }
  return {FailureKind::kLaunch, "STORAGE_ERROR",
          "the recording could not be read: " + status.message(), true};
}

Failure MediaFailure(const Status& status, int attempt) {
  if (IsDecoderCrash(status)) {
    return {FailureKind::kWhisper, "AUDIO_DECODER_CRASHED", status.message(), attempt < 2};
  }
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kUnsupported:
    case StatusCode::kDataCorrupt:
      return {FailureKind::kWhisper, "AUDIO_NOT_READABLE", status.message(), false};
    case StatusCode::kFailedPrecondition:
      return {FailureKind::kLaunch, "AUDIO_DECODER_MISSING", status.message(), false};
    case StatusCode::kResourceExhausted:
      return {FailureKind::kWhisper, "AUDIO_TOO_LARGE", status.message(), false};
    default:
      return {FailureKind::kWhisper, "AUDIO_DECODER_FAILED", status.message(),
              MayPass(status.code()) || attempt < 2};
  }
}

Failure EngineFailure(const Status& status, int attempt) {
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kFailedPrecondition:
      return {FailureKind::kWhisper, "OPTIONS_NOT_POSSIBLE", status.message(), false};
    case StatusCode::kResourceExhausted:
      return {FailureKind::kWhisper, "OUT_OF_RESOURCES", status.message(), true};
    // The engine reads the audio as it goes: these come from the source.
    case StatusCode::kDataCorrupt:
    case StatusCode::kUnsupported:
    case StatusCode::kDeadlineExceeded: return MediaFailure(status, attempt);
    default:
      return {FailureKind::kWhisper, "TRANSCRIPTION_FAILED", status.message(),
              MayPass(status.code())};
  }
}

}  // namespace

bool IsDecoderCrash(const Status& status) {
  return status.detail().ForLog().find("transcriber-media ended by signal") != std::string::npos;
}

Failure DescribeFailure(Step step, const Status& status, int attempt) {
  switch (step) {
    case Step::kOptions:
      return {FailureKind::kLaunch, "OPTIONS_NOT_VALID", status.message(), false};
    case Step::kModel: return ModelFailure(status);
    case Step::kStorage: return StorageFailure(status);
    case Step::kMedia: return MediaFailure(status, attempt);
    case Step::kEngine: return EngineFailure(status, attempt);
    case Step::kResult:
      return {FailureKind::kThread, "RESULT_NOT_STORED",
              "the transcript could not be stored: " + status.message(), true};
  }
  return {FailureKind::kUnknown, "UNKNOWN", status.message(), false};
}

Failure TimeoutFailure(std::int64_t limit_ms) {
  return {FailureKind::kTimeout, "TRANSCRIPTION_TIMEOUT",
          "the transcription took longer than the limit of " + std::to_string(limit_ms / 1000) +
              " s and was stopped; use a smaller model or a shorter recording, or ask the operator "
              "to raise WHISPER_TIMEOUT_SECONDS",
          false};
}

}  // namespace wt::worker
