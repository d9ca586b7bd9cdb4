#include "platform/unnamed_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <string_view>

#include "platform/file_limit.h"

namespace wt::platform {
namespace {

std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text));
}

TEST(UnnamedFileTest, HoldsWhatWasWrittenAndNobodyElseSeesIt) {
  const std::string directory = std::filesystem::temp_directory_path();
  Result<UnnamedFile> file = UnnamedFile::Create(directory);
  ASSERT_TRUE(file.ok()) << file.status().message();
  ASSERT_TRUE(file->Write(Bytes("one ")).ok());
  ASSERT_TRUE(file->Write(Bytes("two")).ok());
  EXPECT_EQ(file->bytes(), 7);
  const FileDescriptor descriptor = file->Take();
  std::array<char, 16> read{};
  EXPECT_EQ(::read(descriptor.get(), read.data(), read.size()), 7);
  EXPECT_EQ(std::string_view(read.data()), "one two");
}

TEST(UnnamedFileTest, AMissingDirectoryIsAnError) {
  EXPECT_EQ(UnnamedFile::Create("/nonexistent/directory").status().code(), StatusCode::kNotFound);
}

TEST(UnnamedFileTest, AFullDiskIsAnErrorAndNoCrash) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  Result<UnnamedFile> file = UnnamedFile::Create(std::filesystem::temp_directory_path());
  const rlimit small{4, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status wrote = file->Write(Bytes("longer than four"));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(wrote.code(), StatusCode::kResourceExhausted);
}

TEST(FileLimitTest, TheSoftLimitBecomesTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  const FileLimit limit = RaiseFileLimit();
  EXPECT_EQ(limit.before, 64);
  EXPECT_GT(limit.now, 64);
  rlimit after{};
  ::getrlimit(RLIMIT_NOFILE, &after);
  EXPECT_EQ(static_cast<std::int64_t>(after.rlim_cur), limit.now);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace wt::platform
