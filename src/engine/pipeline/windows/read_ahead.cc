#include "engine/pipeline/windows/read_ahead.h"

#include <pthread.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/check.h"

namespace wt::pipeline {

struct ReadAhead::Entry {
  Entry(WindowKey entry_key, std::unique_ptr<AheadWork> what, const base::CancelFlag& whole)
      : key(std::move(entry_key)), work(std::move(what)), cancel(&whole) {}

  const WindowKey key;
  std::unique_ptr<AheadWork> work;
  base::CancelFlag cancel;
  /// Written by the thread, read once it has ended.
  std::optional<Result<WindowResult>> result;
  std::jthread thread;
};

ReadAhead::ReadAhead(const base::CancelFlag& whole) : whole_(whole) {}

ReadAhead::~ReadAhead() {
  for (const auto& entry : entries_) entry->cancel.Request();
}

bool ReadAhead::Holds(const WindowKey& key) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const auto& entry) { return entry->key == key; });
}

void ReadAhead::Start(WindowKey key, std::unique_ptr<AheadWork> work) {
  WT_CHECK(!Holds(key));
  entries_.push_back(std::make_unique<Entry>(std::move(key), std::move(work), whole_));
  Entry* entry = entries_.back().get();
  entry->thread = std::jthread([entry] { entry->result = entry->work->Run(entry->cancel); });
  pthread_setname_np(entry->thread.native_handle(), "wt-ahead");
}

std::optional<ReadAhead::Found> ReadAhead::Take(const WindowKey& key) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& entry) { return entry->key == key; });
  if (found == entries_.end()) return std::nullopt;
  const std::unique_ptr<Entry> entry = std::move(*found);
  entries_.erase(found);
  entry->thread.join();
  return Found{std::move(entry->work), std::move(*entry->result)};
}

std::vector<std::unique_ptr<AheadWork>> ReadAhead::KeepOnly(const std::vector<WindowKey>& keys) {
  std::vector<std::unique_ptr<AheadWork>> given_back;
  const auto stale = std::partition(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return std::find(keys.begin(), keys.end(), entry->key) != keys.end();
  });
  // All are told before the first is waited for.
  std::for_each(stale, entries_.end(), [](const auto& entry) { entry->cancel.Request(); });
  std::for_each(stale, entries_.end(), [&](const auto& entry) {
    entry->thread.join();
    given_back.push_back(std::move(entry->work));
  });
  entries_.erase(stale, entries_.end());
  return given_back;
}

}  // namespace wt::pipeline
