// Waveforms of recordings: computed once by the sandboxed decoder, kept as a blob, served in
// several resolutions.
//
// The blob "peaks/OWNER/MEDIA.v1" is: "WTPK", then little-endian u32 samples in a bucket (at 16
// kHz) and u32 buckets, then for each bucket its smallest and largest sample as int8. Coarser
// resolutions are made from it by joining buckets. The finest has 100 buckets a second, fewer in
// recordings over an hour. A blob that is damaged is computed again. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "media/open_audio.h"
#include "media/probe_media.h"
#include "service/blob/blob_store.h"
#include "service/jobs/job.h"
#include "whisper_transcriber/status.h"

namespace wt::worker {

/// Buckets of the finest resolution at most: an hour at 100 a second; 720 kB.
inline constexpr std::int64_t kPeaksMax = 360'000;

struct Waveform {
  /// Samples at 16 kHz in a bucket.
  std::int64_t bucket_samples = 0;
  /// Smallest and largest of each bucket in turn, -128 .. 127.
  std::vector<std::int8_t> values;

  std::size_t size() const { return values.size() / 2; }
};

/// Joins neighbours until there are at most `points_max` (1 or more).
Waveform Coarser(const Waveform& finest, std::size_t points_max);

/// The layout that the waveform players of the web read (audiowaveform's JSON, version 2).
std::string WaveformJson(const Waveform& waveform);

/// The bytes of the blob and back; kDataCorrupt.
std::string EncodeWaveform(const Waveform& waveform);
Result<Waveform> DecodeWaveform(std::string_view bytes);

class PeakStore {
 public:
  /// How peaks are read: media::ReadPeaksDescriptor, or a fake.
  using Reader = std::function<Result<std::vector<media::Peak>>(
      platform::FileDescriptor input, const std::string& name, const media::MediaOptions& options,
      std::int64_t bucket_samples, std::int64_t peaks_max)>;

  /// `blobs` outlives this. An empty reader: the real one.
  PeakStore(blob::BlobStore* blobs, media::MediaOptions options, Reader reader = {});

  /// At most `points_max` buckets. Errors are those of media and of the blob store.
  Result<Waveform> Load(const jobs::Media& media, std::size_t points_max);

  /// The key under which a recording's waveform is kept: deleted with the recording.
  static std::string KeyOf(const jobs::Media& media);

 private:
  Result<Waveform> Compute(const jobs::Media& media);

  blob::BlobStore* const blobs_;
  const media::MediaOptions options_;
  const Reader reader_;
};

}  // namespace wt::worker
