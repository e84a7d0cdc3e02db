#include "runtime/learn/options.h"

#include "base/internal_check.h"

namespace cd4ml::learn {

namespace {

std::optional<double> asNumber(const ir::Literal& literal) {
  if (const auto* i = std::get_if<std::int64_t>(&literal.value)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&literal.value)) return *d;
  return std::nullopt;
}

}  // namespace

const ir::Literal& Options::find(std::string_view name) const {
  for (const ir::Option& option : options_) {
    if (option.name == name) return option.value;
  }
  CD4ML_UNREACHABLE("a model node lacks an option");
}

std::int64_t Options::integer(std::string_view name) const {
  const auto* value = std::get_if<std::int64_t>(&find(name).value);
  CD4ML_CHECK(value != nullptr);
  return *value;
}

double Options::number(std::string_view name) const {
  const auto value = asNumber(find(name));
  CD4ML_CHECK(value.has_value());
  return *value;
}

bool Options::flag(std::string_view name) const {
  const auto* value = std::get_if<bool>(&find(name).value);
  CD4ML_CHECK(value != nullptr);
  return *value;
}

std::optional<double> Options::maybeNumber(std::string_view name) const { return asNumber(find(name)); }

std::optional<std::string> Options::maybeText(std::string_view name) const {
  const auto* text = std::get_if<std::string>(&find(name).value);
  if (text == nullptr) return std::nullopt;
  return *text;
}

}  // namespace cd4ml::learn
