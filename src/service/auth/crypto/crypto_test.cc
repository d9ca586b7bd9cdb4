#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/auth/crypto/digest.h"
#include "service/auth/crypto/jwt.h"
#include "service/auth/crypto/keyed_hash.h"
#include "service/auth/crypto/password_hash.h"
#include "service/auth/crypto/password_policy.h"

namespace wt::auth {
namespace {

constexpr base::UnixMillis kNow = 1'700'000'000'000;
const JwtKeys kKeys = {"0123456789abcdef0123456789abcdef", ""};

std::string Hex(const Digest& digest) {
  std::string out;
  for (const std::byte b : digest) {
    constexpr const char* kDigits = "0123456789abcdef";
    out += kDigits[std::to_integer<int>(b) >> 4];
    out += kDigits[std::to_integer<int>(b) & 15];
  }
  return out;
}

/// A token with any header and payload, rightly signed unless `key` says otherwise.
std::string Forge(const std::string& header, const std::string& payload,
                  const std::string& key = kKeys.current) {
  const std::string part = Base64UrlEncode(header) + "." + Base64UrlEncode(payload);
  return part + "." + Base64UrlEncode(HmacSha256(key, part));
}

const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";
const std::string kPayload =
    R"({"iss":"whisper-transcriber","aud":"whisper-transcriber-api","sub":"u","role":"user",)"
    R"("sid":"s","jti":"j","iat":1700000000,"exp":1700003600})";

std::string With(const std::string& from, const std::string& to) {
  std::string payload = kPayload;
  payload.replace(payload.find(from), from.size(), to);
  return payload;
}

TEST(DigestTest, HmacIsThatOfRfc4231) {
  EXPECT_EQ(Hex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(DigestTest, Base64UrlHasOneTextPerValue) {
  EXPECT_EQ(Base64UrlEncode("\xfb\xff"), "-_8");
  for (const std::string text : {"", "a", "ab", "abc", "abcd"}) {
    EXPECT_EQ(Base64UrlDecode(Base64UrlEncode(text)), text);
  }
  for (const char* bad : {"a", "-_8=", "+/8", "-_9", "a b", "YQ==", "\xff\xff"}) {
    EXPECT_FALSE(Base64UrlDecode(bad)) << bad;
  }
}

TEST(DigestTest, ComparesLengthAndContent) {
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_TRUE(ConstantTimeEqual("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abcd"));
}

TEST(DigestTest, KeysOfTwoPurposesDiffer) {
  EXPECT_NE(DeriveKey("secret", "a"), DeriveKey("secret", "b"));
  EXPECT_EQ(DeriveKey("secret", "a").size(), 32u);
}

TEST(KeyedHashTest, HexGoesBothWays) {
  const Hash128 hash = KeyedHash(HashKey::FromSecret("s", "p"), "text");
  Hash128 back;
  ASSERT_TRUE(FromHex(ToHex(hash), &back));
  EXPECT_EQ(hash, back);
  EXPECT_FALSE(FromHex("12", &back));
  EXPECT_FALSE(FromHex(std::string(32, 'g'), &back));
  EXPECT_NE(ToHex(hash), ToHex(KeyedHash(HashKey::FromSecret("t", "p"), "text")));
}

TEST(JwtTest, ATokenComesBackAsItWasSigned) {
  const Claims claims = {"user-1", "admin", "session-1", "id-1", kNow / 1'000, kNow / 1'000 + 60};
  const Result<Claims> read = VerifyToken(SignToken(claims, kKeys), kKeys, kNow);
  ASSERT_TRUE(read.ok()) << read.status().detail().ForLog();
  EXPECT_EQ(read->sub, "user-1");
  EXPECT_EQ(read->role, "admin");
  EXPECT_EQ(read->sid, "session-1");
  EXPECT_EQ(read->jti, "id-1");
  EXPECT_EQ(read->exp, claims.exp);
}

TEST(JwtTest, HoldsNothingPersonal) {
  const std::string token = SignToken({"u", "user", "s", "j", 1, 2}, kKeys);
  const std::size_t first = token.find('.');
  const std::string payload =
      Base64UrlDecode(std::string_view(token).substr(first + 1, token.rfind('.') - first - 1))
          .value();
  EXPECT_EQ(payload,
            R"({"aud":"whisper-transcriber-api","exp":2,"iat":1,"iss":"whisper-transcriber",)"
            R"("jti":"j","role":"user","sid":"s","sub":"u"})");
}

TEST(JwtTest, ThePlainForgeryOfTheTableIsAccepted) {
  // Otherwise the refusals below could have another reason than the one they are meant for.
  EXPECT_TRUE(VerifyToken(Forge(kHeader, kPayload), kKeys, kNow).ok());
}

TEST(JwtTest, AttacksAreRefusedWithOneText) {
  const std::string good = Forge(kHeader, kPayload);
  std::string tampered = good;
  tampered[good.find('.') + 5] = tampered[good.find('.') + 5] == 'A' ? 'B' : 'A';
  const std::string unsigned_part = good.substr(0, good.rfind('.') + 1);
  const std::vector<std::pair<std::string, std::string>> attacks = {
      {"", "no first dot"},
      {"a.b", "no second dot"},
      {"a.b.c.d", "too many dots"},
      {std::string(kTokenBytesMax + 1, 'a'), "token too long"},
      {"a.b.c", "wrong signature"},
      {unsigned_part, "wrong signature"},
      {tampered, "wrong signature"},
      {good + "A", "wrong signature"},
      {good.substr(0, good.size() - 1), "wrong signature"},
      {Forge(kHeader, kPayload, "another key of more than 32 bytes"), "wrong signature"},
      {Forge(kHeader, kPayload, ""), "wrong signature"},
      {Forge(R"({"alg":"none"})", kPayload, ""), "wrong signature"},
      {Forge(R"({"alg":"none"})", kPayload), "algorithm is not HS256"},
      {Forge(R"({"alg":"RS256"})", kPayload), "algorithm is not HS256"},
      {Forge(R"({"alg":"HS512"})", kPayload), "algorithm is not HS256"},
      {Forge(R"({"alg":"hs256"})", kPayload), "algorithm is not HS256"},
      {Forge(R"({"alg":["HS256"]})", kPayload), "algorithm is not HS256"},
      {Forge(R"({"typ":"JWT"})", kPayload), "algorithm is not HS256"},
      {Forge(R"({"alg":"HS256","typ":"at+jwt"})", kPayload), "type is not JWT"},
      {Forge(R"({"alg":"HS256","crit":["b64"]})", kPayload), "critical extensions"},
      {Forge("[]", kPayload), "header is not an object"},
      {Forge(kHeader, "{"), "payload is not an object"},
      {Forge(kHeader, With("\"whisper-transcriber\"", "\"other\"")), "wrong issuer"},
      {Forge(kHeader, With("whisper-transcriber-api", "other")), "wrong audience"},
      {Forge(kHeader, With("\"whisper-transcriber-api\"", "[\"whisper-transcriber-api\"]")),
       "wrong audience"},
      {Forge(kHeader, With("1700003600", "1700000000")), "expired"},
      {Forge(kHeader, With("1700003600", "1e300")), "no iat or exp"},
      {Forge(kHeader, With("1700003600", "\"1700003600\"")), "no iat or exp"},
      {Forge(kHeader, With("1700000000", "1700000061")), "issued in the future"},
      {Forge(kHeader, With("\"jti\"", "\"nbf\":1700000061,\"jti\"")), "not valid yet"},
      {Forge(kHeader, With("\"sub\":\"u\"", "\"sub\":1")), "sub, sid or jti is missing"},
      {Forge(kHeader, With("\"sid\":\"s\"", "\"sid\":\"\"")), "sub, sid or jti is missing"},
      {Forge(kHeader, With("\"user\"", "\"root\"")), "unknown role"},
  };
  for (const auto& [token, reason] : attacks) {
    const Result<Claims> read = VerifyToken(token, kKeys, kNow);
    ASSERT_FALSE(read.ok()) << reason;
    EXPECT_EQ(read.status().detail().ForLog(), reason);
    EXPECT_EQ(read.status().code(), StatusCode::kPermissionDenied);
    EXPECT_EQ(read.status().message(), "The token is not valid. Sign in again.");
  }
}

TEST(JwtTest, AnotherClockMayBeAMinuteAhead) {
  const std::string token = Forge(kHeader, With("1700000000", "1700000060"));
  EXPECT_TRUE(VerifyToken(token, kKeys, kNow).ok());
  EXPECT_FALSE(VerifyToken(token, kKeys, kNow - 1'000).ok());
}

TEST(JwtTest, ThePreviousKeyHoldsDuringARotation) {
  const std::string token = Forge(kHeader, kPayload);
  const JwtKeys rotated = {"new key of at least 32 bytes 1234", kKeys.current};
  EXPECT_TRUE(VerifyToken(token, rotated, kNow).ok());
  EXPECT_FALSE(VerifyToken(token, {rotated.current, ""}, kNow).ok());
  EXPECT_FALSE(
      VerifyToken(SignToken({"u", "user", "s", "j", 1, 1'800'000'000}, rotated), kKeys, kNow).ok());
}

TEST(JwtTest, WithoutAKeyNothingIsValid) {
  EXPECT_FALSE(VerifyToken(Forge(kHeader, kPayload, ""), {"", ""}, kNow).ok());
}

ArgonOptions Quick() {
  ArgonOptions options;
  options.memory_bytes = 8'192;
  options.passes = 1;
  return options;
}

TEST(PasswordHashTest, VerifiesItsOwnHashesOnly) {
  ArgonHasher hasher(Quick());
  const std::string hash = hasher.Hash("correct horse").value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << hash;
  EXPECT_NE(hash, hasher.Hash("correct horse").value());
  EXPECT_TRUE(hasher.Verify("correct horse", hash).value());
  EXPECT_FALSE(hasher.Verify("correct hors", hash).value());
  EXPECT_FALSE(hasher.Verify("", hash).value());
  EXPECT_FALSE(hasher.Verify("correct horse", "$2b$12$abc").value());
}

TEST(PasswordHashTest, LongPasswordsAreNotCut) {
  ArgonHasher hasher(Quick());
  const std::string longest(kPasswordBytesMax, 'x');
  const std::string hash = hasher.Hash(longest).value();
  EXPECT_TRUE(hasher.Verify(longest, hash).value());
  EXPECT_FALSE(hasher.Verify(longest.substr(1), hash).value());
  EXPECT_FALSE(hasher.Verify(longest.substr(0, 72), hash).value());
  EXPECT_FALSE(hasher.Verify(longest + "x", hash).value());
}

TEST(PasswordHashTest, KnowsWeakerHashesFromOlderSettings) {
  ArgonHasher weak(Quick());
  ArgonOptions stronger = Quick();
  stronger.passes = 2;
  ArgonHasher strong(stronger);
  const std::string hash = weak.Hash("correct horse").value();
  EXPECT_FALSE(weak.Outdated(hash));
  EXPECT_TRUE(strong.Outdated(hash));
}

TEST(PasswordHashTest, TheDefaultIsTheAdvisedMinimum) {
  EXPECT_EQ(ArgonOptions().memory_bytes, 19u * 1024 * 1024);
  EXPECT_EQ(ArgonOptions().passes, 2u);
}

TEST(PasswordHashTest, WithoutAPlaceToWaitCallersAreSentAway) {
  ArgonOptions options = Quick();
  options.concurrency = 0;
  options.waiting_max = 0;
  ArgonHasher hasher(options);
  EXPECT_EQ(hasher.Hash("correct horse").status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(hasher.Verify("correct horse", "$argon2id$").status().code(), StatusCode::kUnavailable);
}

Status Check(const std::string& password, int length_min = 8) {
  return CheckPassword(password, "Martina", "tina@example.org", {length_min});
}

TEST(PasswordPolicyTest, LengthCountsCharacters) {
  EXPECT_TRUE(Check("xk4!ouea").ok());
  EXPECT_FALSE(Check("xk4!oue").ok());
  EXPECT_TRUE(Check("\u00e4\u00f6\u00fc\u00e9\u00e8\u00ea\u00ef\u00df").ok());
  EXPECT_FALSE(Check("\u00e4\u00f6\u00fc\u00e9").ok());
  EXPECT_FALSE(Check("xk4!oueanqw", 12).ok());
  EXPECT_TRUE(Check(std::string("xk") + std::string(kPasswordBytesMax - 2, 'q')).ok());
  EXPECT_FALSE(Check(std::string("xk") + std::string(kPasswordBytesMax - 1, 'q')).ok());
}

TEST(PasswordPolicyTest, CommonAndPersonalOnesAreRefused) {
  for (const char* bad :
       {"password1", "PassWord1", "12345678", "87654321", "aaaaaaaa", "abcdefghij", "changeme123",
        "qwertyuiop", "iloveyou", "trustno1", "tina@EXAMPLE.org", "hgfedcba"}) {
    EXPECT_FALSE(Check(bad).ok()) << bad;
  }
  EXPECT_FALSE(CheckPassword("martina7", "Martina7", "", {8}).ok());
  EXPECT_FALSE(CheckPassword("longlocal", "x", "longlocal@example.org", {8}).ok());
  EXPECT_TRUE(Check("martinas-orchard").ok());
}

TEST(PasswordPolicyTest, MustBeText) {
  EXPECT_FALSE(Check("abc\xff\xfe-xyz-123").ok());
  EXPECT_FALSE(Check(std::string("abcd\0wxyz!!", 11)).ok());
}

}  // namespace
}  // namespace wt::auth
