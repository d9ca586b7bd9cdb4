// One run of transcriber-media seen from the parent: starts it, waits for it, ends it.
//
// Reads block until bytes are there, the child ends, the caller's cancel flag is set or nothing has
// arrived for `stall_max`. A child that crashes is an error of the input, named as such; an error
// is repeated by every later read. The destructor kills and reaps. One thread at a time; borrows
// the input descriptor.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/log.h"
#include "platform/process.h"
#include "whisper_transcriber/status.h"

namespace wt::media {

struct HelperCommand {
  /// The program transcriber-media.
  std::string program{};
  /// Verb and options.
  std::vector<std::string> arguments{};
  /// Becomes the child's standard input.
  int input = -1;
  std::chrono::milliseconds stall_max{0};
  const base::CancelFlag* cancel = nullptr;
  base::LogSink* log = nullptr;
};

class HelperRun {
 public:
  static Result<std::unique_ptr<HelperRun>> Start(const HelperCommand& command);

  /// What the child writes next, at most out.size() bytes; 0 after its clean end.
  Result<std::size_t> Read(std::span<std::byte> out);

 private:
  explicit HelperRun(const HelperCommand& command);
  Status Spawn(const HelperCommand& command);
  Result<std::size_t> ReadOnce(std::span<std::byte> out);
  Status ReadMessages();
  /// Reaps the child and turns its end into a status.
  Status Finish();

  std::chrono::milliseconds stall_max_;
  const base::CancelFlag* cancel_;
  base::LogSink* log_;
  platform::ChildProcess child_;
  platform::FileDescriptor output_;
  platform::FileDescriptor messages_pipe_;
  std::string messages_;
  Status failure_;
};

}  // namespace wt::media
