#include "service/uploads/quota.h"

#include <gtest/gtest.h>

#include <string>

namespace wt::uploads {
namespace {

TEST(QuotaLedgerTest, EveryOwnerHasAQuotaOfHisOwn) {
  QuotaLedger ledger([](const std::string& owner) {
    return owner == "ann" ? std::int64_t{1'000} : owner == "bob" ? std::int64_t{5'000} : 0;
  });
  QuotaLedger::Reservation ann(&ledger, "ann"), bob(&ledger, "bob"), free(&ledger, "free");
  EXPECT_FALSE(ann.Grow(1'001, 0));
  EXPECT_FALSE(ann.Grow(900, 101));
  EXPECT_TRUE(ann.Grow(900, 100));
  EXPECT_TRUE(bob.Grow(5'000, 0));
  EXPECT_TRUE(free.Grow(std::int64_t{1} << 60, 0));
  EXPECT_TRUE(ann.Fits(100));
  EXPECT_FALSE(ann.Fits(101));
  QuotaLedger::Reservation more(&ledger, "ann");
  EXPECT_FALSE(more.Grow(101, 0)) << "what is under way counts";
}

TEST(QuotaLedgerTest, AChangedQuotaHoldsForWhatBeginsAfterIt) {
  std::int64_t quota = 100;
  QuotaLedger ledger([&](const std::string&) { return quota; });
  QuotaLedger::Reservation before(&ledger, "ann");
  quota = 10;
  EXPECT_TRUE(before.Grow(50, 0));
  QuotaLedger::Reservation after(&ledger, "ann");
  EXPECT_FALSE(after.Grow(1, 0));
}

}  // namespace
}  // namespace wt::uploads
