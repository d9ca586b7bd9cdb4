#include "service/host/core.h"

#include <algorithm>

#include "base/status_macros.h"
#include "platform/sha256.h"
#include "service/host/database_start.h"
#include "service/store/sqlite/migrations.h"
#include "service/worker/options/request_options.h"

namespace wt::host {
namespace {

/// Any text becomes a key of 32 bytes; its name is made so that it tells nothing about it.
blob::NamedKey KeyFromSecret(const config::Secret& secret) {
  const auto digest = [](const std::string& text) {
    return platform::Sha256Hex(std::as_bytes(std::span<const char>(text)));
  };
  blob::NamedKey named;
  named.id = "k" + digest("id/" + secret.Reveal()).substr(0, 16);
  const std::string hex = digest("key/" + secret.Reveal());
  for (std::size_t i = 0; i < named.key.size(); ++i) {
    named.key[i] = static_cast<std::byte>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  }
  return named;
}

Result<worker::ModelRegistryOptions> RegistryOptions(const HostOptions& options) {
  const config::ModelSettings& settings = options.settings->models;
  worker::ModelRegistryOptions registry;
  if (!settings.dir.empty()) registry.names.directories.push_back(settings.dir);
  for (const std::string& directory : options.more_model_dirs) {
    if (directory != settings.dir) registry.names.directories.push_back(directory);
  }
  registry.names.default_model = settings.default_model;
  registry.names.available = settings.available;
  const Result<std::string> language = worker::NormaliseLanguage(settings.language);
  if (!language.ok()) return language.status().WithContext("WHISPER_LANGUAGE");
  registry.names.default_language = *language;
  registry.cache_dir = options.settings->storage.cache_dir;
  registry.models_max = settings.cache_size;
  registry.preload = settings.preload;
  registry.log = options.logger;
  registry.metrics = options.metrics;
  return registry;
}

}  // namespace

Result<std::unique_ptr<Core>> Core::Open(const HostOptions& options) {
  std::unique_ptr<Core> core(new Core(options));
  WT_TRY(core->OpenDatabase());
  WT_TRY(core->OpenBlobs());
  WT_TRY(core->OpenEngine());
  return core;
}

Status Core::OpenDatabase() {
  const config::Settings& settings = *options.settings;
  store::DatabaseOptions db;
  db.path = settings.storage.database_file;
  observe::Logger* const logger = options.logger;
  db.on_statement = [logger](const store::StatementTiming& timing) {
    logger->Log(base::LogLevel::kWarning, "database", "slow statement",
                {{"sql", std::string(timing.sql)},
                 {"milliseconds", static_cast<double>(timing.took.count()) / 1e3}});
  };
  DatabaseStart start;
  start.attempts = settings.storage.connect_attempts;
  start.log = logger;
  WT_ASSIGN(database, OpenAtStart(db, start));
  if (settings.storage.auto_migrate) {
    const Result<int> applied =
        store::MigrateUp(*database, store::EmbeddedMigrations(), *options.clock);
    if (!applied.ok()) return applied.status();
    if (*applied > 0) {
      options.logger->Log(base::LogLevel::kInfo, "database", "schema brought up to date",
                          {{"steps", static_cast<std::int64_t>(*applied)}});
    }
  }
  WT_TRY(store::CheckSchema(*database, store::EmbeddedMigrations()));
  jobs = std::make_unique<store::SqliteJobStore>(database.get(), options.clock);
  runtime_settings = std::make_unique<store::SqliteRuntimeSettings>(database.get(), options.clock);
  workers = std::make_unique<store::SqliteWorkerRegistry>(database.get(), options.clock);
  usage = std::make_unique<store::SqliteUsageStore>(database.get());
  references = std::make_unique<store::SqliteBlobReferences>(database.get());
  return {};
}

Status Core::OpenBlobs() {
  const config::StorageSettings& storage = options.settings->storage;
  disk = blob::MakePosixDisk();
  blob::FsOptions fs;
  fs.root = storage.local_dir + "/blobs";
  fs.free_floor_bytes = storage.free_bytes_min;
  if (!storage.encryption_key.empty()) {
    std::vector<blob::NamedKey> keys = {KeyFromSecret(storage.encryption_key)};
    for (const config::Secret& previous : storage.previous_encryption_keys) {
      keys.push_back(KeyFromSecret(previous));
    }
    WT_ASSIGN(blob::KeyRing ring, blob::KeyRing::Create(std::move(keys)));
    fs.keys = std::make_shared<const blob::KeyRing>(std::move(ring));
  }
  WT_ASSIGN(blobs, blob::FsBlobStore::Open(std::move(fs), disk.get(), options.clock));
  transcripts = std::make_unique<transcripts::TranscriptStore>(jobs.get(), blobs.get());
  document_store = std::make_unique<store::SqliteDocumentStore>(database.get(), options.clock);
  documents = std::make_unique<documents::Documents>(document_store.get(), transcripts.get());
  search_store = std::make_unique<store::SqliteSearchStore>(database.get());
  WT_ASSIGN(search, search::Search::Create(search_store.get(), jobs.get(), documents.get()));
  return {};
}

Status Core::OpenEngine() {
  EngineOptions engine_options;
  engine_options.threads = options.settings->models.threads;
  engine_options.instruction_set = options.instruction_set;
  engine_options.tasks_in_flight_max =
      std::clamp(options.settings->jobs.concurrent_max + 8, 1, 256);
  WT_ASSIGN(engine, options.create_engine(engine_options));
  WT_ASSIGN(worker::ModelRegistryOptions registry, RegistryOptions(options));
  models = std::make_unique<worker::ModelRegistry>(engine.get(), std::move(registry));
  return {};
}

}  // namespace wt::host
