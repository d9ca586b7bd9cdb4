// The part of ServerHost that is about sockets and event streams.
#include <nlohmann/json.hpp>

#include "service/api/events/job_socket.h"
#include "service/host/server_host.h"

namespace wt::host {

void ServerHost::MakeSocketGuard() {
  api::SocketGuard::Options sockets;
  // One user on this machine takes nothing from anybody.
  if (options_.settings->auth.single_user) sockets.per_user_max = sockets.sockets_max;
  sockets_ = std::make_unique<api::SocketGuard>(sockets, options_.clock);
}

void ServerHost::AddSocketRoutes(const api::AdminRouteParts& admin) {
  api::SocketRouteParts sockets;
  sockets.adapter = accounts_->adapter.get();
  sockets.guard = sockets_.get();
  sockets.hub = hub_.get();
  sockets.jobs = core_->jobs.get();
  sockets.clock = options_.clock;
  sockets.batches = batches_.get();
  sockets.system.log = &options_.logger->tail();
  sockets.system.announcements = &announcements_;
  sockets.system.status = [admin] { return api::SystemStatus(admin); };
  sockets.system.metrics = [this] { return options_.metrics->Expose(); };
  sockets.audit = [this](const audit::Event& event) { RecordAudit(event); };
  api::AddSocketRoutes(sockets, &routes_);
}

}  // namespace wt::host
