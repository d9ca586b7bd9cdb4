#include "apps/transcriber/remote/server_link.h"

#include <chrono>

#include "base/status_macros.h"
#include "models/net/http.h"

namespace wt::transcriber {

Result<std::string> NormaliseServerUrl(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (!net::CheckUrl(url, /*allow_plain_http=*/true).ok()) {
    return Status(StatusCode::kInvalidArgument,
                  "--server: give an address such as https://host:8001");
  }
  const std::size_t host = url.find("://") + 3;
  if (url.substr(host, url.find('/', host) - host).find('@') != std::string::npos) {
    return Status(StatusCode::kInvalidArgument,
                  "--server: an address with a name or password in it is not used; give a key by "
                  "--api-key-file");
  }
  if (url.find_first_of("?#") != std::string::npos) {
    return Status(StatusCode::kInvalidArgument, "--server: give the address without ? and #");
  }
  return url;
}

bool IsReadableOnTheWay(const std::string& url) {
  return !net::CheckUrl(url, /*allow_plain_http=*/false).ok();
}

void ServerLink::Cancel() {
  cancel_.Request();
  const std::lock_guard lock(mutex_);
  cancelled_.notify_all();
}

bool ServerLink::Pause(int seconds) {
  std::unique_lock lock(mutex_);
  return !cancelled_.wait_for(lock, std::chrono::seconds(seconds),
                              [this] { return cancel_.requested(); });
}

}  // namespace wt::transcriber
