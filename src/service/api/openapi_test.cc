// Goal: what is published can be sent: every example is one that the published schema takes, for
// every schema of the service.
#include "service/api/openapi.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "service/api/accounts/account_json.h"
#include "service/api/accounts/preference_routes.h"
#include "service/api/admin/admin_routes.h"
#include "service/api/documents/document_routes.h"
#include "service/api/figures/figure_routes.h"
#include "service/api/models/model_routes.h"
#include "service/api/openai/openai_routes.h"
#include "service/api/openapi_examples.h"
#include "service/api/rest/job_json.h"
#include "service/api/rest/result_routes.h"
#include "service/api/rest/submit_routes.h"
#include "service/api/rest/system_routes.h"
#include "service/api/search/search_routes.h"
#include "service/api/uploads/batch_routes.h"
#include "service/api/uploads/session_routes.h"

namespace wt::api {
namespace {

using nlohmann::json;

void AddAll(Schemas* schemas) {
  for (const auto add :
       {AddJobSchemas, AddSystemSchemas, AddSubmitSchemas, AddResultSchemas, AddDocumentSchemas,
        AddSearchSchemas, AddPreferenceSchemas, AddModelSchemas, AddFigureSchemas, AddOpenAiSchemas,
        AddAccountSchemas, AddAdminSchemas, AddSessionSchemas, AddBatchSchemas}) {
    ASSERT_TRUE(add(schemas).ok());
  }
}

std::string Wrong(const std::vector<FieldError>& errors) {
  std::string text;
  for (const FieldError& error : errors) text += error.field + " " + error.message + "; ";
  return text;
}

TEST(OpenApiExamplesTest, EverySchemaTakesItsOwnExamples) {
  Schemas schemas;
  AddAll(&schemas);
  ASSERT_GT(schemas.names().size(), 50U);
  for (const std::string& name : schemas.names()) {
    for (const ExampleOf kind : {ExampleOf::kRequest, ExampleOf::kResponse}) {
      const json example = json::parse(MakeExample(schemas, schemas.Get(name), kind).dump());
      EXPECT_EQ(Wrong(schemas.Check(name, example, name)), "") << example.dump();
    }
  }
}

TEST(OpenApiExamplesTest, RequestsShowWhatIsNeededAndRepliesShowAll) {
  Schemas schemas;
  ASSERT_TRUE(schemas
                  .Add("Note", R"({"type":"object","required":["title"],"properties":{
                       "title":{"type":"string","maxLength":5},"id":{"type":"string"},
                       "created_at":{"type":["string","null"]},
                       "count":{"type":"integer","minimum":3},
                       "tags":{"type":"array","items":{"type":"string"}}}})")
                  .ok());
  const json& schema = schemas.Get("Note");
  EXPECT_EQ(MakeExample(schemas, schema, ExampleOf::kRequest).dump(), R"({"title":"About"})");
  const json all = json::parse(MakeExample(schemas, schema, ExampleOf::kResponse).dump());
  EXPECT_EQ(all["count"], 3);
  EXPECT_EQ(all["created_at"], "2026-01-31T09:30:00.000Z");
  EXPECT_EQ(all["tags"], json::parse(R"(["interview"])"));
  EXPECT_EQ(all["id"].get<std::string>().size(), 36U);
}

TEST(OpenApiTest, OperationsHaveExamplesSecurityLimitsAndErrors) {
  RouteTable table;
  ASSERT_TRUE(AddJobSchemas(&table.schemas()).ok());
  Route route = PlainRoute(http::Method::kPatch, "/jobs/{job_id}", "changeJob", "Change", "jobs",
                           auth::Permission::kJobsCreate,
                           [](Call&) -> Reply { return http::Response::Text(200, ""); });
  route.body = BodyKind::kJson;
  route.body_bytes_max = 1'000;
  route.request_schema = "JobPatch";
  route.response_schema = "Job";
  table.Add(std::move(route));
  ASSERT_TRUE(table.Build().ok());
  const json document = json::parse(MakeOpenApi(table, "1.2.3"));
  const json& operation = document["paths"]["/jobs/{job_id}"]["patch"];
  EXPECT_EQ(operation["x-rate-limit"], "general");
  EXPECT_EQ(operation["x-permission"], "jobs:create");
  EXPECT_EQ(operation["x-body-bytes-max"], 1'000);
  EXPECT_TRUE(operation["requestBody"]["content"]["application/json"].contains("example"));
  EXPECT_EQ(operation["responses"]["200"]["content"]["application/json"]["example"]["model"],
            "base");
  for (const char* status : {"400", "401", "403", "404", "413", "415", "422", "429", "500"}) {
    ASSERT_TRUE(operation["responses"].contains(status)) << status;
  }
  const json& limited = operation["responses"]["429"]["headers"];
  for (const auto& [name, header] : limited.items()) {
    EXPECT_TRUE(document["components"]["headers"].contains(name)) << name;
  }
  EXPECT_TRUE(limited.contains("Retry-After"));
  EXPECT_EQ(document["components"]["schemas"]["Problem"]["examples"][0]["error_code"],
            "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace wt::api
