#include "service/worker/models/model_downloads.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace wt::worker {
namespace {

// A page draws no faster.
constexpr std::chrono::milliseconds kBetweenReports{250};

}  // namespace

/// Progress of the running download, thinned out.
class ModelDownloads::Observer : public models::PullObserver {
 public:
  Observer(ModelDownloads* downloads, std::string name)
      : downloads_(downloads), name_(std::move(name)) {}

  void OnMirror(std::string_view) override {}
  void OnMirrorFailed(std::string_view, const Status&) override {}
  void OnWaitingForLock() override {}
  void OnProgress(std::string_view, std::int64_t done, std::int64_t total) override {
    const auto now = std::chrono::steady_clock::now();
    if (done != total && now - last_ < kBetweenReports) return;
    last_ = now;
    downloads_->Change(name_, [&](ModelDownload* download) {
      download->bytes_done = done;
      download->bytes_total = total;
    });
  }

 private:
  ModelDownloads* const downloads_;
  const std::string name_;
  std::chrono::steady_clock::time_point last_;
};

std::string_view DownloadStateName(DownloadState state) {
  switch (state) {
    case DownloadState::kQueued: return "queued";
    case DownloadState::kRunning: return "running";
    case DownloadState::kDone: return "done";
    case DownloadState::kFailed: return "failed";
    case DownloadState::kCancelled: return "cancelled";
  }
  return "failed";
}

ModelDownloads::ModelDownloads(std::string directory, PullFunction pull)
    : store_(std::move(directory)), pull_(std::move(pull)), thread_([this] { Run(); }) {}

void ModelDownloads::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (cancel_) cancel_->Request();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  listeners_.clear();
}

Result<ModelDownload> ModelDownloads::Start(std::string_view name) {
  const models::CatalogueEntry* const entry = models::FindModel(name);
  if (entry == nullptr) {
    return Status(StatusCode::kNotFound, "No model of that name is published.");
  }
  if (entry->variants.empty()) {
    return Status(StatusCode::kFailedPrecondition,
                  "The checksums of this model are not known, so it cannot be fetched from here; "
                  "import its files on the server: transcriber models import.");
  }
  const std::string canonical(entry->name);
  const std::lock_guard lock(mutex_);
  ModelDownload& download = downloads_[canonical];
  const bool busy = !download.model.empty() && (download.state == DownloadState::kQueued ||
                                                download.state == DownloadState::kRunning);
  if (busy) return download;
  download = ModelDownload{.model = canonical, .bytes_total = entry->about_bytes};
  queue_.push_back(canonical);
  changed_.notify_all();
  return download;
}

Status ModelDownloads::Cancel(std::string_view name) {
  const std::string canonical(models::CanonicalName(name));
  {
    const std::lock_guard lock(mutex_);
    const auto found = downloads_.find(canonical);
    const auto queued = std::find(queue_.begin(), queue_.end(), canonical);
    const bool running =
        found != downloads_.end() && found->second.state == DownloadState::kRunning;
    if (running && cancel_) {
      cancel_->Request();
      return Status();
    }
    if (queued == queue_.end()) {
      return Status(StatusCode::kNotFound, "This model is not being fetched.");
    }
    queue_.erase(queued);
  }
  Change(canonical, [](ModelDownload* d) { d->state = DownloadState::kCancelled; });
  return Status();
}

Status ModelDownloads::Remove(std::string_view name) { return store_.Remove(name); }

std::vector<ModelDownload> ModelDownloads::List() const {
  const std::lock_guard lock(mutex_);
  std::vector<ModelDownload> list;
  for (const auto& [name, download] : downloads_) list.push_back(download);
  return list;
}

void ModelDownloads::Listen(const Listener& listener) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  for (const auto& [name, download] : downloads_) {
    if (!listener(download)) return;
  }
  listeners_.push_back(listener);
}

void ModelDownloads::Change(const std::string& name,
                            const std::function<void(ModelDownload*)>& change) {
  const std::lock_guard lock(mutex_);
  ModelDownload& download = downloads_[name];
  change(&download);
  std::erase_if(listeners_, [&](const Listener& listener) { return !listener(download); });
}

void ModelDownloads::Fetch(const std::string& name) {
  models::PullOptions options;
  {
    const std::lock_guard lock(mutex_);
    options.download.http.cancel = cancel_.get();
  }
  Observer observer(this, name);
  const Result<models::PullOutcome> outcome =
      pull_(store_, *models::FindModel(name), options, &observer);
  Change(name, [&](ModelDownload* download) {
    const bool cancelled = outcome.status().code() == StatusCode::kCancelled;
    download->state = outcome.ok() ? DownloadState::kDone
                      : cancelled  ? DownloadState::kCancelled
                                   : DownloadState::kFailed;
    if (outcome.ok()) {
      download->bytes_total = outcome->model.bytes;
      download->bytes_done = outcome->model.bytes;
    } else {
      download->message = outcome.status().message();
    }
  });
}

void ModelDownloads::Run() {
  while (true) {
    std::string name;
    {
      std::unique_lock lock(mutex_);
      cancel_.reset();
      changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      name = std::move(queue_.front());
      queue_.pop_front();
      cancel_ = std::make_unique<base::CancelFlag>();
      // Under the same lock: a cancellation finds it queued or running, never neither.
      downloads_[name].state = DownloadState::kRunning;
    }
    Change(name, [](ModelDownload*) {});
    Fetch(name);
  }
}

}  // namespace wt::worker
