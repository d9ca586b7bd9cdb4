#include "platform/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>

namespace wt::platform {
namespace {

using std::chrono::milliseconds;

int OpenDescriptors() {
  int count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

Result<ChildProcess> Shell(const std::string& script, const Pipe& pipe) {
  return ChildProcess::Spawn({.program = "/bin/sh",
                              .arguments = {"-c", script},
                              .standard_input = pipe.read_end.get(),
                              .standard_output = pipe.write_end.get(),
                              .standard_error = pipe.write_end.get()});
}

std::string ReadAll(Pipe* pipe) {
  pipe->write_end.Reset();
  std::string text;
  std::array<char, 4096> buffer;
  ssize_t count;
  while ((count = ::read(pipe->read_end.get(), buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

TEST(ProcessTest, ExitCodeAndSignalAreToldApart) {
  const Result<Pipe> pipe = MakePipe();
  ASSERT_TRUE(pipe.ok());
  Result<ChildProcess> exits = Shell("exit 7", *pipe);
  ASSERT_TRUE(exits.ok()) << exits.status().message();
  EXPECT_EQ(exits->WaitFor(milliseconds(5000))->code, 7);
  EXPECT_FALSE(exits->running());
  Result<ChildProcess> dies = Shell("kill -SEGV $$", *pipe);
  ASSERT_TRUE(dies.ok());
  EXPECT_EQ(dies->WaitFor(milliseconds(5000))->signal, SIGSEGV);
}

TEST(ProcessTest, TheChildHasThreeDescriptorsAndNoEnvironment) {
  Result<Pipe> pipe = MakePipe();
  ASSERT_TRUE(pipe.ok());
  // Open in this process and not closed on exec: must not reach the child all the same.
  const int leaked = ::dup(pipe->write_end.get());
  Result<ChildProcess> child = Shell("echo /proc/self/fd/*; echo HOME=$HOME", *pipe);
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE(child->WaitFor(milliseconds(5000)).has_value());
  ::close(leaked);
  const std::string text = ReadAll(&*pipe);
  // The shell's own directory handle may be 3.
  EXPECT_NE(text.find("/proc/self/fd/2"), std::string::npos) << text;
  EXPECT_EQ(text.find("/proc/self/fd/" + std::to_string(leaked)), std::string::npos) << text;
  EXPECT_NE(text.find("HOME=\n"), std::string::npos) << text;
}

TEST(ProcessTest, AProcessThatIsDestroyedLeavesNoZombieAndNoDescriptor) {
  const int before = OpenDescriptors();
  {
    Result<Pipe> pipe = MakePipe();
    ASSERT_TRUE(pipe.ok());
    Result<ChildProcess> child = Shell("while :; do :; done", *pipe);
    ASSERT_TRUE(child.ok());
    EXPECT_FALSE(child->WaitFor(milliseconds(5)).has_value());
    EXPECT_TRUE(child->running());
  }
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(ProcessTest, AMissingProgramIsAnError) {
  const Result<Pipe> pipe = MakePipe();
  ASSERT_TRUE(pipe.ok());
  const Result<ChildProcess> child = ChildProcess::Spawn({.program = "/nonexistent/program",
                                                          .arguments = {},
                                                          .standard_input = pipe->read_end.get(),
                                                          .standard_output = pipe->write_end.get(),
                                                          .standard_error = pipe->write_end.get()});
  ASSERT_FALSE(child.ok());
  EXPECT_EQ(child.status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace wt::platform
