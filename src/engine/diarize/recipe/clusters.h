// How many voices there are, and what each sounds like: spectral clustering of voice vectors
// (reference/speaker/README.md, section 3, steps 4, 5 and 8; the affinity follows Park et al.,
// "Auto-Tuning Spectral Clustering for Speaker Diarization", arXiv 2003.02405).
//
// Deterministic: the random starts of k-means come from a fixed seed. Pure functions: thread-safe.
#pragma once

#include <span>
#include <vector>

#include "base/cancel.h"
#include "engine/diarize/networks/voice.h"
#include "engine/kernels/kernels.h"
#include "whisper_transcriber/options.h"
#include "whisper_transcriber/status.h"

namespace wt::diarize {

/// Beyond it a sample is clustered and the rest assigned. The matrices of 1,500 vectors take 9 MB,
/// the search for eigenvalues 4 MB.
inline constexpr int kClusteredMax = 1'500;
/// Voices that are found by themselves.
inline constexpr int kVoicesFoundMax = 8;

struct Voices {
  /// Of length 1; none without vectors.
  std::vector<VoiceVector> centroids;
  /// Another number than the evidence speaks for was asked for.
  bool forced = false;
};

/// `vectors` have length 1 and stand for `seconds_each` of speech each. kCancelled.
Result<Voices> FindVoices(std::span<const VoiceVector> vectors, double seconds_each,
                          const DiarizationOptions& options, const kernels::KernelSet& kernels,
                          const base::CancelFlag* cancel);

double Cosine(const VoiceVector& a, const VoiceVector& b);
/// Scaled to length 1; a vector of zeros stays.
VoiceVector Normalised(const VoiceVector& vector);

}  // namespace wt::diarize
