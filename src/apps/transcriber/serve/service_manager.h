// Tells the service manager (systemd) how far the service is: the protocol of sd_notify(3).
//
// Without NOTIFY_SOCKET all calls do nothing. Failures are ignored: the service runs all the same.
// Immutable: thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace wt::transcriber {

class ServiceManager {
 public:
  /// NOTIFY_SOCKET, WATCHDOG_USEC of `variables`.
  explicit ServiceManager(const std::map<std::string, std::string>& variables);

  /// "READY=1", with a line for `systemctl status`.
  void Ready(std::string_view status) const;
  void Reloading() const;
  void Stopping() const;
  void Alive() const;
  /// Half of what the manager allows between two signs of life; empty: it does not ask for any.
  std::optional<std::chrono::milliseconds> alive_interval() const { return alive_interval_; }

 private:
  void Send(std::string_view message) const;

  std::string socket_;
  std::optional<std::chrono::milliseconds> alive_interval_;
};

}  // namespace wt::transcriber
