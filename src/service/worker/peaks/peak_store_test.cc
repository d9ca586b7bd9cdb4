#include "service/worker/peaks/peak_store.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "service/worker/testing/fake_blob_store.h"

namespace wt::worker {
namespace {

class PeakStoreTest : public ::testing::Test {
 protected:
  PeakStoreTest() {
    media_.id = "media";
    media_.owner = "owner";
    media_.blob_key = "media/owner/media";
    media_.duration_s = 10;
    blobs_.Put(media_.blob_key, "audio");
  }
  // `count` buckets, the n-th from -n% to n%.
  PeakStore Make(std::size_t count) {
    return PeakStore(&blobs_, {},
                     [this, count](platform::FileDescriptor input, const std::string&,
                                   const media::MediaOptions&, std::int64_t bucket,
                                   std::int64_t peaks_max) -> Result<std::vector<media::Peak>> {
                       EXPECT_TRUE(input.valid());
                       buckets_.push_back(bucket);
                       if (bucket < bucket_needed_) {
                         return Status(StatusCode::kResourceExhausted, "too many");
                       }
                       EXPECT_EQ(peaks_max, kPeaksMax);
                       std::vector<media::Peak> peaks;
                       for (std::size_t i = 0; i < count; ++i) {
                         const float share = static_cast<float>(i) / 100.0F;
                         peaks.push_back({-share, share});
                       }
                       return peaks;
                     });
  }

  testing::FakeBlobStore blobs_;
  jobs::Media media_;
  std::vector<std::int64_t> buckets_;
  std::int64_t bucket_needed_ = 0;
};

TEST_F(PeakStoreTest, IsComputedOnceAndServedInAnyResolution) {
  PeakStore store = Make(100);
  const Result<Waveform> fine = store.Load(media_, 1000);
  ASSERT_TRUE(fine.ok());
  EXPECT_EQ(fine->size(), 100U);
  EXPECT_EQ(fine->bucket_samples, 160);
  EXPECT_EQ(fine->values[199], 126);
  const Result<Waveform> coarse = store.Load(media_, 30);
  ASSERT_TRUE(coarse.ok());
  EXPECT_EQ(coarse->size(), 25U);
  EXPECT_EQ(coarse->bucket_samples, 640);
  EXPECT_EQ(coarse->values[0], -4);
  EXPECT_EQ(coarse->values[1], 4);
  EXPECT_EQ(store.Load(media_, 1)->size(), 1U);
  EXPECT_EQ(buckets_.size(), 1U) << "computed once";
  EXPECT_EQ(blobs_.Keys("peaks/").size(), 1U);
}

TEST_F(PeakStoreTest, DamagedCacheIsComputedAgain) {
  PeakStore store = Make(10);
  blobs_.Put(PeakStore::KeyOf(media_), "WTPKnonsense");
  EXPECT_EQ(store.Load(media_, 100)->size(), 10U);
  EXPECT_EQ(store.Load(media_, 100)->size(), 10U);
  EXPECT_EQ(buckets_.size(), 1U);
}

TEST_F(PeakStoreTest, LongRecordingsHaveCoarserBuckets) {
  media_.duration_s = 24 * 3600.0;
  bucket_needed_ = 10'000;
  ASSERT_TRUE(Make(10).Load(media_, 100).ok());
  // 24 h x 16,000 x 1.05 / 360,000 = 4,032; then 16 times that.
  EXPECT_EQ(buckets_, (std::vector<std::int64_t>{4'032, 64'512}));
}

TEST_F(PeakStoreTest, RecordingThatIsGoneIsAnError) {
  ASSERT_TRUE(blobs_.Delete(media_.blob_key).ok());
  EXPECT_EQ(Make(1).Load(media_, 10).status().code(), StatusCode::kNotFound);
}

TEST(WaveformTest, JsonIsThatOfPlayers) {
  Waveform waveform;
  waveform.bucket_samples = 160;
  waveform.values = {-128, 127, 0, 5};
  const nlohmann::json json = nlohmann::json::parse(WaveformJson(waveform));
  EXPECT_EQ(json["length"], 2);
  EXPECT_EQ(json["samples_per_pixel"], 160);
  EXPECT_EQ(json["data"], (std::vector<int>{-128, 127, 0, 5}));
}

TEST(WaveformTest, EveryCutOffBlobIsRefused) {
  Waveform waveform;
  waveform.bucket_samples = 160;
  waveform.values = {-128, 127, 0, 5};
  const std::string bytes = EncodeWaveform(waveform);
  EXPECT_EQ(DecodeWaveform(bytes)->values, waveform.values);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeWaveform(bytes.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeWaveform(bytes + "x").ok());
}

}  // namespace
}  // namespace wt::worker
