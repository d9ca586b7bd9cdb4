#include "media/helper/helper_run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "media/media_stream.h"

namespace wt::media {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// The kernel's usual maximum for unprivileged users; fewer wake-ups than with 64 KiB.
constexpr int kPipeBytes = 1 << 20;
// How long a child may live on after it closed its output.
constexpr milliseconds kExitMax{5'000};
// The cancel flag is looked at this often while waiting.
constexpr milliseconds kCancelPoll{50};

Status Stalled(milliseconds stall_max) {
  return Status(StatusCode::kDeadlineExceeded,
                "the audio decoder has made no progress for " + std::to_string(stall_max.count()) +
                    " ms and was ended; the file may be damaged, or its disk too slow");
}

Status Crashed(int signal) {
  if (signal == SIGXCPU) {
    return Status(StatusCode::kResourceExhausted,
                  "decoding took more processor time than is allowed; cut the file into parts");
  }
  return Status(StatusCode::kDataCorrupt,
                "the audio decoder crashed on this input and nothing more of it can be read; the "
                "file is probably damaged, export it again",
                InternalDetail("transcriber-media ended by signal " + std::to_string(signal)));
}

/// Waits until one of the pipes can be read. A closed one (-1) is passed over.
Status WaitForBytes(const std::array<int, 2>& pipes, milliseconds stall_max,
                    const base::CancelFlag* cancel, std::array<bool, 2>* ready) {
  const Clock::time_point deadline = Clock::now() + stall_max;
  while (true) {
    if (base::Cancelled(cancel)) return Status(StatusCode::kCancelled, "reading was cancelled");
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return Stalled(stall_max);
    const milliseconds step = cancel == nullptr ? left : std::min(left, kCancelPoll);
    std::array<pollfd, 2> polls = {pollfd{.fd = pipes[0], .events = POLLIN, .revents = 0},
                                   pollfd{.fd = pipes[1], .events = POLLIN, .revents = 0}};
    const int count = ::poll(polls.data(), polls.size(),
                             static_cast<int>(std::min<long long>(step.count() + 1, 60'000)));
    if (count < 0 && errno != EINTR) return platform::ErrnoStatus(errno, "audio decoder");
    if (count <= 0) continue;
    for (std::size_t i = 0; i < polls.size(); ++i) (*ready)[i] = polls[i].revents != 0;
    return Status();
  }
}

/// Reads what is there into `buffer`; closes the pipe at its end.
Result<std::size_t> ReadSome(platform::FileDescriptor* pipe, std::span<std::byte> buffer) {
  while (true) {
    const ssize_t count = ::read(pipe->get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return platform::ErrnoStatus(errno, "audio decoder");
    if (count == 0) pipe->Reset();
    return static_cast<std::size_t>(count);
  }
}

}  // namespace

HelperRun::HelperRun(const HelperCommand& command)
    : stall_max_(command.stall_max), cancel_(command.cancel), log_(command.log) {}

Result<std::unique_ptr<HelperRun>> HelperRun::Start(const HelperCommand& command) {
  std::unique_ptr<HelperRun> run(new HelperRun(command));
  WT_TRY(run->Spawn(command));
  return run;
}

Status HelperRun::Spawn(const HelperCommand& command) {
  WT_ASSIGN(platform::Pipe output, platform::MakePipe());
  WT_ASSIGN(platform::Pipe messages, platform::MakePipe());
  ::fcntl(output.write_end.get(), F_SETPIPE_SZ, kPipeBytes);
  WT_ASSIGN(child_, platform::ChildProcess::Spawn({.program = command.program,
                                                   .arguments = command.arguments,
                                                   .standard_input = command.input,
                                                   .standard_output = output.write_end.get(),
                                                   .standard_error = messages.write_end.get()}));
  output_ = std::move(output.read_end);
  messages_pipe_ = std::move(messages.read_end);
  return Status();
}

Result<std::size_t> HelperRun::Read(std::span<std::byte> out) {
  if (!failure_.ok()) return failure_;
  Result<std::size_t> count = ReadOnce(out);
  if (!count.ok()) {
    failure_ = count.status();
    child_.Kill();
  }
  return count;
}

Result<std::size_t> HelperRun::ReadOnce(std::span<std::byte> out) {
  while (output_.valid()) {
    std::array<bool, 2> ready{};
    WT_TRY(WaitForBytes({output_.get(), messages_pipe_.get()}, stall_max_, cancel_, &ready));
    if (ready[1]) WT_TRY(ReadMessages());
    if (!ready[0]) continue;
    WT_ASSIGN(const std::size_t count, ReadSome(&output_, out));
    if (count > 0) return count;
    // The end of the output is the end of the run: a stray process that still holds the other pipe
    // is not waited for.
    WT_TRY(Finish());
  }
  return std::size_t{0};
}

Status HelperRun::ReadMessages() {
  std::array<std::byte, 4096> buffer;
  WT_ASSIGN(const std::size_t count, ReadSome(&messages_pipe_, buffer));
  const std::size_t room = kMessagesBytesMax - messages_.size();
  messages_.append(reinterpret_cast<const char*>(buffer.data()), std::min(count, room));
  return Status();
}

Status HelperRun::Finish() {
  const std::optional<platform::ExitState> state = child_.WaitFor(kExitMax);
  if (!state) {
    child_.Kill();
    return Stalled(kExitMax);
  }
  // The child is gone, so what it said is in the pipe; never wait for more.
  if (messages_pipe_.valid()) {
    ::fcntl(messages_pipe_.get(), F_SETFL, O_NONBLOCK);
    while (messages_pipe_.valid() && messages_.size() < kMessagesBytesMax) {
      if (!ReadMessages().ok()) break;
    }
  }
  const Messages messages = DecodeMessages(messages_);
  for (const std::string& warning : messages.warnings) {
    base::Log(log_, base::LogLevel::kWarning, warning);
  }
  if (!messages.other.empty()) base::Log(log_, base::LogLevel::kDebug, messages.other);
  if (state->signal != 0) return Crashed(state->signal);
  if (!messages.error.ok()) return messages.error;
  if (state->code != 0) {
    return Status(StatusCode::kInternal, "the audio decoder gave up without saying why",
                  InternalDetail("transcriber-media exit code " + std::to_string(state->code) +
                                 ": " + messages.other));
  }
  return Status();
}

}  // namespace wt::media
