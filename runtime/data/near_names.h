/// The names that are most like one that is not there.
#pragma once

#include <string>
#include <vector>

namespace cd4ml::data {

/// The nearest, at most three if they are equally near; none if one can hardly have meant them. Letter case counts for
/// nothing.
[[nodiscard]] std::vector<std::string> nearNames(const std::string& name, const std::vector<std::string>& there);

}  // namespace cd4ml::data
