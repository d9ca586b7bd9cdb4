// Finds the route of a path. Segments are compared as sent; parameters are percent-decoded after
// routing, so that an id may hold an encoded slash.
//
// Patterns: "/jobs/{job_id}/audio", and "/assets/{path...}" for one or more segments at the end.
// Literal segments win over parameters, among the routes that have the method. A trailing slash
// makes no difference. HEAD is answered by the route of GET unless it has its own. Building is
// single-threaded; Find is const and thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/http/message.h"
#include "whisper_transcriber/status.h"

namespace wt::http {

struct RouteMatch {
  /// What Add() was given; -1: no route has this path, or none with this method.
  int route = -1;
  /// Decoded, by the names in the pattern.
  std::vector<std::pair<std::string, std::string>> parameters;
  /// Methods that the path has; complete only without a route. Empty: the path is unknown (404);
  /// else it is 405.
  std::vector<Method> allowed;
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// kAlreadyExists when another route answers the same requests, kInvalidArgument for a bad
  /// pattern.
  Status Add(Method method, std::string_view pattern, int route);
  RouteMatch Find(Method method, std::string_view path) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace wt::http
