#include "apps/transcriber_media/timeline.h"

#include <algorithm>
#include <cmath>

namespace wt::apps::transcriber_media {

double Timeline::Offset(double start_s) {
  if (!base_s_) {
    base_s_ = start_s - position_s_;
    if (!rules_.has_clock) return 0.0;
    const double lead = start_s - rules_.origin_s - position_s_;
    if (lead > kLeadMaxS || lead < -kOverlapMaxS) return 0.0;
    base_s_ = rules_.origin_s;
    return lead;
  }
  const double offset = start_s - *base_s_ - position_s_;
  if (std::fabs(offset) <= kToleranceS) return 0.0;
  if (offset > 0.0 && offset <= kGapMaxS && rules_.fill_gaps) return offset;
  if (offset < 0.0 && offset >= -kOverlapMaxS && rules_.drop_overlaps) return offset;
  base_s_ = start_s - position_s_;
  return 0.0;
}

Timeline::Placement Timeline::Place(std::optional<double> start_s, std::int64_t samples, int rate) {
  Placement placement;
  if (start_s && std::isfinite(*start_s)) {
    const double offset = Offset(*start_s);
    const std::int64_t shift = std::llround(offset * rate);
    placement.silence = std::max<std::int64_t>(shift, 0);
    placement.drop = std::min(std::max<std::int64_t>(-shift, 0), samples);
  }
  const std::int64_t given_out = placement.silence + samples - placement.drop;
  position_s_ += static_cast<double>(given_out) / rate;
  return placement;
}

}  // namespace wt::apps::transcriber_media
