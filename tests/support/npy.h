// Reads the .npy files of the reference data: version 1.0, '<f4' or '<i2', C order.
//
// For tests only: the files are trusted, a file that does not fit the description gives nullopt.
// Format: 93 4E 55 4D 50 59 01 00, u16 header length H, H bytes of ASCII, data from byte 10 + H.
//
//   auto mel = wt::testing_support::ReadNpy<float>(shared + "/reference/mel/x.npy");
//   ASSERT_TRUE(mel.has_value());  mel->shape[0], mel->data[i] ...
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace wt::testing_support {

template <typename T>
struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<T> data;
};

/// The numbers between the parentheses of 'shape': (80, 3000).
inline std::vector<std::size_t> NpyShape(std::string_view header) {
  std::vector<std::size_t> shape;
  const std::size_t open = header.find('(');
  const std::size_t close = header.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos) return shape;
  std::string numbers(header.substr(open + 1, close - open - 1));
  const char* at = numbers.c_str();
  while (*at != '\0') {
    char* end = nullptr;
    const unsigned long long value = std::strtoull(at, &end, 10);
    if (end == at) {
      ++at;
    } else {
      shape.push_back(static_cast<std::size_t>(value));
      at = end;
    }
  }
  return shape;
}

/// Nothing when the file is missing, of another type or shorter than its shape says.
template <typename T>
std::optional<NpyArray<T>> ReadNpy(const std::string& path) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, std::int16_t>);
  constexpr std::string_view kDescr = std::is_same_v<T, float> ? "'<f4'" : "'<i2'";
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
  if (bytes.size() < 10 || bytes.compare(0, 8, kMagic) != 0) return std::nullopt;
  std::uint16_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data() + 8, 2);
  if (bytes.size() < 10u + header_bytes) return std::nullopt;
  const std::string_view header(bytes.data() + 10, header_bytes);
  if (header.find(kDescr) == header.npos || header.find("True") != header.npos) return std::nullopt;
  NpyArray<T> array;
  array.shape = NpyShape(header);
  std::size_t count = 1;
  for (const std::size_t extent : array.shape) count *= extent;
  if (bytes.size() - 10 - header_bytes < count * sizeof(T)) return std::nullopt;
  array.data.resize(count);
  std::memcpy(array.data.data(), bytes.data() + 10 + header_bytes, count * sizeof(T));
  return array;
}

/// The folder with reference data and recordings, or "" when it is not there.
inline std::string SharedDir() {
  const char* dir = std::getenv("WT_SHARED_DIR");
  if (dir == nullptr || *dir == '\0') return {};
  std::ifstream probe(std::string(dir) + "/reference/README.md");
  return probe ? std::string(dir) : std::string();
}

}  // namespace wt::testing_support
