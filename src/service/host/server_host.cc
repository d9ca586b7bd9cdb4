#include "service/host/server_host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/status_macros.h"
#include "media/probe_media.h"
#include "platform/cpu.h"
#include "platform/crash_point.h"
#include "platform/file_limit.h"
#include "platform/memory.h"
#include "platform/system_clock.h"
#include "service/api/accounts/account_json.h"
#include "service/api/accounts/auth_routes.h"
#include "service/api/accounts/key_routes.h"
#include "service/api/accounts/preference_routes.h"
#include "service/api/accounts/user_routes.h"
#include "service/api/admin/admin_routes.h"
#include "service/api/documents/document_routes.h"
#include "service/api/figures/figure_routes.h"
#include "service/api/models/model_routes.h"
#include "service/api/openai/openai_routes.h"
#include "service/api/rest/job_json.h"
#include "service/api/rest/job_routes.h"
#include "service/api/rest/result_routes.h"
#include "service/api/rest/submit_routes.h"
#include "service/api/search/search_routes.h"
#include "service/api/uploads/batch_routes.h"
#include "service/api/uploads/session_routes.h"
#include "service/api/uploads/tus_routes.h"
#include "service/host/model_tools.h"
#include "service/host/orphans.h"
#include "service/host/request_span.h"
#include "service/observe/metrics/machine.h"
#include "service/store/sqlite/migrations.h"

namespace wt::host {
namespace {

constexpr std::chrono::milliseconds kRound{1'000};
// Sweeping, expiry and gauges that cost a query.
constexpr int kRoundsPerStep = 30;
constexpr int kTombstonesPerStep = 200;
constexpr int kOrphansPerStep = 500;
// A long transcript takes some 100 ms; others of the housekeeping wait that long.
constexpr int kIndexedPerStep = 10;
constexpr std::int64_t kSweepGraceMs = 3'600'000;
// A thread that has not gone round for so long hangs.
constexpr base::BootMillis kAliveMs = 60'000;
// Rows of workers that gave no sign for a day are of no use to anybody.
constexpr std::int64_t kWorkersKeptMs = 86'400'000;
constexpr int kStreamThreads = 64;
constexpr int kFilesPerRequest = 10;

http::ServerOptions ServerOptionsOf(const HostOptions& options) {
  const config::ServerSettings& from = options.settings->server;
  http::ServerOptions server;
  server.address = from.host == "localhost" ? "127.0.0.1" : from.host;
  server.port = options.any_port ? 0 : from.port;
  server.tls.certificate_file = from.tls_cert_file;
  server.tls.key_file = from.tls_key_file;
  server.tls.version_min = from.tls_min_version;
  server.limits.body_bytes_max =
      std::max(server.limits.body_bytes_max, options.settings->uploads.bytes_max);
  server.log = options.logger;
  return server;
}

api::MachineFacts ThisMachine() {
  api::MachineFacts machine;
  machine.cores = platform::UsableCpuCount();
  machine.memory_bytes = platform::UsableMemoryBytes();
  const platform::CpuFeatures cpu = platform::DetectCpuFeatures();
  const std::pair<bool, const char*> sets[] = {{cpu.avx2_fma, "avx2"},
                                               {cpu.avx_vnni, "avx_vnni"},
                                               {cpu.avx512, "avx512"},
                                               {cpu.avx512_vnni, "avx512_vnni"},
                                               {cpu.avx512_bf16, "avx512_bf16"}};
  for (const auto& [there, name] : sets) {
    if (there) machine.instruction_sets.emplace_back(name);
  }
  return machine;
}

/// 10,000 connections, and as much again for files, the database and helpers.
constexpr std::int64_t kDescriptorsWanted = 20'000;

void RaiseFileLimit(observe::Logger* logger) {
  const platform::FileLimit limit = platform::RaiseFileLimit();
  logger->Log(
      limit.now < kDescriptorsWanted ? base::LogLevel::kWarning : base::LogLevel::kInfo, "http",
      limit.now < kDescriptorsWanted
          ? "open files are limited: fewer connections than 10000 can be held; raise the hard "
            "limit of open files (LimitNOFILE of the service unit)"
          : "open files",
      {{"limit", limit.now}, {"before", limit.before}});
}

Status AddSchemas(api::Schemas* schemas) {
  WT_TRY(api::AddJobSchemas(schemas));
  WT_TRY(api::AddSystemSchemas(schemas));
  WT_TRY(api::AddSubmitSchemas(schemas));
  WT_TRY(api::AddResultSchemas(schemas));
  WT_TRY(api::AddDocumentSchemas(schemas));
  WT_TRY(api::AddSearchSchemas(schemas));
  WT_TRY(api::AddPreferenceSchemas(schemas));
  WT_TRY(api::AddModelSchemas(schemas));
  WT_TRY(api::AddFigureSchemas(schemas));
  WT_TRY(api::AddOpenAiSchemas(schemas));
  WT_TRY(api::AddAccountSchemas(schemas));
  WT_TRY(api::AddAdminSchemas(schemas));
  WT_TRY(api::AddSessionSchemas(schemas));
  WT_TRY(api::AddBatchSchemas(schemas));
  return {};
}

}  // namespace

Result<std::unique_ptr<ServerHost>> ServerHost::Start(const HostOptions& options) {
  RaiseFileLimit(options.logger);
  std::unique_ptr<ServerHost> host(new ServerHost(options));
  WT_TRY(host->MakeParts());
  WT_TRY(host->AddRoutes());
  WT_TRY(host->Listen());
  host->core_->models->Preload();
  host->MakeWorker();
  host->housekeeping_ =
      std::jthread([raw = host.get()](const std::stop_token& stop) { raw->Housekeeping(stop); });
  return host;
}

ServerHost::~ServerHost() { Stop(std::chrono::milliseconds(0)); }

Status ServerHost::MakeParts() {
  WT_ASSIGN(core_, Core::Open(options_));
  ConnectHints(options_, &hints_);
  WT_ASSIGN(accounts_, Accounts::Open(core_.get()));
  batches_ = std::make_unique<store::SqliteBatchStore>(core_->database.get(), options_.clock);
  WT_TRY(MakeUploads());
  worker::SyncOptions sync;
  sync.media = options_.media;
  sync.metrics = options_.metrics;
  sync_ = std::make_unique<worker::SyncTranscriber>(core_->engine.get(), core_->models.get(), sync);
  peaks_ = std::make_unique<worker::PeakStore>(core_->blobs.get(), options_.media);
  hub_ = std::make_unique<api::JobEventHub>(core_->jobs.get(), api::JobEventHub::Options(),
                                            options_.logger);
  streams_ = std::make_unique<api::StreamPool>(kStreamThreads);
  jobs::MaintenanceOptions maintenance;
  maintenance.retry.base_ms = std::chrono::milliseconds(options_.settings->jobs.retry_base).count();
  maintenance.interval_ms = std::chrono::milliseconds(options_.settings->jobs.lease).count() / 3;
  maintenance_ =
      std::make_unique<jobs::Maintenance>(core_->jobs.get(), options_.clock, &hints_, maintenance);
  api::SubmitParts submit;
  submit.jobs = core_->jobs.get();
  submit.hints = &hints_;
  submit.intake = intake_.get();
  submit.clock = options_.clock;
  submit.limits = {options_.settings->jobs.queue_depth_max, options_.settings->jobs.per_user_max};
  submit.attempts_max = options_.settings->jobs.attempts_max;
  submit.log = options_.logger;
  submitter_ = std::make_unique<api::JobSubmitter>(submit);
  RetentionPeriods periods;
  periods.audit = options_.settings->storage.audit_retention;
  retention_ = std::make_unique<Retention>(
      RetentionStores{&accounts_->session_store, &accounts_->limit_store, &accounts_->key_store,
                      accounts_->audit.get()},
      periods, options_.clock);
  AddHealthChecks();
  return {};
}

Status ServerHost::MakeUploads() {
  const config::Settings& settings = *options_.settings;
  upload_store_ = std::make_unique<store::SqliteUploadStore>(core_->database.get());
  catalog_ =
      std::make_unique<store::SqliteMediaCatalog>(core_->database.get(), upload_store_.get());
  quota_of_ = [users = &accounts_->user_store,
               everybody =
                   settings.storage.user_quota_bytes.value_or(0)](const std::string& owner) {
    const Result<auth::User> user = users->GetUser(owner);
    return user.ok() ? user->storage_quota_bytes.value_or(everybody) : everybody;
  };
  quota_ = std::make_unique<uploads::QuotaLedger>(quota_of_);
  const auto new_id = [clock = options_.clock] { return platform::NewId(*clock); };
  uploads::IntakePorts intake;
  intake.blobs = core_->blobs.get();
  intake.catalog = catalog_.get();
  intake.quota = quota_.get();
  intake.probe = [this](const platform::FileDescriptor& content) { return Probe(content); };
  intake.new_id = new_id;
  intake.report = [this](std::string_view outcome, std::int64_t bytes) {
    options_.metrics->UploadFinished(outcome, bytes);
  };
  WT_ASSIGN(intake.allowed_types, uploads::AllowedTypes::Parse(settings.uploads.allowed_types));
  intake.filename_bytes_max = static_cast<std::size_t>(settings.uploads.filename_length_max);
  intake_ = std::make_unique<uploads::MediaIntake>(std::move(intake));
  uploads::SessionPorts ports;
  ports.blobs = core_->blobs.get();
  ports.sessions = upload_store_.get();
  ports.intake = intake_.get();
  ports.catalog = catalog_.get();
  ports.quota = quota_.get();
  ports.clock = options_.clock;
  ports.new_id = new_id;
  uploads::SessionLimits limits;
  limits.bytes_max = settings.uploads.bytes_max;
  limits.chunk_bytes = settings.uploads.chunk_bytes;
  limits.ttl_ms = std::chrono::milliseconds(settings.uploads.session_ttl).count();
  uploads_ = std::make_unique<uploads::Uploads>(std::move(ports), limits);
  cleaner_ =
      std::make_unique<uploads::Cleaner>(core_->blobs.get(), upload_store_.get(), uploads_.get(),
                                         options_.clock, uploads::CleanerOptions());
  orphans_ = std::make_unique<OrphanSweep>(core_->blobs.get(), core_->references.get(),
                                           options_.clock->Now() - kSweepGraceMs);
  return {};
}

Result<uploads::ProbedMedia> ServerHost::Probe(const platform::FileDescriptor& content) const {
  platform::FileDescriptor own(::dup(content.get()));
  WT_ASSIGN(const media::MediaInfo info,
            media::ProbeMediaDescriptor(std::move(own), "the recording", options_.media));
  uploads::ProbedMedia probed;
  probed.container = info.format;
  probed.duration_s = info.duration_s;
  probed.has_video = info.has_video;
  probed.audio_tracks = static_cast<int>(info.tracks.size());
  if (!info.tracks.empty()) {
    const media::AudioTrack& track = info.tracks.front();
    probed.sample_rate = track.sample_rate;
    probed.channels = track.channels;
    if (!probed.duration_s) probed.duration_s = track.duration_s;
  }
  return probed;
}

void ServerHost::MakeWorker() {
  worker::WorkerPorts ports;
  ports.jobs = core_->jobs.get();
  ports.blobs = core_->blobs.get();
  ports.engine = core_->engine.get();
  ports.models = core_->models.get();
  ports.clock = options_.clock;
  ports.hints = &hints_;
  ports.log = options_.logger;
  ports.metrics = options_.metrics;
  ports.tracer = options_.tracer;
  worker_ = std::make_unique<worker::JobWorker>(
      ports, MakeWorkerOptions(options_, core_.get(), options_.settings->jobs.concurrent_max));
  subscription_ = hints_.Subscribe([this](jobs::LocalHints::Kind kind, const std::string& job_id) {
    using Kind = jobs::LocalHints::Kind;
    if (kind == Kind::kAvailable) return worker_->JobAvailable();
    if (kind == Kind::kCancelRequested) worker_->CancelRequested(job_id);
    hub_->JobChanged(job_id);
  });
}

void ServerHost::AddHealthChecks() {
  health_ = std::make_unique<observe::HealthChecks>([this](const observe::CheckResult& result) {
    options_.metrics->SetDependencyUp(result.name, result.status.ok());
  });
  using observe::Need;
  constexpr std::chrono::milliseconds kTimeout{500};
  const auto add = [&](const char* name, Need need, std::function<Status()> run) {
    health_->Add({name, need, kTimeout, std::move(run)});
  };
  add("database", Need::kRequired, [this] { return core_->jobs->Counts("").status(); });
  add("migrations", Need::kRequired,
      [this] { return store::CheckSchema(*core_->database, store::EmbeddedMigrations()); });
  add("storage", Need::kRequired, [this] { return core_->blobs->FreeBytes().status(); });
  add("disk", Need::kRequired, [this] { return core_->blobs->CheckSpace(1); });
  add("queue", Need::kRequired, [this]() -> Status {
    if (alive()) return {};
    return Status(StatusCode::kUnavailable, "The housekeeping of the queue has stopped.");
  });
  add("models", Need::kRequired, [this]() -> Status {
    const worker::Readiness readiness = core_->models->CheckReadiness();
    if (readiness.ready && !core_->models->names().Installed().empty()) return {};
    return Status(StatusCode::kUnavailable, readiness.waiting_for.empty()
                                                ? "No model is installed."
                                                : readiness.waiting_for.front());
  });
  add("workers", Need::kOptional, [this]() -> Status {
    if (options_.settings->jobs.concurrent_max > 0) return {};
    return Status(StatusCode::kUnavailable, "This server runs no jobs itself.");
  });
}

api::DispatcherPorts ServerHost::MakePorts() {
  api::DispatcherPorts ports;
  accounts_->adapter->FillPorts(&ports);
  ports.in_progress = [this](const std::string& route, int change) {
    options_.metrics->RequestsInProgress(route == "unmatched" ? "" : route, change);
  };
  ports.record = [this](const api::CallRecord& record) { Record(record); };
  ports.begin_span = [tracer = options_.tracer](const auto& parent) {
    return tracer->Begin(parent);
  };
  ports.site = [this](const http::Request& request) { return site_.Answer(request); };
  return ports;
}

void ServerHost::Record(const api::CallRecord& record) {
  options_.metrics->RequestFinished({record.method, record.route == "unmatched" ? "" : record.route,
                                     record.status, record.seconds});
  observe::AccessRecord access;
  access.client_ip = record.client_address;
  access.method = record.method;
  access.route = record.route;
  access.path = record.path;
  access.status_code = record.status;
  access.response_time_ms = record.seconds * 1e3;
  access.agent = record.user_agent;
  access.length = record.response_bytes;
  access.context.request_id = record.request_id;
  access.context.user_id = record.principal.user_id;
  if (record.trace) {
    access.context.trace_id = record.trace->trace_id;
    access.context.span_id = record.trace->span_id;
    options_.tracer->End(RequestSpan(record));
  }
  options_.logger->Access(access);
  accounts_->adapter->RecordUse(record);
  if (record.status == 429) options_.metrics->RequestRateLimited(record.route);
  const bool denied = record.status == 401 || record.status == 403;
  if (denied) options_.metrics->AuthFailed(record.status == 401 ? "unauthorized" : "forbidden");
  if (record.audit_event.empty() && !denied) return;
  audit::Event event;
  event.type =
      denied ? audit::EventType::kAccessDenied
             : audit::ParseEventType(record.audit_event).value_or(audit::EventType::kApiAccess);
  event.severity = audit::UsualSeverity(event.type);
  event.outcome = denied                 ? audit::Outcome::kDenied
                  : record.status >= 400 ? audit::Outcome::kFailure
                                         : audit::Outcome::kSuccess;
  event.action = record.method + " " + record.route;
  event.resource = record.path;
  event.request_id = record.request_id;
  event.user_id = record.principal.user_id;
  event.username = record.principal.username;
  event.address = record.client_address;
  event.agent = record.user_agent;
  RecordAudit(event);
}

void ServerHost::RecordAudit(const audit::Event& event) {
  if (!accounts_->audit->Record(event).ok()) options_.metrics->AuditWriteFailed();
}

void ServerHost::AddAccountRoutes() {
  const config::AuthSettings& settings = options_.settings->auth;
  const api::AuditFunction audit = [this](const audit::Event& event) { RecordAudit(event); };
  api::AuthRouteParts sign_in;
  sign_in.adapter = accounts_->adapter.get();
  sign_in.authenticator = accounts_->authenticator.get();
  sign_in.sessions = &accounts_->sessions;
  sign_in.users = &accounts_->users;
  sign_in.first_run = &accounts_->first_run;
  sign_in.audit = audit;
  sign_in.allow_registration =
      settings.allow_registration && settings.multi_user && !settings.single_user;
  api::AddAuthRoutes(sign_in, &routes_);
  api::AddUserRoutes({&accounts_->users,
                      [this](const std::string& user_id) { return DeleteDataOf(user_id); }, audit},
                     &routes_);
  api::AddKeyRoutes({&accounts_->keys, options_.clock, audit}, &routes_);
  api::AddPreferenceRoutes({&accounts_->user_store, options_.clock}, &routes_);
  const api::AdminRouteParts admin = MakeAdminParts(audit);
  api::AddAdminRoutes(admin, &routes_);
  AddModelAndFigureRoutes(audit);
  AddSocketRoutes(admin);
}

void ServerHost::AddModelAndFigureRoutes(const api::AuditFunction& audit) {
  const config::Settings& settings = *options_.settings;
  downloads_ = std::make_unique<worker::ModelDownloads>(settings.models.dir);
  api::ModelRouteParts models;
  models.registry = core_->models.get();
  models.downloads = downloads_.get();
  models.machine = ThisMachine();
  speeds_ = MakeModelSpeeds(core_.get(), sync_.get());
  models.speeds = speeds_.get();
  models.busy = [this] {
    jobs::JobFilter working;
    working.statuses = {"processing", "enriching"};
    working.limit = 1;
    const Result<jobs::JobPage> page = core_->jobs->List(working);
    return sync_->active() > 0 || (page.ok() && !page->jobs.empty());
  };
  models.bring_in = [directory = settings.models.dir](const std::string& model,
                                                      const std::string& filename,
                                                      std::int64_t bytes, http::BodySource* body) {
    return BringInModel(directory, model, filename, bytes, body);
  };
  models.audit = audit;
  api::AddModelRoutes(models, &routes_);
  api::FigureRouteParts figures;
  figures.usage = core_->usage.get();
  figures.jobs = core_->jobs.get();
  figures.workers = core_->workers.get();
  figures.blobs = core_->blobs.get();
  figures.clock = options_.clock;
  figures.quota_of = quota_of_;
  figures.active_jobs_max = settings.jobs.per_user_max;
  figures.database_bytes = [path = settings.storage.database_file] {
    std::int64_t bytes = 0;
    // The file, and what is written and not moved into it yet.
    for (const char* suffix : {"", "-wal"}) {
      std::error_code error;
      const std::uintmax_t size = std::filesystem::file_size(path + suffix, error);
      if (!error) bytes += static_cast<std::int64_t>(size);
    }
    return bytes;
  };
  figures.model_bytes = [this] {
    std::int64_t bytes = 0;
    for (const models::InstalledModel& model : core_->models->names().Installed()) {
      bytes += model.bytes;
    }
    return bytes;
  };
  api::AddFigureRoutes(figures, &routes_);
}

void ServerHost::AddUploadRoutes() {
  const config::UploadSettings& settings = options_.settings->uploads;
  const worker::ModelNames* const models = &core_->models->names();
  upload_jobs_ = std::make_unique<api::UploadJobs>(uploads_.get(), submitter_.get());
  api::SessionRouteParts sessions;
  sessions.uploads = uploads_.get();
  sessions.sessions = upload_store_.get();
  sessions.jobs = upload_jobs_.get();
  sessions.models = models;
  sessions.clean = [this] {
    const std::lock_guard lock(cleaner_mutex_);
    return cleaner_->Step();
  };
  sessions.parallel_chunks = settings.parallel_chunks_max;
  api::AddSessionRoutes(sessions, &routes_);
  api::AddTusRoutes({uploads_.get(), &upload_locks_, upload_jobs_.get(), models}, &routes_);
  api::BatchRouteParts batches;
  batches.batches = batches_.get();
  batches.jobs = core_->jobs.get();
  batches.hints = &hints_;
  batches.blobs = core_->blobs.get();
  batches.submitter = submitter_.get();
  batches.intake = intake_.get();
  batches.models = models;
  batches.clock = options_.clock;
  batches.limits.jobs_max = settings.batch_files_max;
  batches.queue_limits = {options_.settings->jobs.queue_depth_max,
                          options_.settings->jobs.per_user_max};
  batches.file_bytes_max = settings.direct_bytes_max;
  batches.total_bytes_max = settings.batch_bytes_max;
  batches.log = options_.logger;
  api::AddBatchRoutes(batches, &routes_);
}

api::AdminRouteParts ServerHost::MakeAdminParts(const api::AuditFunction& audit) {
  api::AdminRouteParts admin;
  admin.jobs = core_->jobs.get();
  admin.hints = &hints_;
  admin.settings = core_->runtime_settings.get();
  admin.workers = core_->workers.get();
  admin.users = &accounts_->users;
  admin.blobs = core_->blobs.get();
  admin.audit_log = accounts_->audit.get();
  admin.clock = options_.clock;
  admin.log = options_.logger;
  admin.audit = audit;
  admin.max_concurrent_jobs = options_.settings->jobs.concurrent_max;
  admin.version = options_.version;
  admin.started_at = options_.clock->Boot();
  admin.readiness = [this] { return ReadinessChecks(); };
  admin.gauges = [this] {
    std::vector<std::pair<std::string, double>> gauges;
    if (const auto process = observe::ReadProcess()) {
      gauges.emplace_back("memory_bytes", static_cast<double>(process->resident_bytes));
      gauges.emplace_back("cpu_seconds", process->cpu_seconds);
      gauges.emplace_back("threads", static_cast<double>(process->threads));
    }
    if (const auto free = core_->blobs->FreeBytes(); free.ok()) {
      gauges.emplace_back("disk_free_bytes", static_cast<double>(*free));
    }
    return gauges;
  };
  admin.clean_up = [this](bool dry_run) {
    return FindOrphans(
        {core_->blobs.get(), core_->references.get(), upload_store_.get(), options_.clock},
        dry_run);
  };
  if (options_.settings->server.server_control_enabled) admin.end_service = options_.end_service;
  return admin;
}

std::vector<api::ReadinessCheck> ServerHost::ReadinessChecks() {
  std::vector<api::ReadinessCheck> checks;
  for (const observe::CheckResult& result : health_->Check().checks) {
    checks.push_back({result.name, result.status.ok(), result.need == observe::Need::kRequired,
                      result.status.message()});
  }
  return checks;
}

Status ServerHost::DeleteDataOf(const std::string& user_id) {
  if (user_id.empty()) return Status(StatusCode::kInvalidArgument, "No user was named.");
  jobs::JobFilter filter;
  filter.owner = user_id;
  Status running;
  // Deleted jobs leave the list, those that run stay: their number is passed over.
  while (true) {
    WT_ASSIGN(const jobs::JobPage page, core_->jobs->List(filter));
    if (page.jobs.empty()) return running;
    for (const jobs::Job& job : page.jobs) {
      const auto deleted = core_->jobs->Delete(job.id, user_id);
      if (deleted.ok()) continue;  // The blobs have tombstones, which housekeeping buries.
      if (deleted.status().code() != StatusCode::kFailedPrecondition) return deleted.status();
      running = deleted.status();
      ++filter.offset;
      if (core_->jobs->RequestCancel(job.id, user_id).ok()) hints_.CancelRequested(job.id);
    }
  }
}

Status ServerHost::AddRoutes() {
  const config::Settings& settings = *options_.settings;
  WT_TRY(AddSchemas(&routes_.schemas()));
  MakeSocketGuard();
  AddUploadRoutes();
  AddAccountRoutes();

  api::SystemRouteParts system;
  system.version = {options_.version, options_.build_sha, options_.build_date};
  system.docs = settings.server.docs_enabled;
  system.health_word = settings.server.health_word;
  system.metrics_open = settings.metrics.open;
  system.security_contact = settings.server.security_contact;
  system.clock = options_.clock;
  system.ping_database = [this] { return core_->jobs->Counts("").status(); };
  system.readiness = [this] { return ReadinessChecks(); };
  system.metrics = [this] { return options_.metrics->Expose(); };
  api::AddSystemRoutes(system, &routes_);

  cursors_ = std::make_unique<api::PageCursors>(settings.auth.secret_key.Reveal(), options_.clock);
  api::JobRouteParts job_parts;
  job_parts.jobs = core_->jobs.get();
  job_parts.hints = &hints_;
  job_parts.blobs = core_->blobs.get();
  job_parts.clock = options_.clock;
  job_parts.log = options_.logger;
  job_parts.documents = core_->documents.get();
  job_parts.pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  job_parts.cursors = cursors_.get();
  api::AddJobRoutes(job_parts, &routes_);
  api::AddSubmitRoutes({submitter_.get(), intake_.get(), &core_->models->names(),
                        settings.uploads.direct_bytes_max, kFilesPerRequest},
                       &routes_);
  api::ResultRouteParts results;
  results.jobs = core_->jobs.get();
  results.blobs = core_->blobs.get();
  results.documents = core_->documents.get();
  results.events = hub_.get();
  results.streams = {accounts_->adapter.get(), sockets_.get(), options_.clock};
  results.clock = options_.clock;
  results.default_format = settings.server.default_transcript_format;
  results.peaks = [this](const jobs::Job& job, int points) -> Result<std::string> {
    WT_ASSIGN(const worker::Waveform waveform,
              peaks_->Load(job.media, static_cast<std::size_t>(points)));
    return worker::WaveformJson(waveform);
  };
  api::AddResultRoutes(results, &routes_);
  api::AddSearchRoutes({core_->search.get(), options_.clock}, &routes_);
  api::AddDocumentRoutes({core_->jobs.get(), core_->documents.get(), &hints_}, &routes_);

  api::OpenAiRouteParts openai;
  openai.transcriber = sync_.get();
  openai.models = core_->models.get();
  openai.streams = streams_.get();
  openai.clock = options_.clock;
  openai.limits.bytes_max = std::int64_t{settings.uploads.openai_megabytes_max} * 1'000'000;
  openai.limits.bytes_min = settings.uploads.openai_bytes_min;
  openai.limits.temp_dir = options_.media.temp_dir;
  WT_ASSIGN(openai.limits.allowed_types,
            uploads::AllowedTypes::Parse(settings.uploads.allowed_types));
  api::AddOpenAiRoutes(openai, &routes_);
  return routes_.Build();
}

Status ServerHost::Listen() {
  const config::ServerSettings& settings = options_.settings->server;
  api::DispatcherOptions dispatcher;
  dispatcher.allowed_hosts = settings.allowed_hosts;
  dispatcher.content_security_policy = settings.csp_enabled;
  dispatcher.upload_timeout_ms =
      std::chrono::milliseconds(options_.settings->uploads.timeout).count();
  dispatcher.cors_origins = settings.cors_origins;
  dispatcher.security_headers = settings.security_headers_enabled;
  dispatcher.hsts_max_age_s = settings.hsts_max_age.count();
  dispatcher_ =
      std::make_unique<api::Dispatcher>(&routes_, options_.clock, dispatcher, MakePorts());
  http::ServerOptions server = ServerOptionsOf(options_);
  WT_ASSIGN(server_, http::Server::Start(server, dispatcher_.get()));
  if (settings.http_redirect_port == 0) return {};
  to_tls_ = std::make_unique<ToTls>(settings.allowed_hosts, port());
  server.tls = {};
  server.port = settings.http_redirect_port;
  WT_ASSIGN(redirect_server_, http::Server::Start(server, to_tls_.get()));
  return {};
}

std::string ServerHost::url() const {
  const config::ServerSettings& settings = options_.settings->server;
  const bool everywhere = settings.host == "0.0.0.0" || settings.host == "::";
  const std::string host = everywhere ? "localhost" : settings.host;
  return fmt::format("{}://{}:{}", settings.tls_cert_file.empty() ? "http" : "https",
                     host.find(':') == std::string::npos ? host : "[" + host + "]", port());
}

bool ServerHost::alive() const {
  const base::BootMillis last = last_round_.load();
  return last == 0 || options_.clock->Boot() - last < kAliveMs;
}

void ServerHost::StepOften() {
  const Status synced = accounts_->Sync();
  if (!synced.ok()) options_.logger->LogStatus(base::LogLevel::kWarning, "accounts", synced);
  const jobs::MaintenanceReport report = maintenance_->Step();
  if (!report.status.ok()) {
    options_.logger->LogStatus(base::LogLevel::kWarning, "jobs", report.status);
  }
  const auto slots = core_->runtime_settings->GetSetting(jobs::kMaxConcurrentJobsSetting);
  if (slots.ok() && worker_) {
    worker_->SetSlots(*slots ? std::atoi((*slots)->c_str())
                             : options_.settings->jobs.concurrent_max);
  }
  const Status orphans = orphans_->Step(kOrphansPerStep);
  if (!orphans.ok()) options_.logger->LogStatus(base::LogLevel::kWarning, "storage", orphans);
  const Result<int> indexed = core_->search->Step(kIndexedPerStep);
  if (!indexed.ok()) {
    options_.logger->LogStatus(base::LogLevel::kWarning, "search", indexed.status());
  }
  options_.metrics->JobsRecovered(report.rescued);
  SetFastGauges();
}

void ServerHost::BuryDeleted() {
  const Result<std::vector<std::string>> keys = core_->references->Tombstones(kTombstonesPerStep);
  if (!keys.ok() || keys->empty()) return;
  std::vector<std::string> gone;
  for (const std::string& key : *keys) {
    // A recording's waveform goes with it (worker/peaks/peak_store.h names it so).
    constexpr std::string_view kMedia = "media/";
    const bool recording = key.starts_with(kMedia);
    const std::string peaks = "peaks/" + key.substr(recording ? kMedia.size() : 0) + ".v1";
    if (recording && !core_->blobs->Delete(peaks).ok()) continue;
    if (core_->blobs->Delete(key).ok()) gone.push_back(key);
  }
  platform::CrashPoint("bury.deleted");
  const Status buried = core_->references->Bury(gone);
  if (!buried.ok()) options_.logger->LogStatus(base::LogLevel::kWarning, "storage", buried);
}

void ServerHost::StepSometimes() {
  BuryDeleted();
  const uploads::CleanerReport cleaned = [this] {
    const std::lock_guard lock(cleaner_mutex_);
    return cleaner_->Step();
  }();
  if (!cleaned.status.ok()) {
    options_.logger->LogStatus(base::LogLevel::kWarning, "uploads", cleaned.status);
  }
  const auto swept = core_->blobs->Sweep(kSweepGraceMs);
  if (!swept.ok()) options_.logger->LogStatus(base::LogLevel::kWarning, "storage", swept.status());
  const auto expired = accounts_->keys.ExpireDue();
  if (!expired.ok()) {
    options_.logger->LogStatus(base::LogLevel::kWarning, "accounts", expired.status());
  }
  const std::optional<RetentionReport> kept = retention_->Step();
  if (kept) static_cast<void>(core_->workers->Forget(kWorkersKeptMs).ok());
  if (kept && !kept->status.ok()) {
    options_.logger->LogStatus(base::LogLevel::kWarning, "retention", kept->status);
  } else if (kept) {
    options_.logger->Log(base::LogLevel::kInfo, "retention", "what was kept long enough is gone",
                         {{"sessions", kept->sessions},
                          {"limits", kept->limits},
                          {"key_uses", kept->key_uses},
                          {"audit", kept->audit}});
  }
  options_.metrics->CleanupDeleted("upload_sessions", cleaned.expired + cleaned.purged);
  options_.metrics->CleanupDeleted("orphans", cleaned.orphans_removed);
  if (swept.ok()) options_.metrics->CleanupDeleted("partial_blobs", swept->files_removed);
  if (kept) options_.metrics->CleanupDeleted("sessions", kept->sessions);
  SetSlowGauges();
}

void ServerHost::Housekeeping(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  for (int round = 0; !stop.stop_requested(); ++round) {
    last_round_ = options_.clock->Boot();
    StepOften();
    if (round % kRoundsPerStep == 0) StepSometimes();
    wake.wait_for(lock, stop, kRound, [] { return false; });
  }
}

void ServerHost::Stop(std::chrono::milliseconds grace) {
  const auto until = std::chrono::steady_clock::now() + grace;
  const auto left = [&] {
    const auto time = until - std::chrono::steady_clock::now();
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(time));
  };
  if (sockets_) sockets_->Stop();
  if (hub_) hub_->Stop();
  if (downloads_) downloads_->Stop();
  if (redirect_server_) redirect_server_->Stop(std::chrono::milliseconds(0));
  if (server_) server_->Stop(left());
  streams_.reset();
  if (worker_) worker_->Stop(left());
  housekeeping_.request_stop();
  if (housekeeping_.joinable()) housekeeping_.join();
  hints_.Disconnect();
  subscription_ = {};
  if (accounts_ && core_) {
    const Status synced = accounts_->Sync();
    if (!synced.ok()) options_.logger->LogStatus(base::LogLevel::kWarning, "accounts", synced);
    static_cast<void>(accounts_->quota.ReturnUnused().ok());
  }
}

}  // namespace wt::host
