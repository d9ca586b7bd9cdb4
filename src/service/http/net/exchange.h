// One request on its way through a handler: the request, its body and what they live on.
//
// Made by the connection, used by one pool thread until the handler has returned.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "service/http/message.h"
#include "service/http/net/handler_pool.h"
#include "service/http/net/peer_state.h"

namespace wt::http {

class RequestBody;

/// Where the bytes of a body come from when more are wanted than came with the head.
class BodyPuller {
 public:
  virtual ~BodyPuller() = default;
  /// Asks for bytes into `out`; `body->Complete()` follows from the reactor's thread, always.
  virtual void PostPull(RequestBody* body, std::span<std::byte> out) = 0;
};

class RequestBody final : public BodySource {
 public:
  /// `whole`: `early` is all of it.
  RequestBody(std::optional<std::int64_t> length, std::string early, bool whole, HandlerPool* pool,
              std::shared_ptr<BodyPuller> puller)
      : length_(length),
        early_(std::move(early)),
        whole_(whole),
        pool_(pool),
        puller_(std::move(puller)) {}

  Result<std::size_t> Read(std::span<std::byte> out) override;
  std::optional<std::int64_t> length() const override { return length_; }

  void Complete(Result<std::size_t> result);
  /// Breaks the circle with the connection; no Read() may follow.
  void Detach() { puller_ = nullptr; }

 private:
  const std::optional<std::int64_t> length_;
  const std::string early_;
  const bool whole_;
  HandlerPool* const pool_;
  std::shared_ptr<BodyPuller> puller_;
  std::size_t early_taken_ = 0;
  bool ended_ = false;
  Status failure_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<Result<std::size_t>> answer_;
};

struct Exchange {
  Request request;
  std::unique_ptr<RequestBody> body;
  std::shared_ptr<PeerState> peer = std::make_shared<PeerState>();
};

}  // namespace wt::http
