#include "engine/pipeline/scheduler.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <tuple>
#include <variant>

#include "base/check.h"

namespace wt::pipeline {
namespace {

constexpr int kAudioPositions = 1500;
// Steps between two looks at partial text: at about 3 ms a step this is 10 updates a second.
constexpr int kPartialSteps = 32;
// Rows of logits held at once while aligning: 16 x 51,866 x 4 bytes = 3.2 MiB.
constexpr int kAlignLogitRows = 16;
// Windows that share a step where more wait to be encoded. 20 files at once (base, beam 5, two
// threads) take 3.98 s with 1, 3.87 with 2, 3.92 with 4, 3.99 with 12 (4.09 where encodes and steps
// take turns): weights are read for each step, but many windows are done before the encodes are.
constexpr int kWindowsPerStep = 4;
// Principals remembered for fairness; beyond it the counts start again.
constexpr std::size_t kPrincipalsMax = 10'000;

// exp(x[i] - max) / sum over i, for a handful of values.
std::vector<float> Softmax(std::span<const float> x) {
  const float max = *std::max_element(x.begin(), x.end());
  double sum = 0;
  std::vector<float> out(x.size());
  for (const float value : x) sum += std::exp(static_cast<double>(value - max));
  for (std::size_t i = 0; i < x.size(); ++i) {
    out[i] = static_cast<float>(std::exp(static_cast<double>(x[i] - max)) / sum);
  }
  return out;
}

double TokenProbability(const kernels::KernelSet& kernels, std::span<const float> logits,
                        TokenId token) {
  const float max = kernels.max(logits.data(), logits.size());
  const double sum = kernels.sum_exp(logits.data(), logits.size(), max);
  return std::exp(static_cast<double>(logits[static_cast<std::size_t>(token)] - max)) / sum;
}

}  // namespace

struct Scheduler::Entry {
  using Job = std::variant<EncodeJob*, LanguageJob*, DecodeJob*, AlignJob*, ComputeJob*>;
  Entry(const JobOwner& job_owner, Job what) : owner(job_owner), job(what) {}

  bool cancelled() const { return base::Cancelled(owner.cancel); }
  /// Whether it is work for the pool's task, not for the scheduler's thread.
  bool IsTask() const {
    return !cancelled() &&
           (std::holds_alternative<EncodeJob*>(job) || std::holds_alternative<ComputeJob*>(job));
  }

  const JobOwner& owner;  // Lives on the waiting driver's stack, as the entry does.
  Job job;
  std::uint64_t arrival = 0;

  // Decoding, scheduler thread only.
  bool prefilled = false;
  int steps = 0;
  int first_row = 0;  // In the current evaluation.
  int row_count = 0;

  // Between scheduler and waiting driver, guarded by the scheduler's mutex.
  std::condition_variable changed;
  bool done = false;
  Status status;
  bool partial_ready = false;
  std::vector<TokenId> partial;
};

Scheduler::Scheduler(platform::ThreadPool& pool) : pool_(pool), thread_([this] { Loop(); }) {
  pthread_setname_np(thread_.native_handle(), "wt-scheduler");
}

Scheduler::~Scheduler() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  Tell();
}

Status Scheduler::Run(const JobOwner& owner, EncodeJob* job) {
  Entry entry(owner, job);
  return RunEntry(&entry);
}
Status Scheduler::Run(const JobOwner& owner, LanguageJob* job) {
  Entry entry(owner, job);
  return RunEntry(&entry);
}
Status Scheduler::Run(const JobOwner& owner, DecodeJob* job) {
  Entry entry(owner, job);
  return RunEntry(&entry);
}
Status Scheduler::Run(const JobOwner& owner, AlignJob* job) {
  Entry entry(owner, job);
  return RunEntry(&entry);
}
Status Scheduler::Run(const JobOwner& owner, ComputeJob* job) {
  Entry entry(owner, job);
  return RunEntry(&entry);
}

Status Scheduler::RunEntry(Entry* entry) {
  std::unique_lock lock(mutex_);
  entry->arrival = arrivals_++;
  const bool decode = std::holds_alternative<DecodeJob*>(entry->job);
  (decode ? arriving_ : singles_).push_back(entry);
  Tell();
  for (;;) {
    entry->changed.wait(lock, [&] { return entry->done || entry->partial_ready; });
    if (entry->done) return entry->status;
    entry->partial_ready = false;
    const std::vector<TokenId> tokens = entry->partial;
    lock.unlock();
    std::get<DecodeJob*>(entry->job)->on_partial(tokens);
    lock.lock();
  }
}

// REQUIRES: mutex_ is held.
void Scheduler::Tell() {
  news_.store(true);
  wake_.notify_one();
  pool_.Interrupt();
}

void Scheduler::Complete(Entry* entry, Status status) {
  std::lock_guard lock(mutex_);
  deferral_.Served(entry->owner.priority, std::chrono::steady_clock::now());
  if (task_ == entry) {
    task_ = nullptr;
    owes_step_ = true;
    Tell();
  }
  entry->status = std::move(status);
  entry->done = true;
  // Under the lock: the entry lives on the waiting thread's stack and is gone once it wakes.
  entry->changed.notify_one();
}

void Scheduler::Loop() {
  for (Entry* single = nullptr; NextTurn(&single); single = nullptr) {
    if (single != nullptr) RunSingle(single);
    if (!active_.empty()) Step();
  }
}

// Waits until there is a job for this thread, attempts to go on with, or both; false at the end.
bool Scheduler::NextTurn(Entry** single) {
  std::unique_lock lock(mutex_);
  for (;;) {
    news_.store(false);
    if (stopping_) return false;
    active_.insert(active_.end(), arriving_.begin(), arriving_.end());
    arriving_.clear();
    Entry* entry = TakeSingle();
    if (entry != nullptr && entry->IsTask()) {
      task_ = entry;
      lock.unlock();
      pool_.Start([this, entry] { RunTask(entry); });
      lock.lock();
    } else {
      *single = entry;
    }
    const bool steps = !active_.empty() && (owes_step_ || !EncodingComesFirst());
    if (steps) owes_step_ = false;
    if (steps || *single != nullptr) return true;
    if (task_ != nullptr) {
      lock.unlock();
      pool_.Assist(news_);
      lock.lock();
    } else if (singles_.empty()) {
      wake_.wait(lock, [&] { return news_.load(); });
    } else {
      wake_.wait_until(lock, deferral_.until(), [&] { return news_.load(); });
    }
  }
}

PriorityClass Scheduler::MostUrgentDecoding() const {
  PriorityClass found = PriorityClass::kBatch;
  for (const Entry* e : active_) found = std::min(found, e->owner.priority);
  return found;
}

// Whether this thread takes part in the pool's task before it goes on decoding: somebody more
// urgent waits for it, or there are windows to come that would share the steps of too few.
// REQUIRES: mutex_ is held.
bool Scheduler::EncodingComesFirst() const {
  if (task_ == nullptr) return false;
  const PriorityClass decoding = MostUrgentDecoding();
  PriorityClass urgent = task_->owner.priority;
  bool more = false;
  for (const Entry* e : singles_) {
    if (!e->IsTask()) continue;
    urgent = std::min(urgent, e->owner.priority);
    more = more || e->owner.priority <= decoding;
  }
  const bool few = static_cast<int>(active_.size()) < kWindowsPerStep;
  return urgent < decoding || (more && few && task_->owner.priority <= decoding);
}

// Null where all have to wait. REQUIRES: mutex_ is held.
Scheduler::Entry* Scheduler::TakeSingle() {
  const auto rank = [&](const Entry* e) {
    const auto used = windows_by_principal_.find(e->owner.principal);
    return std::tuple(task_ != nullptr && e->IsTask(), !e->cancelled(), e->owner.priority,
                      used == windows_by_principal_.end() ? 0 : used->second, e->arrival);
  };
  const auto best = std::min_element(singles_.begin(), singles_.end(),
                                     [&](auto* a, auto* b) { return rank(a) < rank(b); });
  // The pool has one task at a time.
  if (best == singles_.end() || (task_ != nullptr && (*best)->IsTask())) return nullptr;
  Entry* entry = *best;
  std::optional<PriorityClass> decoding;
  if (!active_.empty()) decoding = MostUrgentDecoding();
  if (!entry->cancelled() &&
      !deferral_.MayBegin(entry->owner.priority, decoding, std::chrono::steady_clock::now())) {
    return nullptr;
  }
  singles_.erase(best);
  if (windows_by_principal_.size() > kPrincipalsMax) windows_by_principal_.clear();
  ++windows_by_principal_[entry->owner.principal];
  return entry;
}

void Scheduler::RunSingle(Entry* entry) {
  if (entry->cancelled()) {
    Complete(entry, Status(StatusCode::kCancelled, "cancelled"));
  } else if (std::holds_alternative<LanguageJob*>(entry->job)) {
    DetectLanguage(entry);
  } else {
    Align(entry);
  }
}

void Scheduler::RunTask(Entry* entry) {
  if (entry->cancelled()) {
    Complete(entry, Status(StatusCode::kCancelled, "cancelled"));
  } else if (std::holds_alternative<EncodeJob*>(entry->job)) {
    Encode(entry);
  } else {
    Complete(entry, std::get<ComputeJob*>(entry->job)->work(&pool_));
  }
}

void Scheduler::Encode(Entry* entry) {
  ModelRuntime& runtime = entry->owner.model->runtime();
  Complete(entry, runtime.encoder.Encode(std::get<EncodeJob*>(entry->job)->mel, entry->owner.cancel,
                                         entry->owner.window));
}

void Scheduler::DetectLanguage(Entry* entry) {
  const LoadedModel& model = *entry->owner.model;
  ModelRuntime& runtime = model.runtime();
  const auto& special = model.tokenizer().special();
  whisper::WindowState* window = entry->owner.window;
  window->ResetText();
  window->AppendPrefix(1);
  const whisper::DecoderRow row = {window, special.sot, 0, 0, 0};
  runtime.decoder.Evaluate(std::span(&row, 1));
  float* logits = runtime.logits.Get(static_cast<std::size_t>(special.n_vocab));
  runtime.decoder.Logits(std::array{0}, logits);
  auto* job = std::get<LanguageJob*>(entry->job);
  job->probabilities =
      Softmax({logits + special.first_language, static_cast<std::size_t>(special.language_count)});
  Complete(entry, Status());
}

void Scheduler::Align(Entry* entry) {
  const LoadedModel& model = *entry->owner.model;
  ModelRuntime& runtime = model.runtime();
  const auto& special = model.tokenizer().special();
  auto* job = std::get<AlignJob*>(entry->job);
  whisper::WindowState* window = entry->owner.window;
  const auto count = static_cast<int>(job->tokens.size());
  window->ResetText();
  window->AppendPrefix(count);
  std::vector<whisper::DecoderRow> rows;
  for (int i = 0; i < count; ++i) {
    rows.push_back({window, job->tokens[static_cast<std::size_t>(i)], i, 0, 0});
  }
  whisper::AttentionCapture capture;
  capture.heads = model.alignment_heads();
  // All of a window's tokens at once take as long as a hundred steps: stopping must not wait.
  const auto cancelled = [entry] { return base::Cancelled(entry->owner.cancel); };
  runtime.decoder.Evaluate(rows, &capture, entry->owner.cancel);

  // Softmax over the window's own positions: the share of each in their sum.
  const std::size_t lines = capture.heads.size() * static_cast<std::size_t>(count);
  job->weights.resize(lines * static_cast<std::size_t>(job->frames));
  for (std::size_t line = 0; line < lines; ++line) {
    const float* from = capture.weights.data() + line * kAudioPositions;
    float* to = job->weights.data() + line * static_cast<std::size_t>(job->frames);
    double sum = 0;
    for (int f = 0; f < job->frames; ++f) sum += static_cast<double>(from[f]);
    const double factor = sum > 0 ? 1.0 / sum : 0.0;
    for (int f = 0; f < job->frames; ++f) to[f] = static_cast<float>(from[f] * factor);
  }

  // The text token at position p + 1 is predicted at position p.
  const int first = job->start_tokens, last = count - 2;
  float* logits = runtime.logits.Get(kAlignLogitRows * static_cast<std::size_t>(special.n_vocab));
  for (int begin = first; begin < last && !cancelled(); begin += kAlignLogitRows) {
    std::vector<int> which;
    for (int p = begin; p < std::min(begin + kAlignLogitRows, last); ++p) which.push_back(p);
    runtime.decoder.Logits(which, logits);
    for (std::size_t i = 0; i < which.size(); ++i) {
      const TokenId token = job->tokens[static_cast<std::size_t>(which[i]) + 1];
      job->token_probabilities.push_back(static_cast<float>(
          TokenProbability(model.network().kernels(),
                           {logits + i * static_cast<std::size_t>(special.n_vocab),
                            static_cast<std::size_t>(special.eot)},
                           token)));
    }
  }
  Complete(entry, cancelled() ? Status(StatusCode::kCancelled, "cancelled") : Status());
}

void Scheduler::Step() {
  std::vector<Entry*> alive;
  for (Entry* entry : active_) {
    if (base::Cancelled(entry->owner.cancel)) {
      Complete(entry, Status(StatusCode::kCancelled, "cancelled"));
    } else {
      alive.push_back(entry);
    }
  }
  // In order of arrival, model by model.
  active_.clear();
  while (!alive.empty()) {
    const LoadedModel* model = alive.front()->owner.model;
    std::vector<Entry*> batch;
    std::erase_if(alive, [&](Entry* e) {
      if (e->owner.model != model) return false;
      batch.push_back(e);
      return true;
    });
    StepModel(*model, batch);
    for (Entry* entry : batch) {
      if (std::get<DecodeJob*>(entry->job)->attempt->done()) {
        Complete(entry, Status());
      } else {
        active_.push_back(entry);
      }
    }
  }
}

void Scheduler::StepModel(const LoadedModel& model, std::span<Entry* const> entries) {
  ModelRuntime& runtime = model.runtime();
  std::vector<whisper::DecoderRow> rows;
  std::vector<int> wanted;  // Rows whose logits are needed, entry by entry.
  for (Entry* entry : entries) {
    const auto* job = std::get<DecodeJob*>(entry->job);
    const decode::Attempt& attempt = *job->attempt;
    whisper::WindowState* window = entry->owner.window;
    entry->first_row = static_cast<int>(wanted.size());
    const auto base_row = static_cast<int>(rows.size());
    if (!entry->prefilled) {
      const auto tokens = attempt.initial_tokens();
      const auto count = static_cast<int>(tokens.size());
      window->ResetText();
      window->AppendPrefix(count);
      for (int i = 0; i < count; ++i) {
        rows.push_back({window, tokens[static_cast<std::size_t>(i)], i, 0, 0});
      }
      wanted.push_back(base_row + job->sot_index);
      wanted.push_back(base_row + count - 1);
    } else {
      window->AppendStep(attempt.source_rows());
      for (int i = 0; i < attempt.rows(); ++i) {
        rows.push_back({window, attempt.next_tokens()[static_cast<std::size_t>(i)],
                        window->length() - 1, i, i});
        wanted.push_back(base_row + i);
      }
    }
    entry->row_count = static_cast<int>(wanted.size()) - entry->first_row;
  }
  runtime.decoder.Evaluate(rows);
  float* logits =
      runtime.logits.Get(wanted.size() * static_cast<std::size_t>(model.dims().n_vocab));
  runtime.decoder.StepLogits(wanted, logits);
  Consume(model, entries, logits);
}

void Scheduler::Consume(const LoadedModel& model, std::span<Entry* const> entries, float* logits) {
  const auto n_vocab = static_cast<std::size_t>(model.dims().n_vocab);
  struct RowJob {
    Entry* entry;
    int row;  // -1: of <|startoftranscript|>.
  };
  std::vector<RowJob> jobs;
  for (Entry* entry : entries) {
    const int before = entry->prefilled ? 0 : 1;
    for (int row = 0; row < entry->row_count; ++row) jobs.push_back({entry, row - before});
  }
  pool_.ParallelFor(
      static_cast<std::ptrdiff_t>(jobs.size()), 1,
      [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
          auto* job = std::get<DecodeJob*>(jobs[i].entry->job);
          const std::span<float> own(logits + i * n_vocab, n_vocab);
          if (jobs[i].row >= 0) {
            job->attempt->NormalizeLogits(jobs[i].row, own);
          } else {
            job->no_speech_prob = TokenProbability(model.network().kernels(), own,
                                                   model.tokenizer().special().no_speech);
          }
        }
      });
  for (Entry* entry : entries) {
    entry->prefilled = true;
    std::get<DecodeJob*>(entry->job)->attempt->Advance();
    PublishPartial(entry);
  }
}

void Scheduler::PublishPartial(Entry* entry) {
  const auto* job = std::get<DecodeJob*>(entry->job);
  if (++entry->steps % kPartialSteps != 0 || !job->on_partial || job->attempt->done()) return;
  const auto tokens = job->attempt->leading_tokens();
  std::lock_guard lock(mutex_);
  entry->partial.assign(tokens.begin(), tokens.end());
  entry->partial_ready = true;
  entry->changed.notify_one();
}

}  // namespace wt::pipeline
