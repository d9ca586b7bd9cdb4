// JSON from model folders: nlohmann's parser behind limits that it does not have itself.
//
// Nesting and the number of values are counted before anything is allocated, keys that occur twice
// are refused (two readers could disagree which one counts), and nothing throws. Pure: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "whisper_transcriber/status.h"

namespace wt::model {

struct JsonLimits {
  /// Objects and lists within each other. Published files need at most 6 (tokenizer.json).
  int depth_max = 32;
  /// Commas, colons and opening brackets. vocab.json of Whisper needs 103,000.
  std::int64_t marks_max = 1'000'000;
};

/// kDataCorrupt with the reason. The answer is an object or a list.
Result<nlohmann::json> ParseJson(std::string_view text, const JsonLimits& limits = {});

/// Calls `use` for each member of an object whose values are all non-negative integers, without
/// building a tree: vocab.json takes 10 ms instead of 70. Twofold keys are reported twice.
Status ForEachInteger(std::string_view text,
                      const std::function<Status(std::string&&, std::uint64_t)>& use);

/// The non-negative integer `key` of an object; empty when absent or anything else.
std::optional<std::int64_t> JsonInteger(const nlohmann::json& object, const char* key);

}  // namespace wt::model
