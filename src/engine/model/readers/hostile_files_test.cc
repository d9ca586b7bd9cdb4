// Goal: no bytes make a reader crash, allocate much, or accept a structure that lies.
// Method: a valid file of each format is cut at every structural boundary and each of its length,
// count, rank and dimension fields is set to 0, its maximum, one less and one more.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/byte_reader.h"
#include "engine/model/readers/readers.h"
#include "engine/model/testing/checkpoint.h"
#include "engine/model/testing/files.h"
#include "engine/model/testing/model.h"
#include "engine/model/writers/model_writer.h"

namespace wt::model {
namespace {

using testing::AsBytes;
using testing::FakeFacts;
using testing::PeakMemoryBytes;
using testing::RandomModel;
using testing::ReadFile;
using testing::TemporaryDirectory;

/// A field of the file's structure.
struct Field {
  std::string name;
  std::size_t offset;
  std::size_t bytes;
};

using Read = std::function<Result<WeightMap::Parts>(std::span<const std::byte>)>;

/// Reads and validates, as OpenModel() does.
Status Open(const Read& read, std::string_view bytes) {
  auto parts = read(AsBytes(bytes));
  if (!parts.ok()) return parts.status();
  return WeightMap::Validate(std::move(parts).value()).status();
}

std::uint64_t Load(const std::string& bytes, const Field& field) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + field.offset, field.bytes);
  return value;
}

void Store(std::uint64_t value, const Field& field, std::string* bytes) {
  std::memcpy(bytes->data() + field.offset, &value, field.bytes);
}

/// Sets every field to each hostile value in turn. Returns the number of files tried.
int ExpectAllRefused(const Read& read, std::string bytes, const std::vector<Field>& fields) {
  int tried = 0;
  const Status whole = Open(read, bytes);
  EXPECT_TRUE(whole.ok()) << whole.message();
  for (const Field& field : fields) {
    const std::uint64_t value = Load(bytes, field);
    const std::uint64_t ones = field.bytes == 8 ? ~0ULL : (1ULL << (8 * field.bytes)) - 1;
    for (const std::uint64_t bad :
         {std::uint64_t{0}, ones, ones >> 1, (ones >> 1) + 1, value - 1, value + 1}) {
      if (bad == value) continue;
      Store(bad, field, &bytes);
      const Status status = Open(read, bytes);
      EXPECT_FALSE(status.ok()) << field.name << " at " << field.offset << " = " << bad;
      EXPECT_FALSE(status.message().empty());
      ++tried;
    }
    Store(value, field, &bytes);
  }
  return tried;
}

void ExpectAllCutsRefused(const Read& read, const std::string& bytes,
                          const std::vector<Field>& fields) {
  std::vector<std::size_t> cuts = {0, 1, bytes.size() - 1};
  for (const Field& field : fields) {
    cuts.insert(cuts.end(), {field.offset, field.offset + 1, field.offset + field.bytes});
  }
  for (const std::size_t cut : cuts) {
    if (cut >= bytes.size()) continue;
    EXPECT_FALSE(Open(read, std::string_view(bytes).substr(0, cut)).ok()) << cut;
  }
  EXPECT_FALSE(Open(read, bytes + "x").ok());
}

/// Walks a file and notes where its fields are.
class Walker {
 public:
  explicit Walker(const std::string& bytes) : reader_(AsBytes(bytes)) {}

  std::uint64_t Note(const std::string& name, std::size_t bytes) {
    fields_.push_back({name, reader_.offset(), bytes});
    std::uint64_t value = 0;
    std::string_view text;
    EXPECT_TRUE(reader_.ReadText(bytes, &text));
    std::memcpy(&value, text.data(), bytes);
    return value;
  }
  void Skip(std::size_t bytes) { EXPECT_TRUE(reader_.Skip(bytes)); }
  std::string Text(std::size_t bytes) {
    std::string_view text;
    EXPECT_TRUE(reader_.ReadText(bytes, &text));
    return std::string(text);
  }
  std::uint64_t Number() {
    std::uint32_t value = 0;
    EXPECT_TRUE(reader_.Read(&value));
    return value;
  }
  bool at_end() const { return reader_.at_end(); }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  base::ByteReader reader_;
  std::vector<Field> fields_;
};

std::string Written(const char* format, const char* type, const char* file) {
  const TemporaryDirectory dir;
  const Status status = ConvertModel(*RandomModel(), FakeFacts(), format, type, dir / "m");
  EXPECT_TRUE(status.ok()) << status.message();
  return ReadFile((dir / "m") + file);
}

std::vector<Field> Ct2Fields(const std::string& bytes) {
  Walker walk(bytes);
  walk.Note("version", 4);
  walk.Skip(walk.Note("spec length", 2) + 4);
  const std::uint64_t variables = walk.Note("variables", 4);
  for (std::uint64_t i = 0; i < variables; ++i) {
    const std::string name = walk.Text(walk.Note("name length", 2));
    const std::uint64_t rank = walk.Note("rank of " + name, 1);
    for (std::uint64_t d = 0; d < rank; ++d) walk.Note("dim of " + name, 4);
    walk.Skip(1);  // The type: f16 and bf16 are both valid.
    walk.Skip(walk.Note("bytes of " + name, 4));
  }
  const std::uint64_t aliases = walk.Note("aliases", 4);
  for (std::uint64_t i = 0; i < 2 * aliases; ++i) walk.Skip(walk.Note("alias length", 2));
  EXPECT_TRUE(walk.at_end());
  return walk.fields();
}

std::vector<Field> GgmlFields(const std::string& bytes) {
  Walker walk(bytes);
  walk.Note("magic", 4);
  for (int i = 0; i < 10; ++i) walk.Note("dimension", 4);
  walk.Skip(4);  // The file type: several are valid.
  const std::uint64_t rows = walk.Note("mel rows", 4);
  walk.Skip(rows * walk.Note("mel columns", 4) * 4);
  const std::uint64_t tokens = walk.Note("tokens", 4);
  for (std::uint64_t i = 0; i < tokens; ++i) {
    // A few stand for all 50,256.
    const bool note = i < 3 || i + 3 > tokens;
    walk.Skip(note ? walk.Note("token length", 4) : walk.Number());
  }
  // Every fifth tensor: each try reads 50,256 tokens.
  for (int i = 0; !walk.at_end(); ++i) {
    const auto read = [&](const char* name) {
      return i % 5 == 0 ? walk.Note(name, 4) : walk.Number();
    };
    const std::uint64_t rank = read("rank");
    const std::uint64_t name = read("name length");
    const std::uint64_t type = read("type");
    std::uint64_t elements = 1;
    for (std::uint64_t d = 0; d < rank; ++d) elements *= read("dim");
    walk.Skip(name + elements * (type == 0 ? 4 : 2));
  }
  return walk.fields();
}

TEST(HostileFilesTest, Ct2StructuresThatLieAreRefused) {
  const std::string bytes = Written("ct2", "f16", "/model.bin");
  const std::vector<Field> fields = Ct2Fields(bytes);
  ExpectAllCutsRefused(ReadCt2, bytes, fields);
  const std::int64_t before = PeakMemoryBytes();
  // All versions from 4 to 6 have this layout.
  std::vector<Field> hard(fields.begin() + 1, fields.end());
  EXPECT_GT(ExpectAllRefused(ReadCt2, bytes, hard), 200);
  EXPECT_LT(PeakMemoryBytes() - before, 50 << 20);
}

TEST(HostileFilesTest, QuantisedCt2StructuresThatLieAreRefused) {
  const std::string bytes = Written("ct2", "int8", "/model.bin");
  std::vector<Field> fields = Ct2Fields(bytes);
  fields.erase(fields.begin());
  EXPECT_GT(ExpectAllRefused(ReadCt2, bytes, fields), 200);
}

TEST(HostileFilesTest, GgmlStructuresThatLieAreRefused) {
  const std::string bytes = Written("ggml", "f16", "");
  const std::vector<Field> fields = GgmlFields(bytes);
  ExpectAllCutsRefused(ReadGgml, bytes, fields);
  const std::int64_t before = PeakMemoryBytes();
  EXPECT_GT(ExpectAllRefused(ReadGgml, bytes, fields), 200);
  EXPECT_LT(PeakMemoryBytes() - before, 50 << 20);
}

Result<WeightMap::Parts> ReadOneShard(std::span<const std::byte> bytes) {
  return ReadSafetensors(std::span(&bytes, 1));
}

/// A header text and data as a file.
std::string Safetensors(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), 8) + header +
         std::string(data_bytes, '\0');
}

TEST(HostileFilesTest, SafetensorsHeadersThatLieAreRefused) {
  const std::string bytes = Written("safetensors", "f16", "/model.safetensors");
  const std::vector<Field> length = {{"header length", 0, 8}};
  ExpectAllCutsRefused(ReadOneShard, bytes, length);
  const std::int64_t before = PeakMemoryBytes();
  ExpectAllRefused(ReadOneShard, bytes, length);
  // Every digit of the header becomes another one: shapes, offsets and names of layers.
  std::uint64_t header_bytes;
  std::memcpy(&header_bytes, bytes.data(), 8);
  std::string bad = bytes;
  int tried = 0;
  for (std::size_t i = 8; i < 8 + header_bytes; ++i) {
    if (bad[i] < '0' || bad[i] > '9') continue;
    const char digit = bad[i];
    bad[i] = digit == '9' ? '8' : static_cast<char>(digit + 1);
    const bool dtype = bytes.substr(i - 1, 3) == "F16";  // F26 is no type; F17 neither.
    EXPECT_FALSE(Open(ReadOneShard, bad).ok()) << bytes.substr(i - 20, 40) << dtype;
    bad[i] = digit;
    ++tried;
    if (tried == 400) break;
  }
  EXPECT_EQ(tried, 400);
  EXPECT_LT(PeakMemoryBytes() - before, 50 << 20);
}

TEST(HostileFilesTest, SafetensorsEntriesThatLieAreRefusedByName) {
  struct Case {
    const char* header;
    const char* reason;
  };
  const Case cases[] = {
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},)"
       R"("a":{"dtype":"F16","shape":[2],"data_offsets":[4,8]}})",
       "twice"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},)"
       R"("model.a":{"dtype":"F16","shape":[2],"data_offsets":[4,8]}})",
       "twice"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},)"
       R"("b":{"dtype":"F16","shape":[2],"data_offsets":[2,6]}})",
       "overlap"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[2,6]}})", "belong to no tensor"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", "follow the last"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[4,0]}})", "not within"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4000]}})", "not within"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,-4]}})", "pair of offsets"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,18446744073709551615]}})",
       "pair of offsets"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,1e3]}})", "pair of offsets"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0]}})", "pair of offsets"},
      {R"({"a":{"dtype":"F16","shape":[3],"data_offsets":[0,4]}})", "need 6"},
      {R"({"a":{"dtype":"F16","shape":[1048576,1048576,1048576],"data_offsets":[0,8]}})", "need"},
      {R"({"a":{"dtype":"F16","shape":[4611686018427387904,4],"data_offsets":[0,8]}})",
       "list of sizes"},
      {R"({"a":{"dtype":"F16","shape":[0],"data_offsets":[0,0]}})", "dimension is 0"},
      {R"({"a":{"dtype":"F16","shape":[],"data_offsets":[0,2]}})", "rank is 0"},
      {R"({"a":{"dtype":"F16","shape":[1,1,1,1],"data_offsets":[0,2]}})", "rank is 4"},
      {R"({"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", "dtype"},
      {R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,8]}})", "dtype"},
      {R"({"a":7})", "not an object"},
      {R"([])", "not a JSON object"},
      {R"({"a")", "not valid JSON"},
  };
  for (const Case& c : cases) {
    const Status status = Open(ReadOneShard, Safetensors(c.header, 8));
    EXPECT_EQ(status.code(), StatusCode::kDataCorrupt) << c.header;
    EXPECT_NE(status.message().find(c.reason), std::string::npos)
        << c.header << ": " << status.message();
  }
}

TEST(HostileFilesTest, DeepAndWideJsonIsRefusedBeforeItIsParsed) {
  const std::int64_t before = PeakMemoryBytes();
  std::string deep(10 << 20, '[');
  EXPECT_NE(Open(ReadOneShard, Safetensors(deep, 0)).message().find("nested"), std::string::npos);
  std::string wide = "[0";
  for (int i = 0; i < (4 << 20); ++i) wide += ",0";
  EXPECT_NE(Open(ReadOneShard, Safetensors(wide, 0)).message().find("more than"),
            std::string::npos);
  EXPECT_LT(PeakMemoryBytes() - before, 100 << 20);
}

TEST(HostileFilesTest, NetworkWithATensorTooManyIsRefusedInEveryFormat) {
  // One more tensor at the end of a ggml file: 1 dimension, 1 byte of name, f32, size 1.
  std::string ggml = Written("ggml", "f16", "");
  const std::int32_t extra[] = {1, 1, 0, 1};
  ggml.append(reinterpret_cast<const char*>(extra), sizeof(extra));
  ggml += std::string("q\0\0\0\0", 5);
  EXPECT_NE(Open(ReadGgml, ggml).message().find("tensor q: does not belong"), std::string::npos);
  ggml = Written("ggml", "f16", "");
  const std::string_view name = "encoder.blocks.0.mlp_ln.bias";
  const std::size_t at = ggml.find(name);
  ggml.replace(at, name.size(), "encoder.blocks.0.attn_ln.bia");
  EXPECT_FALSE(Open(ReadGgml, ggml).ok());
}

TEST(HostileFilesTest, Ct2AliasesThatLeadNowhereAreRefused) {
  const std::string bytes = Written("ct2", "f16", "/model.bin");
  const std::string_view alias = "decoder/projection/weight";
  const std::string_view target = "decoder/embeddings/weight";
  const auto with = [&](std::string_view new_alias, std::string_view new_target) {
    std::string bad = bytes;
    bad.replace(bad.rfind(alias), alias.size(), new_alias);
    bad.replace(bad.rfind(target), target.size(), new_target);
    return Open(ReadCt2, bad).message();
  };
  EXPECT_EQ(with(alias, target), "");
  EXPECT_NE(with(alias, alias).find("no variable"), std::string::npos);  // Of itself.
  EXPECT_NE(with(alias, "decoder/embeddings/weighs").find("no variable"), std::string::npos);
  EXPECT_NE(with(target, target).find("twice"), std::string::npos);
  EXPECT_NE(with("decoder/projectiom/weight", target).find("does not belong"), std::string::npos);
  EXPECT_NE(with(alias, "decoder/layer_norm/gammaa").find("no variable"), std::string::npos);
}

}  // namespace
}  // namespace wt::model
