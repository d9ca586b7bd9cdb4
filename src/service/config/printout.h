// Settings as text: what is in force, the template of an env file, the reference page.
//
// Secrets are given by their length only. Pure functions: thread-safe.
#pragma once

#include <string>

#include "service/config/loader.h"

namespace wt::config {

/// A line per setting: NAME=value, and where it comes from.
std::string PrintSettings(const Configuration& configuration);
/// {"settings":[{"name","value","source","secret"}],"problems":[...],"ok":bool}
std::string PrintSettingsJson(const Configuration& configuration);

/// The whole of .env.example: every variable with its default, commented out.
std::string EnvTemplate();
/// The tables of docs/configuration.md.
std::string ReferenceTables();

}  // namespace wt::config
