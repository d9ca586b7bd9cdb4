// Short messages between the processes that share a directory: each binds a datagram socket in it,
// and sends to all others that it finds there.
//
//   WT_ASSIGN(bus, LocalBus::Open(data + "/wake", [](std::string_view text) { ... }));
//   bus->Send("job");
//
// Nothing is promised: a message is lost when a receiver is slow, stopped or not there yet, so it
// may only say "look now". The directory belongs to its owner alone (0700), so nobody else can
// send. Send() is thread-safe and never blocks; the receiver is called on the bus's own thread,
// must be quick, and is not called any more once the destructor has returned.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::platform {

class LocalBus {
 public:
  /// Longer messages are neither sent nor delivered.
  static constexpr std::size_t kMessageBytesMax = 256;
  /// More sockets than that in the directory are not looked at.
  static constexpr int kPeersMax = 64;

  using Receiver = std::function<void(std::string_view message)>;

  /// Makes the directory when it is missing. kUnavailable, kPermissionDenied: there is no bus, and
  /// its users fall back to looking from time to time.
  static Result<std::unique_ptr<LocalBus>> Open(const std::string& directory, Receiver receiver);
  virtual ~LocalBus() = default;

  virtual void Send(std::string_view message) = 0;
};

}  // namespace wt::platform
