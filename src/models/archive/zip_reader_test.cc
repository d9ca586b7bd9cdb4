#include "models/archive/zip_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace wt::archive {
namespace {

using ::testing::HasSubstr;

template <typename T>
void Put(std::string* out, T value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
void Overwrite(std::string* out, std::size_t at, T value) {
  std::memcpy(out->data() + at, &value, sizeof(value));
}

std::string Deflated(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct Member {
  std::string name;
  std::string text;
  std::uint16_t method = 8;
};

/// An archive as zip tools write it; `zip64` puts sizes and offsets into the extra fields.
class ZipMaker {
 public:
  explicit ZipMaker(bool zip64 = false) : zip64_(zip64) {}

  void Add(const Member& member) {
    const std::string packed = member.method == 8 ? Deflated(member.text) : member.text;
    const auto* data = reinterpret_cast<const Bytef*>(member.text.data());
    const auto crc =
        static_cast<std::uint32_t>(crc32(0, data, static_cast<uInt>(member.text.size())));
    const std::uint64_t offset = file_.size();
    PutCommon(&file_, 0x04034b50, member, crc, packed.size(), 0);
    file_ += member.name + packed;
    entry_at_.push_back(directory_.size());
    PutEntry(member, crc, packed.size(), offset);
    ++count_;
  }

  std::string Finish(std::string_view comment = {}) {
    directory_at_ = file_.size();
    std::string out = file_ + directory_;
    const std::uint64_t end64 = out.size();
    if (zip64_) {
      Put(&out, std::uint32_t{0x06064b50});
      Put(&out, std::uint64_t{44});
      Put(&out, std::uint32_t{45 | 45 << 16});
      Put(&out, std::uint64_t{0});  // Disks.
      Put(&out, std::uint64_t{count_});
      Put(&out, std::uint64_t{count_});
      Put(&out, std::uint64_t{directory_.size()});
      Put(&out, std::uint64_t{directory_at_});
      Put(&out, std::uint32_t{0x07064b50});
      Put(&out, std::uint32_t{0});
      Put(&out, end64);
      Put(&out, std::uint32_t{1});
    }
    Put(&out, std::uint32_t{0x06054b50});
    Put(&out, std::uint32_t{0});
    Put(&out, count_);
    Put(&out, count_);
    Put(&out, static_cast<std::uint32_t>(zip64_ ? 0xffffffff : directory_.size()));
    Put(&out, static_cast<std::uint32_t>(zip64_ ? 0xffffffff : directory_at_));
    Put(&out, static_cast<std::uint16_t>(comment.size()));
    return out + std::string(comment);
  }

  /// Where entry `i` of the directory begins in the finished file.
  std::size_t EntryAt(std::size_t i) const { return directory_at_ + entry_at_[i]; }

 private:
  static void PutCommon(std::string* out, std::uint32_t signature, const Member& member,
                        std::uint32_t crc, std::size_t packed, std::uint16_t extra) {
    Put(out, signature);
    if (signature == 0x02014b50) Put(out, std::uint16_t{45});
    Put(out, std::uint16_t{45});
    Put(out, std::uint16_t{0});
    Put(out, member.method);
    Put(out, std::uint32_t{0});
    Put(out, crc);
    Put(out, static_cast<std::uint32_t>(packed));
    Put(out, static_cast<std::uint32_t>(member.text.size()));
    Put(out, static_cast<std::uint16_t>(member.name.size()));
    Put(out, extra);
  }

  void PutEntry(const Member& member, std::uint32_t crc, std::size_t packed, std::uint64_t offset) {
    const std::size_t at = directory_.size();
    PutCommon(&directory_, 0x02014b50, member, crc, packed, zip64_ ? 28 : 0);
    Put(&directory_, std::uint16_t{0});
    Put(&directory_, std::uint64_t{0});
    Put(&directory_, static_cast<std::uint32_t>(zip64_ ? 0xffffffff : offset));
    directory_ += member.name;
    if (!zip64_) return;
    Overwrite(&directory_, at + 20, std::uint64_t{~0ULL});  // Both lengths.
    Put(&directory_, std::uint16_t{1});
    Put(&directory_, std::uint16_t{24});
    Put(&directory_, std::uint64_t{member.text.size()});
    Put(&directory_, std::uint64_t{packed});
    Put(&directory_, offset);
  }

  bool zip64_;
  std::string file_;
  std::string directory_;
  std::size_t directory_at_ = 0;
  std::vector<std::size_t> entry_at_;
  std::uint16_t count_ = 0;
};

std::span<const std::byte> Bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

const std::string kLong(700'000, 'q');

TEST(ZipReaderTest, StoredAndDeflatedMembersAreRead) {
  ZipMaker maker;
  maker.Add({"a/stored.txt", "plain", 0});
  maker.Add({"b.bin", kLong, 8});
  maker.Add({"empty", "", 0});
  const std::string file = maker.Finish("a comment");
  const Result<ZipReader> zip = ZipReader::Open(Bytes(file));
  ASSERT_TRUE(zip.ok()) << zip.status().message();
  EXPECT_EQ(zip->entries().size(), 3u);
  EXPECT_EQ(zip->Read("a/stored.txt", 100).value(), "plain");
  EXPECT_EQ(zip->Read("b.bin", 1'000'000).value(), kLong);
  EXPECT_EQ(zip->Read("empty", 0).value(), "");
  EXPECT_EQ(zip->Read("A/stored.txt", 100).status().code(), StatusCode::kNotFound);
}

TEST(ZipReaderTest, Zip64FieldsAreRead) {
  ZipMaker maker(true);
  maker.Add({"one", "first", 8});
  maker.Add({"two", kLong, 8});
  const std::string file = maker.Finish();
  const Result<ZipReader> zip = ZipReader::Open(Bytes(file));
  ASSERT_TRUE(zip.ok()) << zip.status().message();
  EXPECT_EQ(zip->Read("one", 100).value(), "first");
  EXPECT_EQ(zip->Read("two", 1'000'000).value(), kLong);
}

TEST(ZipReaderTest, EveryTruncationIsAnError) {
  ZipMaker maker(true);
  maker.Add({"one", "first", 8});
  const std::string file = maker.Finish();
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::string cut = file.substr(0, size);
    EXPECT_FALSE(ZipReader::Open(Bytes(cut)).ok()) << size;
  }
}

TEST(ZipReaderTest, EveryFlippedByteIsAnErrorOrHarmless) {
  ZipMaker maker;
  maker.Add({"name", "some text, some text, some text", 8});
  const std::string file = maker.Finish();
  int refused = 0;
  for (std::size_t at = 0; at < file.size(); ++at) {
    std::string changed = file;
    changed[at] = static_cast<char>(~changed[at]);
    const Result<ZipReader> zip = ZipReader::Open(Bytes(changed));
    if (!zip.ok()) {
      ++refused;
      continue;
    }
    const Result<std::string> text = zip->Read("name", 1'000);
    if (text.ok()) {
      EXPECT_EQ(*text, "some text, some text, some text") << at;
    }
    refused += text.ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 60);
}

TEST(ZipReaderTest, BombIsStoppedAtWhatItsEntrySays) {
  ZipMaker maker;
  maker.Add({"bomb", std::string(50'000'000, '\0'), 8});
  std::string file = maker.Finish();
  Overwrite(&file, maker.EntryAt(0) + 24, std::uint32_t{1'000});
  const Result<ZipReader> zip = ZipReader::Open(Bytes(file));
  ASSERT_TRUE(zip.ok());
  std::size_t seen = 0;
  const Status status = zip->Extract(zip->entries()[0], 1 << 30, [&](auto bytes) {
    seen += bytes.size();
    return Status();
  });
  EXPECT_EQ(status.code(), StatusCode::kDataCorrupt);
  EXPECT_LE(seen, 1'000u);
}

TEST(ZipReaderTest, MoreThanTheCallersLimitIsRefusedBeforeReading) {
  ZipMaker maker;
  maker.Add({"large", kLong, 8});
  const std::string file = maker.Finish();
  const Result<ZipReader> zip = ZipReader::Open(Bytes(file));
  ASSERT_TRUE(zip.ok());
  EXPECT_EQ(zip->Read("large", kLong.size()).status().code(), StatusCode::kOk);
  EXPECT_EQ(zip->Read("large", kLong.size() - 1).status().code(), StatusCode::kResourceExhausted);
}

TEST(ZipReaderTest, LyingOffsetsAndLengthsAreRefused) {
  ZipMaker maker;
  maker.Add({"member", "text", 0});
  const std::string good = maker.Finish();
  struct Lie {
    std::size_t at;
    std::uint32_t value;
  };
  // Offsets within a directory entry: packed length, length, header offset.
  for (const Lie lie : {Lie{20, 1'000'000}, Lie{24, 5}, Lie{42, 3}, Lie{42, 0x7fffffff}}) {
    std::string file = good;
    Overwrite(&file, maker.EntryAt(0) + lie.at, lie.value);
    const Result<ZipReader> zip = ZipReader::Open(Bytes(file));
    ASSERT_TRUE(zip.ok());
    EXPECT_EQ(zip->Read("member", 100).status().code(), StatusCode::kDataCorrupt) << lie.at;
  }
}

TEST(ZipReaderTest, EncryptedAndUnknownMethodsAreRefused) {
  ZipMaker maker;
  maker.Add({"member", "text", 0});
  const std::string good = maker.Finish();
  std::string encrypted = good;
  Overwrite(&encrypted, maker.EntryAt(0) + 8, std::uint16_t{1});
  std::string bzip2 = good;
  Overwrite(&bzip2, maker.EntryAt(0) + 10, std::uint16_t{12});
  for (const std::string& file : {encrypted, bzip2}) {
    const Result<ZipReader> zip = ZipReader::Open(Bytes(file));
    ASSERT_TRUE(zip.ok());
    EXPECT_EQ(zip->Read("member", 100).status().code(), StatusCode::kUnsupported);
  }
}

TEST(ZipReaderTest, WrongChecksumIsFound) {
  ZipMaker maker;
  maker.Add({"member", "text", 0});
  std::string file = maker.Finish();
  file[file.find("text")] = 'T';
  const Result<ZipReader> zip = ZipReader::Open(Bytes(file));
  ASSERT_TRUE(zip.ok());
  EXPECT_THAT(zip->Read("member", 100).status().message(), HasSubstr("checksum"));
}

TEST(ZipReaderTest, SinkErrorsEndTheExtraction) {
  ZipMaker maker;
  maker.Add({"member", kLong, 8});
  const std::string file = maker.Finish();
  const Result<ZipReader> zip = ZipReader::Open(Bytes(file));
  ASSERT_TRUE(zip.ok());
  int calls = 0;
  const Status status = zip->Extract(zip->entries()[0], kLong.size(), [&](auto) {
    ++calls;
    return Status(StatusCode::kCancelled, "enough");
  });
  EXPECT_EQ(status.code(), StatusCode::kCancelled);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace wt::archive
