#include "service/blob/key.h"

#include <algorithm>

#include "base/check.h"

namespace wt::blob {
namespace {

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool IsKeyPart(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), IsKeyCharacter) &&
         part.find_first_not_of('.') != std::string_view::npos;
}

}  // namespace

Status CheckKey(std::string_view key) {
  const std::size_t first = key.find('/');
  const std::size_t second = first == key.npos ? key.npos : key.find('/', first + 1);
  const bool valid =
      key.size() <= kKeyBytesMax && second != key.npos && IsKeyPart(key.substr(0, first)) &&
      IsKeyPart(key.substr(first + 1, second - first - 1)) && IsKeyPart(key.substr(second + 1));
  if (valid) return Status();
  return Status(StatusCode::kInvalidArgument, "this is not the name of a stored object",
                InternalDetail("blob key \"" + std::string(key.substr(0, kKeyBytesMax)) + "\""));
}

KeyParts SplitKey(std::string_view key) {
  const std::size_t first = key.find('/');
  const std::size_t second = key.find('/', first + 1);
  WT_CHECK(first != key.npos && second != key.npos);
  return {std::string(key.substr(0, first)), std::string(key.substr(first + 1, second - first - 1)),
          std::string(key.substr(second + 1))};
}

}  // namespace wt::blob
