#include "service/observe/traces/tracer.h"

#include <gtest/gtest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "service/observe/traces/otlp.h"

namespace wt::observe {
namespace {

using nlohmann::json;

const TraceContext kParent{
    .trace_id = "0af7651916cd43dd8448eb211c80319c", .span_id = "b7ad6b7169203331", .sampled = true};

Sampler SamplerOf(std::string_view name, std::string_view argument = "") {
  return ParseSampler(name, argument).value();
}

TEST(SamplerTest, KnowsOpenTelemetrysNames) {
  EXPECT_TRUE(SamplerOf("always_on").Takes(std::nullopt, kParent.trace_id));
  EXPECT_FALSE(SamplerOf("always_off").Takes(kParent, kParent.trace_id));
  for (const char* name : {"", "on", "parentbased_", "always_on ", "ALWAYS_ON"}) {
    EXPECT_FALSE(ParseSampler(name, "").ok()) << name;
  }
  for (const char* ratio : {"x", "-0.1", "1.01", "0.5x", "nan"}) {
    EXPECT_FALSE(ParseSampler("traceidratio", ratio).ok()) << ratio;
  }
}

TEST(SamplerTest, FollowsTheCallerWhereItSaysSo) {
  TraceContext unsampled = kParent;
  unsampled.sampled = false;
  EXPECT_TRUE(SamplerOf("parentbased_always_off").Takes(kParent, kParent.trace_id));
  EXPECT_FALSE(SamplerOf("parentbased_always_off").Takes(std::nullopt, kParent.trace_id));
  EXPECT_FALSE(SamplerOf("parentbased_always_on").Takes(unsampled, kParent.trace_id));
  EXPECT_TRUE(SamplerOf("always_on").Takes(unsampled, kParent.trace_id));
}

// The decision hangs on the trace's id alone, so that all services of a trace decide alike.
TEST(SamplerTest, TakesAShareOfTheTraces) {
  const Sampler quarter = SamplerOf("traceidratio", "0.25");
  EXPECT_TRUE(quarter.Takes(std::nullopt, "ffffffffffffffffff3f000000000000"));
  EXPECT_FALSE(quarter.Takes(std::nullopt, "00000000000000000040000000000000"));
  EXPECT_FALSE(SamplerOf("traceidratio", "0").Takes(std::nullopt, std::string(31, '0') + "1"));
}

TEST(TracerTest, PassesContextsOnWithoutACollector) {
  const auto tracer = Tracer::Create({});
  const TraceContext child = tracer->Begin(kParent);
  EXPECT_EQ(child.trace_id, kParent.trace_id);
  EXPECT_NE(child.span_id, kParent.span_id);
  EXPECT_TRUE(child.sampled);
  EXPECT_FALSE(tracer->Begin(std::nullopt).sampled);
  tracer->End({.context = child, .name = "nothing"});
  EXPECT_EQ(tracer->numbers().exported + tracer->numbers().dropped, 0);
}

// Port 9 of this machine answers nobody: what cannot be sent is counted, and nothing waits for it.
TEST(TracerTest, CountsWhatNobodyTakes) {
  TracerOptions options;
  options.endpoint = "http://127.0.0.1:9";
  auto tracer = Tracer::Create(options);
  constexpr int kSpans = 5'000;
  for (int i = 0; i < kSpans; ++i) {
    tracer->End({.context = tracer->Begin(std::nullopt), .name = "span"});
  }
  const TracerNumbers numbers = tracer->numbers();
  EXPECT_EQ(numbers.exported, 0);
  // 2,048 wait and at most 512 are on their way.
  EXPECT_GE(numbers.dropped, kSpans - 2'048 - 512);
}

TEST(OtlpTest, IsTheJsonOfTheProtocol) {
  TracerOptions options;
  options.service_name = "speech";
  options.service_version = "1.2";
  Span span;
  span.context = kParent;
  span.parent_span_id = "00f067aa0ba902b7";
  span.name = "GET /jobs";
  span.kind = SpanKind::kServer;
  span.start = 1'700'000'000'001;
  span.end = 1'700'000'000'250;
  span.attributes = {{"text", "a\xff"}, {"count", std::int64_t{7}}, {"share", 0.5}, {"yes", true}};
  span.error = "status 500";
  const Span plain{.context = kParent, .name = "part", .start = 5, .end = 4};
  const json body = json::parse(EncodeSpans(options, std::vector<Span>{span, plain}));
  const json& resource = body["resourceSpans"][0]["resource"]["attributes"];
  EXPECT_EQ(resource[0], json::parse(R"({"key":"service.name","value":{"stringValue":"speech"}})"));
  const json& spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"];
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0], json::parse(R"({
      "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331",
      "parentSpanId": "00f067aa0ba902b7", "name": "GET /jobs", "kind": 2,
      "startTimeUnixNano": "1700000000001000000", "endTimeUnixNano": "1700000000250000000",
      "attributes": [{"key": "text", "value": {"stringValue": "a\ufffd"}},
                     {"key": "count", "value": {"intValue": "7"}},
                     {"key": "share", "value": {"doubleValue": 0.5}},
                     {"key": "yes", "value": {"boolValue": true}}],
      "status": {"code": 2, "message": "status 500"}})"));
  EXPECT_FALSE(spans[1].contains("parentSpanId"));
  EXPECT_FALSE(spans[1].contains("status"));
  // A clock that was set back gives no span of negative length.
  EXPECT_EQ(spans[1]["endTimeUnixNano"], "5000000");
}

}  // namespace
}  // namespace wt::observe
