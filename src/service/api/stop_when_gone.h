// Ends the work of a request when its client leaves. One request, one thread; the peer calls back
// from another one.
#pragma once

#include <memory>
#include <stop_token>
#include <utility>

#include "service/http/message.h"

namespace wt::api {

class StopWhenGone {
 public:
  StopWhenGone(std::shared_ptr<http::Peer> peer, std::stop_source source) : peer_(std::move(peer)) {
    peer_->OnGone([source]() mutable { source.request_stop(); });
  }
  ~StopWhenGone() { peer_->OnGone({}); }
  StopWhenGone(const StopWhenGone&) = delete;
  StopWhenGone& operator=(const StopWhenGone&) = delete;

 private:
  std::shared_ptr<http::Peer> peer_;
};

}  // namespace wt::api
