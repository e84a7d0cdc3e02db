#include "compiler/check/unit_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>
#include <variant>

namespace cd4ml::check {
namespace {

/// A built-in unit: so many of the base unit of its kind.
struct BuiltinUnit {
  std::string_view name;
  char kind;  ///< t time, base us · b bytes, base B
  std::int64_t scale;
};
constexpr std::array builtin_units = {
    BuiltinUnit{"us", 't', 1},
    BuiltinUnit{"ms", 't', 1'000},
    BuiltinUnit{"s", 't', 1'000'000},
    BuiltinUnit{"min", 't', 60'000'000},
    BuiltinUnit{"h", 't', 3'600'000'000},
    BuiltinUnit{"d", 't', 86'400'000'000},
    BuiltinUnit{"w", 't', 604'800'000'000},
    BuiltinUnit{"B", 'b', 1},
    BuiltinUnit{"kB", 'b', 1'000},
    BuiltinUnit{"MB", 'b', 1'000'000},
    BuiltinUnit{"GB", 'b', 1'000'000'000},
};

const BuiltinUnit* findBuiltinUnit(std::string_view name) {
  const auto* it = std::ranges::find(builtin_units, name, &BuiltinUnit::name);
  return it == builtin_units.end() ? nullptr : it;
}

/// Powers by unit name; no entry has power 0.
using Powers = std::map<std::string, int, std::less<>>;

bool isNameByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Reads `name`, `name^2` or `name**2` at the front of `text`, which is shortened.
std::optional<std::pair<std::string, int>> takeFactor(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && isNameByte(text[length])) ++length;
  if (length == 0) return std::nullopt;
  std::string name(text.substr(0, length));
  if (name.front() >= '0' && name.front() <= '9' && name != "1") return std::nullopt;
  text.remove_prefix(length);
  int power = 1;
  const std::size_t mark = text.starts_with("^") ? 1 : text.starts_with("**") ? 2 : 0;
  if (mark == 0) return std::pair(std::move(name), power);
  text.remove_prefix(mark);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), power);
  if (error != std::errc{} || power < -16 || power > 16) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return std::pair(std::move(name), power);
}

std::optional<Powers> parsePowers(std::string_view text) {
  Powers powers;
  int sign = 1;
  while (!text.empty()) {
    const auto factor = takeFactor(text);
    if (!factor) return std::nullopt;
    if (factor->first != "1") powers[factor->first] += sign * factor->second;
    if (text.empty()) break;
    if (text.front() != '*' && text.front() != '/') return std::nullopt;
    sign = text.front() == '/' ? -1 : 1;
    text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
  }
  std::erase_if(powers, [](const auto& entry) { return entry.second == 0; });
  return powers;
}

std::string textOf(const Powers& powers) {
  std::string above, below;
  for (const auto& [name, power] : powers) {
    const int size = std::abs(power);
    const std::string factor = size == 1 ? name : name + "^" + std::to_string(size);
    if (power > 0) {
      above += (above.empty() ? "" : "*") + factor;
    } else {
      below += "/" + factor;
    }
  }
  if (above.empty() && !below.empty()) above = "1";
  return above + below;
}

Powers powersOf(std::string_view unit) { return parsePowers(unit).value_or(Powers{}); }

std::string combine(std::string_view a, std::string_view b, int sign) {
  Powers powers = powersOf(a);
  for (const auto& [name, power] : powersOf(b)) powers[name] += sign * power;
  std::erase_if(powers, [](const auto& entry) { return entry.second == 0; });
  return textOf(powers);
}

}  // namespace

UnitTable::UnitTable() {
  for (const BuiltinUnit& unit : builtin_units) names_.emplace(unit.name);
  names_.emplace("km");  // what `haversine` gives
}

void UnitTable::declare(std::string_view unit) {
  for (std::string& name : unitFactors(unit)) names_.insert(std::move(name));
}

bool UnitTable::define(const std::string& name, double amount, const std::string& unit) {
  declare(unit);
  names_.insert(name);
  if (findBuiltinUnit(name) != nullptr || definitions_.contains(name)) return false;
  definitions_[name] = {amount, unit};
  // Walk the definitions that this one rests on: none may be itself.
  std::vector<std::string> open{unit};
  std::set<std::string> seen;
  while (!open.empty()) {
    const std::string next = open.back();
    open.pop_back();
    for (const std::string& factor : unitFactors(next)) {
      if (factor == name) return definitions_.erase(name), false;
      const auto found = definitions_.find(factor);
      if (found != definitions_.end() && seen.insert(factor).second) open.push_back(found->second.unit);
    }
  }
  return true;
}

std::pair<double, std::string> UnitTable::inBase(std::string_view unit) const {
  double amount = 1;
  std::string base;
  for (const auto& [name, power] : powersOf(unit)) {
    double one = 1;
    std::string of = name;
    if (const auto found = definitions_.find(name); found != definitions_.end()) {
      const auto [inner, inner_base] = inBase(found->second.unit);
      one = found->second.amount * inner;
      of = inner_base;
    } else if (const BuiltinUnit* builtin = findBuiltinUnit(name)) {
      one = static_cast<double>(builtin->scale);
      of = builtin->kind == 't' ? "us" : "B";
    }
    amount *= std::pow(one, power);
    base = multiplyUnits(base, raiseUnit(of, power));
  }
  return {amount, base};
}

std::optional<std::pair<double, double>> UnitTable::convert(std::string_view from, std::string_view to) const {
  if (from.empty() || to.empty()) return std::nullopt;
  const auto [a, a_base] = inBase(from);
  const auto [b, b_base] = inBase(to);
  if (a_base != b_base || !std::isfinite(a) || !std::isfinite(b) || a == 0 || b == 0) return std::nullopt;
  return std::pair{a, b};
}

std::vector<UnitFactor> unitPowers(std::string_view unit) {
  std::vector<UnitFactor> factors;
  for (const auto& [name, power] : powersOf(unit)) factors.push_back({name, power});
  return factors;
}

bool UnitTable::knows(std::string_view unit_name) const { return names_.contains(unit_name); }

std::vector<std::string> UnitTable::names() const { return {names_.begin(), names_.end()}; }

namespace {

void collectFrom(const syntax::TypeSyntax& type, UnitTable& table) {
  if (const auto unit = canonicalUnit(type.unit)) table.declare(*unit);
  for (const syntax::TypeSyntax& parameter : type.parameters) collectFrom(parameter, table);
}

/// The types written in a declaration.
std::vector<const syntax::TypeSyntax*> typesOf(const syntax::Decl& decl) {
  std::vector<const syntax::TypeSyntax*> types;
  if (const auto* param = std::get_if<syntax::ParamDecl>(&decl)) types.push_back(&param->type);
  if (const auto* fn = std::get_if<syntax::FnDecl>(&decl)) {
    types.push_back(&fn->result);
    for (const syntax::FnParameter& parameter : fn->parameters) types.push_back(&parameter.type);
  }
  const auto* source = std::get_if<syntax::SourceDecl>(&decl);
  const auto* schema = std::get_if<syntax::SchemaDecl>(&decl);
  if (source == nullptr && schema == nullptr) return types;
  for (const syntax::FieldSyntax& field : source != nullptr ? source->fields : schema->fields) types.push_back(&field.type);
  return types;
}

}  // namespace

std::set<std::string> usedUnits(const syntax::Tree& tree) {
  std::set<std::string> used;
  const auto use = [&](std::string_view text) {
    const auto unit = canonicalUnit(text);
    for (std::string& name : unitFactors(unit ? *unit : std::string(text))) used.insert(std::move(name));
  };
  for (const syntax::Decl& decl : tree.decls) {
    for (const syntax::TypeSyntax* type : typesOf(decl)) {
      use(type->unit);
      for (const syntax::TypeSyntax& parameter : type->parameters) use(parameter.unit);
    }
  }
  for (const syntax::Expr& expr : tree.exprs) {
    if (expr.kind == syntax::ExprKind::Quantity) use(expr.text);
    if (expr.kind == syntax::ExprKind::Reference) used.insert(expr.name.text);  // `to(x, km)`
  }
  return used;
}

UnitTable collectUnits(const syntax::Tree& tree) {
  UnitTable table;
  for (const syntax::Decl& decl : tree.decls) {
    if (const auto* param = std::get_if<syntax::ParamDecl>(&decl)) collectFrom(param->type, table);
    if (const auto* unit = std::get_if<syntax::UnitDecl>(&decl)) {
      table.declare(unit->name.text);
      if (unit->value.valid() && tree[unit->value].kind == syntax::ExprKind::Quantity) table.declare(tree[unit->value].text);
    }
    const auto* source = std::get_if<syntax::SourceDecl>(&decl);
    const auto* schema = std::get_if<syntax::SchemaDecl>(&decl);
    if (source == nullptr && schema == nullptr) continue;
    for (const syntax::FieldSyntax& field : source != nullptr ? source->fields : schema->fields) collectFrom(field.type, table);
  }
  return table;
}

std::optional<std::string> canonicalUnit(std::string_view text) {
  if (text.empty()) return std::string{};
  const auto powers = parsePowers(text);
  if (!powers) return std::nullopt;
  return textOf(*powers);
}

std::vector<std::string> unitFactors(std::string_view unit) {
  std::vector<std::string> names;
  for (const auto& [name, power] : powersOf(unit)) names.push_back(name);
  return names;
}

std::string multiplyUnits(std::string_view a, std::string_view b) { return combine(a, b, 1); }
std::string divideUnits(std::string_view a, std::string_view b) { return combine(a, b, -1); }

std::string raiseUnit(std::string_view unit, int power) {
  Powers powers = powersOf(unit);
  for (auto& [name, p] : powers) p *= power;
  std::erase_if(powers, [](const auto& entry) { return entry.second == 0; });
  return textOf(powers);
}

std::optional<UnitRatio> ratioBetween(std::string_view from, std::string_view to) {
  if (from == to) return UnitRatio{};
  const BuiltinUnit* a = findBuiltinUnit(from);
  const BuiltinUnit* b = findBuiltinUnit(to);
  if (a == nullptr || b == nullptr || a->kind != b->kind) return std::nullopt;
  const std::int64_t common = std::gcd(a->scale, b->scale);
  return UnitRatio{a->scale / common, b->scale / common};
}

std::optional<std::int64_t> microsecondsOf(std::string_view unit) {
  const BuiltinUnit* found = findBuiltinUnit(unit);
  if (found == nullptr || found->kind != 't') return std::nullopt;
  return found->scale;
}

}  // namespace cd4ml::check
