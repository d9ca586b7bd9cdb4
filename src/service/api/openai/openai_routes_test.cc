#include "service/api/openai/openai_routes.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "service/api/rest/job_json.h"
#include "service/api/testing/upload_api.h"
#include "service/uploads/tus/checksum.h"
#include "service/worker/testing/fake_engine.h"
#include "service/worker/testing/worker_fixture.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using testing::FormPart;
using testing::kFormType;
using testing::MakeForm;
using worker::testing::ShortWav;

constexpr const char* kText = " Window 0. Window 1. Window 2.";

std::string ToBase64(const std::string& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : kDigits[group >> (18 - 6 * j) & 63U];
    }
  }
  return text;
}

class OpenAiRoutesTest : public ::testing::Test {
 protected:
  OpenAiRoutesTest() {
    worker::ModelRegistryOptions registry;
    registry.names = directory_.names();
    models_ = std::make_unique<worker::ModelRegistry>(&engine_, registry);
    worker::SyncOptions sync;
    sync.media.helper_path = "/nonexistent/transcriber-media";
    sync_ = std::make_unique<worker::SyncTranscriber>(&engine_, models_.get(), sync);
    parts_.transcriber = sync_.get();
    parts_.models = models_.get();
    parts_.streams = &streams_;
    parts_.clock = &api_.clock;
    parts_.limits.bytes_max = 100'000;
    parts_.limits.temp_dir = std::filesystem::temp_directory_path();
  }
  void Add() {
    EXPECT_TRUE(AddJobSchemas(&api_.routes.schemas()).ok());
    EXPECT_TRUE(AddOpenAiSchemas(&api_.routes.schemas()).ok());
    AddOpenAiRoutes(parts_, &api_.routes);
  }
  http::Response Send(const std::vector<FormPart>& form,
                      const std::string& path = "/v1/audio/transcriptions") {
    api_.headers.Set("Content-Type", kFormType);
    return api_.Send(Method::kPost, path, {}, MakeForm(form));
  }
  static std::string Text(const http::Response& response) {
    const auto* text = std::get_if<std::string>(&response.body);
    return text == nullptr ? "" : *text;
  }
  json Error(const std::vector<FormPart>& form) {
    const http::Response response = Send(form);
    EXPECT_GE(response.status, 400);
    return json::parse(Text(response))["error"];
  }

  const FormPart file_{"file", ShortWav(), "a.wav"};
  const FormPart model_{"model", "base"};
  testing::ModelDirectory directory_;
  testing::ApiHarness api_;
  worker::testing::FakeEngine engine_;
  std::unique_ptr<worker::ModelRegistry> models_;
  std::unique_ptr<worker::SyncTranscriber> sync_;
  StreamPool streams_{2};
  OpenAiRouteParts parts_;
};

TEST_F(OpenAiRoutesTest, AFileBecomesTextInEachFormat) {
  Add();
  const http::Response plain = Send({file_, model_});
  ASSERT_EQ(plain.status, 200) << Text(plain);
  EXPECT_EQ(json::parse(Text(plain))["text"].get<std::string>(), std::string(kText).substr(1));
  for (const char* format : {"text", "srt", "vtt"}) {
    const http::Response response = Send({file_, model_, {"response_format", format}});
    EXPECT_EQ(response.status, 200) << format;
    EXPECT_NE(Text(response).find("Window 1."), std::string::npos) << format;
  }
  const json verbose = json::parse(
      Text(Send({{"response_format", "verbose_json"}, model_, file_, {"temperature", "0"}})));
  EXPECT_EQ(verbose["segments"].size(), 3U);
  EXPECT_EQ(verbose["task"], "transcribe");
}

TEST_F(OpenAiRoutesTest, ErrorsSayWhichFieldIsWrong) {
  Add();
  EXPECT_EQ(Error({model_})["param"], "file");
  EXPECT_EQ(Error({file_, {"model", "no-such-model"}})["code"], "model_not_found");
  EXPECT_EQ(Send({file_, {"model", "no-such-model"}}).status, 404);
  EXPECT_EQ(Error({file_, model_, {"response_format", "docx"}})["param"], "response_format");
  EXPECT_EQ(Error({file_, model_, {"temperature", "hot"}})["param"], "temperature");
  EXPECT_EQ(Error({file_, model_, {"language", "klingon"}})["param"], "language");
  EXPECT_EQ(Error({{"file", "", "a.wav"}, model_})["param"], "file");
  EXPECT_EQ(Error({{"file", "short", "a.wav"}, model_})["param"], "file");
}

TEST_F(OpenAiRoutesTest, SpeakersNeedTheirModel) {
  Add();
  const json error = Error({file_, model_, {"response_format", "diarized_json"}});
  EXPECT_EQ(error["param"], "response_format");
  EXPECT_EQ(error["code"], "speaker_model_not_installed");
  EXPECT_NE(error["message"].get<std::string>().find("models pull speaker"), std::string::npos);
  EXPECT_EQ(Error({file_, model_, {"diarize", "true"}})["param"], "diarize");
  EXPECT_EQ(Error({file_, model_, {"num_speakers", "2"}}).is_null(), false);
  EXPECT_EQ(Error({file_, model_, {"known_speaker_names[]", "Ann"}})["param"],
            "known_speaker_names[]");
  EXPECT_TRUE(engine_.submits().empty());
}

TEST_F(OpenAiRoutesTest, DiarizedJsonNamesSpeakers) {
  directory_.AddSpeakerModel();
  Add();
  const http::Response response = Send({file_, model_, {"response_format", "diarized_json"}});
  ASSERT_EQ(response.status, 200) << Text(response);
  const json body = json::parse(Text(response));
  EXPECT_EQ(body["text"], "A: Window 0.\nB: Window 1.\nA: Window 2.");
  ASSERT_EQ(body["segments"].size(), 3U);
  EXPECT_EQ(body["segments"][1]["speaker"], "B");
  // The option alone names them where the format has a place for it.
  const http::Response vtt = Send({file_, model_, {"diarize", "true"}, {"response_format", "vtt"}});
  EXPECT_NE(Text(vtt).find("<v S2>"), std::string::npos) << Text(vtt);
}

TEST_F(OpenAiRoutesTest, LargeFilesAreRefusedWithTheSettingsName) {
  Add();
  const http::Response response = Send({{"file", std::string(100'001, 'x'), "a.wav"}, model_});
  EXPECT_EQ(response.status, 413);
  EXPECT_NE(Text(response).find("MAX_AUDIO_FILE_SIZE_MB"), std::string::npos);
}

TEST_F(OpenAiRoutesTest, TheOperatorsFormatsHoldHereToo) {
  parts_.limits.allowed_types = *uploads::AllowedTypes::Parse({"mp3"});
  Add();
  EXPECT_EQ(Error({file_, model_})["param"], "file");
  EXPECT_TRUE(engine_.submits().empty());
}

TEST_F(OpenAiRoutesTest, BrokenAudioIsTheClientsFault) {
  Add();
  engine_.SetScript({.failure = Status(StatusCode::kDataCorrupt, "the recording is damaged")});
  EXPECT_EQ(Send({file_, model_}).status, 400);
}

TEST_F(OpenAiRoutesTest, JsonBodiesAreReadStrictly) {
  Add();
  api_.headers.Set("Content-Type", "application/json");
  const char* const path = "/v1/audio/transcriptions";
  for (const char* body : {"", "[]", "{", R"({"model":"base"})", R"({"audio":7,"model":"base"})",
                           R"({"audio":"***","model":"base"})", R"({"audio":"YQ==","model":{}})"}) {
    EXPECT_EQ(api_.Send(Method::kPost, path, {}, body).status, 400) << body;
  }
}

// Whatever body the audio came in, the text is the same: without the space that tokens begin with.
TEST_F(OpenAiRoutesTest, TheTextIsTheSameForEveryKindOfBody) {
  Add();
  const std::string text = std::string(kText).substr(1);
  const std::string audio = ToBase64(ShortWav());
  api_.headers.Set("Content-Type", "application/json");
  const json plain = api_.Json(Method::kPost, "/v1/audio/transcriptions", {},
                               json{{"audio", audio}, {"model", "base"}}.dump());
  EXPECT_EQ(plain["text"], text) << plain.dump();
  const json part{{"type", "input_audio"}, {"input_audio", {{"data", audio}}}};
  const json message{{"role", "user"}, {"content", json::array({part})}};
  const json chat = api_.Json(Method::kPost, "/v1/chat/completions", {},
                              json{{"model", "base"}, {"messages", json::array({message})}}.dump());
  EXPECT_EQ(chat["choices"][0]["message"]["content"], text) << chat.dump();
}

TEST_F(OpenAiRoutesTest, ModelsAreListed) {
  Add();
  const json list = api_.Json(Method::kGet, "/v1/models");
  EXPECT_EQ(list["object"], "list");
  ASSERT_FALSE(list["data"].empty());
  EXPECT_EQ(list["data"][0]["object"], "model");
  EXPECT_EQ(api_.Json(Method::kGet, "/v1/models/base")["id"], "base");
  EXPECT_EQ(api_.Send(Method::kGet, "/v1/models/nothing").status, 404);
}

}  // namespace
}  // namespace wt::api
