#include "service/worker/peaks/peak_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "service/transcripts/transcript_store.h"

namespace wt::worker {
namespace {

constexpr std::string_view kMagic = "WTPK";
constexpr std::size_t kHeaderBytes = 12;
// 16,000 samples a second in 100 buckets.
constexpr std::int64_t kFinestBucket = 160;
// A stated duration may be wrong; each try is this much coarser.
constexpr std::int64_t kCoarserStep = 16;
constexpr std::int64_t kBucketMax = 57'600'000;

std::int8_t ToByte(float sample) {
  const float scaled = std::round(std::clamp(sample, -1.0F, 1.0F) * 127.0F);
  return static_cast<std::int8_t>(scaled);
}

std::int64_t BucketFor(const jobs::Media& media) {
  const double samples = media.duration_s.value_or(0) * 16'000.0;
  if (!(samples > 0) || samples > 1e12) return kFinestBucket;
  // A twentieth more than stated fits.
  const double bucket = std::ceil(samples * 1.05 / static_cast<double>(kPeaksMax));
  return std::clamp(static_cast<std::int64_t>(bucket), kFinestBucket, kBucketMax);
}

void PutU32(std::uint32_t value, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) {
    out->push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

std::uint32_t GetU32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

}  // namespace

Waveform Coarser(const Waveform& finest, std::size_t points_max) {
  points_max = std::max<std::size_t>(points_max, 1);
  const std::size_t joined = (finest.size() + points_max - 1) / points_max;
  if (joined <= 1) return finest;
  Waveform result;
  result.bucket_samples = finest.bucket_samples * static_cast<std::int64_t>(joined);
  for (std::size_t begin = 0; begin < finest.size(); begin += joined) {
    const std::size_t end = std::min(finest.size(), begin + joined);
    std::int8_t smallest = finest.values[2 * begin];
    std::int8_t largest = finest.values[2 * begin + 1];
    for (std::size_t i = begin; i < end; ++i) {
      smallest = std::min(smallest, finest.values[2 * i]);
      largest = std::max(largest, finest.values[2 * i + 1]);
    }
    result.values.push_back(smallest);
    result.values.push_back(largest);
  }
  return result;
}

std::string WaveformJson(const Waveform& waveform) {
  std::string json = R"({"version":2,"channels":1,"sample_rate":16000,"samples_per_pixel":)" +
                     std::to_string(waveform.bucket_samples) + R"(,"bits":8,"length":)" +
                     std::to_string(waveform.size()) + R"(,"data":[)";
  json.reserve(json.size() + waveform.values.size() * 4);
  for (std::size_t i = 0; i < waveform.values.size(); ++i) {
    if (i > 0) json.push_back(',');
    json += std::to_string(static_cast<int>(waveform.values[i]));
  }
  return json + "]}";
}

std::string EncodeWaveform(const Waveform& waveform) {
  std::string bytes(kMagic);
  PutU32(static_cast<std::uint32_t>(waveform.bucket_samples), &bytes);
  PutU32(static_cast<std::uint32_t>(waveform.size()), &bytes);
  for (const std::int8_t value : waveform.values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

Result<Waveform> DecodeWaveform(std::string_view bytes) {
  const Status damaged(StatusCode::kDataCorrupt, "the stored waveform is damaged");
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return damaged;
  Waveform waveform;
  waveform.bucket_samples = GetU32(bytes.substr(4));
  const std::size_t count = GetU32(bytes.substr(8));
  const bool plausible = waveform.bucket_samples >= 1 && waveform.bucket_samples <= kBucketMax &&
                         count <= static_cast<std::size_t>(kPeaksMax);
  if (!plausible || bytes.size() != kHeaderBytes + 2 * count) return damaged;
  waveform.values.resize(2 * count);
  std::memcpy(waveform.values.data(), bytes.data() + kHeaderBytes, 2 * count);
  return waveform;
}

PeakStore::PeakStore(blob::BlobStore* blobs, media::MediaOptions options, Reader reader)
    : blobs_(blobs),
      options_(std::move(options)),
      reader_(reader ? std::move(reader) : Reader(media::ReadPeaksDescriptor)) {}

std::string PeakStore::KeyOf(const jobs::Media& media) {
  return "peaks/" + transcripts::KeyPart(media.owner) + "/" + transcripts::KeyPart(media.id) +
         ".v1";
}

Result<Waveform> PeakStore::Load(const jobs::Media& media, std::size_t points_max) {
  const std::string key = KeyOf(media);
  const Result<std::string> stored =
      transcripts::ReadBlob(blobs_, key, kHeaderBytes + 2 * static_cast<std::size_t>(kPeaksMax));
  if (stored.ok()) {
    const Result<Waveform> waveform = DecodeWaveform(*stored);
    if (waveform.ok()) return Coarser(*waveform, points_max);
  }
  const StatusCode code = stored.status().code();
  if (!stored.ok() && code != StatusCode::kNotFound && code != StatusCode::kDataCorrupt &&
      code != StatusCode::kResourceExhausted) {
    return stored.status();
  }
  WT_ASSIGN(const Waveform waveform, Compute(media));
  // A cache: what cannot be kept is computed again the next time. Another request may have been
  // first, with the same bytes.
  if (stored.ok() || code != StatusCode::kNotFound) (void)blobs_->Delete(key);
  (void)transcripts::WriteBlob(blobs_, key, EncodeWaveform(waveform));
  return Coarser(waveform, points_max);
}

Result<Waveform> PeakStore::Compute(const jobs::Media& media) {
  WT_ASSIGN(const std::unique_ptr<blob::BlobReader> reader, blobs_->Open(media.blob_key));
  const std::string name =
      media.filename.empty() ? "the recording" : base::ReplaceInvalidUtf8(media.filename);
  for (std::int64_t bucket = BucketFor(media);; bucket *= kCoarserStep) {
    WT_ASSIGN(platform::FileDescriptor descriptor, reader->OpenDescriptor());
    const Result<std::vector<media::Peak>> peaks =
        reader_(std::move(descriptor), name, options_, bucket, kPeaksMax);
    const bool too_many = peaks.status().code() == StatusCode::kResourceExhausted;
    if (!peaks.ok() && too_many && bucket * kCoarserStep <= kBucketMax) continue;
    WT_TRY(peaks);
    Waveform waveform;
    waveform.bucket_samples = bucket;
    for (const media::Peak& peak : *peaks) {
      waveform.values.push_back(ToByte(peak.smallest));
      waveform.values.push_back(ToByte(peak.largest));
    }
    return waveform;
  }
}

}  // namespace wt::worker
