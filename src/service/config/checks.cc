#include "service/config/checks.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include "service/config/address_text.h"

namespace wt::config {
namespace {

// 32 characters of base64 are 192 bits; 64 leave room for weaker alphabets.
constexpr std::size_t kSecretLengthMin = 32;
constexpr std::size_t kSecretLengthAdvised = 64;
// A random text of 32 hex digits has about 14 different ones, "abababab..." has two.
constexpr std::size_t kDifferentCharactersMin = 8;
constexpr std::array<std::string_view, 7> kPlaceholders = {
    "change-me", "changeme", "default", "placeholder", "example", "sample", "localtest"};
constexpr std::array<std::string_view, 8> kPublishedPasswords = {
    "admin",    "administrator", "password", "password123",
    "admin123", "whisper",       "secret",   "letmein"};

constexpr std::string_view kNewSecret = "make one with: openssl rand -base64 48";

std::string Absolute(const std::string& path, const std::string& base = "") {
  std::error_code error;
  const std::filesystem::path whole =
      base.empty() ? std::filesystem::path(path) : std::filesystem::path(base) / path;
  std::string absolute = std::filesystem::absolute(whole, error).lexically_normal().string();
  if (error) return path;
  while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute;
}

void DefaultPath(std::string* path, const std::string& base, std::string_view name) {
  *path = Absolute(path->empty() ? std::string(name) : *path, base);
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool LooksLikePlaceholder(const Secret& secret) {
  const std::string lower = Lower(secret.Reveal());
  return std::any_of(kPlaceholders.begin(), kPlaceholders.end(), [&lower](std::string_view word) {
    return lower.find(word) != std::string::npos;
  });
}

class Checker {
 public:
  explicit Checker(Configuration* configuration)
      : out_(configuration), all_(configuration->settings), strict_(all_.general.strict) {}

  void Run() {
    CheckSecrets();
    CheckBootstrap();
    CheckNetwork();
    CheckBrowsers();
    CheckTls();
    CheckSizes();
    CheckModels();
    CheckRest();
  }

 private:
  bool IsSet(std::string_view name) const { return out_->sources.contains(name); }

  void Add(Severity severity, std::string_view variable, std::string message) {
    const auto source = out_->sources.find(variable);
    out_->problems.push_back(
        {.severity = severity,
         .variable = std::string(variable),
         .where = source == out_->sources.end() ? "" : std::string(SourceName(source->second)),
         .message = std::move(message)});
  }
  void Error(std::string_view variable, std::string message) {
    Add(Severity::kError, variable, std::move(message));
  }
  /// An error where ENVIRONMENT=production was set, else a warning.
  void StrictError(std::string_view variable, std::string message) {
    Add(strict_ ? Severity::kError : Severity::kWarning, variable, std::move(message));
  }

  void CheckSecret(std::string_view variable, const Secret& secret, bool required) {
    if (secret.empty()) {
      if (required && strict_) {
        Error(variable, fmt::format("is required in production; {}, or name a file with it in "
                                    "{}_FILE",
                                    kNewSecret, variable));
      }
      return;
    }
    const std::string& text = secret.Reveal();
    if (LooksLikePlaceholder(secret)) {
      StrictError(variable, fmt::format("is a placeholder from a document; {}", kNewSecret));
    } else if (text.size() < kSecretLengthMin) {
      StrictError(variable,
                  fmt::format("has fewer than {} characters; {}", kSecretLengthMin, kNewSecret));
    } else if (std::set<char>(text.begin(), text.end()).size() < kDifferentCharactersMin) {
      StrictError(variable, fmt::format("has too few different characters; {}", kNewSecret));
    } else if (text.size() < kSecretLengthAdvised && strict_) {
      Add(Severity::kWarning, variable,
          fmt::format("has fewer than {} characters; better: {}", kSecretLengthAdvised,
                      kNewSecret));
    }
  }

  void CheckSecrets() {
    const AuthSettings& auth = all_.auth;
    CheckSecret("SECRET_KEY", auth.secret_key, true);
    CheckSecret("JWT_SECRET_KEY", auth.jwt_secret_key, true);
    CheckSecret("JWT_SECRET_KEY_PREVIOUS", auth.jwt_secret_key_previous, false);
    CheckSecret("CSRF_SECRET", auth.csrf_secret, false);
    CheckSecret("ADMIN_METRICS_TOKEN", auth.admin_metrics_token, true);
    CheckSecret("METRICS_TOKEN", all_.metrics.token,
                !IsLoopback(all_.server.host) && !all_.metrics.open);
    CheckSecret("DATA_ENCRYPTION_KEY", all_.storage.encryption_key, false);
    if (!auth.secret_key.empty() && auth.secret_key == auth.jwt_secret_key) {
      StrictError(
          "JWT_SECRET_KEY",
          fmt::format("is the same as SECRET_KEY, so one leak breaks both; {}", kNewSecret));
    }
    if (!all_.storage.previous_encryption_keys.empty() && all_.storage.encryption_key.empty()) {
      Error("DATA_ENCRYPTION_KEY_PREVIOUS", "needs DATA_ENCRYPTION_KEY; set both");
    }
  }

  void CheckBootstrap() {
    const Secret& password = all_.auth.bootstrap_password;
    if (password.empty()) return;
    const std::string lower = Lower(password.Reveal());
    const bool published = std::find(kPublishedPasswords.begin(), kPublishedPasswords.end(),
                                     lower) != kPublishedPasswords.end();
    if (published || LooksLikePlaceholder(password)) {
      StrictError("ADMIN_BOOTSTRAP_PASSWORD", "is a published password; choose another one");
    } else if (password.size() < static_cast<std::size_t>(all_.auth.password_length_min)) {
      StrictError("ADMIN_BOOTSTRAP_PASSWORD",
                  fmt::format("has fewer than PASSWORD_MIN_LENGTH ({}) characters; choose a longer "
                              "one",
                              all_.auth.password_length_min));
    }
  }

  void CheckNetwork() {
    const ServerSettings& server = all_.server;
    if (!IsHost(server.host)) {
      Error("HOST", "must be an IP address or a host name without a port; PORT sets the port");
    }
    if (all_.auth.single_user) {
      if (!IsLoopback(server.host)) {
        Error("SINGLE_USER_MODE",
              "lets everybody who reaches HOST do everything; set HOST=127.0.0.1, or use accounts");
      }
      if (strict_) Error("SINGLE_USER_MODE", "is refused in production; use accounts");
    }
    if (all_.auth.legacy_user_header && server.trusted_proxies.empty()) {
      Error("LEGACY_USER_HEADER_ENABLED",
            "needs TRUSTED_PROXIES: only they may say who the user is; list them");
    }
    for (const std::string& network : server.trusted_proxies) {
      if (IsNetwork(network)) continue;
      Error("TRUSTED_PROXIES", "must be IP addresses or networks such as 10.0.0.0/8, with commas");
      break;
    }
    if (all_.general.debug) StrictError("DEBUG", "is refused in production; set it to false");
  }

  void CheckHosts() {
    const std::vector<std::string>& hosts = all_.server.allowed_hosts;
    if (hosts.empty()) {
      Error("ALLOWED_HOSTS",
            "is required in production; list the host names that people use, with commas");
    }
    for (const std::string& host : hosts) {
      if (host == "*") {
        StrictError("ALLOWED_HOSTS", "* lets any name in; list the host names that people use");
      } else if (!IsHostPattern(host)) {
        Error("ALLOWED_HOSTS",
              "must be host names or addresses without ports (*.example.org for a domain), with "
              "commas");
        return;
      }
    }
    const std::string& host = all_.server.host;
    if (!IsSet("ALLOWED_HOSTS") && (host == "0.0.0.0" || host == "::")) {
      Add(Severity::kWarning, "ALLOWED_HOSTS",
          "is not set: requests for other names than localhost are refused; list the host names "
          "that people use");
    }
  }

  void CheckBrowsers() {
    CheckHosts();
    for (const std::string& origin : all_.server.cors_origins) {
      if (origin == "*") {
        StrictError("CORS_ORIGINS",
                    "* opens the interface to every page; list origins such as "
                    "https://app.example.org");
      } else if (!IsOrigin(origin)) {
        Error("CORS_ORIGINS", "must be origins such as https://app.example.org, with commas");
        return;
      }
    }
    if (all_.auth.cookie_same_site == CookieSameSite::kNone &&
        all_.auth.cookie_secure != CookieSecure::kTrue) {
      Error("COOKIE_SAMESITE", "none needs COOKIE_SECURE=true: browsers drop such cookies");
    }
  }

  void CheckReadable(std::string_view variable, const std::string& path) {
    if (path.empty() || ::access(path.c_str(), R_OK) == 0) return;
    Error(variable, fmt::format("{} cannot be read; correct the path or its permissions", path));
  }

  void CheckTls() {
    const ServerSettings& server = all_.server;
    CheckReadable("TLS_CERT_FILE", server.tls_cert_file);
    CheckReadable("TLS_KEY_FILE", server.tls_key_file);
    if (server.tls_cert_file.empty() != server.tls_key_file.empty()) {
      const bool key = server.tls_key_file.empty();
      Error(key ? "TLS_KEY_FILE" : "TLS_CERT_FILE", "is missing: TLS needs certificate and key");
    }
    if (server.http_redirect_port == 0) return;
    if (server.tls_cert_file.empty()) {
      Error("HTTP_REDIRECT_PORT", "redirects to TLS; set TLS_CERT_FILE and TLS_KEY_FILE as well");
    }
    if (server.http_redirect_port == server.port) {
      Error("HTTP_REDIRECT_PORT", "is the same as PORT; choose another one");
    }
  }

  void CheckSizes() {
    const UploadSettings& uploads = all_.uploads;
    if (uploads.direct_bytes_max > uploads.bytes_max) {
      Error("MAX_FILE_SIZE", "is above MAX_UPLOAD_SIZE; raise MAX_UPLOAD_SIZE as well");
    }
    if (uploads.chunk_bytes > uploads.bytes_max) {
      Error("UPLOAD_CHUNK_SIZE", "is above MAX_UPLOAD_SIZE; choose smaller chunks");
    }
    if (uploads.openai_bytes_min > uploads.openai_megabytes_max * std::int64_t{1'000'000}) {
      Error("MIN_AUDIO_FILE_SIZE_BYTES",
            "is above MAX_AUDIO_FILE_SIZE_MB, so nothing fits; choose fewer bytes");
    }
  }

  void CheckModels() {
    const ModelSettings& models = all_.models;
    const auto usable = [&models](const std::string& name) {
      return models.available.empty() || std::find(models.available.begin(), models.available.end(),
                                                   name) != models.available.end();
    };
    if (!models.default_model.empty() && !usable(models.default_model)) {
      Error("DEFAULT_MODEL", "is not in AVAILABLE_MODELS; add it there or choose another one");
    }
    if (!std::all_of(models.preload.begin(), models.preload.end(), usable)) {
      Error("WHISPER_PRELOAD_MODELS", "names a model that is not in AVAILABLE_MODELS");
    }
    if (static_cast<int>(models.preload.size()) > models.cache_size) {
      Error("WHISPER_PRELOAD_MODELS", "are more than MODEL_CACHE_SIZE; raise it or name fewer");
    }
  }

  void CheckTraces() {
    const TraceSettings& traces = all_.traces;
    const bool address =
        traces.endpoint.starts_with("http://") || traces.endpoint.starts_with("https://");
    if (!traces.endpoint.empty() && !address) {
      Error("OTEL_EXPORTER_OTLP_ENDPOINT", "must begin with http:// or https://");
    }
    double ratio = 1;
    const std::string& text = traces.sampler_argument;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ratio);
    const bool number = error == std::errc() && end == text.data() + text.size();
    if (!text.empty() && !(number && ratio >= 0 && ratio <= 1)) {
      Error("OTEL_TRACES_SAMPLER_ARG", "must be a number from 0 to 1");
    }
  }

  void CheckRest() {
    if (!all_.log.to_stdout && all_.log.dir.empty()) {
      Error("LOG_TO_STDOUT",
            "is false and LOG_DIR is not set, so nothing would be logged; set one");
    }
    if (all_.general.data_dir.empty()) {
      Error("DATA_DIR", "is not set, and there is no home directory for its default; set it");
    }
    if (const std::string& contact = all_.server.security_contact; !contact.empty()) {
      const bool address = contact.starts_with("mailto:") || contact.starts_with("https://");
      const bool plain = std::all_of(contact.begin(), contact.end(),
                                     [](unsigned char c) { return c > 0x20 && c < 0x7f; });
      if (!address || !plain) {
        Error("SECURITY_CONTACT", "must be a mailto: or https: address without blanks");
      }
    }
    CheckTraces();
    if (all_.auth.bootstrap_username.empty()) {
      Error("ADMIN_BOOTSTRAP_USERNAME", "is empty; name the first administrator");
    }
  }

  Configuration* out_;
  const Settings& all_;
  bool strict_;
};

void FillHosts(Configuration* configuration) {
  Settings& all = configuration->settings;
  if (all.general.strict || configuration->sources.contains("ALLOWED_HOSTS")) return;
  std::vector<std::string>& hosts = all.server.allowed_hosts;
  hosts = {"localhost", "127.0.0.1", "::1"};
  const std::string& host = all.server.host;
  const bool any = host == "0.0.0.0" || host == "::";
  if (!any && std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(host);
}

}  // namespace

void FillDefaults(const LoadInput& input, Configuration* configuration) {
  Settings& all = configuration->settings;
  const auto given = [configuration](std::string_view name) {
    return configuration->sources.contains(name);
  };
  std::string& data = all.general.data_dir;
  if (data.empty()) data = input.default_data_dir;
  if (!data.empty()) {
    data = Absolute(data);
    StorageSettings& storage = all.storage;
    DefaultPath(&storage.local_dir, data, "");
    if (storage.cache_dir.empty() && !given("DATA_DIR"))
      storage.cache_dir = input.default_cache_dir;
    DefaultPath(&storage.cache_dir, data, "cache");
    storage.database_file =
        storage.database_file.empty() ? data + "/app.db" : Absolute(storage.database_file);
    all.models.dir = all.models.dir.empty() ? data + "/models" : Absolute(all.models.dir);
  }
  if (!all.log.dir.empty()) all.log.dir = Absolute(all.log.dir);
  if (!given("ALLOW_REGISTRATION")) {
    all.auth.allow_registration = all.general.environment == Environment::kDevelopment ||
                                  all.general.environment == Environment::kTest;
  }
  if (given("MAX_UPLOAD_SIZE") && !given("MAX_FILE_SIZE")) {
    all.uploads.direct_bytes_max = all.uploads.bytes_max;
  }
  FillHosts(configuration);
}

void CheckTogether(Configuration* configuration) { Checker(configuration).Run(); }

}  // namespace wt::config
