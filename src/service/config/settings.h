// Every setting of the service, typed and checked. Initialisers are the defaults.
//
// The table (setting_table.h) has a row for each field: variable names, range, help. Load()
// (loader.h) fills this struct; nothing else reads configuration. Plain values, immutable once
// loaded: thread-compatible.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "service/config/secret.h"

namespace wt::config {

enum class Environment : std::uint8_t { kDevelopment, kStaging, kProduction, kTest };
enum class ServiceType : std::uint8_t { kApp, kWorker };
enum class LogFormat : std::uint8_t { kJson, kPlain };
enum class CookieSecure : std::uint8_t { kAuto, kTrue, kFalse };
enum class CookieSameSite : std::uint8_t { kStrict, kLax, kNone };

/// "10 per 1 minute".
struct RateLimit {
  std::int64_t requests = 0;
  std::chrono::seconds window{60};
  bool operator==(const RateLimit&) const = default;
};

struct GeneralSettings {
  Environment environment = Environment::kProduction;
  /// ENVIRONMENT=production was set by somebody: what is missing or weak refuses the start. Without
  /// it secrets are generated and weak values are warnings.
  bool strict = false;
  bool debug = false;
  ServiceType service_type = ServiceType::kApp;
  /// Absolute. Database, recordings, transcripts, generated secrets.
  std::string data_dir;
};

struct ServerSettings {
  std::string host = "127.0.0.1";
  int port = 8001;
  /// A second listener that answers with a redirect to TLS; 0: none.
  int http_redirect_port = 0;
  /// PEM files; both or none.
  std::string tls_cert_file;
  std::string tls_key_file;
  std::string tls_min_version = "1.2";
  /// Origins ("https://example.org"); empty: same origin only; "*" outside production only.
  std::vector<std::string> cors_origins;
  /// Host header values, "*.example.org" for a domain's hosts; "*" outside production only.
  std::vector<std::string> allowed_hosts;
  /// Addresses or networks (10.0.0.0/8) whose forwarded headers count.
  std::vector<std::string> trusted_proxies;
  std::chrono::seconds hsts_max_age{31'536'000};
  bool csp_enabled = true;
  bool security_headers_enabled = true;
  bool docs_enabled = true;
  bool server_control_enabled = false;
  /// What GET /health says when all is well: "ok" or "healthy".
  std::string health_word = "ok";
  std::string default_transcript_format = "txt";
  /// A mailto: or https: address for security.txt; empty: there is none.
  std::string security_contact;
};

struct LogSettings {
  base::LogLevel level = base::LogLevel::kInfo;
  /// Of worker processes; unset: `level`.
  std::optional<base::LogLevel> worker_level;
  LogFormat format = LogFormat::kJson;
  bool to_stdout = true;
  /// Directory of log files; empty: none are written.
  std::string dir;
  std::int64_t file_bytes_max = 10'000'000;
  int files_kept = 3;
  std::string service_name = "whisper-transcriber";
};

struct UploadSettings {
  std::int64_t direct_bytes_max = 104'857'600;
  /// Chunked uploads.
  std::int64_t bytes_max = 2'147'483'648;
  /// The OpenAI endpoint, in 10^6 bytes as that API counts.
  int openai_megabytes_max = 25;
  std::int64_t openai_bytes_min = 1'024;
  int filename_length_max = 255;
  /// Of the body of one request.
  std::chrono::seconds timeout{300};
  /// MIME types or file extensions; empty: what the media helper can read.
  std::vector<std::string> allowed_types;
  std::int64_t chunk_bytes = 1'048'576;
  int parallel_chunks_max = 4;
  std::chrono::hours session_ttl{24};
  int batch_files_max = 50;
  std::int64_t batch_bytes_max = 5LL << 30;
};

struct JobSettings {
  /// Jobs admitted in this process at the same time.
  int concurrent_max = 16;
  /// Of a worker process.
  int worker_concurrency = 1;
  int queue_depth_max = 1'000;
  int per_user_max = 1'000;
  int attempts_max = 3;
  std::chrono::seconds retry_base{1};
  std::chrono::seconds lease{30};
  std::chrono::seconds shutdown_grace{30};
  /// Of the work on one job, over all its claims; zero: none.
  std::chrono::seconds timeout{0};
};

struct ModelSettings {
  /// Empty: the best that is installed.
  std::string default_model;
  /// Empty: every installed one.
  std::vector<std::string> available;
  /// Empty: DATA_DIR/models.
  std::string dir;
  /// "auto" or a code.
  std::string language = "auto";
  /// 0: as many as this process may use.
  int threads = 0;
  /// Loaded before ready; empty: the default model.
  std::vector<std::string> preload;
  int cache_size = 4;
};

struct StorageSettings {
  /// Recordings, transcripts, chunks. Absolute; below DATA_DIR when relative or not set.
  std::string local_dir;
  std::string cache_dir;
  /// Path of the SQLite file.
  std::string database_file;
  /// At the start.
  int connect_attempts = 10;
  bool auto_migrate = true;
  Secret encryption_key;
  /// Keys that old content may still be under.
  std::vector<Secret> previous_encryption_keys;
  /// Bytes; unset: no quota.
  std::optional<std::int64_t> user_quota_bytes;
  /// Unset: the larger of 5 % of the disk and 2 GiB.
  std::optional<std::int64_t> free_bytes_min;
  std::chrono::days audit_retention{90};
};

struct AuthSettings {
  Secret secret_key;
  Secret jwt_secret_key;
  /// Tokens signed with it stay valid until they expire.
  Secret jwt_secret_key_previous;
  /// Empty: derived from `secret_key`.
  Secret csrf_secret;
  std::string bootstrap_username = "admin";
  /// Empty: the first start shows a setup token.
  Secret bootstrap_password;
  /// Of the X-Admin-Token header.
  Secret admin_metrics_token;
  /// False: only administrators can sign in.
  bool multi_user = true;
  /// No accounts: whoever reaches the (loopback) port is the administrator.
  bool single_user = false;
  /// X-User-ID of trusted proxies names the user.
  bool legacy_user_header = false;
  bool allow_registration = false;
  std::chrono::minutes access_token_life{60};
  std::chrono::days refresh_token_life{7};
  /// Of the session's cookie; a shorter life of its token counts.
  std::chrono::seconds session_life{3'600};
  CookieSecure cookie_secure = CookieSecure::kAuto;
  CookieSameSite cookie_same_site = CookieSameSite::kStrict;
  int password_length_min = 8;
  int attempts_max = 5;
  std::chrono::seconds lockout{900};
};

struct RateLimitSettings {
  bool enabled = true;
  /// The OpenAI endpoints.
  std::int64_t openai_requests = 10;
  std::chrono::seconds openai_window{60};
  RateLimit anonymous{60, std::chrono::seconds(60)};
  RateLimit user{300, std::chrono::seconds(60)};
  RateLimit admin{100, std::chrono::seconds(60)};
  /// Per address and account.
  RateLimit login{5, std::chrono::seconds(60)};
  RateLimit upload{100, std::chrono::seconds(3'600)};
  /// Requests that may come at once on top of an even flow.
  int burst = 10;
};

/// Names and meaning are OpenTelemetry's.
struct TraceSettings {
  /// An http: or https: address without the path /v1/traces; empty: nothing is exported.
  std::string endpoint;
  /// "name=value,name=value", percent-encoded.
  Secret headers;
  std::string sampler = "parentbased_always_on";
  /// Of the ratio samplers: 0..1 as text; empty: 1.
  std::string sampler_argument;
};

struct MetricsSettings {
  /// Of the X-Metrics-Token header or a bearer; empty: administrators only.
  Secret token;
  /// Anybody may read the metrics.
  bool open = false;
  /// Also under the names of older versions.
  bool legacy_names = false;
};

struct Settings {
  GeneralSettings general;
  ServerSettings server;
  LogSettings log;
  UploadSettings uploads;
  JobSettings jobs;
  ModelSettings models;
  StorageSettings storage;
  AuthSettings auth;
  RateLimitSettings rate_limits;
  TraceSettings traces;
  MetricsSettings metrics;
};

/// A loopback address or name.
bool IsLoopback(const std::string& host);

}  // namespace wt::config
