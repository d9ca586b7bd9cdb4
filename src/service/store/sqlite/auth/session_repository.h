// Sessions, refresh tokens and tickets in SQLite. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "service/auth/store/session_store.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

class SqliteSessionStore : public auth::SessionStore {
 public:
  /// `database` must outlive it and have its migrations.
  explicit SqliteSessionStore(Database* database) : database_(database) {}

  Status CreateSession(const auth::Session& session, const std::string& refresh_hash,
                       int per_user_max) override;
  Result<auth::Session> GetSession(const std::string& id) override;
  Result<auth::RefreshToken> FindRefresh(const std::string& hash) override;
  Status RenewSession(const auth::SessionRenewal& renewal) override;
  Status TouchSession(const std::string& id, base::UnixMillis now) override;
  Status EndSession(const std::string& id, const std::string& reason,
                    base::UnixMillis now) override;
  Status EndSessionsOf(const std::string& user_id, const std::string& except_id,
                       const std::string& reason, base::UnixMillis now) override;
  Result<std::vector<auth::Session>> ListSessions(const std::string& user_id) override;
  Result<std::int64_t> SweepSessions(base::UnixMillis before) override;
  Status PutTicket(const auth::Ticket& ticket) override;
  Result<auth::Ticket> TakeTicket(const std::string& hash) override;
  Result<std::int64_t> Generation() override;

 private:
  Database* database_;
};

}  // namespace wt::store
