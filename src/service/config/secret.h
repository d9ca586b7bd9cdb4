// Text that must not be seen: a password, key or token.
//
// It has no conversion to a string type and no stream operator, so that it cannot reach a log line,
// a reply or an error by accident; Reveal() is easy to search for. Value: thread-compatible.
#pragma once

#include <string>
#include <utility>

namespace wt::config {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  bool empty() const { return text_.empty(); }
  std::size_t size() const { return text_.size(); }
  /// For the code that signs, compares or decrypts with it. Never for messages.
  const std::string& Reveal() const { return text_; }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

}  // namespace wt::config
