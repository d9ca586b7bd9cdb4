// Builds WAV files in memory for tests. Any field can lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace wt::media {

class WavBytes {
 public:
  WavBytes& Text(std::string_view text) {
    for (const char c : text) bytes_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  template <typename T>
  WavBytes& Number(T value) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
    return *this;
  }
  WavBytes& Riff(std::uint32_t size = 0) { return Text("RIFF").Number(size).Text("WAVE"); }
  WavBytes& Format(std::uint16_t tag, std::uint16_t channels, std::uint32_t rate,
                   std::uint16_t bits) {
    const auto align = static_cast<std::uint16_t>(channels * bits / 8);
    return Text("fmt ")
        .Number(std::uint32_t{16})
        .Number(tag)
        .Number(channels)
        .Number(rate)
        .Number(rate * align)
        .Number(align)
        .Number(bits);
  }
  WavBytes& Data(std::uint32_t size) { return Text("data").Number(size); }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace wt::media
