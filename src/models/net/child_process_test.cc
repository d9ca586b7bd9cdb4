#include "models/net/child_process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace wt::net {
namespace {

ChildCommand Shell(const std::string& script) { return {{"/bin/sh", "-c", script}, {}}; }

TEST(ChildProcessTest, OutputAndExitStatusComeBack) {
  const Result<ChildResult> result = RunChild(Shell("echo out; echo err >&2; exit 3"), {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->output, "out\nerr\n");
}

TEST(ChildProcessTest, SignalsBecomeExitStatuses) {
  EXPECT_EQ(RunChild(Shell("kill -9 $$"), {})->exit_code, 137);
}

TEST(ChildProcessTest, VariablesAreSetAndInputIsEmpty) {
  ChildCommand command = Shell("echo \"$WT_CHILD_TEST$(cat)\"");
  command.environment = {{"WT_CHILD_TEST", "a b"}};
  EXPECT_EQ(RunChild(command, {})->output, "a b\n");
}

TEST(ChildProcessTest, OnlyTheEndOfLongOutputIsKept) {
  const Result<ChildResult> result =
      RunChild(Shell("head -c 100000 /dev/zero | tr '\\0' x; echo end"), {});
  ASSERT_TRUE(result.ok());
  EXPECT_LE(result->output.size(), 4'096u);
  EXPECT_TRUE(result->output.ends_with("xend\n"));
}

TEST(ChildProcessTest, MissingProgramIsNotFound) {
  EXPECT_EQ(RunChild({{"no-such-program"}, {}}, {}).status().code(), StatusCode::kNotFound);
}

TEST(ChildProcessTest, CancellingEndsTheWholeGroup) {
  base::CancelFlag cancel;
  ChildOptions options;
  options.cancel = &cancel;
  options.tick = [&] { cancel.Request(); };
  // The grandchild would hold the pipe open for a minute.
  const Result<ChildResult> result = RunChild(Shell("echo started; sleep 60 & wait"), options);
  EXPECT_EQ(result.status().code(), StatusCode::kCancelled);
}

TEST(ChildProcessTest, TimeLimitEndsIt) {
  ChildOptions options;
  options.timeout_s = 0;
  EXPECT_EQ(RunChild(Shell("sleep 60"), options).status().code(), StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace wt::net
