#include "service/host/to_tls.h"

#include <gtest/gtest.h>

namespace wt::host {
namespace {

http::Response Get(const std::string& host, const std::string& path, const std::string& query) {
  ToTls handler({"example.org", "*.lab.example.org", "::1"}, 8443);
  http::Request request;
  request.path = path;
  request.raw_query = query;
  request.headers.Add("Host", host);
  return handler.Handle(request);
}

std::string Location(const http::Response& response) {
  return std::string(response.headers.Find("Location").value_or(""));
}

TEST(ToTlsTest, SendsToTheSameAddressWithTls) {
  const http::Response response = Get("Example.org:80", "/jobs/1 2", "a=%20b");
  EXPECT_EQ(response.status, 308);
  EXPECT_EQ(Location(response), "https://example.org:8443/jobs/1%202?a=%20b");
  EXPECT_EQ(Location(Get("a.lab.example.org", "/", "")), "https://a.lab.example.org:8443/");
  EXPECT_EQ(Location(Get("[::1]:80", "/", "")), "https://[::1]:8443/");
  EXPECT_EQ(Location(Get("example.org", "/\r\nSet-Cookie: x", "")),
            "https://example.org:8443/%0D%0ASet-Cookie:%20x");
}

TEST(ToTlsTest, SendsNobodyElsewhere) {
  for (const char* host :
       {"evil.org", "", "example.org.evil.org", "lab.example.org", "evil.org:80"}) {
    const http::Response response = Get(host, "/", "");
    EXPECT_EQ(response.status, 400) << host;
    EXPECT_EQ(Location(response), "") << host;
  }
}

}  // namespace
}  // namespace wt::host
