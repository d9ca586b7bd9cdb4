// What uploads ask of the recordings that are stored (uploads::MediaCatalog), in SQLite.
// Thread-safe. The database and the session store outlive it.
#pragma once

#include <string>

#include "service/store/sqlite/database.h"
#include "service/uploads/intake.h"
#include "service/uploads/session.h"

namespace wt::store {

class SqliteMediaCatalog : public uploads::MediaCatalog {
 public:
  SqliteMediaCatalog(Database* database, uploads::SessionStore* sessions)
      : database_(database), sessions_(sessions) {}

  Result<std::string> FindByContent(const std::string& owner, const std::string& sha256) override;
  Result<std::int64_t> StoredBytes(const std::string& owner) override;

 private:
  Database* const database_;
  uploads::SessionStore* const sessions_;
};

}  // namespace wt::store
