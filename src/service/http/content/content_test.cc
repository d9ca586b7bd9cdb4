// Ranges, conditions, compression, events, dates, parameters and body limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "service/http/content/body_limit.h"
#include "service/http/content/compression.h"
#include "service/http/content/conditional.h"
#include "service/http/content/content_test_util.h"
#include "service/http/content/http_date.h"
#include "service/http/content/parameters.h"
#include "service/http/content/range.h"
#include "service/http/content/sse.h"

namespace wt::http {
namespace {

std::string Show(std::string_view value, std::int64_t size) {
  const ByteRange range = ParseRange(value, size);
  switch (range.kind) {
    case RangeKind::kWhole: return "whole";
    case RangeKind::kUnsatisfiable: return "none";
    case RangeKind::kPart: return std::to_string(range.offset) + "+" + std::to_string(range.length);
  }
  return "";
}

TEST(RangeTest, TheTableOfRfc9110) {
  struct Row {
    std::string_view value;
    std::int64_t size;
    std::string_view expected;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"bytes=0-499", 10'000, "0+500"},
           {"bytes=500-999", 10'000, "500+500"},
           {"bytes=-500", 10'000, "9500+500"},
           {"bytes=9500-", 10'000, "9500+500"},
           {"bytes=0-0", 10'000, "0+1"},
           {"bytes=-1", 10'000, "9999+1"},
           {"bytes=0-", 10'000, "0+10000"},
           {"bytes=9999-20000", 10'000, "9999+1"},
           {"bytes=10000-", 10'000, "none"},
           {"bytes=10000-20000", 10'000, "none"},
           {"bytes=-0", 10'000, "none"},
           {"bytes=-20000", 10'000, "0+10000"},
           {"bytes=0-0", 0, "none"},
           {"bytes=-5", 0, "none"},
           {"bytes=5-4", 10'000, "whole"},
           {"bytes=-", 10'000, "whole"},
           {"bytes=", 10'000, "whole"},
           {"bytes", 10'000, "whole"},
           {"bytes=a-b", 10'000, "whole"},
           {"bytes=+1-2", 10'000, "whole"},
           {"bytes=1 - 2", 10'000, "whole"},
           {"bytes=0x1-2", 10'000, "whole"},
           {"bytes=1-2-3", 10'000, "whole"},
           {"lines=0-1", 10'000, "whole"},
           {"BYTES=0-1", 10'000, "0+2"},
           {"bytes=0-1,5-6", 10'000, "whole"},
           {"bytes=20000-,30000-", 10'000, "none"},
           {"bytes=0-1,30000-", 10'000, "whole"},
           {"bytes=0-1,x", 10'000, "whole"},
           {"bytes=0-99999999999999999999999999", 10'000, "0+10000"},
           {"bytes=99999999999999999999999999-", 10'000, "none"},
           {"bytes=-99999999999999999999999999", 10'000, "0+10000"},
           {"bytes=9223372036854775807-", INT64_MAX, "none"},
       }) {
    EXPECT_EQ(Show(row.value, row.size), row.expected) << row.value;
  }
}

// Against the definition, byte by byte, for all small ranges of small resources.
TEST(RangeTest, SmallRangesAreExactlyTheBytesNamed) {
  for (std::int64_t size = 0; size < 5; ++size) {
    for (std::int64_t first = 0; first < 7; ++first) {
      for (std::int64_t last = first; last < 7; ++last) {
        const ByteRange range =
            ParseRange("bytes=" + std::to_string(first) + "-" + std::to_string(last), size);
        for (std::int64_t at = 0; at < size; ++at) {
          const bool in = range.kind == RangeKind::kPart && at >= range.offset &&
                          at < range.offset + range.length;
          EXPECT_EQ(in, at >= first && at <= last);
        }
        EXPECT_EQ(range.kind == RangeKind::kUnsatisfiable, first >= size);
      }
    }
  }
}

TEST(RangeTest, IfRangeDecidesWhetherRangeCounts) {
  Request request;
  request.headers.Set("Range", "bytes=1-2");
  const Validators now{"\"v2\"", 784'111'777};
  const auto status = [&](const std::string& if_range) {
    request.headers.Set("If-Range", if_range);
    Headers headers;
    return PlanReply(request, now, 10, &headers).status;
  };
  EXPECT_EQ(status("\"v2\""), 206);
  EXPECT_EQ(status("\"v1\""), 200);
  EXPECT_EQ(status("W/\"v2\""), 200);
  EXPECT_EQ(status("Sun, 06 Nov 1994 08:49:37 GMT"), 206);
  EXPECT_EQ(status("Sun, 06 Nov 1994 08:49:38 GMT"), 200);
  EXPECT_EQ(status("rubbish"), 200);
  request.headers.Remove("If-Range");
  request.method = Method::kHead;
  Headers headers;
  EXPECT_EQ(PlanReply(request, now, 10, &headers).status, 200);
  EXPECT_EQ(headers.Find("ETag"), "\"v2\"");
  EXPECT_EQ(headers.Find("Accept-Ranges"), "bytes");
}

Precondition Evaluate(Method method, std::string name, std::string value) {
  Headers headers;
  headers.Add(std::move(name), std::move(value));
  return EvaluatePreconditions(method, headers, {"\"a\"", 784'111'777});
}

TEST(ConditionalTest, TagsAndDatesAreCompared) {
  using enum Precondition;
  const auto get = [](std::string name, std::string value) {
    return Evaluate(Method::kGet, std::move(name), std::move(value));
  };
  EXPECT_EQ(get("If-None-Match", "\"a\""), kNotModified);
  EXPECT_EQ(get("If-None-Match", "W/\"a\""), kNotModified);
  EXPECT_EQ(get("If-None-Match", "\"x,y\", \"a\""), kNotModified);
  EXPECT_EQ(get("If-None-Match", "*"), kNotModified);
  EXPECT_EQ(get("If-None-Match", "\"b\""), kProceed);
  EXPECT_EQ(get("If-None-Match", "a"), kProceed);
  EXPECT_EQ(get("If-None-Match", "\"a"), kProceed);
  EXPECT_EQ(get("If-Match", "\"a\""), kProceed);
  EXPECT_EQ(get("If-Match", "W/\"a\""), kFailed);
  EXPECT_EQ(get("If-Match", "\"b\""), kFailed);
  EXPECT_EQ(get("If-Match", "*"), kProceed);
  EXPECT_EQ(get("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"), kNotModified);
  EXPECT_EQ(get("If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"), kProceed);
  EXPECT_EQ(get("If-Modified-Since", "yesterday"), kProceed);
  EXPECT_EQ(get("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"), kFailed);
  EXPECT_EQ(get("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"), kProceed);
  EXPECT_EQ(Evaluate(Method::kPut, "If-None-Match", "*"), kFailed);
  EXPECT_EQ(Evaluate(Method::kPut, "If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"), kProceed);
}

TEST(ConditionalTest, TheTagCountsMoreThanTheDate) {
  Headers headers;
  headers.Add("If-None-Match", "\"other\"");
  headers.Add("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(EvaluatePreconditions(Method::kGet, headers, {"\"a\"", 784'111'777}),
            Precondition::kProceed);
}

TEST(HttpDateTest, WritesAndReadsTheExampleOfTheRfc) {
  EXPECT_EQ(FormatHttpDate(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  for (const std::int64_t seconds : {0LL, 951'827'696LL, 4'102'444'800LL, 253'402'300'799LL}) {
    EXPECT_EQ(ParseHttpDate(FormatHttpDate(seconds)), seconds);
  }
  for (const char* bad : {"", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                          "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
                          "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC"}) {
    EXPECT_FALSE(ParseHttpDate(bad)) << bad;
  }
}

bool Accepts(const std::string& value) {
  Headers headers;
  headers.Add("Accept-Encoding", value);
  return AcceptsGzip(headers);
}

TEST(CompressionTest, WeightsDecide) {
  EXPECT_TRUE(Accepts("gzip"));
  EXPECT_TRUE(Accepts("br;q=1.0, GZIP;q=0.8, *;q=0.1"));
  EXPECT_TRUE(Accepts("*"));
  EXPECT_TRUE(Accepts("gzip;q=0.5, identity;q=0.5"));
  EXPECT_TRUE(Accepts("x-gzip"));
  EXPECT_FALSE(Accepts(""));
  EXPECT_FALSE(Accepts("br"));
  EXPECT_FALSE(Accepts("gzip;q=0"));
  EXPECT_FALSE(Accepts("gzip; q=0.000"));
  EXPECT_FALSE(Accepts("gzip;q=0, *"));
  EXPECT_FALSE(Accepts("identity, gzip;q=0.5"));
  EXPECT_FALSE(Accepts("gzip;q=2"));
  EXPECT_FALSE(Accepts("gzip;q=x"));
  EXPECT_FALSE(AcceptsGzip(Headers()));
}

std::string Gunzip(const std::string& bytes, std::size_t size) {
  std::string out(size + 1, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(CompressionTest, OnlyWhatGainsIsCompressed) {
  Request request;
  request.headers.Add("Accept-Encoding", "gzip");
  const std::string text(10'000, 't');
  const auto encoded = [&](Response response) {
    CompressResponse(request, 1'000, &response);
    return response.headers.Find("Content-Encoding").has_value();
  };
  EXPECT_TRUE(encoded(Response::Text(200, text)));
  EXPECT_TRUE(encoded(Response::Text(404, text, "application/problem+json")));
  EXPECT_FALSE(encoded(Response::Text(200, text.substr(0, 999))));
  EXPECT_FALSE(encoded(Response::Text(206, text)));
  EXPECT_FALSE(encoded(Response::Text(200, text, "audio/wav")));
  EXPECT_FALSE(encoded(Response::Text(200, text, "text/event-stream")));
  Response kept = Response::Text(200, text);
  kept.headers.Set("Cache-Control", "no-store, no-transform");
  EXPECT_FALSE(encoded(std::move(kept)));
  Response done = Response::Text(200, text);
  done.headers.Set("Content-Encoding", "br");
  CompressResponse(request, 1'000, &done);
  EXPECT_EQ(done.headers.Find("Content-Encoding"), "br");
}

TEST(CompressionTest, TheBytesComeBackAndTheTagIsWeak) {
  Request request;
  request.headers.Add("Accept-Encoding", "gzip");
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += std::to_string(i * i);
  Response response = Response::Text(200, text);
  response.headers.Set("ETag", "\"1\"");
  response.headers.Set("Vary", "Origin");
  CompressResponse(request, 1'000, &response);
  EXPECT_EQ(Gunzip(std::get<std::string>(response.body), text.size()), text);
  EXPECT_EQ(response.headers.Find("ETag"), "W/\"1\"");
  EXPECT_EQ(response.headers.Find("Vary"), "Origin, Accept-Encoding");
  EXPECT_EQ(Gunzip(Gzip(""), 0), "");
}

TEST(SseTest, EachLineIsAFieldAndNoFieldIsInjected) {
  ServerEvent event;
  event.id = "1\ndata: forged\r";
  event.event = std::string("a\0b", 3);
  event.data = "one\r\ntwo\rthree\n\nfive";
  event.retry_millis = 5'000;
  EXPECT_EQ(FormatEvent(event),
            "id: 1data: forged\nevent: ab\nretry: 5000\ndata: one\ndata: two\ndata: three\ndata: \n"
            "data: five\n\n");
  EXPECT_EQ(FormatEvent({}), "data: \n\n");
  Request request;
  EXPECT_EQ(LastEventId(request), "");
  request.headers.Add("last-event-id", "41");
  EXPECT_EQ(LastEventId(request), "41");
}

TEST(BodyLimitTest, TheFirstByteTooManyIsRefused) {
  for (const bool chunked : {false, true}) {
    const auto code = [&](std::int64_t bytes_max) {
      MemoryBody body(std::string(50'000, 'x'), 1'000);
      body.chunked = chunked;
      const auto text = ReadAll(&body, bytes_max);
      EXPECT_EQ(text.ok() ? text->size() : 50'000U, 50'000U);
      return text.status().code();
    };
    EXPECT_EQ(code(50'001), StatusCode::kOk);
    EXPECT_EQ(code(50'000), StatusCode::kOk);
    EXPECT_EQ(code(49'999), StatusCode::kResourceExhausted);
    EXPECT_EQ(code(0), StatusCode::kResourceExhausted);
  }
}

TEST(ParametersTest, QuotesAndEscapesAreUndone) {
  const auto field = ParseFieldValue(" form-data ; Name=\"a\\\"b\\\\c\" ;; x = y ; ");
  ASSERT_TRUE(field.ok());
  EXPECT_EQ(field->value, "form-data");
  EXPECT_EQ(field->Find("name"), "a\"b\\c");
  EXPECT_EQ(field->Find("x"), "y");
  for (const char* bad : {"a; b", "a; b=\"", "a; b=\"c\"d", "a; b=1; B=2", "a; =1", "a\x01"}) {
    EXPECT_FALSE(ParseFieldValue(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace wt::http
