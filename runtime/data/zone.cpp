// Time zones by the system's database, read by cctz, which knows the rules behind the last stored change too.
#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <limits>

#include "runtime/data/near_names.h"
#include "runtime/data/parse_value.h"
#include "runtime/data/text_time.h"

namespace cd4ml::data {

namespace {

constexpr std::int64_t kHour = 3600;

class NamedZone final : public Zone {
 public:
  NamedZone(std::string name, cctz::time_zone zone) : name_(std::move(name)), zone_(zone) {}
  [[nodiscard]] const std::string& name() const override { return name_; }

  [[nodiscard]] std::optional<Offset> offsetAt(std::int64_t local) const override {
    const auto civil = cctz::civil_second(1970, 1, 1) + local;
    const auto found = zone_.lookup(civil);
    if (found.kind == cctz::time_zone::civil_lookup::SKIPPED) return std::nullopt;
    const std::int64_t utc = found.pre.time_since_epoch().count();
    Offset out{.seconds = local - utc, .from = local, .to = local + 1};
    // The offset holds from a day behind the change before to a day ahead of the change after: far enough from both
    // for no local time to come twice or never.
    cctz::time_zone::civil_transition change;
    out.from = zone_.prev_transition(found.pre + cctz::seconds(1), &change) ? seconds(change.to) + 24 * kHour : local;
    out.to = zone_.next_transition(found.pre, &change) ? seconds(change.from) - 24 * kHour : local + 1;
    if (local < out.from || local >= out.to) out.from = local, out.to = local + 1;
    return out;
  }

 private:
  static std::int64_t seconds(const cctz::civil_second& at) { return at - cctz::civil_second(1970, 1, 1); }

  std::string name_;
  cctz::time_zone zone_;
};

class FixedZone final : public Zone {
 public:
  FixedZone(std::string name, std::int64_t offset) : name_(std::move(name)), offset_(offset) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] std::optional<Offset> offsetAt(std::int64_t /*local*/) const override {
    return Offset{offset_, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }

 private:
  std::string name_;
  std::int64_t offset_;
};

/// `+02:00`, `-0330`.
std::optional<std::int64_t> fixedOffset(const std::string& name) {
  if (name.empty() || (name[0] != '+' && name[0] != '-')) return std::nullopt;
  const auto time = parseLocalTime("1970-01-01T00:00:00" + name);
  return time ? time->offset_seconds : std::nullopt;
}

/// The names of the database, for candidates only.
std::vector<std::string> zoneNames() {
  std::vector<std::string> names;
  std::ifstream table("/usr/share/zoneinfo/tzdata.zi");
  for (std::string line; std::getline(table, line);) {
    if (line.starts_with("Z ")) names.push_back(line.substr(2, line.find(' ', 2) - 2));
    if (line.starts_with("L ")) names.push_back(line.substr(line.rfind(' ') + 1));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool isZoneName(const std::string& name) {
  return !name.empty() && name.front() != '/' && name.find("..") == std::string::npos &&
         name.find(':') == std::string::npos;
}

}  // namespace

Result<std::shared_ptr<const Zone>> findZone(const std::string& name, Span span) {
  if (name == "UTC") return std::shared_ptr<const Zone>();
  if (const auto offset = fixedOffset(name))
    return std::shared_ptr<const Zone>(std::make_shared<FixedZone>(name, *offset));
  cctz::time_zone zone;
  // A name that leaves the database's folder would be a path.
  if (isZoneName(name) && cctz::load_time_zone(name, &zone)) {
    return std::shared_ptr<const Zone>(std::make_shared<NamedZone>(name, zone));
  }
  Error e = makeError("CD5026", fmt::format("there is no time zone `{}`", name), span);
  for (const std::string& near : nearNames(name, zoneNames()))
    e.help.push_back(fmt::format("did you mean `{}`?", near));
  e.help.emplace_back("zones have the names of the IANA database, such as `Europe/Berlin`, or are offsets, `+02:00`");
  return e;
}

}  // namespace cd4ml::data
