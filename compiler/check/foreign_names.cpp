#include "compiler/check/foreign_names.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cd4ml::check {
namespace {

struct Foreign {
  std::string_view written;
  std::string_view here;  ///< the builtin that does it, with the same arguments; empty: none
  std::string_view help;  ///< empty: "`len` is `length` here"
};

constexpr std::string_view conditional = "write `if a then b else c`";
constexpr std::string_view clock = "nothing reads the clock: a result depends on its inputs alone; give the day as a `param`";
constexpr std::string_view chance = "expressions hold no chance: a result depends on its inputs alone; `sample 10%` and `split … by random(seed: 7)` draw rows";

constexpr auto functions = std::to_array<Foreign>({
    {"len", "length", {}}, {"strlen", "length", {}}, {"nchar", "length", {}}, {"char_length", "length", {}},
    {"avg", "mean", {}}, {"average", "mean", {}}, {"stddev", "std", {}}, {"stdev", "std", {}}, {"sd", "std", {}}, {"variance", "var", {}},
    {"nunique", "n_unique", {}}, {"count_distinct", "n_unique", {}}, {"n_distinct", "n_unique", {}},
    {"percentile", "quantile", {}}, {"percentile_cont", "quantile", {}},
    {"ifnull", "coalesce", {}}, {"nvl", "coalesce", {}}, {"fillna", "coalesce", {}}, {"nullif", "null_if", {}},
    {"isnan", "is_nan", {}}, {"isinf", "is_inf", {}}, {"isfinite", "is_finite", {}},
    {"substr", "slice", {}}, {"substring", "slice", {}}, {"strip", "trim", {}}, {"startswith", "starts_with", {}}, {"endswith", "ends_with", {}},
    {"str", "text", {}}, {"to_char", "text", {}}, {"varchar", "text", {}}, {"double", "float", {}}, {"integer", "int", {}},
    {"ln", "log", {}}, {"ceiling", "ceil", {}}, {"greatest", "max", {}}, {"least", "min", {}},
    {"dayofweek", "weekday", {}}, {"day_of_week", "weekday", {}}, {"dayofyear", "day_of_year", {}}, {"to_datetime", "timestamp", {}}, {"to_date", "date", {}},
    {"get_dummies", "one_hot", {}}, {"onehot", "one_hot", {}}, {"weight_of_evidence", "woe", {}}, {"tf_idf", "tfidf", {}}, {"tfidf_vectorizer", "tfidf", {}}, {"zscore", "standardize", {}}, {"scale", "standardize", {}}, {"minmax", "min_max", {}},
    {"cut", "bucketize", {}}, {"qcut", "quantile_bin", {}}, {"ntile", "quantile_bin", {}},
    {"isnull", {}, "write `x is null`"}, {"isna", {}, "write `x is null`"}, {"notnull", {}, "write `x is not null`"}, {"notna", {}, "write `x is not null`"},
    {"pow", {}, "a power is written `x ** 2`"}, {"power", {}, "a power is written `x ** 2`"},
    {"iff", {}, conditional}, {"iif", {}, conditional}, {"ifelse", {}, conditional}, {"where", {}, conditional}, {"case", {}, conditional}, {"decode", {}, conditional},
    {"astype", {}, "write `int(x)`, `float(x)`, `text(x)` or `category(x)`"}, {"cast", {}, "write `int(x)`, `float(x)`, `text(x)` or `category(x)`"},
    {"isin", {}, "write `x in {\"a\", \"b\"}`"}, {"like", {}, "write `contains(x, \"a\")`, `starts_with(x, \"a\")` or `ends_with(x, \"a\")`"},
    {"shift", {}, "the row before is `lag(x) over (by k)`"}, {"diff", {}, "write `x - lag(x) over (by k)`"},
    {"rolling", {}, "write `mean(x) over (by k, last 7d)`"}, {"cumsum", {}, "write `sum(x) over (by k, last 365d)`"},
    {"datediff", {}, "subtract: `a - b` is a duration"}, {"date_diff", {}, "subtract: `a - b` is a duration"}, {"date_add", {}, "add a duration: `at + 7d`"},
    {"now", {}, clock}, {"today", {}, clock}, {"current_date", {}, clock}, {"getdate", {}, clock}, {"rand", {}, chance}, {"random", {}, chance},
    {"apply", {}, "declare it: `fn double(x: float) -> float = 2.0 * x`"}, {"lambda", {}, "declare it: `fn double(x: float) -> float = 2.0 * x`"},
    {"ref", {}, "a node is its name: `table t from orders`"}, {"print", {}, "see values with `cd4mlc show NODE`"},
});

constexpr auto values = std::to_array<Foreign>({
    {"None", "null", {}}, {"nil", "null", {}}, {"NA", "null", {}}, {"undefined", "null", {}}, {"yes", "true", {}}, {"no", "false", {}},
    {"nan", {}, "NaN has no literal: test with `is_nan(x)`; what is missing is `null`"},
    {"NaN", {}, "NaN has no literal: test with `is_nan(x)`; what is missing is `null`"},
    {"inf", {}, "infinity has no literal: test with `is_inf(x)`"},
    {"lambda", {}, "declare it: `fn double(x: float) -> float = 2.0 * x`"},
    {"case", {}, conditional},
    {"current_date", {}, clock},
});

template <std::size_t N>
const Foreign* find(const std::array<Foreign, N>& rows, std::string_view name) {
  const auto row = std::find_if(rows.begin(), rows.end(), [name](const Foreign& f) { return f.written == name; });
  return row == rows.end() ? nullptr : &*row;
}

void complete(diag::Diagnostic& diagnostic, const Foreign& foreign, Span place) {
  if (foreign.here.empty()) return diagnostic.help.emplace_back(foreign.help), void();
  diagnostic.help.push_back(fmt::format("`{}` is written `{}` here", foreign.written, foreign.here));
  diagnostic.fixes.push_back({fmt::format("write `{}`", foreign.here), {{place, std::string(foreign.here)}}, true});
}

}  // namespace

bool helpWithForeignValue(diag::Diagnostic& diagnostic, std::string_view name) {
  const Foreign* foreign = find(values, name);
  if (foreign != nullptr) complete(diagnostic, *foreign, diagnostic.span);
  return foreign != nullptr;
}

bool helpWithForeignFunction(diag::Diagnostic& diagnostic, std::string_view name, Span place) {
  std::string small(name);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const Foreign* foreign = find(functions, small);
  if (foreign != nullptr) complete(diagnostic, *foreign, place);
  return foreign != nullptr;
}

}  // namespace cd4ml::check
