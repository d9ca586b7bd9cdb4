// What all files of a run share of a server: its address, the key, whether it ever answered, and
// the wish to stop. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>

#include "base/cancel.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

struct ServerAddress {
  /// "https://host:port/prefix", without '/' at the end.
  std::string url;
  /// API key or access token; empty: none.
  std::string key;
  /// Before a stream of events is asked for again, and between two questions without one.
  int poll_s = 2;
};

/// `url` in the shape above. kInvalidArgument: no http(s) address, or one with a password, a query
/// or a fragment.
Result<std::string> NormaliseServerUrl(std::string url);

/// True when what is sent can be read on its way: plain http to another machine.
bool IsReadableOnTheWay(const std::string& url);

class ServerLink {
 public:
  explicit ServerLink(ServerAddress address) : address_(std::move(address)) {}

  const ServerAddress& address() const { return address_; }
  const base::CancelFlag* cancel() const { return &cancel_; }
  void Cancel();

  /// False when it was cancelled before the time was over.
  bool Pause(int seconds);

  void NoteAnswer() { answered_ = true; }
  bool answered() const { return answered_; }

 private:
  const ServerAddress address_;
  base::CancelFlag cancel_;
  std::atomic<bool> answered_ = false;
  std::mutex mutex_;
  std::condition_variable cancelled_;
};

}  // namespace wt::transcriber
