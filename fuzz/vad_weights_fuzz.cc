// The reader of the voice activity network's weights with hostile bytes.
//
// The first byte chooses: even, the rest is a whole file; odd, the rest is the header of a file
// with valid data, so that mutations reach the checks behind the JSON parser and a readable file is
// run.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "engine/vad/vad.h"
#include "engine/vad/vad_testing.h"

namespace {

void ReadAndRun(std::span<const std::byte> file) {
  const auto network = wt::vad::Network::Read(file);
  if (!network.ok()) {
    if (network.status().message().empty()) std::abort();
    return;
  }
  std::vector<float> probabilities;
  const auto detector = (*network)->NewDetector();
  detector->Feed(std::vector<float>(700, 0.1f), &probabilities);
  detector->Finish(&probabilities);
  if (probabilities.size() != 2) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2 == 0) {
    ReadAndRun(std::as_bytes(std::span(text)));
  } else {
    static const wt::vad::TestTensors tensors = wt::vad::MakeTestTensors(1);
    ReadAndRun(wt::vad::TestFile(text, tensors));
  }
  return 0;
}
