#include "service/http/server.h"

#include <gtest/gtest.h>

namespace wt::http {
namespace {

class Hello final : public Handler {
 public:
  Response Handle(Request&) override { return Response::Text(200, "hello"); }
  Response HandleError(int status, std::string_view reason) override {
    return Response::Text(status, std::string(reason));
  }
};

TEST(ServerTest, StartsOnAFreePortAndStops) {
  Hello hello;
  auto server = Server::Start({}, &hello);
  ASSERT_TRUE(server.ok());
  EXPECT_GT((*server)->port(), 0);
  (*server)->Stop(std::chrono::milliseconds(100));
}

}  // namespace
}  // namespace wt::http
