#include "apps/transcriber/options/completions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "apps/transcriber/options/transcribe_options.h"

namespace wt::transcriber {
namespace {

using ::testing::HasSubstr;

TEST(CompletionsTest, EveryShellKnowsEveryOption) {
  for (const OptionSpec& spec : TranscribeOptionSpecs()) {
    const std::string name(spec.name);
    EXPECT_THAT(BashCompletions(), HasSubstr("--" + name));
    EXPECT_THAT(ZshCompletions(), HasSubstr("--" + name + "["));
    EXPECT_THAT(FishCompletions(), HasSubstr(" -l " + name + " "));
  }
}

TEST(CompletionsTest, UnknownShellsHaveNone) {
  EXPECT_TRUE(CompletionsFor("fish").has_value());
  EXPECT_FALSE(CompletionsFor("tcsh").has_value());
}

// Runs bash on the script and prints what it would offer.
std::string BashOffers(const std::string& words, int position) {
  const std::string path = ::testing::TempDir() + "/transcriber_completions.sh";
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return "no file";
  const std::string script = BashCompletions() + "\nCOMP_WORDS=(" + words +
                             ")\nCOMP_CWORD=" + std::to_string(position) +
                             "\n_transcriber\necho \"${COMPREPLY[*]}\"\n";
  std::fputs(script.c_str(), file);
  std::fclose(file);
  std::FILE* pipe = ::popen(("bash " + path + " 2>&1").c_str(), "r");
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    output.push_back(static_cast<char>(c));
  }
  ::pclose(pipe);
  std::remove(path.c_str());
  return output;
}

TEST(CompletionsTest, BashOffersCommandsOptionsAndChoices) {
  EXPECT_EQ(BashOffers("transcriber tr", 1), "transcribe\n");
  EXPECT_EQ(BashOffers("transcriber transcribe --beam", 2), "--beam-size\n");
  EXPECT_EQ(BashOffers("transcriber transcribe --task tran", 3), "transcribe translate\n");
  EXPECT_EQ(BashOffers("transcriber models p", 2), "pull\n");
}

}  // namespace
}  // namespace wt::transcriber
