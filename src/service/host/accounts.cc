#include "service/host/accounts.h"

#include <algorithm>

#include "base/status_macros.h"

namespace wt::host {
namespace {

using config::Settings;

auth::JwtKeys JwtKeysOf(const Settings& settings) {
  return {settings.auth.jwt_secret_key.Reveal(), settings.auth.jwt_secret_key_previous.Reveal()};
}

/// A secret that is not set is made from the main one, under a name of its own.
std::string Derived(const config::Secret& own, const Settings& settings, const char* name) {
  return own.empty() ? settings.auth.secret_key.Reveal() + "/" + name : own.Reveal();
}

auth::RateLimit ToLimit(const config::RateLimit& limit, std::int64_t burst) {
  const std::int64_t period =
      std::chrono::duration_cast<std::chrono::milliseconds>(limit.window).count();
  return {limit.requests, period, burst};
}

auth::RateOptions RateOptionsOf(const Settings& settings) {
  const config::RateLimitSettings& from = settings.rate_limits;
  auth::RateOptions options;
  options.enabled = from.enabled;
  options.secret = Derived({}, settings, "limits");
  const auto set = [&](auth::RateClass rate_class, const config::RateLimit& limit,
                       std::int64_t burst) {
    options.limits[static_cast<std::size_t>(rate_class)] = ToLimit(limit, burst);
  };
  set(auth::RateClass::kAnonymous, from.anonymous, from.burst);
  set(auth::RateClass::kUser, from.user, from.burst);
  set(auth::RateClass::kAdmin, from.admin, from.burst);
  // Who may do so little in a minute may do it at once.
  set(auth::RateClass::kLogin, from.login, from.login.requests);
  set(auth::RateClass::kUpload, from.upload, from.burst);
  const config::RateLimit openai{from.openai_requests, from.openai_window};
  // One user on this machine needs no protection from themselves (decisions, 12).
  const bool limited = !settings.auth.single_user;
  set(auth::RateClass::kOpenAi, limited ? openai : config::RateLimit{0, openai.window},
      from.openai_requests);
  return options;
}

auth::SessionOptions SessionOptionsOf(const Settings& settings) {
  auth::SessionOptions options;
  options.access_minutes = static_cast<int>(settings.auth.access_token_life.count());
  options.refresh_days = static_cast<int>(settings.auth.refresh_token_life.count());
  options.multi_user = settings.auth.multi_user;
  options.jwt = JwtKeysOf(settings);
  options.csrf_key = Derived(settings.auth.csrf_secret, settings, "csrf");
  return options;
}

auth::ThrottleOptions ThrottleOptionsOf(const Settings& settings) {
  auth::ThrottleOptions options;
  options.attempts_max = settings.auth.attempts_max;
  options.delay_max_s = settings.auth.lockout.count();
  options.secret = Derived({}, settings, "throttle");
  return options;
}

api::CookieSecure CookieSecureOf(config::CookieSecure from) {
  switch (from) {
    case config::CookieSecure::kTrue: return api::CookieSecure::kAlways;
    case config::CookieSecure::kFalse: return api::CookieSecure::kNever;
    case config::CookieSecure::kAuto: break;
  }
  return api::CookieSecure::kAuto;
}

api::SameSite SameSiteOf(config::CookieSameSite from) {
  switch (from) {
    case config::CookieSameSite::kLax: return api::SameSite::kLax;
    case config::CookieSameSite::kNone: return api::SameSite::kNone;
    case config::CookieSameSite::kStrict: break;
  }
  return api::SameSite::kStrict;
}

}  // namespace

Accounts::Accounts(Core* core)
    : user_store(core->database.get()),
      session_store(core->database.get()),
      key_store(core->database.get()),
      limit_store(core->database.get()),
      audit_store(core->database.get()),
      limiter(RateOptionsOf(*core->options.settings), core->options.clock),
      throttle(ThrottleOptionsOf(*core->options.settings), &limit_store, core->options.clock),
      quota(&limit_store, core->options.clock),
      usage(&key_store),
      users({&user_store, &session_store, &hasher, &cache, core->options.clock},
            {core->options.settings->auth.password_length_min}),
      sessions(SessionOptionsOf(*core->options.settings),
               {&users, &user_store, &session_store, &hasher, &throttle, &limiter, &cache,
                core->options.clock}),
      first_run(&users, &user_store),
      keys(&key_store, &cache, core->options.clock),
      core_(core) {}

Result<std::unique_ptr<Accounts>> Accounts::Open(Core* core) {
  std::unique_ptr<Accounts> accounts(new Accounts(core));
  WT_TRY(accounts->Prepare());
  return accounts;
}

Status Accounts::Prepare() {
  const Settings& settings = *core_->options.settings;
  auth::AuthenticatorOptions options;
  options.jwt = JwtKeysOf(settings);
  options.csrf_key = Derived(settings.auth.csrf_secret, settings, "csrf");
  options.metrics_token = settings.metrics.token.Reveal();
  options.admin_token = settings.auth.admin_metrics_token.Reveal();
  options.multi_user = settings.auth.multi_user;
  options.legacy_user_header = settings.auth.legacy_user_header;
  options.allowed_origins = settings.server.cors_origins;
  options.access_minutes = settings.auth.access_token_life.count();
  if (settings.auth.single_user) {
    WT_ASSIGN(const auth::User local, users.EnsureLocalUser());
    options.single_user = true;
    options.local_user_id = local.id;
  } else {
    auth::BootstrapOptions bootstrap;
    bootstrap.username = settings.auth.bootstrap_username;
    bootstrap.password = settings.auth.bootstrap_password.Reveal();
    bootstrap.password_required = settings.general.strict;
    WT_ASSIGN(const auth::FirstRunState state, first_run.Begin(bootstrap));
    static_cast<void>(state);
  }
  authenticator = std::make_unique<auth::Authenticator>(
      options, auth::Authenticator::Dependencies{&user_store, &session_store, &key_store, &quota,
                                                 &cache, core_->options.clock});
  WT_TRY(limiter.Restore(&limit_store));
  if (!settings.log.dir.empty()) {
    WT_ASSIGN(audit_file, audit::FileLineSink::Open(settings.log.dir + "/audit.log"));
  }
  audit = std::make_unique<audit::AuditLog>(&audit_store, audit_file.get(), core_->options.clock);

  api::AuthAdapterParts parts;
  parts.authenticator = authenticator.get();
  parts.limiter = &limiter;
  parts.usage = &usage;
  parts.clock = core_->options.clock;
  WT_ASSIGN(parts.addresses, auth::ClientAddress::Create(settings.server.trusted_proxies));
  parts.cookie_secure = CookieSecureOf(settings.auth.cookie_secure);
  parts.cookie_same_site = SameSiteOf(settings.auth.cookie_same_site);
  parts.cookie_seconds_max = settings.auth.session_life.count();
  parts.allowed_origins = settings.server.cors_origins;
  adapter = std::make_unique<api::AuthAdapter>(std::move(parts));
  return {};
}

Status Accounts::Sync() {
  WT_TRY(limiter.Sync(&limit_store));
  return usage.Flush();
}

}  // namespace wt::host
