// Upload sessions in memory: the model that the database is compared with, and the store of tests
// and simulations. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "service/uploads/session.h"

namespace wt::uploads {

class MemorySessionStore : public SessionStore {
 public:
  /// Called before each operation with its name; an error ends the operation before it has begun.
  void SetFaults(std::function<Status(const char* operation)> faults);
  /// The next successful change answers kUnavailable although it was made.
  void LoseNextReply();

  Status Create(const Session& session, int active_max) override;
  Result<Session> Get(const std::string& id, const std::string& owner) override;
  Result<std::vector<Session>> List(const std::string& owner, bool active_only, int limit) override;
  Result<std::vector<Part>> Parts(const std::string& id) override;
  Result<AddedPart> AddPart(const Part& part, UnixMillis now) override;
  Status DropPart(const std::string& id, std::int64_t offset) override;
  Result<Session> Change(const SessionChange& change) override;
  Result<std::vector<Session>> Due(UnixMillis now, UnixMillis stale, int limit) override;
  Result<std::vector<Session>> WithGarbage(int limit) override;
  Status ForgetParts(const std::string& id) override;
  Result<int> Purge(UnixMillis before, int limit) override;
  Result<bool> IsReferenced(const std::string& blob_key) override;
  Result<std::int64_t> ReservedBytes(const std::string& owner) override;
  Result<SessionCounts> Counts() override;

 private:
  struct Row {
    Session session;
    std::map<std::int64_t, Part> parts;
  };
  Status Enter(const char* operation);
  Status Leave();
  /// Null when it is not there or another owner's.
  Row* Find(const std::string& id, const std::string& owner);
  std::vector<Session> Select(const std::function<bool(const Row&)>& wanted, int limit);

  std::mutex mutex_;
  std::map<std::string, Row> rows_;
  std::function<Status(const char*)> faults_;
  bool lose_reply_ = false;
};

}  // namespace wt::uploads
