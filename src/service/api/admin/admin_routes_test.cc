#include "service/api/admin/admin_routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "service/api/testing/account_world.h"
#include "service/api/testing/fake_job_store.h"
#include "service/audit/chain.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using testing::AccountWorld;
using testing::kAnnsPassword;
using testing::kRootsPassword;

constexpr const char* kJob = "018f0000-0000-7000-8000-000000000001";

class FakeSettings : public jobs::RuntimeSettings {
 public:
  Result<std::optional<std::string>> GetSetting(const std::string& name) override {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  }
  Status SetSetting(const std::string& name, const std::string& value,
                    const std::string& by) override {
    values[name] = value;
    changed_by = by;
    return {};
  }
  Status ClearSetting(const std::string& name) override {
    values.erase(name);
    return {};
  }
  std::map<std::string, std::string> values;
  std::string changed_by;
};

class FakeWorkers : public jobs::WorkerRegistry {
 public:
  Status Beat(const jobs::WorkerBeat&) override { return {}; }
  Result<std::vector<jobs::WorkerState>> Workers(std::int64_t stale_ms) override {
    asked_stale_ms = stale_ms;
    return workers;
  }
  Status Leave(const std::string&) override { return {}; }
  Status Forget(std::int64_t) override { return {}; }
  std::vector<jobs::WorkerState> workers;
  std::int64_t asked_stale_ms = 0;
};

class FakeHints : public jobs::JobHints {
 public:
  void JobAvailable() override { said += "available;"; }
  void CancelRequested(const std::string&) override { said += "cancel;"; }
  void JobChanged(const std::string&) override { said += "changed;"; }
  std::string said;
};

class FakeAuditStore : public audit::AuditStore {
 public:
  Result<audit::Entry> Append(const audit::Event& event, base::UnixMillis time) override {
    const std::string before = entries.empty() ? audit::kFirstHash : entries.back().hash;
    entries.push_back(audit::Seal(audit::Sanitised(event),
                                  static_cast<std::int64_t>(entries.size()) + 1, time, "salt",
                                  before));
    return entries.back();
  }
  Result<audit::Page> List(const audit::Filter& filter) override {
    last_filter = filter;
    audit::Page page;
    page.entries.assign(entries.rbegin(), entries.rend());
    page.total = static_cast<std::int64_t>(entries.size());
    return page;
  }
  Result<std::vector<audit::Entry>> Read(std::int64_t after, int limit) override {
    std::vector<audit::Entry> found;
    for (const audit::Entry& entry : entries) {
      if (entry.seq > after && static_cast<int>(found.size()) < limit) found.push_back(entry);
    }
    return found;
  }
  Result<audit::Head> GetHead() override {
    audit::Head head;
    head.pruned_hash = audit::kFirstHash;
    if (!entries.empty()) {
      head.seq = entries.back().seq;
      head.hash = entries.back().hash;
    }
    return head;
  }
  Result<std::int64_t> Prune(base::UnixMillis, int) override { return std::int64_t{0}; }
  Result<std::int64_t> ErasePersonal(const std::string&) override { return std::int64_t{0}; }
  std::vector<audit::Entry> entries;
  audit::Filter last_filter;
};

class AdminRoutesTest : public ::testing::Test {
 protected:
  explicit AdminRoutesTest(bool controlled = false)
      : controlled_(controlled), audit_log_(&audit_store_, nullptr, &world_.api.clock) {
    AdminRouteParts parts;
    parts.jobs = &jobs_;
    parts.hints = &hints_;
    parts.settings = &settings_;
    parts.workers = &workers_;
    parts.users = world_.users.get();
    parts.audit_log = &audit_log_;
    parts.clock = &world_.api.clock;
    parts.audit = world_.audit;
    parts.max_concurrent_jobs = 2;
    parts.version = "1.2.3";
    parts.started_at = world_.api.clock.Boot();
    parts.readiness = [] {
      return std::vector<ReadinessCheck>{{"database", true, true, ""},
                                         {"disk", false, true, "full"}};
    };
    parts.gauges = [] {
      return std::vector<std::pair<std::string, double>>{{"memory_bytes", 42.0}};
    };
    parts.clean_up = [this](bool dry_run) -> Result<OrphanReport> {
      OrphanReport report;
      report.orphan_blobs = {"media/x"};
      report.removed = dry_run ? 0 : 1;
      dry_runs_.push_back(dry_run);
      return report;
    };
    EXPECT_TRUE(AddAdminSchemas(&world_.api.routes.schemas()).ok());
    if (controlled_) parts.end_service = [this](bool restart) { ends_.push_back(restart); };
    AddAdminRoutes(parts, &world_.api.routes);
    world_.SignInAs("root", kRootsPassword);
  }
  void Put(const char* id, jobs::JobState state, bool dead = false) {
    jobs::Job job;
    job.id = id;
    job.owner = world_.ann.id;
    job.state = state;
    job.dead_letter = dead;
    job.started_at = 1'000;
    job.finished_at = 3'000;
    jobs_.Put(job);
  }

  const bool controlled_;
  std::vector<bool> ends_;
  AccountWorld world_;
  testing::FakeJobStore jobs_;
  FakeHints hints_;
  FakeSettings settings_;
  FakeWorkers workers_;
  FakeAuditStore audit_store_;
  audit::AuditLog audit_log_;
  std::vector<bool> dry_runs_;
};

class ServerControlTest : public AdminRoutesTest {
 protected:
  ServerControlTest() : AdminRoutesTest(true) {}
};

TEST_F(ServerControlTest, AdministratorsEndAndRestartTheService) {
  EXPECT_EQ(world_.api.Json(Method::kPost, "/admin/shutdown")["status"], "stopping");
  EXPECT_EQ(world_.api.last_status, 202);
  EXPECT_EQ(world_.api.Json(Method::kPost, "/admin/restart")["status"], "restarting");
  EXPECT_EQ(ends_, (std::vector<bool>{false, true}));
  EXPECT_EQ(world_.events.back().detail, "restart");
  world_.SignInAs("ann", kAnnsPassword);
  EXPECT_EQ(world_.api.Send(Method::kPost, "/admin/shutdown").status, 403);
  EXPECT_EQ(ends_.size(), 2U);
}

TEST_F(AdminRoutesTest, TheServerIsNotControlledUnlessTheOperatorAllowsIt) {
  for (const char* path : {"/admin/shutdown", "/admin/restart"}) {
    EXPECT_EQ(world_.api.Json(Method::kPost, path)["error_code"], "SERVER_CONTROL_DISABLED");
    EXPECT_EQ(world_.api.last_status, 403) << path;
  }
}

TEST_F(AdminRoutesTest, EveryRouteIsForAdministrators) {
  const std::pair<Method, std::string> routes[] = {
      {Method::kGet, "/admin/concurrency"},
      {Method::kPost, "/admin/concurrency"},
      {Method::kDelete, "/admin/concurrency"},
      {Method::kGet, "/heartbeat"},
      {Method::kGet, "/admin/stats"},
      {Method::kGet, "/admin/jobs"},
      {Method::kGet, "/admin/jobs/stats"},
      {Method::kGet, std::string("/admin/jobs/") + kJob},
      {Method::kPost, std::string("/admin/jobs/") + kJob + "/requeue"},
      {Method::kPost, std::string("/admin/jobs/") + kJob + "/cancel"},
      {Method::kDelete, std::string("/admin/jobs/") + kJob},
      {Method::kPost, "/admin/cleanup"},
      {Method::kGet, "/admin/security/audit-logs"},
      {Method::kGet, "/admin/security/audit-logs/verify"}};
  const std::string anns = world_.Open("ann", kAnnsPassword).access_token;
  for (const auto& [token, status] : {std::pair(anns, 403), std::pair(std::string(), 401)}) {
    world_.Use(token);
    for (const auto& [method, path] : routes) {
      EXPECT_EQ(world_.api.Send(method, path).status, status) << path;
      EXPECT_EQ(world_.api.Send(method, "/api" + path).status, status) << path;
    }
  }
  EXPECT_TRUE(dry_runs_.empty());
}

TEST_F(AdminRoutesTest, AdministratorsHaveTheirOwnRateOnAdministrationAlone) {
  auth::RateOptions options;
  options.secret = std::string(48, 'k');
  options.limits[static_cast<std::size_t>(auth::RateClass::kAdmin)] = {2, 60'000, 2};
  options.limits[static_cast<std::size_t>(auth::RateClass::kUser)] = {5, 60'000, 5};
  auth::RateLimiter limiter(options, &world_.api.clock);
  AuthAdapterParts parts;
  parts.authenticator = world_.authenticator.get();
  parts.limiter = &limiter;
  parts.clock = &world_.api.clock;
  const AuthAdapter adapter(parts);
  world_.api.change_ports = [&](DispatcherPorts* ports) { adapter.FillPorts(ports); };
  world_.api.routes.Add(PlainRoute(Method::kGet, "/mine", "getMine", "Own things", "test",
                                   auth::Permission::kSignedIn,
                                   [](Call&) { return http::Response::Text(200, "mine"); }));
  const auto statuses = [&](const char* path, int count) {
    std::vector<int> list;
    for (int i = 0; i < count; ++i) list.push_back(world_.api.Send(Method::kGet, path).status);
    return list;
  };
  EXPECT_EQ(statuses("/admin/stats", 3), (std::vector<int>{200, 200, 429}));
  EXPECT_EQ(statuses("/mine", 6), (std::vector<int>{200, 200, 200, 200, 200, 429}));
  world_.SignInAs("ann", kAnnsPassword);
  EXPECT_EQ(statuses("/admin/stats", 6), (std::vector<int>{403, 403, 403, 403, 403, 429}));
}

TEST_F(AdminRoutesTest, ConcurrencyIsKeptAndBounded) {
  EXPECT_EQ(world_.api.Json(Method::kGet, "/admin/concurrency")["source"], "configuration");
  for (const char* body : {"0", "-1", "1025", "\"3\"", "2.5"}) {
    world_.api.Json(Method::kPost, "/admin/concurrency", {},
                    std::string(R"({"max_concurrent_jobs":)") + body + "}");
    EXPECT_EQ(world_.api.last_status, 422) << body;
  }
  EXPECT_TRUE(settings_.values.empty());
  const json set = world_.Post("/admin/concurrency", {{"max_concurrent_jobs", 7}});
  EXPECT_EQ(set["max_concurrent_jobs"], 7);
  EXPECT_EQ(set["source"], "runtime");
  EXPECT_EQ(settings_.values[jobs::kMaxConcurrentJobsSetting], "7");
  EXPECT_EQ(settings_.changed_by, world_.root.id);
  EXPECT_EQ(hints_.said, "available;");
  EXPECT_EQ(world_.events.back().type, audit::EventType::kConfigChange);
  EXPECT_EQ(world_.api.Json(Method::kDelete, "/admin/concurrency")["max_concurrent_jobs"], 2);
}

TEST_F(AdminRoutesTest, DeadLettersAreListedRequeuedAndPurged) {
  Put(kJob, jobs::JobState::kFailed, /*dead=*/true);
  Put("018f0000-0000-7000-8000-000000000002", jobs::JobState::kRunning);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/admin/jobs")["total"], 2);
  const json dead = world_.api.Json(Method::kGet, "/admin/jobs", {{"dead_letter", "true"}});
  ASSERT_EQ(dead["total"], 1);
  EXPECT_EQ(dead["jobs"][0]["user_id"], world_.ann.id);
  EXPECT_EQ(dead["jobs"][0]["dead_letter"], true);
  const std::string path = std::string("/admin/jobs/") + kJob;
  EXPECT_EQ(world_.api.Json(Method::kPost, path + "/requeue")["status"], "queued");
  EXPECT_EQ(hints_.said, "available;changed;");
  EXPECT_EQ(world_.events.back().action, "job.requeue");
  EXPECT_EQ(world_.api.Send(Method::kPost, path + "/requeue").status, 409);
  EXPECT_EQ(world_.api.Send(Method::kPost, "/admin/jobs/nonsense/requeue").status, 404);
}

TEST_F(AdminRoutesTest, ReadingAForeignJobIsRecorded) {
  Put(kJob, jobs::JobState::kRunning);
  const std::string path = std::string("/admin/jobs/") + kJob;
  EXPECT_EQ(world_.api.Json(Method::kGet, path)["user_id"], world_.ann.id);
  EXPECT_EQ(world_.events.back().action, "job.read");
  EXPECT_EQ(world_.events.back().user_id, world_.root.id);
  EXPECT_EQ(world_.api.Send(Method::kDelete, path).status, 409);
  EXPECT_EQ(hints_.said, "cancel;");
}

TEST_F(AdminRoutesTest, HeartbeatShowsStaleWorkers) {
  jobs::WorkerState alive;
  alive.beat.worker_id = "w1";
  alive.beat.job_ids = {kJob};
  alive.beat.models = {"base"};
  jobs::WorkerState stale;
  stale.beat.worker_id = "w2";
  stale.age_ms = -1;
  stale.stale = true;
  workers_.workers = {alive, stale};
  const json beat = world_.api.Json(Method::kGet, "/heartbeat");
  EXPECT_EQ(beat["alive"], 1);
  EXPECT_EQ(beat["stale"], 1);
  EXPECT_EQ(beat["workers"][0]["job_ids"][0], kJob);
  EXPECT_EQ(beat["workers"][1]["status"], "stale");
  EXPECT_TRUE(beat["workers"][1]["age_seconds"].is_null());
  EXPECT_EQ(workers_.asked_stale_ms, 30'000);
}

TEST_F(AdminRoutesTest, StatisticsAreWhatTheStoresSay) {
  Put(kJob, jobs::JobState::kSucceeded);
  Put("018f0000-0000-7000-8000-000000000002", jobs::JobState::kQueued);
  world_.api.clock.Advance(5'000);
  const json stats = world_.api.Json(Method::kGet, "/admin/stats");
  EXPECT_EQ(stats["version"], "1.2.3");
  EXPECT_EQ(stats["uptime_seconds"], 5.0);
  EXPECT_EQ(stats["users"], 3);
  EXPECT_EQ(stats["jobs"]["total_jobs"], 2);
  EXPECT_EQ(stats["jobs"]["jobs_completed"], 1);
  EXPECT_EQ(stats["jobs"]["average_seconds"], 2.0);
  EXPECT_EQ(stats["jobs"]["success_rate"], 1.0);
  EXPECT_EQ(stats["queue"]["length"], 1);
  EXPECT_EQ(stats["status"], "degraded");
  EXPECT_EQ(stats["checks"]["disk"]["reason"], "full");
  EXPECT_EQ(stats["system"]["memory_bytes"], 42.0);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/api/admin/jobs/stats")["jobs_queued"], 1);
}

TEST_F(AdminRoutesTest, CleanUpIsADryRunUnlessTold) {
  EXPECT_EQ(world_.api.Json(Method::kPost, "/admin/cleanup")["dry_run"], true);
  EXPECT_EQ(world_.api.Json(Method::kPost, "/admin/cleanup", {{"dry_run", "true"}})["removed"], 0);
  EXPECT_EQ(world_.api.Send(Method::kPost, "/admin/cleanup", {{"dry_run", "no"}}).status, 422);
  EXPECT_EQ(world_.api.Json(Method::kPost, "/admin/cleanup", {{"dry_run", "false"}})["removed"], 1);
  EXPECT_EQ(dry_runs_, (std::vector<bool>{true, true, false}));
}

TEST_F(AdminRoutesTest, TheAuditRecordIsReadAndChecked) {
  audit::Event event;
  event.type = audit::EventType::kAuthFailure;
  event.action = "login";
  ASSERT_TRUE(audit_log_.Record(event).ok());
  const json list =
      world_.api.Json(Method::kGet, "/admin/security/audit-logs",
                      {{"event_type", "auth_failure"}, {"user_id", "u"}, {"limit", "5"}});
  EXPECT_EQ(list["entries"][0]["action"], "login");
  EXPECT_EQ(audit_store_.last_filter.type, audit::EventType::kAuthFailure);
  EXPECT_EQ(audit_store_.last_filter.user_id, "u");
  EXPECT_EQ(audit_store_.last_filter.limit, 5);
  EXPECT_EQ(world_.events.back().action, "audit.read");
  EXPECT_EQ(world_.api.Send(Method::kGet, "/admin/security/audit-logs", {{"severity", "enormous"}})
                .status,
            422);
  EXPECT_EQ(world_.api.Send(Method::kDelete, "/admin/security/audit-logs").status, 405);
  const auto verify = [&] {
    return world_.api.Json(Method::kGet, "/admin/security/audit-logs/verify");
  };
  EXPECT_EQ(verify()["intact"], true);
  audit_store_.entries[0].event.action = "nothing";
  EXPECT_EQ(verify()["intact"], false);
  EXPECT_EQ(verify()["broken_seq"], 1);
}

}  // namespace
}  // namespace wt::api
