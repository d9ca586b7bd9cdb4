// Runs the input as data.pkl of a checkpoint. Without the zip archive around it the fuzzer gets far
// deeper into the pickle than model_pt does.
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/model/readers/pickle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(wt::model::ReadPickle(std::as_bytes(std::span(data, size))));
  return 0;
}
