#include "platform/local_bus.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>

#include "base/status_macros.h"
#include "platform/file.h"
#include "platform/system_clock.h"

namespace wt::platform {
namespace {

constexpr std::string_view kSuffix = ".sock";
// 16 random bytes as text, and the suffix.
constexpr std::size_t kNameBytesMax = 32;

// A socket's address holds 108 bytes, and data directories may lie deep: the way leads over the
// directory's descriptor, which is short wherever the directory is.
sockaddr_un AddressOf(int directory, std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" +
                           std::string(name.substr(0, kNameBytesMax));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

class SocketBus final : public LocalBus {
 public:
  SocketBus(std::string path, Receiver receiver)
      : path_(std::move(path)), receiver_(std::move(receiver)) {}

  ~SocketBus() override {
    if (thread_.joinable()) {
      const std::uint64_t one = 1;
      static_cast<void>(::write(stop_.get(), &one, sizeof(one)));
      thread_.join();
    }
    if (!name_.empty()) ::unlinkat(directory_.get(), name_.c_str(), 0);
  }

  Status Begin() {
    WT_TRY(EnsureDirectory(path_));
    if (::chmod(path_.c_str(), 0700) != 0) return ErrnoStatus(errno, path_);
    directory_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    stop_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!directory_.valid() || !socket_.valid() || !stop_.valid()) return ErrnoStatus(errno, path_);
    const std::string name = NewToken(16) + std::string(kSuffix);
    const sockaddr_un address = AddressOf(directory_.get(), name);
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      return ErrnoStatus(errno, path_ + "/" + name);
    }
    name_ = name;
    thread_ = std::thread([this] { Receive(); });
    return {};
  }

  void Send(std::string_view message) override {
    if (message.size() > kMessageBytesMax) return;
    DIR* const directory = ::opendir(path_.c_str());
    if (directory == nullptr) return;
    int peers = 0;
    while (const dirent* const entry = ::readdir(directory)) {
      const std::string_view name = entry->d_name;
      if (name.size() > kNameBytesMax || !name.ends_with(kSuffix) || name == name_) continue;
      if (++peers > kPeersMax) break;
      SendTo(entry->d_name, message);
    }
    ::closedir(directory);
  }

 private:
  void SendTo(const char* name, std::string_view message) const {
    const sockaddr_un address = AddressOf(directory_.get(), name);
    const ssize_t sent =
        ::sendto(socket_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    // Nobody has it open: its process was killed. Names are random, so nobody will take it again.
    if (sent < 0 && errno == ECONNREFUSED) ::unlinkat(directory_.get(), name, 0);
  }

  void Receive() {
    std::array<char, kMessageBytesMax> buffer;
    std::array<pollfd, 2> wanted = {pollfd{socket_.get(), POLLIN, 0},
                                    pollfd{stop_.get(), POLLIN, 0}};
    while (true) {
      if (::poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) return;
      if (wanted[1].revents != 0) return;
      // MSG_TRUNC: the true length, so that one that did not fit is left out and not cut.
      const ssize_t got =
          ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
      if (got < 0 || static_cast<std::size_t>(got) > buffer.size()) continue;
      receiver_({buffer.data(), static_cast<std::size_t>(got)});
    }
  }

  const std::string path_;
  const Receiver receiver_;
  FileDescriptor directory_;
  FileDescriptor socket_;
  FileDescriptor stop_;
  std::string name_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<LocalBus>> LocalBus::Open(const std::string& directory, Receiver receiver) {
  auto bus = std::make_unique<SocketBus>(directory, std::move(receiver));
  WT_TRY(bus->Begin());
  return std::unique_ptr<LocalBus>(std::move(bus));
}

}  // namespace wt::platform
