/// A file written, read, and what came out as text.
#pragma once

#include <gtest/gtest.h>

#include "runtime/data/read.h"
#include "runtime/data/sample_columns_test.h"
#include "runtime/data/value_text.h"

namespace cd4ml::data {

inline SourceField field(const std::string& name, ir::Kind kind, bool nullable = false,
                         const std::vector<std::string>& levels = {}) {
  SourceField out;
  out.name = name;
  out.type.kind = kind;
  out.type.nullable = nullable;
  if (!levels.empty()) out.type.levels = std::make_shared<const std::vector<std::string>>(levels);
  return out;
}

struct Case {
  std::string text;
  std::vector<SourceField> fields;
  std::vector<ir::Option> options{};
  std::string reader = "csv";
  BadCells bad_cells = BadCells::Refuse;
};

/// The columns as text and the cells that were refused, or the error with its code and help.
inline std::string read(const Case& c, int threads = 1) {
  const sample::Folder folder;
  ReadRequest request{.reader = c.reader,
                      .options = c.options,
                      .files = {{.path = folder.write("rows." + c.reader, c.text)}},
                      .fields = c.fields,
                      .threads = threads,
                      .bad_cells = c.bad_cells};
  const auto result = readFiles(std::move(request));
  std::string out;
  if (!result.ok()) {
    out = result.error().code + " " + result.error().message;
    for (const std::string& help : result.error().help) out += " | " + help;
  } else {
    for (const Column& column : result->columns) {
      for (std::int64_t r = 0; r < column.rows; ++r) out += (r == 0 ? "" : " ") + valueText(column, r);
      out += ";";
    }
    for (const BadCell& bad : result->bad) out += std::to_string(bad.row) + " " + bad.reason + ";";
  }
  const std::string prefix = folder.path("");
  for (auto at = out.find(prefix); at != std::string::npos; at = out.find(prefix)) out.erase(at, prefix.size());
  return out;
}

}  // namespace cd4ml::data
