// What the files of both networks may be. The larger of the published ones has 27.8 MB and a header
// of 95 kB.
#pragma once

#include "engine/network/weights_file.h"

namespace wt::diarize {

inline constexpr std::size_t kWeightsBytesMax = std::size_t{128} << 20;
inline constexpr std::size_t kWeightsHeaderBytesMax = std::size_t{1} << 20;

inline network::WeightsRules RulesOf(std::string_view what, std::size_t tensors) {
  return {.what = what,
          .bytes_max = kWeightsBytesMax,
          .header_bytes_max = kWeightsHeaderBytesMax,
          .tensors = tensors};
}

}  // namespace wt::diarize
