#include "service/api/events/feeds.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "base/utf8.h"

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr base::BootMillis kStatusEveryMs = 30'000;
// Lines of the log at a time: what is more waits for the next second.
constexpr std::size_t kLinesPerLook = 200;

std::string Dump(const Json& json) { return base::JsonToText(json); }

class LogFeed final : public Feed {
 public:
  LogFeed(const SystemSources& sources, std::int64_t seq) : log_(sources.log), seq_(seq) {}
  std::vector<std::string> News(base::BootMillis) override {
    std::vector<std::string> news;
    if (log_ == nullptr) return news;
    for (const observe::LogTail::Line& line : log_->After(seq_, kLinesPerLook)) {
      seq_ = line.seq;
      // A line is a JSON object as it was written.
      news.push_back(R"({"type":"log","seq":)" + std::to_string(line.seq) + R"(,"record":)" +
                     line.json + "}");
    }
    return news;
  }

 private:
  const observe::LogTail* const log_;
  std::int64_t seq_;
};

class StatusFeed final : public Feed {
 public:
  StatusFeed(const SystemSources& sources, const base::Clock* clock)
      : sources_(sources), clock_(clock) {}
  std::vector<std::string> News(base::BootMillis now) override {
    if (!sources_.status || now < due_) return {};
    due_ = now + kStatusEveryMs;
    Json message = {{"type", "system_status"}, {"timestamp", base::FormatTime(clock_->Now())}};
    Result<Json> status = sources_.status();
    if (status.ok()) {
      message["data"] = *std::move(status);
    } else {
      // Those who watch should know that the numbers are missing, and when to expect the next.
      message["error"] = status.status().message();
    }
    return {Dump(message)};
  }

 private:
  const SystemSources sources_;
  const base::Clock* const clock_;
  base::BootMillis due_ = 0;
};

class AnnouncementFeed final : public Feed {
 public:
  explicit AnnouncementFeed(const SystemSources& sources)
      : announcements_(sources.announcements),
        seq_(announcements_ == nullptr ? 0 : announcements_->newest()) {}
  std::vector<std::string> News(base::BootMillis) override {
    std::vector<std::string> news;
    if (announcements_ == nullptr) return news;
    for (const Announcements::Entry& entry : announcements_->After(seq_)) {
      seq_ = entry.seq;
      news.push_back(Dump({{"type", "broadcast"},
                           {"seq", entry.seq},
                           {"message", entry.text},
                           {"timestamp", base::FormatTime(entry.time)}}));
    }
    return news;
  }

 private:
  Announcements* const announcements_;
  std::int64_t seq_;
};

bool IsPlainText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
  });
}

}  // namespace

Status Announcements::Add(std::string_view text, base::UnixMillis now) {
  if (text.empty() || text.size() > kTextBytesMax || !base::IsValidUtf8(text) ||
      !IsPlainText(text)) {
    return Status(StatusCode::kInvalidArgument,
                  "An announcement is one line of 1 to 1000 bytes without control characters.");
  }
  const std::lock_guard lock(mutex_);
  entries_.push_back({++seq_, std::string(text), now});
  if (entries_.size() > kKept) entries_.pop_front();
  return {};
}

std::vector<Announcements::Entry> Announcements::After(std::int64_t seq) const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> found;
  std::copy_if(entries_.begin(), entries_.end(), std::back_inserter(found),
               [&](const Entry& entry) { return entry.seq > seq; });
  return found;
}

std::int64_t Announcements::newest() const {
  const std::lock_guard lock(mutex_);
  return seq_;
}

std::unique_ptr<Feed> MakeLogFeed(const SystemSources& sources, std::int64_t seq) {
  return std::make_unique<LogFeed>(sources, seq);
}

std::unique_ptr<Feed> MakeStatusFeed(const SystemSources& sources, const base::Clock* clock) {
  return std::make_unique<StatusFeed>(sources, clock);
}

std::unique_ptr<Feed> MakeAnnouncementFeed(const SystemSources& sources) {
  return std::make_unique<AnnouncementFeed>(sources);
}

}  // namespace wt::api
