// The tensors of a safetensors file of float32 weights, read strictly: names, types and shapes must
// be exactly the network's and values finite.
//
// Of the networks beside Whisper, which are small. Format: u64 header length, JSON header {name:
// {dtype, shape, data_offsets}}, data. The bytes are untrusted and must outlive the file; every
// size is checked before memory is taken. Thread-compatible.
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

namespace wt::network {

/// What a network's file may be.
struct WeightsRules {
  /// Names the network in errors.
  std::string_view what;
  std::size_t bytes_max = 0;
  std::size_t header_bytes_max = 0;
  /// Exactly so many tensors; 0: others than those that are read do not matter.
  std::size_t tensors = 0;
};

class WeightsFile {
 public:
  /// kDataCorrupt when the header is damaged or the rules are not kept.
  static Result<WeightsFile> Open(std::span<const std::byte> bytes, const WeightsRules& rules);
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

}  // namespace wt::network
