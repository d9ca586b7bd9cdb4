#include "service/jobs/testing/model_job_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <tuple>

#include "base/status_macros.h"
#include "service/jobs/rules/details.h"

namespace wt::jobs::testing {
namespace {

Status NoSuchJob() { return Status(StatusCode::kNotFound, "There is no such job."); }
Status LostLease() { return Status(StatusCode::kAborted, "The job is not this worker's."); }
Status NotNow() { return Status(StatusCode::kFailedPrecondition, "Not in this state."); }

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool Contains(const std::string& text, const std::string& part) {
  return Lower(text).find(Lower(part)) != std::string::npos;
}

bool IsQueued(JobState state) {
  return state == JobState::kQueued || state == JobState::kRetryWait;
}

/// What is unknown lies in no range but the endless one.
template <typename T>
bool InRange(const std::optional<T>& value, const std::optional<T>& low,
             const std::optional<T>& high) {
  if (low && !(value && *value >= *low)) return false;
  return !high || (value && *value <= *high);
}

template <typename Key>
bool Less(const Key& a, const Key& b, bool descending) {
  return descending ? b < a : a < b;
}

bool MatchesDetails(const JobDetails& details, const JobFilter& filter) {
  if (filter.starred && *filter.starred != details.starred) return false;
  if (filter.archived && *filter.archived != details.archived) return false;
  return filter.tag.empty() || std::ranges::find(details.tags, filter.tag) != details.tags.end();
}

}  // namespace

ModelJobStore::ModelJobStore(const base::Clock* clock, std::uint64_t seed, Mutant mutant)
    : clock_(clock), mutant_(mutant), random_(seed) {}

Result<ModelJobStore::Record*> ModelJobStore::Find(const std::string& id,
                                                   const std::string& owner) {
  const auto found = records_.find(id);
  if (found == records_.end()) return NoSuchJob();
  if (!owner.empty() && found->second.job.owner != owner) return NoSuchJob();
  return &found->second;
}

Result<ModelJobStore::Record*> ModelJobStore::Held(const Lease& lease) {
  const auto found = records_.find(lease.job_id);
  if (found == records_.end()) return LostLease();
  Record& record = found->second;
  const bool held = record.job.state == JobState::kRunning && record.job.attempt == lease.attempt &&
                    record.token == lease.token;
  if (!held) return LostLease();
  return &record;
}

void ModelJobStore::AddEvent(Record* record, const std::string& type, std::string data,
                             UnixMillis time) {
  record->events.push_back(
      {.seq = ++record->event_seq, .type = type, .data_json = std::move(data), .time = time});
}

void ModelJobStore::StatusChanged(Record* record, std::string_view before) {
  record->job.updated_at = clock_->Now();
  const std::string_view status = StatusSlug(record->job);
  if (status == before) return;
  AddEvent(record, "status",
           fmt::format(R"({{"status":"{}","attempt":{},"run":{}}})", status, record->job.attempt,
                       record->job.run),
           clock_->Now());
}

bool ModelJobStore::Move(Record* record, Transition transition) {
  Job& job = record->job;
  const std::optional<JobState> next = NextState(job.state, transition);
  if (!next) return false;
  job.state = *next;
  if (*next != JobState::kRunning) {
    record->token.clear();
    job.lease_owner.clear();
    job.lease_expires_at = std::nullopt;
  }
  if (IsTerminal(*next)) job.finished_at = clock_->Now();
  return true;
}

Result<Created> ModelJobStore::Create(const NewJob& new_job, const QueueLimits& limits) {
  const std::lock_guard lock(mutex_);
  const std::pair key(new_job.job.owner, new_job.idempotency_key);
  if (const auto known = keys_.find(key); !key.second.empty() && known != keys_.end()) {
    if (known->second.first != new_job.request_digest) {
      return Status(StatusCode::kAlreadyExists, "The idempotency key was used before.");
    }
    return Created{.job = records_.at(known->second.second).job, .replayed = true};
  }
  int queued = 0;
  int active = 0;
  for (const auto& [id, record] : records_) {
    if (IsQueued(record.job.state)) ++queued;
    if (record.job.owner == new_job.job.owner && !IsTerminal(record.job.state)) ++active;
    if (record.job.media.id == new_job.job.media.id && record.job.owner != new_job.job.owner) {
      return Status(StatusCode::kAlreadyExists, "The recording's id is taken.");
    }
  }
  if (queued >= limits.queue_depth_max) {
    return Status(StatusCode::kResourceExhausted, std::string(kQueueFullMessage));
  }
  if (active >= limits.active_per_owner_max) {
    return Status(StatusCode::kResourceExhausted, std::string(kOwnerLimitMessage));
  }
  if (records_.contains(new_job.job.id)) {
    return Status(StatusCode::kAlreadyExists, "The job's id is taken.");
  }
  Record& record = records_[new_job.job.id];
  record.job = new_job.job;
  record.job.state = JobState::kQueued;
  record.job.progress.seconds_total = new_job.job.media.duration_s.value_or(0);
  record.job.created_at = record.job.run_at = record.run_began_at = clock_->Now();
  record.run_boot_id = clock_->boot_id();
  record.run_boot_ms = clock_->Boot();
  record.rank = ClaimRank(record.job.priority, clock_->Now());
  last_served_.try_emplace(record.job.owner, 0);
  StatusChanged(&record, "");
  if (!key.second.empty()) keys_[key] = {new_job.request_digest, new_job.job.id};
  return Created{.job = record.job};
}

Result<Job> ModelJobStore::Get(const std::string& id, const std::string& owner) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(const Record* record, Find(id, owner));
  return record->job;
}

bool ModelJobStore::Matches(const Record& record, const JobFilter& filter,
                            const ListQuery& query) const {
  const Job& job = record.job;
  const auto differs = [](const std::string& wanted, const std::string& value) {
    return !wanted.empty() && wanted != value;
  };
  if (differs(filter.owner, job.owner) || differs(filter.model, job.model)) return false;
  if (differs(filter.batch_id, job.batch_id)) return false;
  if (differs(filter.language, job.language) && differs(filter.language, job.detected_language)) {
    return false;
  }
  const auto wanted = std::ranges::find(query.statuses, StatusSlug(job));
  if (!query.statuses.empty() && wanted == query.statuses.end()) return false;
  if (!InRange(std::optional(job.created_at), filter.created_after, filter.created_before)) {
    return false;
  }
  if (!InRange(job.media.duration_s, filter.min_duration_s, filter.max_duration_s)) return false;
  if (filter.dead_letter_only && !job.dead_letter) return false;
  if (!MatchesDetails(job.details, filter)) return false;
  const std::string text = job.result_ref.empty() ? "" : record.results.back().text;
  return Contains(job.id, filter.search) || Contains(job.media.filename, filter.search) ||
         Contains(job.details.title, filter.search) || Contains(text, filter.search);
}

Result<JobPage> ModelJobStore::List(const JobFilter& filter) {
  WT_ASSIGN(const ListQuery query, CheckFilter(filter));
  const std::lock_guard lock(mutex_);
  using Key = std::tuple<std::int64_t, double, std::string, std::string>;
  const auto key_of = [&](const Job& job) {
    switch (query.sort) {
      case SortKey::kUpdatedAt: return Key(job.updated_at, 0, "", job.id);
      case SortKey::kFilename: return Key(0, 0, job.media.filename, job.id);
      case SortKey::kDuration: return Key(0, job.media.duration_s.value_or(-1), "", job.id);
      case SortKey::kStatus: return Key(0, 0, StatusSlug(job), job.id);
      case SortKey::kTitle: return Key(0, 0, TitleOf(job), job.id);
      case SortKey::kCreatedAt: break;
    }
    return Key(job.created_at, 0, "", job.id);
  };
  std::vector<Job> all;
  for (const auto& [id, record] : records_) {
    if (Matches(record, filter, query)) all.push_back(record.job);
  }
  std::ranges::sort(all, [&](const Job& a, const Job& b) {
    return Less(key_of(a), key_of(b), filter.descending);
  });
  JobPage page;
  page.total = filter.with_total ? static_cast<std::int64_t>(all.size()) : 0;
  std::size_t first = static_cast<std::size_t>(filter.offset);
  if (query.cursor) {
    const auto after = std::ranges::find(all, query.cursor->id, &Job::id);
    first = static_cast<std::size_t>(after - all.begin()) + 1;
  }
  for (std::size_t i = first; i < all.size(); ++i) {
    if (static_cast<int>(page.jobs.size()) == filter.limit) {
      page.next_cursor = FormatCursor(CursorAt(page.jobs.back(), query.sort));
      break;
    }
    page.jobs.push_back(all[i]);
  }
  return page;
}

Result<std::vector<std::pair<std::string, std::int64_t>>> ModelJobStore::Counts(
    const std::string& owner) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::int64_t> counts;
  for (const auto& [id, record] : records_) {
    if (owner.empty() || record.job.owner == owner) ++counts[std::string(StatusSlug(record.job))];
  }
  return std::vector<std::pair<std::string, std::int64_t>>(counts.begin(), counts.end());
}

Result<LibraryCounts> ModelJobStore::Library(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  LibraryCounts counts;
  std::map<std::string, std::int64_t> tags;
  for (const auto& [id, record] : records_) {
    if (record.job.owner != owner) continue;
    counts.starred += record.job.details.starred;
    counts.archived += record.job.details.archived;
    for (const std::string& tag : record.job.details.tags) ++tags[tag];
  }
  counts.tags.assign(tags.begin(), tags.end());
  std::ranges::sort(counts.tags, {},
                    [](const auto& tag) { return std::pair(-tag.second, tag.first); });
  if (counts.tags.size() > kTagsListedMax) counts.tags.resize(kTagsListedMax);
  return counts;
}

Result<Job> ModelJobStore::SetDetails(const std::string& id, const std::string& owner,
                                      const DetailsPatch& patch) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Find(id, owner));
  ApplyDetails(patch, &record->job.details);
  record->job.updated_at = clock_->Now();
  return record->job;
}

std::vector<ModelJobStore::Record*> ModelJobStore::Claimable(const std::string& owner) {
  std::vector<Record*> jobs;
  for (auto& [id, record] : records_) {
    if (record.job.owner == owner && record.job.state == JobState::kQueued) {
      jobs.push_back(&record);
    }
  }
  std::ranges::sort(jobs, {}, [](const Record* r) { return std::tie(r->rank, r->job.id); });
  return jobs;
}

std::vector<OwnerLoad> ModelJobStore::QueuedOwners() const {
  std::map<std::string, OwnerLoad> owners;
  for (const auto& [id, record] : records_) {
    if (record.job.state != JobState::kQueued) continue;
    OwnerLoad& load = owners[record.job.owner];
    load.best_rank = load.queued == 0 ? record.rank : std::min(load.best_rank, record.rank);
    ++load.queued;
  }
  for (const auto& [id, record] : records_) {
    const auto load = owners.find(record.job.owner);
    if (load != owners.end() && record.job.state == JobState::kRunning) ++load->second.running;
  }
  std::vector<OwnerLoad> list;
  for (auto& [owner, load] : owners) {
    load.owner = owner;
    load.last_served = last_served_.at(owner);
    list.push_back(load);
  }
  return list;
}

Result<std::vector<Job>> ModelJobStore::FirstWaiting(int owners_max) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, const Record*> first;
  for (const auto& [id, record] : records_) {
    if (record.job.state != JobState::kQueued || record.job.held) continue;
    const Record*& best = first[record.job.owner];
    const auto rank = std::tie(record.rank, record.job.id);
    if (best == nullptr || rank < std::tie(best->rank, best->job.id)) best = &record;
  }
  std::vector<Job> jobs;
  for (const auto& [owner, record] : first) {
    if (static_cast<int>(jobs.size()) < owners_max) jobs.push_back(record->job);
  }
  return jobs;
}

Result<std::int64_t> ModelJobStore::QueuePosition(const std::string& id) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(const Record* record, Find(id, ""));
  if (!IsQueued(record->job.state)) return std::int64_t{0};
  std::int64_t ahead = 0;
  for (const Record* other : Claimable(record->job.owner)) {
    if (std::tie(other->rank, other->job.id) < std::tie(record->rank, record->job.id)) ++ahead;
  }
  return PositionInQueue(QueuedOwners(), record->job.owner, ahead);
}

void ModelJobStore::QueueDueRetries() {
  for (auto& [id, record] : records_) {
    if (record.job.state != JobState::kRetryWait) continue;
    const bool due = record.due_boot_id != clock_->boot_id() || record.due_at <= clock_->Boot();
    if (due) Move(&record, Transition::kDue);
  }
}

base::BootMillis ModelJobStore::LeaseClock() const {
  return mutant_ == Mutant::kWallClockLease ? clock_->Now() : clock_->Boot();
}

Result<std::optional<Claim>> ModelJobStore::ClaimNext(const ClaimOptions& options) {
  const std::lock_guard lock(mutex_);
  QueueDueRetries();
  const auto running = std::ranges::count_if(
      records_, [](const auto& entry) { return entry.second.job.state == JobState::kRunning; });
  if (options.running_max > 0 && running >= options.running_max) return std::optional<Claim>();
  Record* chosen = nullptr;
  for (const OwnerLoad& owner : InOrderOfService(QueuedOwners(), options.running_per_owner_max)) {
    chosen = Claimable(owner.owner).front();
    break;
  }
  if (mutant_ == Mutant::kDoubleClaim && chosen == nullptr && !records_.empty()) {
    for (auto& [id, record] : records_) {
      if (record.job.state == JobState::kRunning) chosen = &record;
    }
    if (chosen != nullptr) chosen->job.state = JobState::kQueued;
  }
  if (chosen == nullptr) return std::optional<Claim>();
  const std::string before(StatusSlug(chosen->job));
  Move(chosen, Transition::kClaim);
  Job& job = chosen->job;
  ++job.attempt;
  job.lease_owner = options.worker_id;
  job.lease_expires_at = clock_->Now() + options.lease_ms;
  job.progress.stage = "loading";
  if (!job.started_at) job.started_at = clock_->Now();
  chosen->token = fmt::format("token-{:016x}", random_.Next());
  chosen->lease_boot_id = clock_->boot_id();
  chosen->lease_until = LeaseClock() + options.lease_ms;
  last_served_[job.owner] = ++claims_;
  StatusChanged(chosen, before);
  return std::optional<Claim>(
      Claim{.job = job,
            .lease = {.job_id = job.id, .attempt = job.attempt, .token = chosen->token},
            .checkpoint = chosen->checkpoint});
}

Result<Heartbeat> ModelJobStore::Renew(const Lease& lease, std::int64_t lease_ms) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Held(lease));
  record->lease_until = LeaseClock() + lease_ms;
  record->job.lease_expires_at = clock_->Now() + lease_ms;
  return Heartbeat{.cancel_requested = record->job.cancel_requested};
}

Status ModelJobStore::SaveProgress(const Lease& lease, const JobProgress& progress) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Held(lease));
  const std::string before(StatusSlug(record->job));
  Job& job = record->job;
  if (!progress.detected_language.empty()) job.detected_language = progress.detected_language;
  job.progress = progress;
  job.progress.detected_language = job.detected_language;
  StatusChanged(record, before);
  return Status();
}

Status ModelJobStore::SaveCheckpoint(const Lease& lease, const std::string& checkpoint,
                                     const JobProgress& progress) {
  if (checkpoint.size() > kCheckpointBytesMax) {
    return Status(StatusCode::kInvalidArgument, "The checkpoint is too large.");
  }
  WT_TRY(SaveProgress(lease, progress));
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Held(lease));
  record->checkpoint = checkpoint;
  record->job.rescues = 0;
  return Status();
}

Status ModelJobStore::AppendEvents(const Lease& lease, const std::vector<JobEvent>& events) {
  WT_TRY(CheckEvents(events));
  const std::lock_guard lock(mutex_);
  if (events.empty()) return Status();
  WT_ASSIGN(Record * record, Held(lease));
  for (const JobEvent& event : events) {
    AddEvent(record, event.type, event.data_json, event.time != 0 ? event.time : clock_->Now());
  }
  std::erase_if(record->events, [&](const JobEvent& event) {
    return event.seq <= record->event_seq - kEventsPerJobMax;
  });
  return Status();
}

Status ModelJobStore::Succeed(const Lease& lease, const NewResult& result) {
  const std::lock_guard lock(mutex_);
  Record* record = nullptr;
  if (mutant_ == Mutant::kUnfencedCommit) {
    WT_ASSIGN(record, Find(lease.job_id, ""));
    record->job.state = JobState::kRunning;
  } else {
    WT_ASSIGN(record, Held(lease));
  }
  const std::string before(StatusSlug(record->job));
  Move(record, Transition::kSucceed);
  Job& job = record->job;
  job.result_ref = result.id;
  if (!result.detected_language.empty()) job.detected_language = result.detected_language;
  job.progress.detected_language = job.detected_language;
  job.progress.stage = "done";
  job.progress.seconds_done = job.progress.seconds_total = result.duration_s;
  NewResult stored = result;
  stored.run = job.run;
  stored.attempt = job.attempt;
  stored.created_at = clock_->Now();
  record->results.push_back(std::move(stored));
  record->checkpoint.clear();
  StatusChanged(record, before);
  return Status();
}

void ModelJobStore::EndAttempt(Record* record, AttemptEnd end, FailureKind kind,
                               const std::string& code, const std::string& message,
                               const RetryPolicy& policy) {
  Job& job = record->job;
  const std::string before(StatusSlug(job));
  if (end == AttemptEnd::kCancel) {
    Move(record, Transition::kCancel);
    job.cancel_requested = true;
  } else if (end == AttemptEnd::kRetry) {
    const std::int64_t wait = BackoffMs(policy, job.attempt, random_.Uniform());
    Move(record, Transition::kRetryLater);
    job.progress.stage = "waiting";
    record->due_boot_id = clock_->boot_id();
    record->due_at = clock_->Boot() + wait;
    job.run_at = clock_->Now() + wait;
    StatusChanged(record, before);
    AddEvent(record, "log",
             fmt::format(R"({{"code":"{}","message":"{}","attempt":{},"retry_in_ms":{}}})", code,
                         message, job.attempt, wait),
             clock_->Now());
    return;
  } else {
    Move(record, Transition::kFail);
    job.failure = kind;
    job.error_code = code;
    job.error_message = message;
    job.dead_letter = end == AttemptEnd::kDeadLetter;
  }
  StatusChanged(record, before);
}

Status ModelJobStore::Fail(const Lease& lease, FailureKind kind, const std::string& code,
                           const std::string& message, bool transient, const RetryPolicy& policy) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Held(lease));
  const AttemptFacts facts{.attempt = record->job.attempt,
                           .attempts_max = record->job.attempts_max,
                           .rescues = record->job.rescues,
                           .cancel_requested = record->job.cancel_requested};
  EndAttempt(record, AfterFailure(facts, transient), kind, code, message, policy);
  return Status();
}

Status ModelJobStore::FinishCancelled(const Lease& lease) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Held(lease));
  EndAttempt(record, AttemptEnd::kCancel, FailureKind::kNone, "", "", {});
  return Status();
}

Status ModelJobStore::Release(const Lease& lease) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Held(lease));
  if (record->job.cancel_requested) {
    EndAttempt(record, AttemptEnd::kCancel, FailureKind::kNone, "", "", {});
    return Status();
  }
  const std::string before(StatusSlug(record->job));
  Move(record, Transition::kRelease);
  --record->job.attempt;
  record->job.progress.stage = "waiting";
  StatusChanged(record, before);
  return Status();
}

bool ModelJobStore::LeaseIsOver(const Record& record) const {
  return record.lease_boot_id != clock_->boot_id() || record.lease_until < LeaseClock();
}

ModelJobStore::Page ModelJobStore::ExpiredPage(int limit) const {
  std::vector<const Record*> running;
  for (const auto& [id, record] : records_) {
    if (record.job.state == JobState::kRunning) running.push_back(&record);
  }
  const bool starving = mutant_ == Mutant::kPageStarvation;
  if (!starving) std::erase_if(running, [&](const Record* r) { return !LeaseIsOver(*r); });
  std::ranges::sort(running, {}, [&](const Record* r) {
    return std::tuple(starving ? 0 : r->lease_until, r->job.id);
  });
  if (static_cast<int>(running.size()) > limit) running.resize(static_cast<std::size_t>(limit));
  if (starving) std::erase_if(running, [&](const Record* r) { return !LeaseIsOver(*r); });
  Page page;
  for (const Record* record : running) {
    page.push_back(
        {.job_id = record->job.id, .attempt = record->job.attempt, .token = record->token});
  }
  return page;
}

std::vector<std::string> ModelJobStore::RescuePage(const Page& page, const RetryPolicy& policy) {
  std::vector<std::string> changed;
  for (const Lease& lease : page) {
    Result<Record*> held = Held(lease);
    if (!held.ok() && mutant_ == Mutant::kRescueWithoutRecheck) {
      held = Find(lease.job_id, "");
      // The update without its conditions: whatever the job has become, it "was running".
      if (held.ok()) (*held)->job.state = JobState::kRunning;
    }
    if (!held.ok()) continue;
    Record* const record = *held;
    Job& job = record->job;
    const AttemptFacts facts{.attempt = job.attempt,
                             .attempts_max = job.attempts_max,
                             .rescues = job.rescues,
                             .cancel_requested = job.cancel_requested};
    AttemptEnd end = AfterLostLease(facts, policy.rescues_max);
    const LostWorker lost = DescribeLostWorker(facts, policy.rescues_max);
    if (mutant_ == Mutant::kPoisonOff) {
      end = AttemptEnd::kRetry;
      job.attempt = std::min(job.attempt, job.attempts_max - 1);
    }
    if (end != AttemptEnd::kCancel) ++job.rescues;
    EndAttempt(record, end, FailureKind::kThread, lost.code, lost.message, policy);
    changed.push_back(job.id);
  }
  return changed;
}

Result<std::vector<std::string>> ModelJobStore::Rescue(const RetryPolicy& policy, int limit) {
  const std::lock_guard lock(mutex_);
  Page page = ExpiredPage(limit);
  if (mutant_ == Mutant::kRescueWithoutRecheck) std::swap(page, stale_page_);
  return RescuePage(page, policy);
}

Result<std::vector<std::string>> ModelJobStore::RescueWorker(const std::string& worker_id,
                                                             const RetryPolicy& policy, int limit) {
  const std::lock_guard lock(mutex_);
  Page page;
  for (const auto& [id, record] : records_) {
    if (record.job.state != JobState::kRunning || record.job.lease_owner != worker_id) continue;
    if (static_cast<int>(page.size()) == limit) break;
    page.push_back({.job_id = id, .attempt = record.job.attempt, .token = record.token});
  }
  return RescuePage(page, policy);
}

Result<std::vector<std::string>> ModelJobStore::Expire(std::int64_t age_ms, int limit) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> changed;
  for (auto& [id, record] : records_) {
    if (IsTerminal(record.job.state)) continue;
    const bool same_boot = record.run_boot_id == clock_->boot_id();
    const bool old = same_boot ? record.run_boot_ms <= clock_->Boot() - age_ms
                               : record.run_began_at <= clock_->Now() - age_ms;
    if (!old || static_cast<int>(changed.size()) == limit) continue;
    const std::string before(StatusSlug(record.job));
    Move(&record, Transition::kExpire);
    record.job.failure = FailureKind::kTimeout;
    record.job.error_code = "JOB_EXPIRED";
    record.job.error_message = "The job did not end within the time allowed.";
    StatusChanged(&record, before);
    changed.push_back(id);
  }
  return changed;
}

Result<Job> ModelJobStore::RequestCancel(const std::string& id, const std::string& owner) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Find(id, owner));
  if (IsTerminal(record->job.state)) return NotNow();
  const std::string before(StatusSlug(record->job));
  record->job.cancel_requested = true;
  if (IsQueued(record->job.state)) Move(record, Transition::kCancel);
  StatusChanged(record, before);
  return record->job;
}

Result<Job> ModelJobStore::Restart(const std::string& id, const std::string& owner,
                                   RestartFrom from) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Find(id, owner));
  const std::string before(StatusSlug(record->job));
  if (!Move(record, Transition::kRestart)) return NotNow();
  Job& job = record->job;
  ++job.run;
  job.attempt = job.rescues = 0;
  job.failure = FailureKind::kNone;
  job.error_code.clear();
  job.error_message.clear();
  job.dead_letter = job.cancel_requested = false;
  job.result_ref.clear();
  job.detected_language.clear();
  const double total = job.progress.seconds_total;
  job.progress = {};
  job.progress.seconds_total = total;
  job.run_at = record->run_began_at = clock_->Now();
  job.started_at = job.finished_at = std::nullopt;
  record->run_boot_id = clock_->boot_id();
  record->run_boot_ms = clock_->Boot();
  record->rank = ClaimRank(job.priority, clock_->Now());
  if (from == RestartFrom::kBeginning) record->checkpoint.clear();
  StatusChanged(record, before);
  return job;
}

Result<std::vector<std::string>> ModelJobStore::Delete(const std::string& id,
                                                       const std::string& owner) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(Record * record, Find(id, owner));
  if (record->job.state == JobState::kRunning) {
    record->job.cancel_requested = true;
    record->job.updated_at = clock_->Now();
    return NotNow();
  }
  std::vector<std::string> blobs;
  for (const NewResult& result : record->results) blobs.push_back(result.blob_key);
  const Media media = record->job.media;
  std::erase_if(keys_, [&](const auto& entry) { return entry.second.second == id; });
  records_.erase(id);
  const bool shared = std::ranges::any_of(
      records_, [&](const auto& entry) { return entry.second.job.media.id == media.id; });
  if (!shared) blobs.push_back(media.blob_key);
  return blobs;
}

Result<std::vector<EventHead>> ModelJobStore::EventHeads(const std::vector<std::string>& ids) {
  const std::lock_guard lock(mutex_);
  std::vector<EventHead> heads;
  for (const std::string& id : ids) {
    const auto found = records_.find(id);
    if (found == records_.end()) continue;
    heads.push_back({id, found->second.event_seq, IsTerminal(found->second.job.state)});
  }
  return heads;
}

Result<std::vector<JobEvent>> ModelJobStore::Events(const std::string& id, std::int64_t after_seq,
                                                    int limit) {
  const std::lock_guard lock(mutex_);
  std::vector<JobEvent> events;
  const auto found = records_.find(id);
  if (found == records_.end()) return events;
  for (const JobEvent& event : found->second.events) {
    if (event.seq > after_seq && static_cast<int>(events.size()) < limit) events.push_back(event);
  }
  return events;
}

Result<std::vector<NewResult>> ModelJobStore::Results(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  if (found == records_.end()) return std::vector<NewResult>();
  return std::vector<NewResult>(found->second.results.rbegin(), found->second.results.rend());
}

Result<std::optional<std::int64_t>> ModelJobStore::NextDueIn() {
  const std::lock_guard lock(mutex_);
  std::optional<std::int64_t> soonest;
  for (const auto& [id, record] : records_) {
    if (record.job.state != JobState::kRetryWait) continue;
    const bool same_boot = record.due_boot_id == clock_->boot_id();
    const std::int64_t wait =
        same_boot ? std::max<std::int64_t>(record.due_at - clock_->Boot(), 0) : 0;
    soonest = std::min(soonest.value_or(wait), wait);
  }
  return soonest;
}

}  // namespace wt::jobs::testing
