#include "engine/diarize/recipe/clusters.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <utility>

#include "base/random.h"
#include "base/status_macros.h"
#include "engine/diarize/recipe/eigen.h"
#include "engine/network/linear.h"

namespace wt::diarize {
namespace {

// Of each row of the affinity this share is kept, the largest.
constexpr double kKeptShare = 0.45;
constexpr int kStarts = 10;
constexpr int kRoundsMax = 100;
constexpr int kReassignments = 2;
// A voice that is heard for less is taken for a mistake.
constexpr double kVoiceSecondsMin = 1.5;

using Point = std::array<double, kSpeakersMax>;

std::size_t Index(int row, int n, int column) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(n) +
         static_cast<std::size_t>(column);
}

/// D^-1/2 A D^-1/2 of the pruned affinity A, n rows of n. Its largest eigenvalues are 1 minus the
/// Laplacian's smallest.
std::vector<float> NormalisedAffinity(std::span<const VoiceVector> vectors,
                                      const kernels::KernelSet& kernels) {
  const auto n = static_cast<int>(vectors.size());
  std::vector<float> all(Index(n, n, 0));
  const std::span<const float> values(vectors[0].data(), vectors.size() * kVoiceValues);
  network::Linear(kernels, n, kVoiceValues, values)
      .Apply(kernels, values.data(), kVoiceValues, n, all.data(), n);
  // The vector itself is one of them, so one more is kept however few there are.
  const int kept = std::min(n, std::max(2, static_cast<int>(kKeptShare * n)));
  std::vector<float> row(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    float* values_i = all.data() + Index(i, n, 0);
    std::copy_n(values_i, n, row.begin());
    std::nth_element(row.begin(), row.begin() + kept - 1, row.end(), std::greater<>());
    const float least = std::max(0.0f, row[static_cast<std::size_t>(kept - 1)]);
    for (int j = 0; j < n; ++j) values_i[j] = values_i[j] >= least ? values_i[j] : 0.0f;
  }
  std::vector<double> degrees(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    all[Index(i, n, i)] = 0;
    for (int j = 0; j < i; ++j) {
      const float mean = 0.5f * (all[Index(i, n, j)] + all[Index(j, n, i)]);
      all[Index(i, n, j)] = all[Index(j, n, i)] = mean;
      degrees[static_cast<std::size_t>(i)] += static_cast<double>(mean);
      degrees[static_cast<std::size_t>(j)] += static_cast<double>(mean);
    }
  }
  // A vector that is like no other stands alone: its row stays zero.
  for (double& degree : degrees) degree = degree > 1e-12 ? 1 / std::sqrt(degree) : 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const double factor =
          degrees[static_cast<std::size_t>(i)] * degrees[static_cast<std::size_t>(j)];
      all[Index(i, n, j)] = static_cast<float>(static_cast<double>(all[Index(i, n, j)]) * factor);
    }
  }
  return all;
}

/// The place of the largest gap among the first eigenvalues 1 - value of the Laplacian. Those above
/// 1 belong to vectors that are unlike each other and make no gap: with few vectors there are many.
int CountVoices(const std::vector<double>& values) {
  int best = 1;
  double largest = -1;
  const int last = std::min<int>(kVoicesFoundMax, static_cast<int>(values.size()) - 1);
  for (int k = 1; k <= last; ++k) {
    const double gap = std::max(0.0, values[static_cast<std::size_t>(k - 1)]) -
                       std::max(0.0, values[static_cast<std::size_t>(k)]);
    if (gap > largest) {
      largest = gap;
      best = k;
    }
  }
  return best;
}

double Distance(const Point& a, const Point& b, int k) {
  double sum = 0;
  for (int i = 0; i < k; ++i) {
    const double off = a[static_cast<std::size_t>(i)] - b[static_cast<std::size_t>(i)];
    sum += off * off;
  }
  return sum;
}

class KMeans {
 public:
  KMeans(std::span<const Point> points, int k) : points_(points), k_(k), random_(7) {}

  /// The cluster of each point: the best of several starts.
  std::vector<int> Run() {
    std::vector<int> best;
    double least = std::numeric_limits<double>::infinity();
    for (int start = 0; start < kStarts; ++start) {
      Begin();
      const double cost = Settle();
      if (cost >= least) continue;
      least = cost;
      best = labels_;
    }
    return best;
  }

 private:
  /// k-means++ (Arthur and Vassilvitskii 2007): far points are more likely to be centres.
  void Begin() {
    centres_ = {points_[random_.Below(points_.size())]};
    std::vector<double> nearest(points_.size(), std::numeric_limits<double>::infinity());
    while (static_cast<int>(centres_.size()) < k_) {
      double sum = 0;
      for (std::size_t i = 0; i < points_.size(); ++i) {
        nearest[i] = std::min(nearest[i], Distance(points_[i], centres_.back(), k_));
        sum += nearest[i];
      }
      double left = random_.Uniform() * sum;
      std::size_t chosen = 0;
      while (chosen + 1 < points_.size() && (left -= nearest[chosen]) > 0) ++chosen;
      centres_.push_back(points_[chosen]);
    }
    labels_.assign(points_.size(), -1);
  }

  double Settle() {
    double cost = 0;
    for (int round = 0; round < kRoundsMax; ++round) {
      bool changed = false;
      cost = 0;
      for (std::size_t i = 0; i < points_.size(); ++i) {
        int label = 0;
        double least = std::numeric_limits<double>::infinity();
        for (int c = 0; c < k_; ++c) {
          const double d = Distance(points_[i], centres_[static_cast<std::size_t>(c)], k_);
          if (d < least) {
            least = d;
            label = c;
          }
        }
        cost += least;
        changed = changed || labels_[i] != label;
        labels_[i] = label;
      }
      if (!changed) break;
      MoveCentres();
    }
    return cost;
  }

  void MoveCentres() {
    std::vector<Point> sums(centres_.size(), Point{});
    std::vector<int> counts(centres_.size());
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const auto c = static_cast<std::size_t>(labels_[i]);
      ++counts[c];
      for (std::size_t d = 0; d < static_cast<std::size_t>(k_); ++d) sums[c][d] += points_[i][d];
    }
    for (std::size_t c = 0; c < centres_.size(); ++c) {
      if (counts[c] == 0) continue;
      for (std::size_t d = 0; d < static_cast<std::size_t>(k_); ++d) {
        centres_[c][d] = sums[c][d] / counts[c];
      }
    }
  }

  std::span<const Point> points_;
  const int k_;
  base::Random random_;
  std::vector<Point> centres_;
  std::vector<int> labels_;
};

/// Rows of the first k eigenvectors, each of length 1.
std::vector<Point> SpectralPoints(const EigenPairs& pairs, int n, int k) {
  std::vector<Point> points(static_cast<std::size_t>(n), Point{});
  for (int i = 0; i < n; ++i) {
    Point& point = points[static_cast<std::size_t>(i)];
    double squares = 0;
    for (int c = 0; c < k; ++c) {
      const double value = pairs.vectors[Index(c, n, i)];
      point[static_cast<std::size_t>(c)] = value;
      squares += value * value;
    }
    const double factor = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (double& value : point) value *= factor;
  }
  return points;
}

/// Normalised means of the vectors of each label; labels without a vector are left out.
std::vector<VoiceVector> Centroids(std::span<const VoiceVector> vectors,
                                   std::span<const int> labels, int count, int least) {
  std::vector<std::array<double, kVoiceValues>> sums(static_cast<std::size_t>(count));
  std::vector<int> counts(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    ++counts[label];
    for (std::size_t d = 0; d < kVoiceValues; ++d) {
      sums[label][d] += static_cast<double>(vectors[i][d]);
    }
  }
  std::vector<VoiceVector> centroids;
  for (std::size_t label = 0; label < sums.size(); ++label) {
    if (counts[label] < std::max(1, least)) continue;
    VoiceVector mean;
    for (std::size_t d = 0; d < kVoiceValues; ++d) {
      mean[d] = static_cast<float>(sums[label][d] / counts[label]);
    }
    centroids.push_back(Normalised(mean));
  }
  return centroids;
}

int Nearest(const VoiceVector& vector, std::span<const VoiceVector> centroids) {
  int best = 0;
  double most = -2;
  for (std::size_t c = 0; c < centroids.size(); ++c) {
    const double cosine = Cosine(vector, centroids[c]);
    if (cosine > most) {
      most = cosine;
      best = static_cast<int>(c);
    }
  }
  return best;
}

/// How many clusters, by the evidence and what was asked for.
int ChooseCount(int found, int vectors, const DiarizationOptions& options) {
  int count = found;
  if (options.max_speakers > 0) count = std::min(count, options.max_speakers);
  if (options.min_speakers > 0) count = std::max(count, options.min_speakers);
  if (options.num_speakers > 0) count = options.num_speakers;
  return std::clamp(count, 1, vectors);
}

/// Evenly spread over the recording.
std::vector<VoiceVector> Sample(std::span<const VoiceVector> vectors) {
  std::vector<VoiceVector> sample;
  for (std::size_t i = 0; i < kClusteredMax; ++i) {
    sample.push_back(vectors[i * vectors.size() / kClusteredMax]);
  }
  return sample;
}

}  // namespace

double Cosine(const VoiceVector& a, const VoiceVector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kVoiceValues; ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

VoiceVector Normalised(const VoiceVector& vector) {
  const double squares = Cosine(vector, vector);
  const double factor = squares > 0 ? 1 / std::sqrt(squares) : 0;
  VoiceVector out;
  for (std::size_t i = 0; i < kVoiceValues; ++i) {
    out[i] = static_cast<float>(static_cast<double>(vector[i]) * factor);
  }
  return out;
}

Result<Voices> FindVoices(std::span<const VoiceVector> vectors, double seconds_each,
                          const DiarizationOptions& options, const kernels::KernelSet& kernels,
                          const base::CancelFlag* cancel) {
  Voices voices;
  if (vectors.empty()) return voices;
  std::vector<VoiceVector> sample;
  std::span<const VoiceVector> clustered = vectors;
  if (vectors.size() > kClusteredMax) {
    sample = Sample(vectors);
    clustered = sample;
  }
  const auto n = static_cast<int>(clustered.size());
  std::vector<int> labels(clustered.size(), 0);
  int found = 1;
  int count = ChooseCount(found, n, options);
  if (n > 1) {
    const std::vector<float> affinity = NormalisedAffinity(clustered, kernels);
    const int wanted = std::max(kVoicesFoundMax + 1, options.Largest());
    WT_ASSIGN(const EigenPairs pairs, LargestEigenPairs(affinity, n, wanted, cancel));
    found = CountVoices(pairs.values);
    count = ChooseCount(found, n, options);
    labels = KMeans(SpectralPoints(pairs, n, count), count).Run();
  }
  // Voices that were asked for are not dropped, however little they say.
  const bool keep_all = count > found || options.num_speakers > 0;
  const int least =
      keep_all ? 1 : static_cast<int>(std::ceil(kVoiceSecondsMin / seconds_each - 1e-9));
  voices.forced = count != found && options.num_speakers > 0;
  voices.centroids = Centroids(clustered, labels, count, least);
  // Nothing but short bits: one voice then.
  if (voices.centroids.empty()) {
    voices.centroids = Centroids(clustered, std::vector<int>(clustered.size(), 0), 1, 1);
  }
  std::vector<int> nearest(vectors.size());
  for (int round = 0; round < kReassignments; ++round) {
    if (base::Cancelled(cancel)) return Status(StatusCode::kCancelled, "cancelled");
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      nearest[i] = Nearest(vectors[i], voices.centroids);
    }
    auto moved = Centroids(vectors, nearest, static_cast<int>(voices.centroids.size()), 1);
    if (moved.size() < voices.centroids.size()) break;  // A voice would be lost.
    voices.centroids = std::move(moved);
  }
  return voices;
}

}  // namespace wt::diarize
