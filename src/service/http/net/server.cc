#include "service/http/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "base/status_macros.h"
#include "service/http/net/connection.h"
#include "service/http/net/core.h"
#include "service/http/net/tls.h"
#include "service/http/net/transport.h"
#include "service/http/syntax/response_head.h"

namespace wt::http {
namespace {

using boost::asio::ip::tcp;
using Acceptor = boost::asio::basic_socket_acceptor<tcp, boost::asio::io_context::executor_type>;

/// A quarter of the shortest time-out, so that none is missed by more than that.
std::chrono::milliseconds TickOf(const ServerLimits& limits) {
  const auto shortest = std::min(
      {limits.head_timeout, limits.idle_timeout, limits.body_rate_window, limits.write_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

class ServerImpl final : public Server {
 public:
  ServerImpl(const ServerOptions& options, Handler* handler)
      : core_(std::make_shared<ServerCore>(options, handler)) {
    const auto tick = TickOf(options.limits);
    for (int i = 0; i < std::max(options.reactor_threads, 1); ++i) {
      reactors_.push_back(std::make_shared<Reactor>(core_.get(), tick));
    }
    acceptor_ = std::make_unique<Acceptor>(reactors_.front()->context());
  }
  ~ServerImpl() override { Stop(std::chrono::milliseconds(0)); }

  Status Open();
  void Run();

  int port() const override { return port_; }
  ServerStats stats() const override;
  Status ReloadTls() override;
  void Stop(std::chrono::milliseconds grace) override;

 private:
  void Accept();
  void OnAccept(Reactor* reactor, Socket socket);
  void Turn(Reactor* reactor, Socket socket);
  std::unique_ptr<Transport> MakeTransport(Socket socket);
  void OnEach(void (Reactor::*action)());

  const std::shared_ptr<ServerCore> core_;
  std::vector<std::shared_ptr<Reactor>> reactors_;
  std::unique_ptr<TlsContext> tls_;
  std::size_t next_reactor_ = 0;
  std::unique_ptr<Acceptor> acceptor_;
  /// Accepting failed, mostly for want of descriptors; the next tick tries again.
  bool accept_paused_ = false;
  int port_ = 0;
  std::mutex stop_mutex_;
  bool stopped_ = false;
};

Status ServerImpl::Open() {
  const ServerOptions& options = core_->options;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(options.address, error);
  if (error || options.port < 0 || options.port > 65'535) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("'{}' port {} is no address to listen on. Give an IP address such as "
                              "127.0.0.1 or :: and a port of 0 to 65535.",
                              options.address, options.port));
  }
  if (!options.tls.certificate_file.empty() || !options.tls.key_file.empty()) {
    WT_ASSIGN(tls_, TlsContext::Load(options.tls));
  }
  const tcp::endpoint endpoint(address, static_cast<std::uint16_t>(options.port));
  acceptor_->open(endpoint.protocol(), error);
  if (!error) acceptor_->set_option(Acceptor::reuse_address(true), error);
  if (!error && address.is_v6()) acceptor_->set_option(boost::asio::ip::v6_only(false), error);
  if (!error) acceptor_->bind(endpoint, error);
  if (!error) acceptor_->listen(boost::asio::socket_base::max_listen_connections, error);
  if (error) {
    return Status(StatusCode::kUnavailable,
                  fmt::format("Cannot listen on {} port {}: {}. Choose another address or port, or "
                              "stop the program that has it.",
                              options.address, options.port, error.message()));
  }
  port_ = acceptor_->local_endpoint(error).port();
  return Status();
}

void ServerImpl::Run() {
  reactors_.front()->SetTickHook([this] {
    if (std::exchange(accept_paused_, false)) Accept();
  });
  reactors_.front()->Post([this] { Accept(); });
  for (const auto& reactor : reactors_) reactor->Start();
}

void ServerImpl::Accept() {
  if (!acceptor_->is_open()) return;
  Reactor* const reactor = reactors_[next_reactor_++ % reactors_.size()].get();
  acceptor_->async_accept(
      reactor->context(), [this, reactor](const boost::system::error_code& error, Socket socket) {
        if (!acceptor_->is_open() || error == boost::asio::error::operation_aborted) return;
        if (error && error != boost::asio::error::connection_aborted) {
          accept_paused_ = true;
          return base::Log(core_->options.log, base::LogLevel::kWarning,
                           fmt::format("http: cannot accept: {}", error.message()));
        }
        if (!error) OnAccept(reactor, std::move(socket));
        Accept();
      });
}

void ServerImpl::OnAccept(Reactor* reactor, Socket socket) {
  if (core_->connections.fetch_add(1) >= core_->options.limits.connections_max) {
    core_->connections.fetch_sub(1);
    return Turn(reactor, std::move(socket));
  }
  std::string address = RemoteAddress(socket);
  auto slot =
      std::shared_ptr<void>(nullptr, [core = core_](void*) { core->connections.fetch_sub(1); });
  std::unique_ptr<Transport> transport = MakeTransport(std::move(socket));
  if (transport == nullptr) return;
  transport->set_slot(std::move(slot));
  auto connection =
      std::make_shared<Connection>(core_.get(), reactor, std::move(transport), std::move(address));
  if (reactor == reactors_.front().get()) return connection->Start();
  reactor->Post([connection = std::move(connection)] { connection->Start(); });
}

/// Says why and closes; whoever cannot take one small packet at once is not waited for.
void ServerImpl::Turn(Reactor* reactor, Socket socket) {
  core_->connections_refused.fetch_add(1);
  if (tls_ != nullptr) return;
  const std::unique_ptr<Transport> transport = MakeTcpTransport(std::move(socket));
  const Response response = core_->handler->HandleError(503, "There are too many connections.");
  HeadFacts facts;
  facts.keep_alive = false;
  facts.date_line = reactor == reactors_.front().get() ? reactor->DateLine() : "";
  facts.length = BodyLength(response).value_or(0);
  std::string bytes = FormatResponseHead(response, facts);
  if (const auto* text = std::get_if<std::string>(&response.body)) bytes += *text;
  transport->Write(std::as_bytes(std::span(bytes)), WriteHint::kLast);
}

std::unique_ptr<Transport> ServerImpl::MakeTransport(Socket socket) {
  return tls_ == nullptr ? MakeTcpTransport(std::move(socket)) : tls_->Accept(std::move(socket));
}

ServerStats ServerImpl::stats() const {
  ServerStats stats;
  stats.connections = core_->connections;
  stats.connections_refused = core_->connections_refused;
  stats.requests = core_->requests;
  stats.requests_refused = core_->requests_refused;
  stats.web_sockets = core_->web_sockets;
  stats.streams = core_->streams;
  stats.exceptions = core_->exceptions;
  if (tls_ != nullptr) stats.certificate_ends_at = tls_->ends_at();
  return stats;
}

Status ServerImpl::ReloadTls() {
  if (tls_ == nullptr) {
    return Status(StatusCode::kFailedPrecondition, "This server was started without TLS.");
  }
  return tls_->Reload();
}

/// On each reactor's thread, and waits for it.
void ServerImpl::OnEach(void (Reactor::*action)()) {
  for (const auto& reactor : reactors_) {
    std::promise<void> done;
    reactor->Post([&] {
      (reactor.get()->*action)();
      done.set_value();
    });
    done.get_future().wait();
  }
}

void ServerImpl::Stop(std::chrono::milliseconds grace) {
  const std::lock_guard stopping(stop_mutex_);
  if (std::exchange(stopped_, true)) return;
  core_->stopping = true;
  std::promise<void> closed;
  reactors_.front()->Post([&] {
    boost::system::error_code ignored;
    acceptor_->close(ignored);
    closed.set_value();
  });
  closed.get_future().wait();
  OnEach(&Reactor::StopAll);
  {
    std::unique_lock lock(core_->open_mutex);
    core_->none_open.wait_for(lock, grace, [&] { return core_->open == 0; });
  }
  OnEach(&Reactor::AbortAll);
  // Handlers end first: they may wait for answers of the reactors.
  core_->pool.Stop();
  for (const auto& reactor : reactors_) reactor->Stop();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Handler* handler) {
  auto server = std::make_unique<ServerImpl>(options, handler);
  const Status opened = server->Open();
  server->Run();
  if (!opened.ok()) return opened;
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace wt::http
