#include "service/documents/testing/memory_document_store.h"

#include <algorithm>

#include "base/status_macros.h"

namespace wt::documents::testing {
namespace {

template <typename Item>
typename std::vector<Item>::iterator FindItem(std::vector<Item>* items, const std::string& id) {
  return std::find_if(items->begin(), items->end(), [&](const Item& i) { return i.id == id; });
}

void Sort(Content* content) {
  std::sort(content->turns.begin(), content->turns.end(), [](const Turn& a, const Turn& b) {
    return std::pair(a.pos, a.id) < std::pair(b.pos, b.id);
  });
  std::sort(content->speakers.begin(), content->speakers.end(),
            [](const Speaker& a, const Speaker& b) { return a.id < b.id; });
}

/// One item of a set; false: a conflict.
template <typename Item>
bool ChangeItem(std::vector<Item>* items, const Item* put, const documents::Change& change,
                std::int64_t revision, std::map<std::string, std::int64_t>* deleted,
                std::optional<Item>* current) {
  const auto found = FindItem(items, change.id);
  if ((found == items->end() ? 0 : found->rev) != change.if_rev) {
    if (found != items->end()) *current = *found;
    return false;
  }
  if (found != items->end()) items->erase(found);
  if (put == nullptr) {
    (*deleted)[change.id] = revision;
    return true;
  }
  items->push_back(*put);
  items->back().rev = revision;
  deleted->erase(change.id);
  return true;
}

template <typename Item>
void Difference(const std::vector<Item>& before, std::vector<Item>* after, std::int64_t revision,
                std::map<std::string, std::int64_t>* deleted) {
  for (const Item& item : before) {
    const auto found = FindItem(after, item.id);
    if (found == after->end()) {
      (*deleted)[item.id] = revision;
    } else if (SameContent(*found, item)) {
      found->rev = item.rev;
    } else {
      found->rev = revision;
    }
  }
  for (Item& item : *after) {
    const bool was =
        std::any_of(before.begin(), before.end(), [&](const Item& i) { return i.id == item.id; });
    if (!was) item.rev = revision;
    deleted->erase(item.id);
  }
}

}  // namespace

Result<MemoryDocumentStore::State*> MemoryDocumentStore::Find(const std::string& job_id) {
  const auto found = states_.find(job_id);
  if (found == states_.end()) return Status(StatusCode::kNotFound, "no document");
  return &found->second;
}

Version MemoryDocumentStore::Add(State* state, Version version) {
  version.version = state->versions.empty() ? 1 : state->versions.back().version + 1;
  state->versions.push_back(version);
  return version;
}

void MemoryDocumentStore::AddMachineVersions(State* state, const std::vector<Version>& versions) {
  for (const Version& version : versions) {
    const bool there =
        std::any_of(state->versions.begin(), state->versions.end(),
                    [&](const Version& v) { return v.result_id == version.result_id; });
    if (!there) Add(state, version);
  }
}

void MemoryDocumentStore::KeepEdits(State* state, std::int64_t age_min_ms) const {
  std::int64_t saved = state->machine_revision;
  base::UnixMillis at = 0;
  for (const Version& version : state->versions) {
    saved = std::max(saved, version.revision);
    at = std::max(at, version.created_at);
  }
  if (saved >= state->revision || clock_->Now() - at < age_min_ms) return;
  Version version;
  version.kind = VersionKind::kEdit;
  version.revision = state->revision;
  version.author = state->edited_by;
  version.words = state->live().CountWords();
  version.created_at = clock_->Now();
  Add(state, version);
}

Result<Head> MemoryDocumentStore::GetHead(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(const State* state, Find(job_id));
  return Head{.revision = state->revision,
              .result_id = state->result_id,
              .language = state->language,
              .duration_s = state->duration_s,
              .turns = static_cast<std::int64_t>(state->live().turns.size()),
              .words = state->live().CountWords(),
              .untouched = state->revision == state->machine_revision};
}

Status MemoryDocumentStore::Begin(const NewDocument& document) {
  const std::lock_guard lock(mutex_);
  if (states_.contains(document.job_id)) return Status();
  State state;
  state.result_id = document.result_id;
  state.language = document.language;
  state.duration_s = document.duration_s;
  state.revision = document.revision;
  state.machine_revision = document.revision;
  state.oldest_since = document.revision;
  Content content = document.content;
  for (Turn& turn : content.turns) turn.rev = document.revision;
  for (Speaker& speaker : content.speakers) speaker.rev = document.revision;
  Sort(&content);
  state.history.emplace(document.revision, std::move(content));
  AddMachineVersions(&state, document.machine_versions);
  states_.emplace(document.job_id, std::move(state));
  return Status();
}

std::vector<Conflict> MemoryDocumentStore::Change(State* state,
                                                  const std::vector<documents::Change>& changes,
                                                  Content* content) {
  const std::int64_t revision = state->revision + 1;
  const std::vector<Speaker> speakers_before = content->speakers;
  std::vector<Conflict> conflicts;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const documents::Change& change = changes[i];
    Conflict conflict{.index = i, .id = change.id};
    const bool turn = change.op == Op::kPutTurn || change.op == Op::kDeleteTurn;
    const bool done =
        turn ? ChangeItem(&content->turns, change.op == Op::kPutTurn ? &change.turn : nullptr,
                          change, revision, &state->deleted_turns, &conflict.turn)
             : ChangeItem(&content->speakers,
                          change.op == Op::kPutSpeaker ? &change.speaker : nullptr, change,
                          revision, &state->deleted_speakers, &conflict.speaker);
    if (!done) conflicts.push_back(std::move(conflict));
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const documents::Change& change = changes[i];
    const std::string& named = change.turn.speaker;
    if (change.op == Op::kPutTurn && !named.empty() &&
        FindItem(&content->speakers, named) == content->speakers.end()) {
      conflicts.push_back({.index = i, .id = named, .reason = ConflictReason::kMissingSpeaker});
    }
    if (change.op != Op::kDeleteSpeaker ||
        FindItem(&content->speakers, change.id) != content->speakers.end()) {
      continue;
    }
    for (const Speaker& speaker : speakers_before) {
      const bool used = std::any_of(content->turns.begin(), content->turns.end(),
                                    [&](const Turn& t) { return t.speaker == change.id; });
      if (speaker.id != change.id || !used) continue;
      conflicts.push_back({.index = i,
                           .id = change.id,
                           .reason = ConflictReason::kSpeakerInUse,
                           .speaker = speaker});
    }
  }
  return conflicts;
}

Result<Applied> MemoryDocumentStore::Apply(const std::string& job_id, const ChangeSet& set) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(State * state, Find(job_id));
  if (const auto known = state->sets.find(set.change_id); known != state->sets.end()) {
    if (known->second.first != set.digest) {
      return Status(StatusCode::kAlreadyExists, "change_id is taken");
    }
    return Applied{.revision = known->second.second, .replayed = true};
  }
  State next = *state;
  KeepEdits(&next, kVersionEveryMs);
  Content content = next.live();
  std::vector<Conflict> conflicts = Change(&next, set.changes, &content);
  if (!conflicts.empty()) {
    return Applied{.revision = state->revision, .conflicts = std::move(conflicts)};
  }
  if (content.CountWords() > kWordsMax || content.speakers.size() > kSpeakersMax ||
      static_cast<std::int64_t>(content.turns.size()) > kTurnsMax) {
    return Status(StatusCode::kResourceExhausted, "the document is full");
  }
  Sort(&content);
  ++next.revision;
  next.edited_by = set.author;
  next.history.emplace(next.revision, std::move(content));
  next.sets[set.change_id] = {set.digest, next.revision};
  *state = std::move(next);
  return Applied{.revision = state->revision};
}

Result<Document> MemoryDocumentStore::Read(const std::string& job_id,
                                           std::optional<std::int64_t> revision) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(const State* state, Find(job_id));
  Document document;
  document.revision = revision.value_or(state->revision);
  document.job_id = job_id;
  document.language = state->language;
  document.duration_s = state->duration_s;
  document.content = state->history.at(document.revision);
  return document;
}

Result<Delta> MemoryDocumentStore::Since(const std::string& job_id, std::int64_t revision) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(const State* state, Find(job_id));
  Delta delta;
  delta.revision = state->revision;
  delta.too_old = revision < state->oldest_since || revision > state->revision;
  if (delta.too_old) return delta;
  for (const Turn& turn : state->live().turns) {
    if (turn.rev > revision) delta.turns.push_back(turn);
  }
  for (const Speaker& speaker : state->live().speakers) {
    if (speaker.rev > revision) delta.speakers.push_back(speaker);
  }
  for (const auto& [id, rev] : state->deleted_turns) {
    if (rev > revision) delta.deleted_turns.push_back(id);
  }
  for (const auto& [id, rev] : state->deleted_speakers) {
    if (rev > revision) delta.deleted_speakers.push_back(id);
  }
  return delta;
}

Result<std::vector<Version>> MemoryDocumentStore::Versions(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(job_id);
  return found == states_.end() ? std::vector<Version>() : found->second.versions;
}

Result<Version> MemoryDocumentStore::Snapshot(const std::string& job_id, const std::string& label,
                                              const std::string& author) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(State * state, Find(job_id));
  const Version last = state->versions.back();
  const bool saved = last.kind == VersionKind::kMachine ? state->revision == state->machine_revision
                                                        : last.revision == state->revision;
  if (saved && label.empty()) return last;
  Version version;
  version.kind = VersionKind::kEdit;
  version.revision = state->revision;
  version.label = label;
  version.author = author;
  version.words = state->live().CountWords();
  version.created_at = clock_->Now();
  return Add(state, version);
}

Result<Version> MemoryDocumentStore::Replace(const Replacement& replacement) {
  const std::lock_guard lock(mutex_);
  WT_ASSIGN(State * state, Find(replacement.job_id));
  const bool machine = replacement.kind == VersionKind::kMachine;
  if (machine && state->result_id == replacement.result_id) return state->versions.back();
  KeepEdits(state, 0);
  Content content = replacement.content;
  Sort(&content);
  const std::int64_t revision = state->revision + 1;
  Difference(state->live().turns, &content.turns, revision, &state->deleted_turns);
  Difference(state->live().speakers, &content.speakers, revision, &state->deleted_speakers);
  state->history.emplace(revision, std::move(content));
  state->revision = revision;
  state->edited_by = replacement.author;
  if (machine) {
    state->result_id = replacement.result_id;
    state->machine_revision = revision;
    state->language = replacement.language;
    state->duration_s = replacement.duration_s;
    AddMachineVersions(state, replacement.machine_versions);
    return state->versions.back();
  }
  Version version;
  version.kind = replacement.kind;
  version.revision = revision;
  version.label = replacement.label;
  version.author = replacement.author;
  version.words = state->live().CountWords();
  version.created_at = clock_->Now();
  return Add(state, version);
}

void MemoryDocumentStore::DeleteJob(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  states_.erase(job_id);
}

}  // namespace wt::documents::testing
