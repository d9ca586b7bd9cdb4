#include "service/config/generated_secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/status_macros.h"
#include "base/strip.h"
#include "platform/file.h"
#include "platform/system_clock.h"

namespace wt::config {
namespace {

constexpr std::int64_t kFileBytesMax = 4'096;
// 48 bytes are 64 characters of base64: what kSecretLengthAdvised asks for.
constexpr std::size_t kSecretBytes = 48;

std::string Lower(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Status MakePrivateDirectory(const std::string& path) {
  WT_TRY(platform::EnsureDirectory(path));
  if (::chmod(path.c_str(), 0700) != 0) return platform::ErrnoStatus(errno, path);
  return Status();
}

Status WriteAll(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return platform::ErrnoStatus(errno, path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return platform::ErrnoStatus(errno, path);
  return Status();
}

// Under a name of its own, then linked: link() fails when another process was first, and no reader
// ever sees half a secret.
Status CreateSecretFile(const std::string& path, std::string_view text) {
  const std::string temporary = path + "." + platform::NewToken(9) + ".new";
  const platform::FileDescriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return platform::ErrnoStatus(errno, temporary);
  Status status = WriteAll(file.get(), text, temporary);
  if (status.ok() && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    status = platform::ErrnoStatus(errno, path);
  }
  ::unlink(temporary.c_str());
  return status;
}

Result<Secret> EnsureSecret(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) {
    WT_TRY(CreateSecretFile(path, platform::NewToken(kSecretBytes) + "\n"));
  }
  // Restored from a backup or copied, it may have become readable for others.
  if (::chmod(path.c_str(), 0600) != 0) return platform::ErrnoStatus(errno, path);
  WT_ASSIGN(const std::string text, platform::ReadWholeFile(path, kFileBytesMax));
  const std::string_view secret = base::StripWhiteSpace(text);
  if (secret.empty()) {
    return Status(StatusCode::kDataCorrupt,
                  path + ": the generated secret is empty; remove the file to get a new one");
  }
  return Secret(std::string(secret));
}

}  // namespace

Status EnsureSecrets(Configuration* configuration) {
  Settings& all = configuration->settings;
  if (all.general.strict) return Status();
  struct Wanted {
    std::string_view name;
    Secret* field;
  };
  const std::array<Wanted, 4> wanted = {{{"SECRET_KEY", &all.auth.secret_key},
                                         {"JWT_SECRET_KEY", &all.auth.jwt_secret_key},
                                         {"ADMIN_METRICS_TOKEN", &all.auth.admin_metrics_token},
                                         {"METRICS_TOKEN", &all.metrics.token}}};
  const std::string directory = all.general.data_dir + "/secrets";
  WT_TRY(MakePrivateDirectory(directory));
  for (const Wanted& secret : wanted) {
    if (!secret.field->empty()) continue;
    WT_ASSIGN(*secret.field, EnsureSecret(directory + "/" + Lower(secret.name)));
    configuration->sources[std::string(secret.name)] = Source::kGenerated;
  }
  return Status();
}

}  // namespace wt::config
