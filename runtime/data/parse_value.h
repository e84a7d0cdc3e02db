/// Reads one value of a text file: as a server reads one of a request (runtime/score/parse_value.h).
#pragma once

#include "runtime/score/parse_value.h"

namespace cd4ml::data {

using score::civilFromDays;
using score::CivilDay;
using score::daysFromCivil;
using score::daysInMonth;
using score::LocalTime;
using score::parseBool;
using score::parseDate;
using score::parseDuration;
using score::parseFloat;
using score::parseInt;
using score::parseLocalTime;
using score::parseTimestamp;
namespace time_part = score::time_part;

}  // namespace cd4ml::data
