#include "service/documents/document_json.h"

#include <gtest/gtest.h>

#include "service/documents/changes.h"

namespace wt::documents {
namespace {

std::string PutTurn(const std::string& words, const std::string& more = "") {
  return R"({"change_id":"c-1","changes":[{"op":"put_turn","if_rev":0,"turn":)"
         R"({"id":"t1","pos":"a0",)" +
         more + R"("start":0,"end":2.5,"note":"","speaker":null,"words":[)" + words + "]}}]}";
}

Status Check(const std::string& json) {
  Result<ChangeSet> set = ReadChanges(json);
  return set.ok() ? CheckChanges(10, &*set) : set.status();
}

TEST(DocumentJsonTest, WordsComeBackAsTheyWereWritten) {
  const std::vector<Word> words = {
      {.text = " \"Größe\\", .start_s = 0.125, .end_s = 1, .probability = 0.5},
      {.text = "水\n", .start_s = 1, .end_s = 2, .changed = true, .interpolated = true}};
  const std::string json = WriteWords(words);
  EXPECT_EQ(json,
            R"([{"t":" \"Größe\\","s":0.125,"e":1,"p":0.5},{"t":"水\n","s":1,"e":2,"x":1,"i":1}])");
  const Result<std::vector<Word>> read = ReadWords(json);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, words);
  EXPECT_EQ(ReadWords("[{\"t\":1}]").status().code(), StatusCode::kDataCorrupt);
}

TEST(DocumentJsonTest, ReadsWhatTheContractSays) {
  const Result<ChangeSet> set = ReadChanges(
      R"({"change_id":"x","changes":[)"
      R"({"op":"put_speaker","if_rev":0,"speaker":{"id":"s1","name":"Ann","color":3}},)"
      R"({"op":"delete_turn","if_rev":3,"id":"t2"},)"
      R"({"op":"put_turn","if_rev":2,"turn":{"id":"t1","pos":"a0V","rev":2,"speaker":"s1",)"
      R"("start":0,"end":1,"note":"n","words":[{"t":" Hi","s":0,"e":0.31,"p":0.93,"x":1}]}}]})");
  ASSERT_TRUE(set.ok()) << set.status().message();
  ASSERT_EQ(set->changes.size(), 3U);
  EXPECT_EQ(set->changes[0].speaker.color, 3);
  EXPECT_EQ(set->changes[1].id, "t2");
  EXPECT_EQ(set->changes[1].if_rev, 3);
  const Turn& turn = set->changes[2].turn;
  EXPECT_EQ(turn.speaker, "s1");
  ASSERT_EQ(turn.words.size(), 1U);
  EXPECT_TRUE(turn.words[0].changed);
  EXPECT_EQ(turn.words[0].probability, 0.93);
}

TEST(DocumentJsonTest, StopsAtItsLimits) {
  std::string words;
  for (std::size_t i = 0; i <= kWordsPerTurnMax; ++i) {
    words += std::string(i > 0 ? "," : "") + R"({"t":"a","s":0,"e":0})";
  }
  const Status many = Check(PutTurn(words));
  EXPECT_EQ(many.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(many.message().find("changes[0]"), std::string::npos);
  std::string changes;
  for (std::size_t i = 0; i <= kChangesPerSetMax; ++i) {
    changes += std::string(i > 0 ? "," : "") + R"({"op":"delete_turn","if_rev":1,"id":"t)" +
               std::to_string(i) + "\"}";
  }
  EXPECT_EQ(Check(R"({"change_id":"c","changes":[)" + changes + "]}").code(),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(Check(std::string(kChangesJsonBytesMax + 1, ' ')).code(),
            StatusCode::kResourceExhausted);
}

TEST(DocumentJsonTest, RefusesWhatNoDocumentMayHold) {
  EXPECT_TRUE(Check(PutTurn(R"({"t":" a","s":0,"e":1})")).ok());
  // The end that the container names is passed by less than a second.
  EXPECT_TRUE(Check(PutTurn(R"({"t":" a","s":0,"e":10.9})")).ok());
  for (const std::string& bad :
       {PutTurn(R"({"t":"","s":0,"e":1})"), PutTurn(R"({"t":"a","s":2,"e":1})"),
        PutTurn(R"({"t":"a","s":-1,"e":1})"), PutTurn(R"({"t":"a","s":null,"e":1})"),
        PutTurn(R"({"t":"a","s":0,"e":11.1})"), PutTurn(R"({"t":"a","s":0,"e":1,"p":1.5})"),
        PutTurn("{\"t\":\"a\\u0007\",\"s\":0,\"e\":1}"), PutTurn(R"({"t":"a","s":0})"),
        PutTurn(R"({"t":")" + std::string(65, 'a') + R"(","s":0,"e":1})"),
        PutTurn(R"({"t":"a","s":0,"e":1})", R"("id":"no spaces",)"),
        PutTurn(R"({"t":"a","s":0,"e":1})", R"("pos":"",)"), std::string("[]"), std::string(""),
        std::string(R"({"change_id":"","changes":[{"op":"delete_turn","if_rev":1,"id":"t"}]})"),
        std::string(R"({"change_id":"c","changes":[]})"),
        std::string(R"({"change_id":"c","changes":[{"op":"delete_turn","if_rev":0,"id":"t"}]})"),
        std::string(R"({"change_id":"c","changes":[{"op":"drop","if_rev":1,"id":"t"}]})"),
        std::string(R"({"change_id":"c","changes":[{"op":"put_turn","if_rev":1,"id":"t"}]})"),
        std::string(R"({"change_id":"c","changes":[{"op":"delete_turn","if_rev":1,"id":"t"},)"
                    R"({"op":"delete_turn","if_rev":1,"id":"t"}]})")}) {
    EXPECT_EQ(Check(bad).code(), StatusCode::kInvalidArgument) << bad.substr(0, 200);
  }
}

}  // namespace
}  // namespace wt::documents
