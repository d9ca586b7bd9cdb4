// Tests with real weights over one recording, skipped where either is missing. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/clips.h"
#include "tests/support/reference.h"

namespace wt::testing_support {

class ClipTest : public testing::Test {
 protected:
  /// `path` below speech/.
  explicit ClipTest(std::string path) : path_(std::move(path)) {}

  void SetUp() override {
    WT_NEEDS(BaseModelPath());
    auto clip = SpeechSamples(path_);
    if (!clip) GTEST_SKIP() << "ffmpeg or the recordings are not there";
    clip_ = std::move(*clip);
  }

  /// 16 kHz mono.
  std::vector<float> clip_;

 private:
  std::string path_;
};

}  // namespace wt::testing_support
