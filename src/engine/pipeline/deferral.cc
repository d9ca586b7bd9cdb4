#include "engine/pipeline/deferral.h"

#include <algorithm>

namespace wt::pipeline {

void Deferral::Served(PriorityClass priority, TimePoint now) {
  if (now < until_ && priority > served_) return;
  served_ = priority;
  until_ = now + kHandover;
}

bool Deferral::MayBegin(PriorityClass priority, std::optional<PriorityClass> decoding,
                        TimePoint now) {
  PriorityClass urgent = decoding.value_or(PriorityClass::kBatch);
  if (now < until_) urgent = std::min(urgent, served_);
  if (priority > urgent && refused_ < kTurnsMax) {
    ++refused_;
    return false;
  }
  refused_ = 0;
  return true;
}

}  // namespace wt::pipeline
