// What a server and a worker process both stand on: database, blobs, engine, models.
//
// Everything is made in Open() in the order of its dependence and goes in the reverse one.
// Thread-safe as its parts are.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "media/open_audio.h"
#include "service/blob/fs/disk.h"
#include "service/blob/fs/fs_store.h"
#include "service/config/settings.h"
#include "service/documents/documents.h"
#include "service/observe/logs/logger.h"
#include "service/observe/metrics/metrics.h"
#include "service/observe/traces/tracer.h"
#include "service/search/search.h"
#include "service/store/sqlite/database.h"
#include "service/store/sqlite/documents/sqlite_document_store.h"
#include "service/store/sqlite/jobs/sqlite_job_store.h"
#include "service/store/sqlite/jobs/sqlite_job_support.h"
#include "service/store/sqlite/search/sqlite_search_store.h"
#include "service/transcripts/transcript_store.h"
#include "service/worker/models/model_registry.h"
#include "whisper_transcriber/engine.h"

namespace wt::host {

/// Given by the program. What is pointed to outlives the host.
struct HostOptions {
  const config::Settings* settings = nullptr;
  const base::Clock* clock = nullptr;
  observe::Logger* logger = nullptr;
  observe::Metrics* metrics = nullptr;
  observe::Tracer* tracer = nullptr;
  std::string version;
  std::string build_sha;
  std::string build_date;
  /// Bind whichever port is free.
  bool any_port = false;
  /// Helper and temporary directory of media.
  media::MediaOptions media;
  /// "auto" or one that WT_FORCE_ISA names.
  std::string instruction_set = "auto";
  /// Directories of models after the one of the settings.
  std::vector<std::string> more_model_dirs;
  /// Ends the process in order, and starts the service again if `restart`; returns at once.
  std::function<void(bool restart)> end_service;
  std::function<Result<std::unique_ptr<Engine>>(const EngineOptions&)> create_engine;
};

class Core {
 public:
  static Result<std::unique_ptr<Core>> Open(const HostOptions& options);

  const HostOptions options;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::SqliteJobStore> jobs;
  std::unique_ptr<store::SqliteRuntimeSettings> runtime_settings;
  std::unique_ptr<store::SqliteWorkerRegistry> workers;
  std::unique_ptr<store::SqliteUsageStore> usage;
  std::unique_ptr<store::SqliteBlobReferences> references;
  std::unique_ptr<blob::Disk> disk;
  std::unique_ptr<blob::FsBlobStore> blobs;
  std::unique_ptr<transcripts::TranscriptStore> transcripts;
  std::unique_ptr<store::SqliteDocumentStore> document_store;
  std::unique_ptr<documents::Documents> documents;
  std::unique_ptr<store::SqliteSearchStore> search_store;
  std::unique_ptr<search::Search> search;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<worker::ModelRegistry> models;

 private:
  explicit Core(const HostOptions& given) : options(given) {}
  Status OpenDatabase();
  Status OpenBlobs();
  Status OpenEngine();
};

}  // namespace wt::host
