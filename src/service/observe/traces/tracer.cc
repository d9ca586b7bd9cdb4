#include "service/observe/traces/tracer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "platform/system_clock.h"
#include "service/observe/traces/otlp.h"

namespace wt::observe {
namespace {

using std::chrono::milliseconds;

// Those of OpenTelemetry's batch processor (OTEL_BSP_*): spans that wait, spans of one export.
constexpr std::size_t kWaitingMax = 2'048;
constexpr std::size_t kBatchMax = 512;
// Its five seconds are long for somebody who waits for a trace to appear.
constexpr milliseconds kInterval{1'000};
constexpr milliseconds kRetryFirst{1'000};
constexpr milliseconds kRetryLast{30'000};
constexpr int kTriesMax = 5;
// The share of trace ids is decided by their last 56 bits (14 hex digits), as W3C Trace Context 2
// wants them random.
constexpr std::size_t kRandomDigits = 14;
constexpr double kRandomValues = static_cast<double>(std::uint64_t{1} << 56);

TraceContext NewContext(const std::optional<TraceContext>& parent) {
  std::array<std::byte, 24> random{};
  platform::FillSecureRandom(random);
  return ChildTrace(parent, random);
}

/// Passes contexts on, exports nothing.
class PassingTracer : public Tracer {
 public:
  TraceContext Begin(const std::optional<TraceContext>& parent) override {
    return NewContext(parent);
  }
  void End(Span) override {}
  TracerNumbers numbers() const override { return {}; }
};

class ExportingTracer : public Tracer {
 public:
  explicit ExportingTracer(TracerOptions options)
      : options_(std::move(options)), sender_(OtlpSender::Create(options_)) {
    thread_ = std::thread([this] { Work(); });
  }
  ~ExportingTracer() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  TraceContext Begin(const std::optional<TraceContext>& parent) override {
    TraceContext context = NewContext(parent);
    context.sampled = options_.sampler.Takes(parent, context.trace_id);
    return context;
  }

  void End(Span span) override {
    if (!span.context.sampled) return;
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kWaitingMax) {
      ++numbers_.dropped;
      return;
    }
    waiting_.push_back(std::move(span));
    if (waiting_.size() == kBatchMax) changed_.notify_all();
  }

  TracerNumbers numbers() const override {
    const std::lock_guard lock(mutex_);
    return numbers_;
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait_for(lock, kInterval,
                        [this] { return stopping_ || waiting_.size() >= kBatchMax; });
      while (!waiting_.empty()) {
        const std::vector<Span> batch = Take();
        lock.unlock();
        const bool sent = SendOften(batch);
        lock.lock();
        (sent ? numbers_.exported : numbers_.dropped) += static_cast<std::int64_t>(batch.size());
      }
      if (stopping_) return;
    }
  }

  std::vector<Span> Take() {
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kBatchMax));
    std::vector<Span> batch(std::make_move_iterator(waiting_.begin()),
                            std::make_move_iterator(waiting_.begin() + count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    return batch;
  }

  // One try only when the process ends.
  bool SendOften(const std::vector<Span>& batch) {
    const std::string body = EncodeSpans(options_, batch);
    milliseconds pause = kRetryFirst;
    for (int attempt = 1;; ++attempt) {
      const Status status = sender_->Send(body);
      Tell(status);
      if (status.ok()) return true;
      if (status.code() != StatusCode::kUnavailable || attempt == kTriesMax) return false;
      std::unique_lock lock(mutex_);
      if (changed_.wait_for(lock, pause, [this] { return stopping_; })) return false;
      pause = std::min(2 * pause, kRetryLast);
    }
  }

  void Tell(const Status& status) {
    const bool fails = !status.ok();
    if (fails == failing_) return;
    failing_ = fails;
    if (fails) {
      base::Log(options_.log, base::LogLevel::kWarning,
                "traces are not exported: " + status.message());
    } else {
      base::Log(options_.log, base::LogLevel::kInfo, "traces are exported again");
    }
  }

  const TracerOptions options_;
  const std::unique_ptr<OtlpSender> sender_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Span> waiting_;
  TracerNumbers numbers_;
  bool stopping_ = false;
  /// The thread's own.
  bool failing_ = false;
  std::thread thread_;
};

}  // namespace

bool Sampler::Takes(const std::optional<TraceContext>& parent, const std::string& trace_id) const {
  if (follows_parent && parent) return parent->sampled;
  if (ratio >= 1 || trace_id.size() < kRandomDigits) return ratio > 0;
  std::uint64_t value = 0;
  const char* const end = trace_id.data() + trace_id.size();
  std::from_chars(end - kRandomDigits, end, value, 16);
  return static_cast<double>(value) < ratio * kRandomValues;
}

Result<Sampler> ParseSampler(std::string_view name, std::string_view argument) {
  constexpr std::string_view kParent = "parentbased_";
  Sampler sampler;
  sampler.follows_parent = name.starts_with(kParent);
  if (sampler.follows_parent) name.remove_prefix(kParent.size());
  if (name == "always_on") return sampler;
  if (name == "always_off") {
    sampler.ratio = 0;
    return sampler;
  }
  if (name != "traceidratio") {
    return Status(StatusCode::kInvalidArgument,
                  "one of always_on, always_off, traceidratio, parentbased_always_on, "
                  "parentbased_always_off, parentbased_traceidratio is wanted");
  }
  if (argument.empty()) return sampler;
  const char* const last = argument.data() + argument.size();
  const auto [end, error] = std::from_chars(argument.data(), last, sampler.ratio);
  if (error != std::errc() || end != last || !(sampler.ratio >= 0 && sampler.ratio <= 1)) {
    return Status(StatusCode::kInvalidArgument, "the ratio must be a number from 0 to 1");
  }
  return sampler;
}

std::unique_ptr<Tracer> Tracer::Create(TracerOptions options) {
  if (options.endpoint.empty()) return std::make_unique<PassingTracer>();
  return std::make_unique<ExportingTracer>(std::move(options));
}

}  // namespace wt::observe
