// Recordings transcribed by a server.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "apps/transcriber/options/transcribe_options.h"
#include "apps/transcriber/remote/server_link.h"
#include "apps/transcriber/remote/service_client.h"
#include "apps/transcriber/transcribe/recogniser.h"

namespace wt::transcriber {

/// Time for taking jobs back from the server after Ctrl-C, before the process is ended.
inline constexpr int kRemoteGraceMs = 5'000;
static_assert(kRemoteGraceMs > kCallOffMaxS * 1'000);

/// Thread-safe.
class RemoteRecogniser final : public Recogniser {
 public:
  /// Both must outlive it.
  RemoteRecogniser(const TranscribeArguments& arguments, ServerLink* link);

  /// The lines are given at the end: a server may begin a recording again.
  Result<Transcript> Transcribe(FileJob* job) override;
  void Cancel() override;

  /// Some recording failed because the server does not have the model.
  bool model_missing() const { return model_missing_; }

 private:
  Result<Transcript> Work(ServiceClient* client, FileJob* job) const;
  /// What would happen to every other recording too.
  void NoteFailure(const Status& status);

  ServerLink& link_;
  const HttpFields fields_;
  std::atomic<bool> model_missing_ = false;
  std::mutex mutex_;
  std::vector<ServiceClient*> clients_;  // Guarded by mutex_.
  Status failed_for_all_;                // Guarded by mutex_.
};

}  // namespace wt::transcriber
