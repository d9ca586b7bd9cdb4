// Random networks of the published sizes, the same numbers as the reference data's generator
// makes (reference/README.md, synth.json): no download is needed to run every size.
//
// For tests only. One thread per call; calls are independent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/model/weight_map.h"

namespace wt::golden {

/// Every tensor from its own stream, keyed by seed and name; float16. Takes about 8 ns a weight.
std::shared_ptr<const model::WeightMap> SyntheticModel(const model::Dims& dims, std::uint64_t seed);

/// SHA-256 over names and bytes in the order of ExpectedTensors(): `weights_sha256` of synth.json.
std::string Fingerprint(const model::WeightMap& weights);

}  // namespace wt::golden
