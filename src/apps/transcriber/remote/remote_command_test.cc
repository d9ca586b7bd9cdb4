#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "apps/transcriber/interrupt.h"
#include "apps/transcriber/remote/fake_service.h"
#include "apps/transcriber/remote/remote_options.h"
#include "apps/transcriber/remote/service_client.h"
#include "apps/transcriber/testing.h"
#include "apps/transcriber/transcribe/transcribe_command.h"
#include "base/status_macros.h"
#include "service/worker/options/request_options.h"

namespace wt::transcriber {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::FakeService;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using testing::Refusal;
using ::testing::StartsWith;

class RemoteCommandTest : public ::testing::Test {
 protected:
  RemoteCommandTest() { fake_.no_models = true; }

  int RunLocally(std::vector<std::string> arguments) {
    const std::vector<std::string_view> views(arguments.begin(), arguments.end());
    return RunTranscribeCommand(views, environment_, fake_.services, &console_);
  }
  int Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--server", service_.url()});
    return RunLocally(std::move(arguments));
  }
  FakeService::Upload FirstUpload() {
    const std::vector<FakeService::Upload> all = service_.uploads();
    EXPECT_FALSE(all.empty());
    return all.empty() ? FakeService::Upload() : all.front();
  }
  /// A recording that goes in pieces.
  std::string MakeLarge(const std::string& name) {
    std::string text(static_cast<std::size_t>(kFormFileBytesMax) + 4'096, 'a');
    for (std::size_t i = 0; i < text.size(); i += 61) text[i] = static_cast<char>('b' + i % 20);
    return directory_.Make(name, text);
  }

  testing::TemporaryDirectory directory_;
  testing::FakeServices fake_;
  testing::FakeConsole console_;
  Environment environment_;
  FakeService service_;
};

TEST_F(RemoteCommandTest, WritesWhatTheLocalCommandWrites) {
  const std::string input = directory_.Make("a.wav", "recording");
  const std::vector<std::string> wanted = {input, "--language", "en"};
  EXPECT_EQ(Run(wanted), kExitDone) << console_.error;
  EXPECT_EQ(console_.output, "[00:00.000 --> 00:01.000]  a.wav\n");
  EXPECT_EQ(Run({input, "-f", "all", "-o", directory_.Path("remote"), "-q"}), kExitDone);
  fake_.no_models = false;
  EXPECT_EQ(RunLocally({input, "-f", "all", "-o", directory_.Path("local"), "-q"}), kExitDone);
  for (const char* format : {"txt", "vtt", "srt", "tsv", "json", "lrc", "csv"}) {
    const std::string text = directory_.Read(std::string("local/a.") + format);
    EXPECT_FALSE(text.empty()) << format;
    EXPECT_EQ(directory_.Read(std::string("remote/a.") + format), text) << format;
  }
  console_.output.clear();
  EXPECT_EQ(Run({input, "-f", "srt"}), kExitDone);
  EXPECT_EQ(console_.output, "1\n00:00:00,000 --> 00:00:01,000\na.wav\n\n");
  EXPECT_EQ(FirstUpload().content, "recording");
  EXPECT_EQ(FirstUpload().file_name, "a.wav");
}

TEST_F(RemoteCommandTest, OptionsGoUnderTheirNamesInTheApi) {
  EXPECT_EQ(Run({directory_.Make("a.wav"), "--model", "small", "--language", "German",
                 "--word-timestamps", "True", "--beam-size", "3", "--clip-timestamps", "1.5,2,9",
                 "--initial-prompt", "Ä, \"b\"\r\nc", "-q"}),
            kExitDone)
      << console_.error;
  const std::map<std::string, std::string> fields = FirstUpload().fields;
  EXPECT_EQ(fields, (std::map<std::string, std::string>{{"model", "small"},
                                                        {"language", "de"},
                                                        {"word_timestamps", "true"},
                                                        {"beam_size", "3"},
                                                        {"clip_timestamps", "1.5,2.0,9.0"},
                                                        {"initial_prompt", "Ä, \"b\"\r\nc"}}));
}

TEST_F(RemoteCommandTest, EveryOptionArrivesAsItWasMeant) {
  const std::vector<std::vector<std::string_view>> cases = {
      {"a.wav"},
      {"a.wav", "--temperature", "0.3", "--temperature-increment-on-fallback", "None"},
      {"a.wav", "--temperature", "0.2,0.7", "--suppress-tokens", "", "--seed", "9007199254740991"},
      {"a.wav", "--suppress-tokens", "5", "--no-speech-threshold", "None", "--length-penalty", "1"},
      {"a.wav", "--logprob-threshold", "-0.125", "--windowing", "reference", "--task", "translate"},
      {"a.wav", "--condition-on-previous-text", "False", "--allowed-languages", "de,en"},
      {"a.wav", "--clip-timestamps", "3", "--channel", "right", "--track", "2", "--no-vad-filter"},
      {"a.wav", "--max-initial-timestamp", "None", "--prepend-punctuations", "", "--no-guard"}};
  for (const auto& arguments : cases) {
    const Result<TranscribeArguments> parsed = ParseTranscribeArguments(arguments);
    ASSERT_TRUE(parsed.ok()) << parsed.status().message();
    worker::RequestOptions sent;
    sent.request = parsed->request;
    sent.track = parsed->track;
    sent.channel = parsed->channel;
    worker::RequestOptions received;
    for (const auto& [name, value] : FieldsOf(*parsed)) {
      const Status set = worker::SetOption(name, value, &received);
      EXPECT_TRUE(set.ok()) << set.message();
    }
    EXPECT_EQ(worker::WriteRequestOptions(received), worker::WriteRequestOptions(sent));
  }
  // A server may have a language for requests that name none.
  EXPECT_THAT(FieldsOf(*ParseTranscribeArguments(cases[0])), IsEmpty());
  const std::vector<std::string_view> detect = {"a.wav", "--language", "auto"};
  EXPECT_THAT(FieldsOf(*ParseTranscribeArguments(detect)), ElementsAre(Pair("language", "auto")));
}

TEST_F(RemoteCommandTest, SeveralFilesAndJsonLines) {
  service_.refuse_content = "bad";
  EXPECT_EQ(Run({"--jsonl", directory_.Make("a.wav"), directory_.Make("b.wav", "bad"),
                 directory_.Path("missing.wav"), directory_.Make("c.wav")}),
            kExitFailed);
  std::istringstream lines(console_.output);
  std::vector<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json json = nlohmann::json::parse(line);
    seen.push_back(json.contains("error") ? json["error"]["code"] : json["text"]);
  }
  EXPECT_THAT(seen, ElementsAre(" a.wav", "unsupported", "not_found", " c.wav"));
  EXPECT_THAT(console_.error, HasSubstr("2 of 4 files failed"));
}

TEST_F(RemoteCommandTest, TheKeyIsSentAndNeverShown) {
  service_.key = "wt_secret";
  const std::string input = directory_.Make("a.wav");
  EXPECT_EQ(Run({input}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("asks for an API key; make a key"));
  EXPECT_EQ(Run({input, "--api-key-file", directory_.Make("key", " wt_secret\n")}), kExitDone);
  environment_.api_key = "wt_secret";
  EXPECT_EQ(Run({input}), kExitDone);
  environment_.api_key = "wt_other";
  console_.error.clear();
  EXPECT_EQ(Run({input}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("does not take the API key"));
  EXPECT_THAT(console_.error, Not(HasSubstr("wt_other")));
  // A key with a line break would end the header and begin another.
  EXPECT_EQ(Run({input, "--api-key-file", directory_.Make("key", "wt_a\r\nX-B: c")}), kExitUsage);
  EXPECT_THAT(console_.error, HasSubstr("holds no API key"));
  EXPECT_THAT(console_.error, Not(HasSubstr("X-B")));
}

TEST_F(RemoteCommandTest, AWrongKeyIsNotTriedForEveryFile) {
  service_.key = "wt_secret";
  std::vector<std::string> arguments = {"--files-in-flight", "1"};
  for (int i = 0; i < 5; ++i) arguments.push_back(directory_.Make(std::to_string(i) + ".wav"));
  EXPECT_EQ(Run(arguments), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("5 of 5 files failed"));
  EXPECT_THAT(service_.requests(), ElementsAre("POST /jobs"));
}

TEST_F(RemoteCommandTest, AServerThatIsNotThereIsSaidAtOnce) {
  service_.Stop();
  EXPECT_EQ(Run({directory_.Make("a.wav")}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr(service_.url() + " cannot be reached"));
  EXPECT_THAT(console_.error, HasSubstr("check the address"));
}

TEST_F(RemoteCommandTest, RefusalsSayCauseAndNextStep) {
  const std::string input = directory_.Make("a.wav");
  const struct {
    Refusal refusal;
    const char* words;
    int exit_status;
  } cases[] = {
      {{413, R"({"error_code":"FILE_TOO_LARGE","message":"at most 5 bytes"})"},
       "does not take a recording of this size (at most 5 bytes); split it",
       kExitFailed},
      {{429, R"({"message":"too many"})", 3'600},
       "takes no more for now (429): too many; try "
       "again in 3600 s",
       kExitFailed},
      {{503, "", 3'600}, "cannot work on it now (503); try again in 3600 s", kExitFailed},
      {{400, R"({"error_code":"INVALID_MODEL","message":"no model nope; there are: base"})"},
       "no model nope; there are: base",
       kExitModelMissing},
      {{422, R"({"message":"Validation","validation_errors":[{"field":"body.x","message":"no"}]})"},
       "body.x no",
       kExitFailed},
      {{404, "<html>"}, "is no transcription server (404)", kExitFailed},
      {{307, "", {}, "https://elsewhere/"},
       "sends to another address (https://elsewhere/)",
       kExitFailed},
      {{200, "<html>"}, "not understood", kExitFailed},
      {{200, R"({"job_id":"../admin"})"}, "not understood", kExitFailed},
  };
  for (const auto& entry : cases) {
    console_.error.clear();
    service_.Refuse("POST /jobs", {entry.refusal});
    EXPECT_EQ(Run({input}), entry.exit_status) << console_.error;
    EXPECT_THAT(console_.error, HasSubstr(entry.words));
  }
}

TEST_F(RemoteCommandTest, ABusyServerIsAskedAgainWhenItSays) {
  const Refusal later = {503, "", 0};
  const Refusal limited = {429, "{}", 0};
  service_.Refuse("POST /jobs", {later, limited});
  service_.Refuse("GET /jobs/job-1/download", {later});
  EXPECT_EQ(Run({directory_.Make("a.wav", "whole")}), kExitDone) << console_.error;
  EXPECT_EQ(service_.uploads().size(), 1u);
  EXPECT_EQ(FirstUpload().content, "whole");
  // Not for ever.
  service_.Refuse("POST /jobs", std::vector<Refusal>(100, later));
  EXPECT_EQ(Run({directory_.Make("b.wav")}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("cannot work on it now (503)"));
}

TEST_F(RemoteCommandTest, AnAnswerThatIsLostIsAskedForAgainWithTheSameKey) {
  // The first contact is what tells a passing fault from a wrong address.
  service_.Refuse("POST /jobs", {{503, "", 0}, {.status = 0}});
  EXPECT_EQ(Run({directory_.Make("a.wav", "whole")}), kExitDone) << console_.error;
  ASSERT_EQ(service_.idempotency_keys().size(), 3u);
  EXPECT_THAT(service_.idempotency_keys(), Each(service_.idempotency_keys().front()));
  EXPECT_FALSE(service_.idempotency_keys().front().empty());
}

TEST_F(RemoteCommandTest, LargeFilesGoOnWhereTheConnectionBroke) {
  service_.break_uploads_at = {5'000'000, 12'000'001};
  EXPECT_EQ(Run({MakeLarge("large.wav"), "--beam-size", "2", "--hotwords", ""}), kExitDone)
      << console_.error;
  EXPECT_EQ(console_.output, "[00:00.000 --> 00:01.000]  large.wav\n");
  ASSERT_EQ(service_.uploads().size(), 1u);
  EXPECT_TRUE(FirstUpload().content == directory_.Read("large.wav"));
  EXPECT_THAT(FirstUpload().fields, ElementsAre(Pair("beam_size", "2")));
  EXPECT_EQ(FirstUpload().file_name, "large.wav");
  EXPECT_THAT(service_.requests(), Contains("HEAD /files/up-1"));
  EXPECT_THAT(service_.requests(), Not(Contains("POST /jobs")));
}

TEST_F(RemoteCommandTest, AnUploadThatIsRefusedAtItsEndSaysWhy) {
  service_.Refuse("PATCH /files/up-1", {{400, "This is no recording.", {}, "", "text/plain"}});
  EXPECT_EQ(Run({MakeLarge("large.wav")}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("large.wav: This is no recording."));
}

TEST_F(RemoteCommandTest, FailedJobsSayWhyAndCancelledOnesToo) {
  const std::string input = directory_.Make("a.wav");
  service_.states = {"failed_whisper_error"};
  service_.failure = R"({"error_code":"AUDIO_NOT_READABLE","error_message":"no sound in it"})";
  EXPECT_EQ(Run({"--jsonl", input}), kExitFailed);
  EXPECT_EQ(nlohmann::json::parse(console_.output)["error"]["code"], "data_corrupt");
  EXPECT_THAT(console_.output, HasSubstr("no sound in it"));
  service_.states = {"cancelled"};
  EXPECT_EQ(Run({input}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("the job was cancelled on the server"));
}

TEST_F(RemoteCommandTest, LanguageAndProgressComeFromTheEvents) {
  service_.events = {{"1", "progress", R"({"seconds_done":2,"seconds_total":8})", {}},
                     {"2", "language", R"({"language":"de","probability":0.75})", {}},
                     {"", "language", "not json", {}},
                     {"3", "progress", R"({"seconds_done":1e300,"seconds_total":"x"})", {}}};
  EXPECT_EQ(Run({directory_.Make("a.wav")}), kExitDone) << console_.error;
  EXPECT_THAT(console_.error, HasSubstr("detected language: German (75 %)"));
}

TEST_F(RemoteCommandTest, DamagedTranscriptsAreRefused) {
  service_.transcript = R"({"text": 5})";
  EXPECT_EQ(Run({directory_.Make("a.wav")}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("the server's transcript"));
}

TEST_F(RemoteCommandTest, CtrlCCancelsTheJobsOnTheServer) {
  service_.on_listen = [raised = std::make_shared<std::atomic<bool>>(false)] {
    // Once: a second signal would end the process.
    if (!raised->exchange(true)) ::kill(::getpid(), SIGINT);
  };
  service_.keep_streams_open = true;
  EXPECT_EQ(Run({directory_.Make("a.wav"), "-o", directory_.Path("out"), "-q"}), kExitInterrupted);
  EXPECT_THAT(service_.requests(), Contains("POST /jobs/job-1/cancel"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.Path("out")));
  EXPECT_EQ(console_.error, "");
}

TEST_F(RemoteCommandTest, WrongUsageIsSaidBeforeAnythingIsSent) {
  const std::string input = directory_.Make("a.wav");
  EXPECT_EQ(Run({input, "--threads", "4"}), kExitUsage);
  EXPECT_THAT(console_.error, HasSubstr("--threads is about this machine"));
  EXPECT_EQ(Run({input, "--checkpoint", directory_.Path("x")}), kExitUsage);
  for (const char* url :
       {"", "host", "ftp://host", "http://a:b@host", "http://host/?x", "http://"}) {
    EXPECT_EQ(RunLocally({input, "--server", url}), kExitUsage) << url;
  }
  EXPECT_THAT(console_.error, Not(HasSubstr("a:b")));
  EXPECT_EQ(RunLocally({input, "--api-key-file", input}), kExitUsage);
  EXPECT_THAT(console_.error, HasSubstr("--api-key-file needs --server"));
  EXPECT_THAT(service_.requests(), IsEmpty());
}

// The client alone, which can be told not to wait between questions.
class ServiceClientTest : public RemoteCommandTest {
 protected:
  Result<Transcript> Transcribe() {
    ServerLink link({.url = service_.url(), .key = "", .poll_s = 0});
    ServiceClient client(&link);
    WT_ASSIGN(
        const std::string id,
        client.Submit({.input = directory_.Make("a.wav"), .file_name = "a.wav", .fields = {}}));
    WT_TRY(client.Follow(id, {.progress = [this](const Progress& p) { progress_.push_back(p); },
                              .language = [](const LanguageProbability&) {}}));
    return client.Fetch(id);
  }
  std::vector<Progress> progress_;
};

TEST_F(ServiceClientTest, WithoutEventsTheJobIsAskedFor) {
  service_.Refuse("GET /jobs/job-1/events", std::vector<Refusal>(100, {404, "{}"}));
  service_.states = {"queued", "processing", "processing", "completed"};
  const Result<Transcript> transcript = Transcribe();
  ASSERT_TRUE(transcript.ok()) << transcript.status().message();
  EXPECT_EQ(transcript->text, " a.wav");
  EXPECT_EQ(progress_.size(), 3u);
  EXPECT_EQ(service_.Count("GET /jobs/job-1/events"), 1);
}

TEST_F(ServiceClientTest, AStreamThatWasCutOffGoesOnBehindItsLastEvent) {
  service_.states = {"processing", "completed"};
  service_.events = {{"7", "progress", R"({"seconds_done":1,"seconds_total":8})", {}}};
  ASSERT_TRUE(Transcribe().ok());
  EXPECT_THAT(service_.last_event_ids(), ElementsAre("", "7"));
}

TEST_F(ServiceClientTest, StreamsWithoutEventsAreGivenUp) {
  service_.states = std::vector<std::string>(9, "processing");
  service_.states.push_back("completed");
  service_.snapshot = false;
  ASSERT_TRUE(Transcribe().ok());
  EXPECT_EQ(service_.Count("GET /jobs/job-1/events"), 3);
}

}  // namespace
}  // namespace wt::transcriber
