// Synthetic networks for tests: the smallest that the engine accepts, with random numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/model/weight_map.h"
#include "engine/model/writers/model_writer.h"

namespace wt::model::testing {

/// One head, one layer on each side, and the vocabulary of that size; 7 MB in f16.
Dims SmallDims(int n_vocab = 51864);

/// All tensors in f16 with no numbers of their own: views of one run of zeros that is never
/// touched, so that even the largest network takes no memory.
WeightMap::Parts ZeroParts(const Dims& dims);

/// Random numbers, exact in f16, the same for the same dimensions; with a vocabulary.
std::shared_ptr<const WeightMap> RandomModel(const Dims& dims = SmallDims());

/// Tokens that can be told apart: all single bytes first, then numbers in decimal, as merges of
/// earlier ones.
std::vector<std::string> FakeVocabulary(const Dims& dims);

/// Facts with as many language codes as any vocabulary has, pointing to static storage.
TokenizerFacts FakeFacts();

/// Every tensor as float32, in the order of ExpectedTensors(), one after the other.
std::vector<float> AllFloats(const WeightMap& weights);

/// VmHWM of this process: the most memory it has had at once, in bytes.
std::int64_t PeakMemoryBytes();

}  // namespace wt::model::testing
