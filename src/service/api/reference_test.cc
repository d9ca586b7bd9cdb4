// Goal: docs/api.md says every error code and rate class that there is. The sources are read: a
// code is a text in capitals that stands where errors are made.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "service/uploads/failure.h"

namespace wt::api {
namespace {

namespace fs = std::filesystem;

std::string ReadText(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool IsCode(const std::string& text) {
  if (text.size() < 5) return false;
  for (const char c : text) {
    if ((c < 'A' || c > 'Z') && c != '_') return false;
  }
  return true;
}

/// Texts in capitals behind what makes an error.
std::set<std::string> CodesIn(const std::string& source) {
  std::set<std::string> codes;
  for (const std::string& maker : {"BadRequest(\"", "Conflict(\"", "Forbidden(\"",
                                   "error_code = \"", "? \"", ": \"", ", \""}) {
    const bool loose = maker.size() == 3;
    for (std::size_t at = source.find(maker); at != std::string::npos;
         at = source.find(maker, at + 1)) {
      const std::size_t begin = at + maker.size();
      const std::string text = source.substr(begin, source.find('"', begin) - begin);
      // Behind a comma or in a choice only what has two words: methods are in capitals, too.
      if (IsCode(text) && (!loose || text.find('_') != std::string::npos)) codes.insert(text);
    }
  }
  return codes;
}

class ReferenceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const root = std::getenv("WT_SOURCE_DIR");
    if (root == nullptr) GTEST_SKIP() << "WT_SOURCE_DIR is not set";
    root_ = root;
    document_ = ReadText(root_ / "docs/api.md");
    ASSERT_FALSE(document_.empty());
  }
  bool Says(const std::string& word) const {
    return document_.find("`" + word + "`") != std::string::npos;
  }

  fs::path root_;
  std::string document_;
};

TEST_F(ReferenceTest, EveryErrorCodeIsExplained) {
  std::set<std::string> codes;
  for (const auto& entry : fs::recursive_directory_iterator(root_ / "src/service/api")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".cc") || name.ends_with("_test.cc")) continue;
    codes.merge(CodesIn(ReadText(entry.path())));
  }
  for (int i = 0; i <= static_cast<int>(uploads::UploadError::kInternal); ++i) {
    codes.insert(std::string(uploads::InfoOf(static_cast<uploads::UploadError>(i)).slug));
  }
  EXPECT_GT(codes.size(), 60U);
  for (const std::string& code : codes) EXPECT_TRUE(Says(code)) << "docs/api.md lacks " << code;
}

TEST_F(ReferenceTest, EveryRateClassIsExplained) {
  for (const char* name :
       {"general", "admin", "login", "upload", "upload_chunk", "openai", "none"}) {
    EXPECT_TRUE(Says(name)) << "docs/api.md lacks " << name;
  }
}

TEST(ErrorNumbersTest, AreThoseOfOldClients) {
  using uploads::InfoOf;
  using uploads::UploadError;
  EXPECT_EQ(InfoOf(UploadError::kUnsupportedMedia).number, 40001);
  EXPECT_EQ(InfoOf(UploadError::kFileTooLarge).number, 40002);
  for (const UploadError error :
       {UploadError::kStorageFull, UploadError::kUnavailable, UploadError::kInternal}) {
    EXPECT_EQ(InfoOf(error).number, 40003);
  }
  EXPECT_EQ(InfoOf(UploadError::kBadRequest).number, 0) << "no number of its own";
}

}  // namespace
}  // namespace wt::api
