// The engine: models loaded once, many recordings in flight over them.
//
//   auto engine = wt::Engine::Create({.threads = 2});
//   auto model = (*engine)->LoadModel({.path = "models/base"});
//   auto task = (*engine)->Submit(*model, MyAudioSource(), request, nullptr);
//   wt::Result<wt::Transcript> transcript = (*task)->Wait();
//
// An Engine owns its compute threads; the batch scheduler is the only one to give them work. A
// Model is immutable and shared. A Task is one recording on its way; destroying its handle does not
// stop it, Cancel() does. The engine must outlive its tasks' Wait(). All classes here are
// thread-safe unless they say otherwise. The library never prints, exits or reads the environment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "whisper_transcriber/options.h"
#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt {

/// Pulls audio: float32, mono, 16 kHz, nominally -1 .. 1. Implemented by the caller; the engine
/// calls it from one thread at a time. Reads may block; they must return within a bounded time.
class AudioSource {
 public:
  virtual ~AudioSource() = default;
  /// Fills `out` from the current position. Returns the samples written; fewer than out.size()
  /// only at the end of the audio, 0 from then on.
  virtual Result<std::size_t> Read(std::span<float> out) = 0;
  /// Moves the position. Backward seeks may restart a decoder and cost time.
  virtual Status Seek(SampleIndex position) = 0;
  /// Samples in all, if known without reading.
  virtual std::optional<SampleIndex> length() const = 0;
};

/// Audio that is already in memory.
std::unique_ptr<AudioSource> MakeMemorySource(std::vector<float> samples);

struct EngineOptions {
  /// Compute threads. 0: as many as this process may use. At most 256.
  int threads = 0;
  /// "auto", "generic", "avx2", "avx2_vnni", "avx512", "avx512_vnni", "avx512_bf16" or
  /// "avx512_amx". One that the processor lacks is an error.
  std::string instruction_set = "auto";
  /// Tasks worked on at the same time; further ones wait. 1 .. 256.
  int tasks_in_flight_max = 8;
  /// Bytes of window state (caches, spectra) reserved at admission at most; 0: a quarter of RAM.
  std::int64_t working_memory_max_bytes = 0;
};

struct ModelOptions {
  /// A CTranslate2 or Hugging Face directory, or a .pt, .safetensors or ggml file.
  std::string path;
  /// Shown in results; empty: the file's name.
  std::string name;
  ComputeType compute_type = ComputeType::kAuto;
  /// Where packed weights are kept between runs; empty: they are packed in memory at each load.
  std::string cache_dir;
  /// Weights of the voice activity network (safetensors); empty: an energy detector is used.
  std::string vad_path;
  /// Directory of the speaker model (`models pull speaker`). It is read when a request first asks
  /// for speakers; without it such requests are refused.
  std::string speaker_dir = {};
};

struct ModelInfo {
  std::string name;
  /// "tiny" ... "large-v3-turbo", or "custom".
  std::string size;
  /// What runs: never kAuto.
  ComputeType compute_type = ComputeType::kFloat32;
  bool multilingual = false;
  /// Codes in the order of their tokens.
  std::vector<std::string> languages;
  int n_vocab = 0;
  int n_mels = 0;
  std::int64_t weight_bytes = 0;
  /// False for models that cannot translate into English (English-only, turbo).
  bool can_translate = false;
  bool has_vad = false;
};

/// Weights and tokenizer. Immutable; freed when the last handle goes.
class Model {
 public:
  virtual ~Model() = default;
  virtual const ModelInfo& info() const = 0;
};

/// Where a recording stands after a window: opaque bytes with a version, a hash of model and
/// options, and a checksum. Resuming from it gives the same bytes as never having stopped.
struct Checkpoint {
  std::vector<std::byte> bytes;
};

struct Progress {
  /// The part of the audio that is finished.
  SampleIndex samples_done = 0;
  /// 0 while unknown (first pass still running).
  SampleIndex samples_total = 0;
};

/// Told what happens. Called from engine threads, one call at a time for one task, in order. Calls
/// must return quickly and must not call back into the task but for Task::Cancel.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void OnLanguage(const LanguageProbability&) {}
  virtual void OnProgress(const Progress&) {}
  /// A final segment. Its id counts from 0 without holes.
  virtual void OnSegment(const Segment&) {}
  /// The text of the window being decoded, so far; replaced by the next call or OnSegment.
  virtual void OnPartial(double /*window_start_s*/, const std::string& /*text*/) {}
  /// Text that was decoded and then dropped.
  virtual void OnDropped(const DroppedSpan&) {}
  /// After each window. The value may be stored and given to Engine::Submit later.
  virtual void OnCheckpoint(const Checkpoint&) {}
};

/// One recording on its way.
class Task {
 public:
  virtual ~Task() = default;
  /// Stops within one decoder step or encoder row block. Wait() then returns kCancelled.
  virtual void Cancel() = 0;
  /// Blocks until the end. May be called once.
  virtual Result<Transcript> Wait() = 0;
  /// True when Wait() would not block.
  virtual bool done() const = 0;
};

struct SubmitOptions {
  PriorityClass priority = PriorityClass::kInteractive;
  /// Who asks: work is shared fairly between tags.
  std::string principal;
  /// Continue from here; the source must hold the same audio.
  std::optional<Checkpoint> resume_from;
};

class Engine {
 public:
  virtual ~Engine() = default;
  /// kUnsupported for an instruction set that the processor lacks.
  static Result<std::unique_ptr<Engine>> Create(const EngineOptions& options);

  /// Reads, checks and packs a model, or maps it from the cache. kNotFound, kDataCorrupt,
  /// kUnsupported; the message names file, tensor and reason.
  virtual Result<std::shared_ptr<const Model>> LoadModel(const ModelOptions& options) = 0;

  /// Queues a recording. kInvalidArgument for bad options or a checkpoint of another request.
  /// `observer` may be null and must outlive the task.
  virtual Result<std::shared_ptr<Task>> Submit(std::shared_ptr<const Model> model,
                                               std::unique_ptr<AudioSource> audio,
                                               const TranscriptionRequest& request,
                                               Observer* observer,
                                               const SubmitOptions& submit = {}) = 0;

  /// Language of the audio, most probable first, by the request's language options.
  virtual Result<std::vector<LanguageProbability>> DetectLanguage(
      std::shared_ptr<const Model> model, std::unique_ptr<AudioSource> audio,
      const LanguageOptions& options) = 0;

  /// "avx512" and so on: what the kernels were chosen for.
  virtual std::string instruction_set() const = 0;
  virtual int threads() const = 0;
};

}  // namespace wt
