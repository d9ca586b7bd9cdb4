// The stores of accounts in memory, for tests: the same rules as the database's, no durability.
//
// tests/conformance runs one suite over this and store/sqlite. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "service/auth/store/key_store.h"
#include "service/auth/store/limit_store.h"
#include "service/auth/store/session_store.h"
#include "service/auth/store/user_store.h"

namespace wt::auth {

class MemoryStore : public UserStore, public SessionStore, public KeyStore, public LimitStore {
 public:
  Status CreateUser(const User& user, CreateWhen when) override;
  Result<User> GetUser(const std::string& id) override;
  Result<User> FindUser(const std::string& login) override;
  Result<UserPage> ListUsers(const UserFilter& filter) override;
  Status UpdateUser(const User& user) override;
  Status SetLastLogin(const std::string& id, base::UnixMillis at) override;
  Status DeleteUser(const std::string& id) override;
  Result<std::int64_t> CountAdmins() override;
  Result<std::string> GetDocument(const std::string& user_id, const std::string& name) override;
  Status PutDocument(const std::string& user_id, const std::string& name, const std::string& json,
                     base::UnixMillis at) override;

  Status CreateSession(const Session& session, const std::string& refresh_hash,
                       int per_user_max) override;
  Result<Session> GetSession(const std::string& id) override;
  Result<RefreshToken> FindRefresh(const std::string& hash) override;
  Status RenewSession(const SessionRenewal& renewal) override;
  Status TouchSession(const std::string& id, base::UnixMillis now) override;
  Status EndSession(const std::string& id, const std::string& reason,
                    base::UnixMillis now) override;
  Status EndSessionsOf(const std::string& user_id, const std::string& except_id,
                       const std::string& reason, base::UnixMillis now) override;
  Result<std::vector<Session>> ListSessions(const std::string& user_id) override;
  Result<std::int64_t> SweepSessions(base::UnixMillis before) override;
  Status PutTicket(const Ticket& ticket) override;
  Result<Ticket> TakeTicket(const std::string& hash) override;
  Result<std::int64_t> Generation() override;

  Status CreateKey(const ApiKey& key, int per_user_max) override;
  Result<ApiKey> GetKey(const std::string& id) override;
  Result<ApiKey> FindKey(const std::string& secret_hash) override;
  Result<KeyPage> ListKeys(const KeyFilter& filter) override;
  Status UpdateKey(const ApiKey& key) override;
  Result<std::int64_t> ExpireKeys(base::UnixMillis now) override;
  Result<std::int64_t> DeleteEndedKeys(base::UnixMillis before) override;
  Status AppendUses(const std::vector<KeyUse>& uses) override;
  Result<std::vector<KeyUse>> ListUses(const std::string& key_id, int limit) override;
  Result<std::vector<KeyUseDay>> UseByDay(const std::string& key_id,
                                          const std::string& first_day) override;
  Result<std::int64_t> SweepUses(base::UnixMillis before, base::UnixMillis now) override;

  Status UpdateLimits(std::span<const std::string> ids,
                      const std::function<void(std::vector<LimitRecord>&)>& change) override;
  Result<std::vector<LimitRecord>> LoadLimits(const std::string& prefix, int limit) override;
  Result<std::int64_t> SweepLimits(base::UnixMillis before) override;
  Status DeleteLimits(const std::string& prefix) override;

  /// Calls of the store that read or write, for tests of caches.
  int calls() const;
  /// Every call from now on fails with kUnavailable.
  void FailFromNow();

 private:
  Status Begin();
  Status CheckUnique(const User& user) const;
  std::int64_t AdminsBut(const std::string& id) const;
  Status CheckKeyName(const ApiKey& key) const;

  mutable std::mutex mutex_;
  std::map<std::string, User> users_;
  std::map<std::string, std::string> documents_;
  std::map<std::string, Session> sessions_;
  std::map<std::string, RefreshToken> refresh_;
  std::map<std::string, Ticket> tickets_;
  std::map<std::string, ApiKey> keys_;
  std::vector<KeyUse> uses_;
  std::map<std::string, std::map<std::string, KeyUseDay>> days_;
  std::map<std::string, LimitRecord> limits_;
  std::int64_t generation_ = 0;
  int calls_ = 0;
  bool failing_ = false;
};

}  // namespace wt::auth
