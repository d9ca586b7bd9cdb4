#include "service/store/sqlite/auth/auth_sql.h"

namespace wt::store {

Status BumpGeneration(Connection& connection) {
  const Result<std::int64_t> changed =
      connection.Execute("UPDATE auth_generation SET value = value + 1 WHERE id = 1");
  return changed.status();
}

std::string LikePattern(std::string_view part) {
  std::string pattern = "%";
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

Status NoSuchEntry() { return Status(StatusCode::kNotFound, "There is no such entry."); }

}  // namespace wt::store
