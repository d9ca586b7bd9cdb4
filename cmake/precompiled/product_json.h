// The same for sources that use JSON.
#include "product.h"

#include <nlohmann/json.hpp>

namespace wt::precompiled {

/// What sources do with JSON values, so that it is instantiated here once and not in each of them:
/// a tenth of the time of a source that builds an answer. Never called.
template <typename Json>
void UseJson() {
  Json value = {{"a", 1}, {"b", true}, {"c", std::string()}, {"d", {1.5, nullptr}}};
  value["a"] = value.at("b");
  value["b"] = std::string();
  value["c"] = 1;
  value["d"] = std::int64_t{1};
  value["e"] = std::uint64_t{1};
  value["f"] = 1.5;
  value["g"] = nullptr;
  value["h"] = true;
  value["i"] = "x";
  value[std::string("j")] = Json::array();
  value["k"] = Json::object();
  value.push_back(std::move(value["b"]));
  value.push_back({{"a", 1}});
  Json copy(value);
  copy = value;
  for (const auto& [name, item] : value.items()) {
    if (item.is_string()) copy[name] = item.template get<std::string>();
  }
  const Json& constant = copy;
  const auto found = constant.find("a");
  if (found != constant.end()) (void)found->template get<int>();
  for (const auto& item : constant) (void)item.template get<double>();
  (void)constant.value("a", std::string());
  (void)constant.contains("a");
}

inline void UseBothJsons() {
  UseJson<nlohmann::json>();
  UseJson<nlohmann::ordered_json>();
}

}  // namespace wt::precompiled
