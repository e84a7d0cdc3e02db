/// `run` and `deploy` in one: bring targets up to date, decide gates, keep models, and act on releases if asked to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/driver/arguments.h"
#include "compiler/driver/console.h"

namespace cd4ml::driver {

enum class Acting : std::uint8_t { No, Yes };

/// The exit code. `deploys`: names to bring up to date and act on (`deploy`); empty with Acting::Yes: all.
int runProject(const Arguments& arguments, const Console& console, const std::vector<std::string>& targets, Acting acting);

}  // namespace cd4ml::driver
