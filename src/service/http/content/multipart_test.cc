#include "service/http/content/multipart.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "service/http/content/content_test_util.h"

namespace wt::http {
namespace {

struct Part {
  PartHead head;
  std::string content;
};

/// All parts, read by pieces of `read_max`; the status says how the form ended.
std::pair<std::vector<Part>, Status> ReadForm(const std::string& bytes, std::size_t piece_max,
                                              std::size_t read_max, const std::string& boundary,
                                              MultipartLimits limits = {}) {
  MemoryBody body(bytes, piece_max);
  MultipartReader reader(&body, boundary, limits);
  std::vector<Part> parts;
  std::vector<std::byte> piece(read_max);
  while (true) {
    auto head = reader.NextPart();
    if (!head.ok()) return {std::move(parts), head.status()};
    if (!*head) return {std::move(parts), Status()};
    parts.push_back({**std::move(head), ""});
    while (true) {
      const auto count = reader.ReadPart(piece);
      if (!count.ok()) return {std::move(parts), count.status()};
      if (*count == 0) break;
      parts.back().content.append(reinterpret_cast<const char*>(piece.data()), *count);
    }
  }
}

std::string Field(const std::string& boundary, const std::string& disposition,
                  const std::string& content) {
  return "--" + boundary + "\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" +
         content + "\r\n";
}

StatusCode CodeOf(const std::string& bytes, MultipartLimits limits = {}) {
  return ReadForm(bytes, SIZE_MAX, 1'000, "b", limits).second.code();
}

TEST(MultipartTest, PartsComeInAnyOrderWithTheirNames) {
  const std::string form =
      "preamble\r\n" + Field("b", "name=\"model\"", "base") +
      "--b\r\ncontent-type: audio/wav\r\nCONTENT-DISPOSITION: form-data; name=file; "
      "filename=\"a \\\"b\\\".wav\"\r\n\r\n\r\n--c\r\n\r\n" +
      Field("b", "name=\"\xc3\xa9\"", "") + "--b--\r\nepilogue";
  const auto [parts, status] = ReadForm(form, SIZE_MAX, 1'000, "b");
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].head.name, "model");
  EXPECT_FALSE(parts[0].head.file_name);
  EXPECT_EQ(parts[0].content, "base");
  EXPECT_EQ(parts[1].head.name, "file");
  EXPECT_EQ(parts[1].head.file_name, "a \"b\".wav");
  EXPECT_EQ(parts[1].head.content_type, "audio/wav");
  EXPECT_EQ(parts[1].content, "\r\n--c\r\n");
  EXPECT_EQ(parts[2].head.name, "\xc3\xa9");
  EXPECT_EQ(parts[2].content, "");
}

TEST(MultipartTest, FileNamesOfAllKindsAreTaken) {
  const auto name = [](const std::string& disposition) -> std::string {
    const auto [parts, status] =
        ReadForm(Field("b", "name=\"f\"; " + disposition, "x") + "--b--", SIZE_MAX, 1'000, "b");
    if (!status.ok()) return std::string(StatusCodeName(status.code()));
    return parts[0].head.file_name.value_or("none");
  };
  EXPECT_EQ(name("filename=\"C:\\music\\a.wav\""), "C:\\music\\a.wav");
  EXPECT_EQ(name("filename=\"a;b=c.wav\""), "a;b=c.wav");
  EXPECT_EQ(name("filename=\"\xe2\x80\xae"
                 "evil.wav\""),
            "\xe2\x80\xae"
            "evil.wav");
  EXPECT_EQ(name("filename=\"../../etc/passwd\""), "../../etc/passwd");
  EXPECT_EQ(name("filename=\"plain.wav\"; filename*=UTF-8''na%C3%AFve.wav"), "na\xc3\xafve.wav");
  EXPECT_EQ(name("filename*=utf-8'en'a%20b"), "a b");
  EXPECT_EQ(name("filename=\"\""), "");
  EXPECT_EQ(name("filename*=latin1''a"), "invalid_argument");
  EXPECT_EQ(name("filename*=UTF-8''%ff"), "invalid_argument");
  EXPECT_EQ(name("filename*=UTF-8''a%0d%0ab"), "data_corrupt");
  EXPECT_EQ(name("filename=\"\xff\""), "data_corrupt");
  EXPECT_EQ(name("filename=\"unfinished"), "data_corrupt");
  EXPECT_EQ(name("filename=\"a\"; filename=\"b\""), "data_corrupt");
}

// Goal: where packets end must not matter. Method: one hostile form, every piece size from 1 byte.
TEST(MultipartTest, AnySplitOfTheBytesGivesTheSameParts) {
  const std::string boundary = "--b\r";  // Not valid on the wire, but as hard as can be to find.
  std::string content;
  for (int i = 0; i < 20; ++i) content += "\r\n--" + boundary.substr(0, i % 3) + "\r\r\n-";
  const std::string form = "junk" + std::string("\r\n") + Field(boundary, "name=a", content) +
                           Field(boundary, "name=b; filename=f", content + content) + "--" +
                           boundary + "--";
  const auto [expected, status] = ReadForm(form, SIZE_MAX, 100'000, boundary);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_EQ(expected.size(), 2U);
  EXPECT_EQ(expected[0].content, content);
  EXPECT_EQ(expected[1].content, content + content);
  for (std::size_t piece = 1; piece < 40; ++piece) {
    for (const std::size_t read : {std::size_t{1}, std::size_t{7}, std::size_t{1'000}}) {
      const auto [parts, end] = ReadForm(form, piece, read, boundary);
      ASSERT_TRUE(end.ok()) << piece;
      ASSERT_EQ(parts.size(), 2U) << piece;
      ASSERT_EQ(parts[0].content, content) << piece;
      ASSERT_EQ(parts[1].content, content + content) << piece;
    }
  }
}

TEST(MultipartTest, RandomContentSurvives) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::string content(random() % 300'000, '\0');
    // Few different bytes, so that beginnings of the delimiter are frequent.
    for (char& c : content) c = "\r\n-bx"[random() % 5];
    if (content.find("\r\n--b") != std::string::npos) content.clear();
    const std::string form = Field("b", "name=a", content) + "--b--";
    const auto [parts, status] = ReadForm(form, 1 + random() % 100'000, 4'000, "b");
    ASSERT_TRUE(status.ok());
    ASSERT_TRUE(parts.at(0).content == content);
  }
}

// Every beginning of a good form is an error, never a shorter form.
TEST(MultipartTest, AFormCutAnywhereIsDamaged) {
  const std::string form =
      Field("b", "name=a", "one") + Field("b", "name=b; filename=f", "two") + "--b--";
  for (std::size_t length = 0; length < form.size(); ++length) {
    EXPECT_EQ(CodeOf(form.substr(0, length)), StatusCode::kDataCorrupt) << length;
  }
  EXPECT_EQ(CodeOf(form), StatusCode::kOk);
}

TEST(MultipartTest, LimitsHold) {
  MultipartLimits limits;
  limits.parts_max = 3;
  std::string form;
  for (int i = 0; i < 3; ++i) form += Field("b", "name=a", "x");
  EXPECT_EQ(CodeOf(form + "--b--", limits), StatusCode::kOk);
  EXPECT_EQ(CodeOf(form + Field("b", "name=a", "x") + "--b--", limits),
            StatusCode::kResourceExhausted);
  // "Content-Disposition: form-data; name=", the name, and two line ends.
  const std::size_t fixed = 37 + 4;
  const auto named = [&](std::size_t head_bytes) {
    return Field("b", "name=" + std::string(head_bytes - fixed, 'n'), "x") + "--b--";
  };
  EXPECT_EQ(CodeOf(named(16'384)), StatusCode::kOk);
  EXPECT_EQ(CodeOf(named(16'385)), StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOf("--b\r\nX: " + std::string(1 << 20, 'x')), StatusCode::kResourceExhausted);
}

TEST(MultipartTest, MalformedFormsAreDamaged) {
  for (const std::string& form : {
           std::string("--b\r\n\r\nx\r\n--b--"),  // No disposition.
           std::string("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),  // No name.
           std::string("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"),
           std::string("--b\r\nContent Disposition: form-data; name=a\r\n\r\nx\r\n--b--"),
           std::string(
               "--b\r\nContent-Disposition: form-data; name=a\r\n folded\r\n\r\nx\r\n--b--"),
           std::string("--b\nContent-Disposition: form-data; name=a\n\nx\n--b--"),
           std::string("--bc\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--"),
           std::string("--b") + std::string(100, ' ') + "\r\n",
       }) {
    EXPECT_EQ(CodeOf(form), StatusCode::kDataCorrupt) << form;
  }
}

TEST(MultipartTest, UnreadPartsAreSkippedAndTextHasAMaximum) {
  const std::string form =
      Field("b", "name=a", std::string(500'000, 'x')) + Field("b", "name=t", "12345") + "--b--";
  MemoryBody body(form);
  MultipartReader reader(&body, "b", {});
  ASSERT_TRUE(reader.NextPart().ok());
  ASSERT_EQ((*reader.NextPart())->name, "t");
  EXPECT_EQ(reader.ReadPartText(5).value(), "12345");
  MemoryBody again(form);
  MultipartReader strict(&again, "b", {});
  ASSERT_TRUE(strict.NextPart().ok());
  EXPECT_EQ(strict.ReadPartText(499'999).status().code(), StatusCode::kResourceExhausted);
}

TEST(MultipartTest, BoundariesAreChecked) {
  EXPECT_EQ(MultipartBoundary("multipart/form-data; boundary=abc").value(), "abc");
  EXPECT_EQ(
      MultipartBoundary("Multipart/Form-Data; charset=x; BOUNDARY=\"a b'()+_,-./:=?c\"").value(),
      "a b'()+_,-./:=?c");
  const std::string longest(70, 'x');
  EXPECT_EQ(MultipartBoundary("multipart/form-data; boundary=" + longest).value(), longest);
  for (const std::string bad :
       {"multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=a\"b", "multipart/form-data; boundary=\"a"}) {
    EXPECT_EQ(MultipartBoundary(bad).status().code(), StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_EQ(MultipartBoundary("multipart/form-data; boundary=x" + longest).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(MultipartBoundary("multipart/mixed; boundary=a").status().code(),
            StatusCode::kUnsupported);
}

}  // namespace
}  // namespace wt::http
