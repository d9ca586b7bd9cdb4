// Goal: nothing that a checkpoint does not need is obeyed, and no program makes the reader crash,
// run long or take much memory.
#include "engine/model/readers/pickle.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "engine/model/readers/zip_directory.h"
#include "engine/model/testing/checkpoint.h"
#include "engine/model/testing/files.h"
#include "engine/model/testing/model.h"

namespace wt::model {
namespace {

using testing::AsBytes;
using testing::CheckpointPickle;
using testing::MakeZip;
using testing::PeakMemoryBytes;
using testing::PickleText;
using testing::SmallDims;
using testing::TestTensor;
using testing::ZipForm;
using testing::ZipItem;

Status ReadProgram(std::string_view program) { return ReadPickle(AsBytes(program)).status(); }

void ExpectRefused(std::string_view program, std::string_view reason) {
  const Status status = ReadProgram(program);
  EXPECT_FALSE(status.ok()) << reason;
  EXPECT_NE(status.message().find(reason), std::string::npos) << status.message();
}

const TestTensor kTensor = {.name = "t",
                            .storage_type = "HalfStorage",
                            .key = "0",
                            .storage_elements = 6,
                            .offset = 0,
                            .shape = {2, 3},
                            .stride = {3, 1}};

TEST(PickleTest, DimensionsAndTensorsAreRead) {
  const std::string program = CheckpointPickle(SmallDims(), {kTensor});
  const auto checkpoint = ReadPickle(AsBytes(program));
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status().message();
  EXPECT_EQ(checkpoint->dims, SmallDims());
  const PickledTensor& tensor = checkpoint->tensors.at("t");
  EXPECT_EQ(tensor.type, TensorType::kF16);
  EXPECT_EQ(tensor.storage_key, "0");
  EXPECT_EQ(tensor.shape, (std::array<std::int64_t, 3>{2, 3, 1}));
  EXPECT_EQ(tensor.stride, (std::array<std::int64_t, 3>{3, 1, 0}));
}

TEST(PickleTest, OnlyTheNamedOpcodesAreObeyed) {
  const std::string known = "\x80}()tXJKM\x8a\x88\x89Nc\x85\x86\x87Rbsuqrhj.Q";
  const std::set<char> allowed(known.begin(), known.end());
  EXPECT_EQ(allowed.size(), 27u);
  int refused = 0;
  for (int opcode = 0; opcode < 256; ++opcode) {
    if (allowed.contains(static_cast<char>(opcode)) && opcode != 0x80) continue;
    const std::string program = std::string("\x80\x02") + static_cast<char>(opcode);
    ExpectRefused(program, "refused");
    ++refused;
  }
  EXPECT_EQ(refused, 256 - 26);  // PROTO is allowed at the start only.
}

TEST(PickleTest, OnlyTheNamedGlobalsAreKnown) {
  const std::pair<const char*, const char*> bad[] = {{"os", "system"},
                                                     {"builtins", "eval"},
                                                     {"posix", "system"},
                                                     {"torch", "load"},
                                                     {"torch", "IntStorage"},
                                                     {"collections", "OrderedDict.x"},
                                                     {"", ""},
                                                     {"torch._utils", "_rebuild_tensor"},
                                                     {"subprocess", "Popen"},
                                                     {"torch.collections", "OrderedDict"}};
  for (const auto& [module, name] : bad) {
    ExpectRefused(PickleText().Global(module, name).Raw(".").str(), "refused");
  }
  ExpectRefused(PickleText().Global(std::string(1000, 'a'), "b").str(), "too long");
  ExpectRefused(
      "\x80\x02"
      "ctorch\n",
      "ends within a name");
}

TEST(PickleTest, AllowedNamesCannotBeCalledInOtherWays) {
  ExpectRefused(PickleText().Global("torch", "HalfStorage").Raw(")R.").str(), "cannot be called");
  ExpectRefused(PickleText().Global("collections", "OrderedDict").Int(1).Raw("\x85R.").str(),
                "no arguments");
  ExpectRefused(PickleText().Global("torch._utils", "_rebuild_tensor_v2").Raw(")R.").str(),
                "6 arguments");
  ExpectRefused(PickleText().Int(1).Raw(")R.").str(), "REDUCE");
  ExpectRefused(PickleText().Global("collections", "OrderedDict").Int(1).Raw("R.").str(), "REDUCE");
  ExpectRefused(PickleText().Int(1).Raw("Q.").str(), "tuple of 5");
  ExpectRefused(PickleText().Int(1).Int(2).Raw("b.").str(), "BUILD");
}

TEST(PickleTest, BrokenStacksAreRefused) {
  ExpectRefused("", "protocol 2");
  ExpectRefused("\x80\x05.", "protocol 2");
  ExpectRefused("\x80\x02", "without STOP");
  ExpectRefused("\x80\x02.", "more than one value");
  ExpectRefused("\x80\x02NN.", "more than one value");
  ExpectRefused("\x80\x02N(.", "more than one value");
  ExpectRefused("\x80\x02N.N", "follow STOP");
  ExpectRefused("\x80\x02t.", "mark is missing");
  ExpectRefused("\x80\x02u.", "mark is missing");
  ExpectRefused("\x80\x02\x85.", "stack is empty");
  ExpectRefused("\x80\x02N(\x85t.", "stack is empty");  // A mark is a floor.
  ExpectRefused("\x80\x02Q.", "stack is empty");
  ExpectRefused("\x80\x02R.", "stack is empty");
  ExpectRefused("\x80\x02}NNNs.", "need a dictionary");
  ExpectRefused("\x80\x02}(Nu.", "no value");
  ExpectRefused("\x80\x02h\x01.", "memo");
  ExpectRefused("\x80\x02q\x01.", "stack is empty");
  ExpectRefused(std::string("\x80\x02Nr\xff\xff\xff\xff.", 8), "memo is too large");
  ExpectRefused(std::string("\x80\x02X\xff\xff\xff\xff", 7), "ends within a text");
  ExpectRefused(
      "\x80\x02\x8a\x09"
      "123456789.",
      "more than 8 bytes");
  ExpectRefused(
      "\x80\x02\x8a\x09"
      "1",
      "ends within a number");
  ExpectRefused("\x80\x02M1", "ends within a number");
}

TEST(PickleTest, EveryTruncationIsRefused) {
  const std::string whole = CheckpointPickle(SmallDims(), {kTensor});
  ASSERT_TRUE(ReadProgram(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ReadProgram(std::string_view(whole).substr(0, size)).ok()) << size;
  }
}

TEST(PickleTest, MetadataOfAnOrderedDictIsSkipped) {
  std::string program = CheckpointPickle(SmallDims(), {kTensor});
  // Before the last SETITEMS and STOP the state dict is on top: give it attributes.
  program.resize(program.size() - 2);
  program += PickleText().Raw("}").Text("_metadata").OrderedDict().Raw("sbu.").str().substr(2);
  EXPECT_TRUE(ReadProgram(program).ok()) << ReadProgram(program).message();
}

TEST(PickleTest, CyclesAndSharedValuesDoNotRecurse) {
  // A dictionary that is its own value, and tuples of tuples that double 100 times.
  std::string cycle = std::string("\x80\x02}q\0", 5) + "(" +
                      PickleText().Text("dims").str().substr(2) + std::string("h\0u.", 4);
  ExpectRefused(cycle, "no \"model_state_dict\"");
  std::string doubling = "\x80\x02N";
  for (int i = 0; i < 100; ++i) doubling += std::string("q\0h\0\x86", 5);
  ExpectRefused(doubling + ".", "does not hold a dictionary");
}

TEST(PickleTest, EndlessProgramsHitALimitWithLittleMemory) {
  const std::int64_t before = PeakMemoryBytes();
  const std::size_t size = 16 << 20;
  ExpectRefused("\x80\x02" + std::string(size - 2, 'N'), "too deep");
  ExpectRefused("\x80\x02" + std::string(size - 2, '('), "too many marks");
  ExpectRefused("\x80\x02" + std::string(size - 2, '}'), "too deep");
  std::string nested = "\x80\x02)";
  while (nested.size() < size) nested += '\x85';
  ExpectRefused(nested, "too many values");
  // A tuple of 60,000 references, again and again.
  std::string wide = std::string("\x80\x02}q\0", 5);
  while (wide.size() < size - 120'010) {
    wide += '(';
    for (int i = 0; i < 60'000; ++i) wide += std::string("h\0", 2);
    wide += std::string("tq\x01", 3) + std::string("\x86", 1);
  }
  EXPECT_FALSE(ReadProgram(wide).ok());
  ExpectRefused(std::string(size + 1, 'N'), "limit");
  EXPECT_LT(PeakMemoryBytes() - before, 150 << 20);
}

TEST(PickleTest, TensorsThatLieAreRefusedByName) {
  const auto with = [](void (*change)(TestTensor*)) {
    TestTensor tensor = kTensor;
    change(&tensor);
    return ReadProgram(CheckpointPickle(SmallDims(), {tensor})).message();
  };
  EXPECT_NE(with([](TestTensor* t) { t->offset = -1; }).find("tensor t: offset"),
            std::string::npos);
  EXPECT_NE(with([](TestTensor* t) { t->shape = {2}; }).find("one length"), std::string::npos);
  EXPECT_NE(with([](TestTensor* t) { t->shape = t->stride = {}; }).find("rank is 0"),
            std::string::npos);
  EXPECT_NE(with([](TestTensor* t) { t->shape = t->stride = {1, 1, 1, 1}; }).find("rank is 4"),
            std::string::npos);
  EXPECT_NE(with([](TestTensor* t) { t->shape = {2, -3}; }).find("size or stride"),
            std::string::npos);
  EXPECT_NE(with([](TestTensor* t) { t->stride = {0, 1}; }).find("size or stride"),
            std::string::npos);
  EXPECT_NE(with([](TestTensor* t) { t->shape = {1LL << 40, 1}; }).find("size or stride"),
            std::string::npos);
  EXPECT_NE(with([](TestTensor* t) { t->storage_elements = -6; }).find("storage"),
            std::string::npos);
  EXPECT_NE(with([](TestTensor* t) { t->storage_type = "IntStorage"; }).find("refused"),
            std::string::npos);
  EXPECT_NE(ReadProgram(CheckpointPickle(SmallDims(), {kTensor, kTensor})).message().find("twice"),
            std::string::npos);
  Dims dims = SmallDims();
  dims.n_mels = -80;
  EXPECT_NE(ReadProgram(CheckpointPickle(dims, {})).message().find("n_mels"), std::string::npos);
}

std::string ReadZip(const std::string& archive) {
  return ReadStoredZip(AsBytes(archive)).status().message();
}

const std::vector<ZipItem> kItems = {{.name = "a/data.pkl", .data = "pickle"},
                                     {.name = "a/data/0", .data = std::string(100, 'x')},
                                     {.name = "a/data/1", .data = ""}};

TEST(ZipDirectoryTest, StoredMembersAreRangesOfTheArchive) {
  for (const ZipForm form : {ZipForm::kPlain, ZipForm::kZip64}) {
    const std::string archive = MakeZip(kItems, form);
    const auto zip = ReadStoredZip(AsBytes(archive));
    ASSERT_TRUE(zip.ok()) << zip.status().message();
    EXPECT_EQ(zip->first, "a/data.pkl");
    ASSERT_EQ(zip->members.size(), 3u);
    const std::span<const std::byte> data = zip->members.at("a/data/0");
    EXPECT_EQ(data.size(), 100u);
    EXPECT_EQ(static_cast<std::size_t>(data.data() - AsBytes(archive).data()) % 64, 0u);
  }
}

TEST(ZipDirectoryTest, EveryTruncationIsRefused) {
  for (const ZipForm form : {ZipForm::kPlain, ZipForm::kZip64}) {
    const std::string archive = MakeZip(kItems, form);
    for (std::size_t size = 0; size < archive.size(); ++size) {
      EXPECT_NE(ReadZip(archive.substr(0, size)), "") << size;
    }
    EXPECT_NE(ReadZip(archive + "x"), "");
  }
}

TEST(ZipDirectoryTest, CompressionEncryptionAndTwofoldNamesAreRefused) {
  std::vector<ZipItem> items = kItems;
  items[1].method = 8;
  EXPECT_NE(ReadZip(MakeZip(items)).find("compressed"), std::string::npos);
  items = kItems;
  items[1].flags = 1;
  EXPECT_NE(ReadZip(MakeZip(items)).find("encrypted"), std::string::npos);
  items = kItems;
  items[2].name = items[1].name;
  EXPECT_NE(ReadZip(MakeZip(items)).find("twice"), std::string::npos);
}

/// Adds `delta` to the 32-bit field at `field` of the central header of `entry`.
std::string BendCentral(std::size_t entry, std::size_t field, std::int64_t delta) {
  std::string archive = MakeZip(kItems);
  std::size_t at = 0;
  for (std::size_t i = 0; i <= entry; ++i) at = archive.find("PK\x01\x02", at + (i ? 1 : 0));
  std::uint32_t value;
  std::memcpy(&value, archive.data() + at + field, 4);
  value = static_cast<std::uint32_t>(value + delta);
  std::memcpy(archive.data() + at + field, &value, 4);
  return archive;
}

TEST(ZipDirectoryTest, MembersThatLieAreRefused) {
  EXPECT_NE(ReadZip(BendCentral(1, 24, 1)).find("two different sizes"), std::string::npos);
  EXPECT_NE(ReadZip(BendCentral(1, 42, 1)).find("no local header"), std::string::npos);
  EXPECT_NE(ReadZip(BendCentral(1, 42, 1 << 20)).find("outside"), std::string::npos);
  EXPECT_NE(ReadZip(BendCentral(0, 28, 1)), "");
  EXPECT_NE(ReadZip(BendCentral(2, 28, 1)), "");
  // A member whose data runs into the next one's header.
  std::string overlap = BendCentral(0, 24, 80);
  const std::size_t at = overlap.find("PK\x01\x02");
  std::memcpy(overlap.data() + at + 20, overlap.data() + at + 24, 4);
  EXPECT_NE(ReadZip(overlap).find("overlap"), std::string::npos) << ReadZip(overlap);
}

TEST(ZipDirectoryTest, EveryBentByteOfTheStructureIsRefusedOrHarmless) {
  // Method: no bent byte may crash; sanitizers watch. What is accepted must stay in the archive.
  for (const ZipForm form : {ZipForm::kPlain, ZipForm::kZip64}) {
    const std::string archive = MakeZip(kItems, form);
    for (std::size_t i = 0; i < archive.size(); ++i) {
      for (const int bend : {0x01, 0x80, 0xFF}) {
        std::string bad = archive;
        bad[i] = static_cast<char>(bad[i] ^ bend);
        const auto zip = ReadStoredZip(AsBytes(bad));
        if (!zip.ok()) continue;
        for (const auto& [name, data] : zip->members) {
          EXPECT_GE(data.data(), AsBytes(bad).data());
          EXPECT_LE(data.data() + data.size(), AsBytes(bad).data() + bad.size());
        }
      }
    }
  }
}

}  // namespace
}  // namespace wt::model
