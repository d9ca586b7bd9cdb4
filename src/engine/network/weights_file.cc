#include "engine/network/weights_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/byte_reader.h"
#include "base/json_text.h"
#include "base/status_macros.h"

namespace wt::network {

using Json = nlohmann::json;

namespace {

// {"name": {"shape": [1]}} has depth 3; deeper values are dropped while parsing.
constexpr int kHeaderDepthMax = 4;

std::string SizeText(std::size_t bytes) {
  return bytes >> 20 > 0 ? fmt::format("{} MiB", bytes >> 20) : fmt::format("{} KiB", bytes >> 10);
}

}  // namespace

struct WeightsFile::Header {
  Json tensors;
};

WeightsFile::WeightsFile() = default;
WeightsFile::WeightsFile(WeightsFile&&) noexcept = default;
WeightsFile& WeightsFile::operator=(WeightsFile&&) noexcept = default;
WeightsFile::~WeightsFile() = default;

Status WeightsFile::Corrupt(std::string_view tensor, std::string_view reason) const {
  return Status(StatusCode::kDataCorrupt,
                fmt::format("{} weights: tensor \"{}\" {}", what_, tensor, reason));
}

Result<WeightsFile> WeightsFile::Open(std::span<const std::byte> bytes, const WeightsRules& rules) {
  const auto corrupt = [&rules](std::string_view reason) {
    return Status(StatusCode::kDataCorrupt, fmt::format("{} weights: {}", rules.what, reason));
  };
  if (bytes.size() > rules.bytes_max) {
    return corrupt("the file is larger than " + SizeText(rules.bytes_max));
  }
  base::ByteReader reader(bytes);
  std::uint64_t header_bytes = 0;
  if (!reader.Read(&header_bytes)) return corrupt("the file ends within its first 8 bytes");
  if (header_bytes > rules.header_bytes_max) {
    return corrupt("the header is larger than " + SizeText(rules.header_bytes_max));
  }
  std::string_view text;
  if (!reader.ReadText(static_cast<std::size_t>(header_bytes), &text)) {
    return corrupt("the file ends within its header");
  }
  WeightsFile file;
  file.what_ = rules.what;
  file.header_ = std::make_unique<Header>();
  Json& header = file.header_->tensors;
  header = base::ShallowJsonFromText(text, kHeaderDepthMax);
  if (!header.is_object()) return corrupt("the header is not a JSON object");
  header.erase("__metadata__");
  if (rules.tensors != 0 && header.size() != rules.tensors) {
    return corrupt(
        fmt::format("the file has {} tensors, {} expected; these are another network's "
                    "weights",
                    header.size(), rules.tensors));
  }
  file.data_ = bytes.subspan(reader.offset());
  return file;
}

Result<std::vector<float>> WeightsFile::Read(std::string_view name,
                                             std::initializer_list<std::int64_t> shape) const {
  const Json& tensors = header_->tensors;
  const auto entry = tensors.find(name);
  if (entry == tensors.end()) return Corrupt(name, "is missing");
  if (!entry->is_object()) return Corrupt(name, "has no description");
  if (entry->value("dtype", Json()) != "F32") return Corrupt(name, "is not of type F32");
  if (entry->value("shape", Json()) != Json(std::vector<std::int64_t>(shape))) {
    return Corrupt(name, fmt::format("has a shape other than [{}]", fmt::join(shape, ", ")));
  }
  std::uint64_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::uint64_t>(extent);
  const Json offsets = entry->value("data_offsets", Json());
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned()) {
    return Corrupt(name, "has no data offsets");
  }
  const auto begin = offsets[0].get<std::uint64_t>();
  const auto end = offsets[1].get<std::uint64_t>();
  if (begin > end || end > data_.size()) return Corrupt(name, "lies outside the file");
  if (end - begin != count * sizeof(float)) return Corrupt(name, "has a wrong number of bytes");
  std::vector<float> values(static_cast<std::size_t>(count));
  std::memcpy(values.data(), data_.data() + begin, static_cast<std::size_t>(end - begin));
  if (!std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) {
    return Corrupt(name, "holds a value that is not a number");
  }
  return values;
}

}  // namespace wt::network
