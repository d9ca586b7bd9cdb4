// Stable names of the public enumerations (transcript.h). Used in JSON, so they never change.
#include "whisper_transcriber/transcript.h"

namespace wt {

std::string_view DropReasonName(DropReason reason) {
  switch (reason) {
    case DropReason::kNoSpeechProbability: return "no_speech_probability";
    case DropReason::kNoVoiceActivity: return "no_voice_activity";
    case DropReason::kRepetition: return "repetition";
    case DropReason::kOutsideAudio: return "outside_audio";
    case DropReason::kLowEvidence: return "low_evidence";
  }
  return "unknown";
}

std::string_view VadMethodName(VadMethod method) {
  switch (method) {
    case VadMethod::kOff: return "off";
    case VadMethod::kNetwork: return "network";
    case VadMethod::kEnergy: return "energy";
  }
  return "unknown";
}

std::string_view ComputeTypeName(ComputeType type) {
  switch (type) {
    case ComputeType::kFloat32: return "float32";
    case ComputeType::kBfloat16: return "bfloat16";
    case ComputeType::kInt8: return "int8";
    case ComputeType::kInt8Bfloat16: return "int8_bfloat16";
    case ComputeType::kAuto: return "auto";
  }
  return "unknown";
}

std::string_view WindowingName(Windowing windowing) {
  switch (windowing) {
    case Windowing::kRobust: return "robust";
    case Windowing::kReference: return "reference";
  }
  return "unknown";
}

std::string_view SpeechTaskName(SpeechTask task) {
  switch (task) {
    case SpeechTask::kTranscribe: return "transcribe";
    case SpeechTask::kTranslate: return "translate";
  }
  return "unknown";
}

}  // namespace wt
