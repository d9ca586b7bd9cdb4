#include "service/api/search/search_routes.h"

#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "service/api/rest/job_json.h"
#include "service/api/rest/job_routes.h"
#include "service/jobs/rules/list_query.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using search::HitFilter;
using search::HitOrder;
using Json = nlohmann::ordered_json;

constexpr int kPageSizeDefault = 20;
constexpr int kQuickLimitDefault = 5;
constexpr std::int64_t kBodyBytesMax = 16 << 10;

constexpr std::pair<std::string_view, HitOrder> kOrders[] = {
    {"relevance", HitOrder::kRelevance},   {"date_desc", HitOrder::kNewest},
    {"date_asc", HitOrder::kOldest},       {"duration_desc", HitOrder::kLongest},
    {"duration_asc", HitOrder::kShortest}, {"filename", HitOrder::kFilename}};

Json SnippetJson(const search::Snippet& snippet) {
  Json highlights = Json::array();
  for (const auto& [begin, end] : snippet.highlights) highlights.push_back({begin, end});
  return {{"turn", snippet.turn_id},
          {"start", snippet.start_s},
          {"end", snippet.end_s},
          {"text", snippet.text},
          {"highlights", std::move(highlights)}};
}

Reply Find(const SearchRouteParts& parts, const std::string& query, const HitFilter& filter,
           HitOrder order, int limit, std::int64_t offset) {
  const Result<search::FoundPage> page = parts.search->Find(query, filter, order, limit, offset);
  if (page.status().code() == StatusCode::kInvalidArgument) {
    return Invalid({{"query", page.status().message()}});
  }
  if (!page.ok()) return page.status();
  Json results = Json::array();
  for (const search::Found& found : page->jobs) {
    Json snippets = Json::array();
    for (const search::Snippet& snippet : found.snippets) snippets.push_back(SnippetJson(snippet));
    results.push_back({{"job", JobToJson(found.job, parts.clock->Now())},
                       {"score", found.score},
                       {"matches", std::move(snippets)}});
  }
  return JsonResponse(200, Json{{"results", std::move(results)},
                                {"total", page->total},
                                {"skip", offset},
                                {"limit", limit}});
}

/// The members of "filters"; the schema has checked their types.
HitFilter ReadFilters(const nlohmann::json& body) {
  HitFilter filter;
  filter.model = body.value("model", "");
  filter.language = body.value("language", "");
  filter.tag = body.value("tag", "");
  filter.statuses = body.value("statuses", std::vector<std::string>());
  if (body.contains("starred")) filter.starred = body["starred"].get<bool>();
  if (body.contains("archived")) filter.archived = body["archived"].get<bool>();
  filter.created_after = base::ParseTime(body.value("created_after", ""));
  filter.created_before = base::ParseTime(body.value("created_before", ""));
  if (body.contains("min_duration")) filter.min_duration_s = body["min_duration"].get<double>();
  if (body.contains("max_duration")) filter.max_duration_s = body["max_duration"].get<double>();
  return filter;
}

Reply PostSearch(const SearchRouteParts& parts, Call& call) {
  const nlohmann::json& body = *call.json;
  HitFilter filter;
  if (body.contains("filters")) filter = ReadFilters(body["filters"]);
  filter.owner = OwnerOf(call.principal);
  const std::vector<std::string>& slugs = jobs::StatusSlugs();
  for (const std::string& status : filter.statuses) {
    if (std::find(slugs.begin(), slugs.end(), status) == slugs.end()) {
      return Invalid({{"body.filters.statuses", "is not a status of jobs"}});
    }
  }
  const std::string name = body.value("sort_order", "relevance");
  const auto order = std::find_if(std::begin(kOrders), std::end(kOrders),
                                  [&](const auto& entry) { return entry.first == name; });
  const int size = body.value("page_size", kPageSizeDefault);
  const std::int64_t page = body.value("page", std::int64_t{1});
  return Find(parts, body["query"].get<std::string>(), filter,
              order == std::end(kOrders) ? HitOrder::kRelevance : order->second, size,
              (page - 1) * size);
}

Reply GetQuick(const SearchRouteParts& parts, Call& call) {
  HitFilter filter;
  filter.owner = OwnerOf(call.principal);
  const std::string query = call.Query("q");
  if (query.empty()) return Invalid({{"query.q", "is required"}});
  const std::string limit = call.Query("limit");
  return Find(parts, query, filter, HitOrder::kRelevance,
              limit.empty() ? kQuickLimitDefault : std::stoi(limit), 0);
}

constexpr std::pair<const char*, const char*> kSchemas[] = {
    {"SearchRequest", R"({"type":"object","required":["query"],"additionalProperties":false,
      "properties":{"query":{"type":"string","minLength":1,"maxLength":500},
      "sort_order":{"enum":["relevance","date_desc","date_asc","duration_desc","duration_asc",
      "filename"]},"page":{"type":"integer","minimum":1,"maximum":100000},
      "page_size":{"type":"integer","minimum":1,"maximum":100},
      "filters":{"type":"object","additionalProperties":false,"properties":{
      "model":{"type":"string","maxLength":100},"language":{"type":"string","maxLength":16},
      "tag":{"type":"string","maxLength":50},"statuses":{"type":"array","maxItems":11,
      "items":{"type":"string","maxLength":32}},"starred":{"type":"boolean"},
      "archived":{"type":"boolean"},"created_after":{"type":"string","format":"date-time"},
      "created_before":{"type":"string","format":"date-time"},
      "min_duration":{"type":"number","minimum":0},
      "max_duration":{"type":"number","minimum":0}}}}})"},
    {"SearchMatch", R"({"type":"object","properties":{"turn":{"type":"string"},
      "start":{"type":"number"},"end":{"type":"number"},"text":{"type":"string"},
      "highlights":{"type":"array","items":{"type":"array","minItems":2,"maxItems":2,
      "items":{"type":"integer"}}}}})"},
    {"SearchResults", R"({"type":"object","required":["results","total","skip","limit"],
      "properties":{"results":{"type":"array","items":{"type":"object","properties":{
      "job":{"$ref":"#/components/schemas/Job"},"score":{"type":"number"},
      "matches":{"type":"array","items":{"$ref":"#/components/schemas/SearchMatch"}}}}},
      "total":{"type":"integer"},"skip":{"type":"integer"},"limit":{"type":"integer"}}})"},
};

}  // namespace

Status AddSearchSchemas(Schemas* schemas) {
  for (const auto& [name, schema] : kSchemas) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

void AddSearchRoutes(const SearchRouteParts& parts, RouteTable* table) {
  Route post =
      PlainRoute(Method::kPost, "/search", "search",
                 "Jobs whose title or text has what is looked for, with the places", "search",
                 Permission::kJobsRead, [parts](Call& call) { return PostSearch(parts, call); });
  post.body = BodyKind::kJson;
  post.body_bytes_max = kBodyBytesMax;
  post.request_schema = "SearchRequest";
  post.response_schema = "SearchResults";
  table->Add(std::move(post));

  Route quick = PlainRoute(Method::kGet, "/search/quick", "searchQuickly",
                           "The best few, while typing", "search", Permission::kJobsRead,
                           [parts](Call& call) { return GetQuick(parts, call); });
  quick.query = {{"q", R"({"type":"string","minLength":1,"maxLength":500})", "What to look for"},
                 {"limit", R"({"type":"integer","minimum":1,"maximum":20})", "Default: 5"}};
  quick.response_schema = "SearchResults";
  table->Add(std::move(quick));
}

}  // namespace wt::api
