// The tensors of a safetensors file of float32 weights, read strictly: names, types and shapes must
// be exactly the network's and values finite.
//
// Format: u64 header length, JSON header {name: {dtype, shape, data_offsets}}, data. The bytes are
// untrusted and must outlive the file; every size is checked before memory is taken.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::diarize {

/// The larger of the two published files has 27.8 MB and a header of 95 kB.
inline constexpr std::size_t kWeightsBytesMax = std::size_t{128} << 20;
inline constexpr std::size_t kWeightsHeaderBytesMax = std::size_t{1} << 20;

class WeightsFile {
 public:
  /// `what` names the network in errors. kDataCorrupt when the header is damaged or describes
  /// another number of tensors than `tensors`.
  static Result<WeightsFile> Open(std::span<const std::byte> bytes, std::string_view what,
                                  std::size_t tensors);
  WeightsFile(WeightsFile&&) noexcept;
  WeightsFile& operator=(WeightsFile&&) noexcept;
  ~WeightsFile();

  /// The values of the tensor of this name, which must have this shape. kDataCorrupt naming tensor
  /// and reason.
  Result<std::vector<float>> Read(std::string_view name,
                                  std::initializer_list<std::int64_t> shape) const;

 private:
  struct Header;
  WeightsFile();
  Status Corrupt(std::string_view tensor, std::string_view reason) const;

  std::unique_ptr<Header> header_;
  std::string what_;
  std::span<const std::byte> data_;
};

}  // namespace wt::diarize
