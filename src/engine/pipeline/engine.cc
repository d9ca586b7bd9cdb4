// Engine: admission, driver threads, and the public calls.
#include "whisper_transcriber/engine.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <thread>
#include <tuple>

#include "base/check.h"
#include "base/status_macros.h"
#include "engine/kernels/kernels.h"
#include "engine/pipeline/long_form.h"
#include "engine/pipeline/scheduler.h"
#include "engine/pipeline/task_impl.h"
#include "platform/cpu.h"

namespace wt {
namespace {

using pipeline::LoadedModel;
using pipeline::LongForm;
using pipeline::TaskImpl;

constexpr int kThreadsMax = 256;
constexpr int kTasksInFlightMax = 256;
constexpr std::size_t kTasksWaitingMax = 100'000;
constexpr std::size_t kPrincipalsMax = 10'000;

std::int64_t QuarterOfRam() {
  return static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE) / 4;
}

class EngineImpl final : public Engine {
 public:
  EngineImpl(const EngineOptions& options, int threads, const kernels::KernelSet& kernels)
      : kernels_(kernels),
        tasks_max_(options.tasks_in_flight_max),
        memory_max_(options.working_memory_max_bytes > 0 ? options.working_memory_max_bytes
                                                         : QuarterOfRam()),
        pool_(threads),
        scheduler_(pool_) {}

  ~EngineImpl() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      for (const auto& task : waiting_) task->Cancel();
      for (TaskImpl* task : running_) task->Cancel();
    }
    wake_.notify_all();
    drivers_.clear();  // Joins; waiting tasks are finished as cancelled by the drivers.
    for (const auto& task : waiting_) {
      task->Finish(Status(StatusCode::kCancelled, "the engine was stopped"));
    }
  }

  Result<std::shared_ptr<const Model>> LoadModel(const ModelOptions& options) override {
    WT_ASSIGN(auto model, LoadedModel::Load(options, kernels_, pool_));
    return std::shared_ptr<const Model>(std::move(model));
  }

  Result<std::shared_ptr<Task>> Submit(std::shared_ptr<const Model> model,
                                       std::unique_ptr<AudioSource> audio,
                                       const TranscriptionRequest& request, Observer* observer,
                                       const SubmitOptions& submit) override;

  Result<std::vector<LanguageProbability>> DetectLanguage(std::shared_ptr<const Model> model,
                                                          std::unique_ptr<AudioSource> audio,
                                                          const LanguageOptions& options) override;

  std::string instruction_set() const override {
    return std::string(kernels::IsaName(kernels_.isa));
  }
  int threads() const override { return pool_.threads(); }

 private:
  void Drive();
  std::shared_ptr<TaskImpl> TakeTask();

  const kernels::KernelSet& kernels_;
  const int tasks_max_;
  const std::int64_t memory_max_;
  platform::ThreadPool pool_;
  pipeline::Scheduler scheduler_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<TaskImpl>> waiting_;  // Guarded by mutex_, as all below.
  std::vector<TaskImpl*> running_;
  std::map<std::string, std::uint64_t> tasks_by_principal_;
  std::uint64_t arrivals_ = 0;
  std::int64_t memory_used_ = 0;
  int idle_drivers_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> drivers_;
};

Result<std::shared_ptr<Task>> EngineImpl::Submit(std::shared_ptr<const Model> model,
                                                 std::unique_ptr<AudioSource> audio,
                                                 const TranscriptionRequest& request,
                                                 Observer* observer, const SubmitOptions& submit) {
  auto loaded = std::dynamic_pointer_cast<const LoadedModel>(model);
  if (loaded == nullptr || audio == nullptr) {
    return Status(StatusCode::kInvalidArgument, "a model of this engine and audio are needed");
  }
  WT_TRY(request.Validate());
  WT_TRY(LongForm::CheckModel(*loaded, request));
  auto task = std::make_shared<TaskImpl>(loaded, std::move(audio), request, observer, submit);
  if (request.diarization.enabled) {
    WT_ASSIGN(task->speakers, loaded->Speakers());
  }
  if (submit.resume_from) {
    WT_ASSIGN(task->start, pipeline::LoadCheckpoint(LongForm::KeyOf(*loaded, task->request()),
                                                    *submit.resume_from));
  }
  // Left to choose, a recording takes no more than its share, so that others still fit beside it.
  task->windows_in_flight =
      LongForm::WindowsInFlight(*loaded, request, memory_max_, memory_max_ / tasks_max_);
  task->memory_bytes = LongForm::WindowBytesMax(*loaded, request) * task->windows_in_flight;
  if (request.diarization.enabled) task->memory_bytes += diarize::kWorkingBytes;
  if (task->memory_bytes > memory_max_) {
    return Status(StatusCode::kResourceExhausted, "a window of this model needs " +
                                                      std::to_string(task->memory_bytes >> 20) +
                                                      " MiB of working memory, the limit is " +
                                                      std::to_string(memory_max_ >> 20) + " MiB");
  }
  {
    std::lock_guard lock(mutex_);
    if (waiting_.size() >= kTasksWaitingMax) {
      return Status(StatusCode::kResourceExhausted, "too many recordings are waiting; try later");
    }
    task->arrival = arrivals_++;
    waiting_.push_back(task);
    if (idle_drivers_ == 0 && static_cast<int>(drivers_.size()) < tasks_max_) {
      drivers_.emplace_back([this] { Drive(); });
      pthread_setname_np(drivers_.back().native_handle(), "wt-driver");
    }
  }
  wake_.notify_one();
  return std::shared_ptr<Task>(task);
}

// The next task by priority class, fewest tasks of its principal, arrival; null when none fits into
// the memory that is left. REQUIRES: mutex_ is held.
std::shared_ptr<TaskImpl> EngineImpl::TakeTask() {
  if (waiting_.empty()) return nullptr;
  const auto rank = [&](const std::shared_ptr<TaskImpl>& t) {
    const auto used = tasks_by_principal_.find(t->submit().principal);
    return std::tuple(t->submit().priority, used == tasks_by_principal_.end() ? 0 : used->second,
                      t->arrival);
  };
  const auto best = std::min_element(waiting_.begin(), waiting_.end(),
                                     [&](auto& a, auto& b) { return rank(a) < rank(b); });
  if (memory_used_ + (*best)->memory_bytes > memory_max_) return nullptr;
  auto task = *best;
  waiting_.erase(best);
  if (tasks_by_principal_.size() > kPrincipalsMax) tasks_by_principal_.clear();
  ++tasks_by_principal_[task->submit().principal];
  memory_used_ += task->memory_bytes;
  running_.push_back(task.get());
  return task;
}

void EngineImpl::Drive() {
  for (;;) {
    std::shared_ptr<TaskImpl> task;
    {
      std::unique_lock lock(mutex_);
      ++idle_drivers_;
      wake_.wait(lock, [&] { return stopping_ || (task = TakeTask()) != nullptr; });
      --idle_drivers_;
      if (task == nullptr) return;
    }
    Result<Transcript> result = LongForm(scheduler_, *task).Run();
    {
      std::lock_guard lock(mutex_);
      memory_used_ -= task->memory_bytes;
      std::erase(running_, task.get());
    }
    task->Finish(std::move(result));
    wake_.notify_all();  // Memory is free again: a task that did not fit may start.
  }
}

Result<std::vector<LanguageProbability>> EngineImpl::DetectLanguage(
    std::shared_ptr<const Model> model, std::unique_ptr<AudioSource> audio,
    const LanguageOptions& options) {
  auto loaded = std::dynamic_pointer_cast<const LoadedModel>(model);
  if (loaded == nullptr || audio == nullptr) {
    return Status(StatusCode::kInvalidArgument, "a model of this engine and audio are needed");
  }
  TranscriptionRequest request;
  request.language = options;
  request.language.language.clear();
  WT_TRY(request.Validate());
  TaskImpl task(loaded, std::move(audio), request, nullptr, {});
  return LongForm(scheduler_, task).DetectLanguageOnly();
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::Create(const EngineOptions& options) {
  const int threads =
      options.threads == 0 ? std::min(platform::UsableCpuCount(), kThreadsMax) : options.threads;
  if (threads < 1 || threads > kThreadsMax) {
    return Status(StatusCode::kInvalidArgument, "threads must be from 1 to 256");
  }
  if (options.tasks_in_flight_max < 1 || options.tasks_in_flight_max > kTasksInFlightMax) {
    return Status(StatusCode::kInvalidArgument, "tasks in flight must be from 1 to 256");
  }
  WT_ASSIGN(const kernels::KernelSet* kernels, kernels::FindKernels(options.instruction_set));
  return std::unique_ptr<Engine>(std::make_unique<EngineImpl>(options, threads, *kernels));
}

}  // namespace wt
