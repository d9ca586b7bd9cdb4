#include "service/http/router.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/status_macros.h"
#include "service/http/text.h"
#include "service/http/url.h"

namespace wt::http {
namespace {

constexpr std::size_t kMethodsCount = 7;

std::vector<std::string_view> SplitPath(std::string_view path) {
  std::vector<std::string_view> segments;
  if (!path.empty()) path.remove_prefix(1);
  if (path == "/") return {""};
  if (path.ends_with('/')) path.remove_suffix(1);
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) segments.emplace_back();
  }
  return segments;
}

struct Leaf {
  int route = -1;
  std::vector<std::string> names;
};

enum class SegmentKind { kLiteral, kParameter, kRest };

struct Segment {
  SegmentKind kind = SegmentKind::kLiteral;
  std::string text;
};

Result<Segment> ParseSegment(std::string_view text, bool last) {
  const auto bad = [&] {
    return Status(StatusCode::kInvalidArgument,
                  "Bad segment in a route pattern: '" + std::string(text) + "'.");
  };
  if (text.empty()) return bad();
  if (text.find_first_of("{}") == std::string_view::npos) {
    WT_ASSIGN(std::string normal, NormalizePath("/" + std::string(text)));
    return Segment{SegmentKind::kLiteral, normal.substr(1)};
  }
  if (text.front() != '{' || text.back() != '}') return bad();
  std::string_view name = text.substr(1, text.size() - 2);
  const bool rest = name.ends_with("...");
  if (rest) name.remove_suffix(3);
  if (!IsToken(name) || (rest && !last)) return bad();
  return Segment{rest ? SegmentKind::kRest : SegmentKind::kParameter, std::string(name)};
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  /// The leaf of "{name...}", which takes one or more segments.
  std::unique_ptr<Node> rest;
  std::array<Leaf, kMethodsCount> leaves;

  Node* EnsureChild(const Segment& segment) {
    std::unique_ptr<Node>& child = segment.kind == SegmentKind::kLiteral ? literals[segment.text]
                                   : segment.kind == SegmentKind::kParameter ? parameter
                                                                             : rest;
    if (child == nullptr) child = std::make_unique<Node>();
    return child.get();
  }

  /// The search of one path: literals first, then the parameter, then the rest. A branch that lacks
  /// the method is left again, so that GET /jobs/{id} answers beside POST /jobs/batch.
  struct Search {
    Method method;
    const std::vector<std::string_view>& segments;
    std::vector<std::string> values;
    std::array<bool, kMethodsCount> allowed{};
    const Leaf* found = nullptr;

    bool AtLeaf(const Node& node) {
      for (std::size_t i = 0; i < kMethodsCount; ++i) {
        if (node.leaves[i].route >= 0) allowed[i] = true;
      }
      const Leaf& exact = node.leaves[static_cast<std::size_t>(method)];
      const Leaf& get = node.leaves[static_cast<std::size_t>(Method::kGet)];
      const Leaf& leaf = exact.route < 0 && method == Method::kHead ? get : exact;
      if (leaf.route < 0) return false;
      found = &leaf;
      return true;
    }

    bool Parameter(const Node& node, std::size_t depth) {
      if (node.parameter == nullptr || segments[depth].empty()) return false;
      auto value = PercentDecode(segments[depth]);
      if (!value.ok()) return false;
      values.push_back(*std::move(value));
      if (Visit(*node.parameter, depth + 1)) return true;
      values.pop_back();
      return false;
    }

    bool Rest(const Node& node, std::size_t depth) {
      if (node.rest == nullptr) return false;
      std::string joined;
      for (std::size_t i = depth; i < segments.size(); ++i) {
        if (i > depth) joined += '/';
        joined += segments[i];
      }
      auto value = PercentDecode(joined);
      // "/files//" has a segment, but nothing in it.
      if (!value.ok() || value->empty()) return false;
      values.push_back(*std::move(value));
      if (AtLeaf(*node.rest)) return true;
      values.pop_back();
      return false;
    }

    bool Visit(const Node& node, std::size_t depth) {
      if (depth == segments.size()) return AtLeaf(node);
      const auto literal = node.literals.find(segments[depth]);
      if (literal != node.literals.end() && Visit(*literal->second, depth + 1)) return true;
      return Parameter(node, depth) || Rest(node, depth);
    }
  };
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Status Router::Add(Method method, std::string_view pattern, int route) {
  if (pattern.empty() || pattern.front() != '/' || route < 0) {
    return Status(StatusCode::kInvalidArgument,
                  "A route pattern must begin with '/': '" + std::string(pattern) + "'.");
  }
  const std::vector<std::string_view> texts = SplitPath(pattern);
  std::vector<Segment> segments;
  Leaf leaf{route, {}};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    WT_ASSIGN(Segment segment, ParseSegment(texts[i], i + 1 == texts.size()));
    if (segment.kind != SegmentKind::kLiteral) {
      if (std::find(leaf.names.begin(), leaf.names.end(), segment.text) != leaf.names.end()) {
        return Status(StatusCode::kInvalidArgument,
                      "A route pattern names a parameter twice: '" + std::string(pattern) + "'.");
      }
      leaf.names.push_back(segment.text);
    }
    segments.push_back(std::move(segment));
  }
  Node* node = root_.get();
  for (const Segment& segment : segments) node = node->EnsureChild(segment);
  Leaf& place = node->leaves[static_cast<std::size_t>(method)];
  if (place.route >= 0) {
    return Status(StatusCode::kAlreadyExists,
                  "Two routes answer the same requests: '" + std::string(pattern) + "'.");
  }
  place = std::move(leaf);
  return Status();
}

RouteMatch Router::Find(Method method, std::string_view path) const {
  RouteMatch match;
  const std::vector<std::string_view> segments = SplitPath(path);
  Node::Search search{method, segments, {}, {}, nullptr};
  if (search.Visit(*root_, 0)) {
    match.route = search.found->route;
    for (std::size_t i = 0; i < search.values.size(); ++i) {
      match.parameters.emplace_back(search.found->names[i], std::move(search.values[i]));
    }
  }
  search.allowed[static_cast<std::size_t>(Method::kHead)] |=
      search.allowed[static_cast<std::size_t>(Method::kGet)];
  for (std::size_t i = 0; i < kMethodsCount; ++i) {
    if (search.allowed[i]) match.allowed.push_back(static_cast<Method>(i));
  }
  return match;
}

}  // namespace wt::http
