#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/auth/access/cidr.h"
#include "service/auth/access/client_address.h"
#include "service/auth/access/header_fields.h"
#include "service/auth/scopes.h"

namespace wt::auth {
namespace {

TEST(CidrTest, ContainsWhatItShould) {
  struct Case {
    const char* block;
    const char* address;
    bool inside;
  };
  const std::vector<Case> cases = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"192.0.2.7", "192.0.2.7", true},
      {"192.0.2.7", "192.0.2.8", false},
      {"192.0.2.128/25", "192.0.2.127", false},
      {"192.0.2.128/25", "192.0.2.128", true},
      {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"2001:db8::/32", "2001:db8:ffff::1", true},
      {"2001:db8::/32", "2001:db9::1", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::1", "::1", true},
      {"::1", "0:0:0:0:0:0:0:1", true},
      {"::/0", "2001:db8::1", true},
      {"::/0", "10.0.0.1", false},
      // A dual-stack socket shows IPv4 peers like this.
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"::ffff:10.1.2.3", "10.1.2.3", true},
  };
  for (const Case& c : cases) {
    const Result<Cidr> block = Cidr::Parse(c.block);
    ASSERT_TRUE(block.ok()) << c.block;
    const auto address = IpAddress::Parse(c.address);
    ASSERT_TRUE(address) << c.address;
    EXPECT_EQ(block->Contains(*address), c.inside) << c.block << " " << c.address;
  }
}

TEST(CidrTest, RefusesWhatIsNoBlock) {
  for (const char* bad : {"",
                          "/",
                          "10.0.0.0/",
                          "10.0.0.0/33",
                          "10.0.0.0/-1",
                          "10.0.0.0/+8",
                          "10.0.0.0/8 ",
                          "10.0.0.0/08x",
                          "10.0.0.1/8",
                          "10.0.0",
                          "010.0.0.1",
                          "1.2.3.4.5",
                          "256.0.0.1",
                          "2001:db8::1/32",
                          "2001:db8::/129",
                          ":::",
                          "fe80::1%eth0",
                          "localhost",
                          "[10.0.0.1]",
                          "::ffff:10.0.0.0/104",
                          "10.0.0.0/0008"}) {
    EXPECT_FALSE(Cidr::Parse(bad).ok()) << bad;
  }
  EXPECT_FALSE(ParseCidrs({"10.0.0.1", "10.0.0.2"}, 1).ok());
  EXPECT_TRUE(ParseCidrs({"10.0.0.1", "10.0.0.2"}, 2).ok());
}

TEST(CidrTest, WritesItself) {
  EXPECT_EQ(Cidr::Parse("10.0.0.0/8")->ToString(), "10.0.0.0/8");
  EXPECT_EQ(Cidr::Parse("[2001:DB8::]/32")->ToString(), "2001:db8::/32");
}

TEST(IpAddressTest, SourcesOfOneSubscriberAreOne) {
  EXPECT_EQ(IpAddress::Parse("2001:db8:1:2:3::4")->SourceKey(), "2001:db8:1:2::/64");
  EXPECT_EQ(IpAddress::Parse("192.0.2.7")->SourceKey(), "192.0.2.7");
  EXPECT_TRUE(IpAddress::Parse("127.9.9.9")->is_loopback());
  EXPECT_TRUE(IpAddress::Parse("::1")->is_loopback());
  EXPECT_TRUE(IpAddress::Parse("::ffff:127.0.0.1")->is_loopback());
  EXPECT_FALSE(IpAddress::Parse("128.0.0.1")->is_loopback());
  EXPECT_FALSE(IpAddress::Parse("::2")->is_loopback());
}

TEST(ClientAddressTest, ForwardedFieldsCountOnlyFromTrustedProxies) {
  const ClientAddress nobody;
  EXPECT_EQ(nobody.Resolve("192.0.2.1", {"203.0.113.9"}), "192.0.2.1");
  const ClientAddress proxies = ClientAddress::Create({"10.0.0.0/8", "::1"}).value();
  struct Case {
    const char* remote;
    std::vector<std::string_view> forwarded;
    const char* client;
  };
  const std::vector<Case> cases = {
      {"192.0.2.1", {"203.0.113.9"}, "192.0.2.1"},
      {"10.0.0.1", {"203.0.113.9"}, "203.0.113.9"},
      {"::ffff:10.0.0.1", {"203.0.113.9"}, "203.0.113.9"},
      {"10.0.0.1", {}, "10.0.0.1"},
      // The left part is the client's own invention.
      {"10.0.0.1", {"1.2.3.4, 203.0.113.9"}, "203.0.113.9"},
      {"10.0.0.1", {"1.2.3.4", "203.0.113.9"}, "203.0.113.9"},
      {"10.0.0.1", {"203.0.113.9, 10.0.0.7"}, "203.0.113.9"},
      {"10.0.0.1", {"203.0.113.9", "10.0.0.7, 10.0.0.8"}, "203.0.113.9"},
      {"10.0.0.1", {"10.0.0.7"}, "10.0.0.7"},
      {"10.0.0.1", {"rubbish"}, "10.0.0.1"},
      {"10.0.0.1", {"203.0.113.9, rubbish, 10.0.0.7"}, "10.0.0.7"},
      {"10.0.0.1", {""}, "10.0.0.1"},
      {"10.0.0.1", {","}, "10.0.0.1"},
      {"10.0.0.1", {"203.0.113.9:4711"}, "203.0.113.9"},
      {"::1", {"[2001:db8::1]:4711"}, "2001:db8::1"},
      {"::1", {"2001:db8::1"}, "2001:db8::1"},
      {"no address", {"203.0.113.9"}, "no address"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(proxies.Resolve(c.remote, c.forwarded), c.client) << c.client;
  }
  EXPECT_TRUE(proxies.IsTrustedProxy("10.9.9.9"));
  EXPECT_FALSE(proxies.IsTrustedProxy("11.9.9.9"));
  EXPECT_FALSE(ClientAddress::Create({"everyone"}).ok());
}

TEST(ClientAddressTest, EndlessChainsAreCutOff) {
  const ClientAddress proxies = ClientAddress::Create({"10.0.0.0/8"}).value();
  std::string chain = "203.0.113.9";
  for (int i = 0; i < kForwardedHopsMax; ++i) chain += ", 10.0.0.2";
  EXPECT_EQ(proxies.Resolve("10.0.0.1", {chain}), "10.0.0.2");
}

TEST(HeaderFieldsTest, AuthorizationIsReadStrictly) {
  using Scheme = AuthorizationField::Scheme;
  EXPECT_EQ(ParseAuthorization("").scheme, Scheme::kNone);
  EXPECT_EQ(ParseAuthorization("Bearer abc").token, "abc");
  EXPECT_EQ(ParseAuthorization("bEARER   abc  ").token, "abc");
  EXPECT_EQ(ParseAuthorization("Token abc").scheme, Scheme::kToken);
  EXPECT_EQ(ParseAuthorization("Basic YTpi").scheme, Scheme::kOther);
  EXPECT_EQ(ParseAuthorization("Bearer").scheme, Scheme::kOther);
  EXPECT_EQ(ParseAuthorization("Bearer a b").scheme, Scheme::kOther);
  EXPECT_EQ(ParseAuthorization("Bearer a\x01").scheme, Scheme::kOther);
}

TEST(HeaderFieldsTest, CookiesAreFoundByExactName) {
  const std::string_view field = "a=1; auth_token=x; auth_token=y;b=\"q\" ; __Host-auth_token=z";
  EXPECT_EQ(FindCookie(field, "auth_token"), "x");
  EXPECT_EQ(FindCookie(field, "__Host-auth_token"), "z");
  EXPECT_EQ(FindCookie(field, "b"), "q");
  EXPECT_FALSE(FindCookie(field, "AUTH_TOKEN"));
  EXPECT_FALSE(FindCookie(field, "token"));
  EXPECT_FALSE(FindCookie("", "a"));
  EXPECT_FALSE(FindCookie(";;;", "a"));
  EXPECT_EQ(FindCookie("a=", "a"), "");
}

bool Same(const char* a, const char* b) {
  const auto first = ParseOrigin(a);
  const auto second = ParseOrigin(b);
  return first && second && SameOrigin(*first, *second);
}

TEST(HeaderFieldsTest, OriginsCompareBySchemeHostAndPort) {
  EXPECT_TRUE(Same("https://Example.org", "https://example.org:443"));
  EXPECT_TRUE(Same("http://[::1]:8001", "http://[::1]:8001"));
  EXPECT_FALSE(Same("http://example.org", "https://example.org"));
  EXPECT_FALSE(Same("https://example.org", "https://example.org:8443"));
  EXPECT_FALSE(Same("https://example.org", "https://example.org.evil.test"));
  for (const char* bad : {"null", "", "file:///x", "https://", "https://a/b", "https://a:0",
                          "https://a:99999", "https://a b", "https://user@a"}) {
    EXPECT_FALSE(ParseOrigin(bad)) << bad;
  }
}

TEST(HeaderFieldsTest, LoopbackHostsAreThoseNoNameServerDecides) {
  for (const char* host : {"localhost", "LOCALHOST", "app.localhost", "127.0.0.1", "[::1]"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host : {"localhost.evil.test", "evil-localhost", "127.0.0.1.evil.test", "",
                           ".localhostx", "10.0.0.1"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

TEST(ScopesTest, AllSpellingsMeanOneSet) {
  const auto names =
      CanonicalScopes({"transcribe_audio", "read", "jobs:create", "read"}, Granter::kUser);
  ASSERT_TRUE(names.ok());
  EXPECT_EQ(*names, (std::vector<std::string>{"read", "jobs:create"}));
  EXPECT_EQ(CanonicalScopes({"fly"}, Granter::kAdmin).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(CanonicalScopes({}, Granter::kUser).status().code(), StatusCode::kInvalidArgument);
}

TEST(ScopesTest, OnlyAdministratorsGrantAdmin) {
  EXPECT_EQ(CanonicalScopes({"admin"}, Granter::kUser).status().code(),
            StatusCode::kPermissionDenied);
  EXPECT_TRUE(CanonicalScopes({"admin"}, Granter::kAdmin).ok());
  const std::vector<std::string> scopes = {"admin"};
  // The user has lost the role since.
  EXPECT_TRUE(PermissionsOfScopes(scopes, Granter::kUser).empty());
}

TEST(ScopesTest, AReadKeyCannotCreate) {
  Principal principal;
  principal.user_id = "u";
  const std::vector<std::string> scopes = {"read"};
  principal.permissions = PermissionsOfScopes(scopes, Granter::kUser);
  EXPECT_TRUE(principal.Has(Permission::kJobsRead));
  EXPECT_TRUE(principal.Has(Permission::kExportDownload));
  EXPECT_FALSE(principal.Has(Permission::kJobsCreate));
  EXPECT_FALSE(principal.Has(Permission::kKeysManage));
  EXPECT_TRUE(principal.Has(Permission::kSignedIn));
}

TEST(ScopesTest, UsersHaveNoAdministratorsPermissions) {
  Principal principal;
  principal.user_id = "u";
  principal.permissions = PermissionsOfUser(Granter::kUser);
  EXPECT_TRUE(principal.Has(Permission::kKeysManage));
  for (const Permission p : {Permission::kAdmin, Permission::kMetrics, Permission::kUploadAdmin}) {
    EXPECT_FALSE(principal.Has(p));
  }
  principal.must_change_password = true;
  EXPECT_FALSE(principal.Has(Permission::kJobsRead));
  EXPECT_TRUE(principal.Has(Permission::kSignedIn));
  EXPECT_FALSE(Principal().Has(Permission::kSignedIn));
  EXPECT_TRUE(Principal().Has(Permission::kPublic));
}

}  // namespace
}  // namespace wt::auth
