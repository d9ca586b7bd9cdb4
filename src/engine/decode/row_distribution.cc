#include "engine/decode/row_distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wt::decode {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Elements compared with the threshold at once: 16 vectors of 4, a branch per 64.
constexpr std::size_t kScanBlock = 64;
/// Elements per partial sum of a draw: 51 sums, then at most 1,024 exponentials one by one.
constexpr std::size_t kDrawBlock = 1024;

/// Makes a damaged row one that the arithmetic below is defined for.
void Repair(std::span<float> logits) {
  for (float& logit : logits) {
    if (std::isnan(logit)) logit = -kInfinity;
    if (logit == kInfinity) logit = std::numeric_limits<float>::max();
  }
}

/// False when the row needs Repair() or allows nothing.
bool TryNormalize(const kernels::KernelSet& kernels, TokenId timestamp_begin, bool timestamp_rule,
                  RowDistribution* row) {
  const auto text = row->logits.first(static_cast<std::size_t>(timestamp_begin));
  const auto times = row->logits.subspan(static_cast<std::size_t>(timestamp_begin));
  const float text_max = text.empty() ? -kInfinity : kernels.max(text.data(), text.size());
  const float times_max = times.empty() ? -kInfinity : kernels.max(times.data(), times.size());
  row->max = std::max(text_max, times_max);
  if (!std::isfinite(row->max)) return false;
  const float times_sum =
      times.empty() ? 0.0f : kernels.sum_exp(times.data(), times.size(), row->max);
  // Both sides divided by exp(max): all timestamps together against the best text token.
  if (timestamp_rule && times_sum > std::exp(text_max - row->max)) {
    // The normaliser is that of the timestamps alone; times_max is then near row->max or equal.
    row->begin = timestamp_begin;
    row->max = times_max;
    row->log_sum = std::log(kernels.sum_exp(times.data(), times.size(), times_max));
  } else {
    const float text_sum =
        text.empty() ? 0.0f : kernels.sum_exp(text.data(), text.size(), row->max);
    row->begin = 0;
    row->log_sum = std::log(text_sum + times_sum);
  }
  return std::isfinite(row->log_sum);
}

}  // namespace

RowDistribution NormalizeRow(const kernels::KernelSet& kernels, std::span<float> logits,
                             TokenId timestamp_begin, bool timestamp_rule) {
  RowDistribution row{.logits = logits};
  row.usable = TryNormalize(kernels, timestamp_begin, timestamp_rule, &row);
  if (!row.usable) {
    Repair(logits);
    row.usable = TryNormalize(kernels, timestamp_begin, timestamp_rule, &row);
  }
  return row;
}

void FindBest(const RowDistribution& row, int count, std::vector<ScoredToken>* best) {
  best->clear();
  if (!row.usable || count <= 0) return;
  const auto wanted = static_cast<std::size_t>(count);
  const float* logits = row.logits.data();
  const std::size_t size = row.logits.size();
  float threshold = -kInfinity;
  const auto consider = [&](std::size_t i) {
    if (!(logits[i] > threshold)) return;
    if (best->size() == wanted) best->pop_back();
    const auto place =
        std::upper_bound(best->begin(), best->end(), logits[i],
                         [](float value, const ScoredToken& other) { return value > other.logit; });
    best->insert(place, {.token = static_cast<TokenId>(i), .logit = logits[i]});
    if (best->size() == wanted) threshold = best->back().logit;
  };
  auto i = static_cast<std::size_t>(row.begin);
  for (; i + kScanBlock <= size; i += kScanBlock) {
    int above = 0;
    for (std::size_t j = 0; j < kScanBlock; ++j) above |= logits[i + j] > threshold ? 1 : 0;
    if (above == 0) continue;
    for (std::size_t j = 0; j < kScanBlock; ++j) consider(i + j);
  }
  for (; i < size; ++i) consider(i);
}

RowSampler::RowSampler(const kernels::KernelSet& kernels, const RowDistribution& row,
                       double temperature)
    : row_(row), temperature_(temperature) {
  const auto scaled = row.logits.subspan(static_cast<std::size_t>(row.begin));
  // Neither 0 nor infinity, which times infinity or 0 would not be a number.
  const auto factor =
      static_cast<float>(std::clamp(1.0 / temperature, double{std::numeric_limits<float>::min()},
                                    double{std::numeric_limits<float>::max()}));
  for (float& logit : scaled) logit = (logit - row.max) * factor;
  block_sums_.reserve(scaled.size() / kDrawBlock + 1);
  for (std::size_t i = 0; i < scaled.size(); i += kDrawBlock) {
    const std::size_t size = std::min(kDrawBlock, scaled.size() - i);
    block_sums_.push_back(kernels.sum_exp(scaled.data() + i, size, 0.0f));
    total_ += block_sums_.back();
  }
}

RowSampler::Draw RowSampler::At(double uniform) const {
  double rest = uniform * total_;
  // The last block and token with any weight end the search: rounding cannot lead past them.
  std::size_t block = 0;
  double rest_in_block = 0;
  for (std::size_t b = 0; b < block_sums_.size(); ++b) {
    if (!(block_sums_[b] > 0)) continue;
    block = b;
    rest_in_block = rest;
    if (rest < block_sums_[b]) break;
    rest -= block_sums_[b];
  }
  const std::size_t begin = static_cast<std::size_t>(row_.begin) + block * kDrawBlock;
  const std::size_t end = std::min(begin + kDrawBlock, row_.logits.size());
  // The kernels may round an exponential up from nothing: then the block's largest is drawn.
  const auto scaled = row_.logits;
  auto chosen = static_cast<std::size_t>(
      std::max_element(scaled.data() + begin, scaled.data() + end) - scaled.data());
  for (std::size_t i = begin; i < end; ++i) {
    const double weight = std::exp(double{scaled[i]});
    if (!(weight > 0)) continue;
    chosen = i;
    if (rest_in_block < weight) break;
    rest_in_block -= weight;
  }
  const double logit = double{scaled[chosen]} * temperature_;
  return {.token = static_cast<TokenId>(chosen),
          .logprob = static_cast<float>(logit - double{row_.log_sum})};
}

}  // namespace wt::decode
