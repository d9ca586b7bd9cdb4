#include "apps/transcriber/serve/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <charconv>
#include <cstddef>
#include <cstring>

#include "platform/file.h"

namespace wt::transcriber {

ServiceManager::ServiceManager(const std::map<std::string, std::string>& variables) {
  if (const auto found = variables.find("NOTIFY_SOCKET"); found != variables.end()) {
    socket_ = found->second;
  }
  if (const auto found = variables.find("WATCHDOG_USEC"); found != variables.end()) {
    std::int64_t micros = 0;
    const std::string& text = found->second;
    std::from_chars(text.data(), text.data() + text.size(), micros);
    if (micros >= 2'000) alive_interval_ = std::chrono::milliseconds(micros / 2'000);
  }
}

void ServiceManager::Ready(std::string_view status) const {
  Send(fmt::format("READY=1\nSTATUS={}\n", status));
}

void ServiceManager::Reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  Send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n",
                   now.tv_sec * 1'000'000 + now.tv_nsec / 1'000));
}

void ServiceManager::Stopping() const { Send("STOPPING=1\n"); }
void ServiceManager::Alive() const { Send("WATCHDOG=1\n"); }

void ServiceManager::Send(std::string_view message) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  // An abstract socket is written with @ for the zero byte.
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const platform::FileDescriptor file(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!file.valid()) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  static_cast<void>(::sendto(file.get(), message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), length));
}

}  // namespace wt::transcriber
