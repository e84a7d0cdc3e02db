/// Small pipelines by hand, and an engine that runs them, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/data/read.h"
#include "runtime/data/sample_columns_test.h"
#include "runtime/data/value_text.h"
#include "runtime/engine/engine_impl.h"
#include "runtime/engine/run.h"

namespace cd4ml::engine::sample {

inline ir::Type typeOf(ir::Kind kind, bool nullable = false) {
  ir::Type type;
  type.kind = kind;
  type.nullable = nullable;
  return type;
}

/// Builds a graph value by value.
class Values {
 public:
  explicit Values(ir::Graph& graph) : graph_(graph) {}
  ir::ValueId input(std::uint32_t slot, ir::Type type) {
    return graph_.add({.op = ir::Op::Input, .type = std::move(type), .slot = slot});
  }
  ir::ValueId constant(ir::Literal literal, ir::Kind kind) {
    return graph_.add({.op = ir::Op::Constant, .type = typeOf(kind), .literal = std::move(literal)});
  }
  ir::ValueId call(const std::string& kernel, ir::Type type, std::vector<ir::ValueId> args) {
    return graph_.add(
        {.op = ir::Op::Call, .type = std::move(type), .span = {0, 10, 20}, .name = kernel, .args = std::move(args)});
  }
  ir::ValueId aggregate(const std::string& name, ir::Type type, std::vector<ir::ValueId> args) {
    return graph_.add({.op = ir::Op::Aggregate, .type = std::move(type), .name = name, .args = std::move(args)});
  }

 private:
  ir::Graph& graph_;
};

inline ir::Column column(const std::string& name, ir::Type type) {
  return {.name = name, .type = std::move(type), .span = {0, 1, 2}};
}

/// A pipeline whose sources are CSV files of a scratch folder.
class Project {
 public:
  ir::Pipeline pipeline;
  Known known;
  std::vector<Error> warnings;

  Project() { known.pipeline = &pipeline; }

  ir::NodeId add(const std::string& name, std::vector<ir::Column> columns, ir::NodeBody body) {
    pipeline.nodes.push_back({.name = name,
                              .span = {0, 1, 2},
                              .name_span = {0, 1, 2},
                              .columns = std::move(columns),
                              .body = std::move(body)});
    return {static_cast<std::uint32_t>(pipeline.nodes.size() - 1)};
  }
  ir::NodeId addSource(const std::string& name, std::vector<ir::Column> columns, const std::string& csv,
                       ir::Source source = {}) {
    source.reader = "csv";
    const ir::NodeId id = add(name, std::move(columns), std::move(source));
    SourceFile file;
    file.path = folder_.write(name + ".csv", csv);
    known.files[id] = {file};
    return id;
  }

  /// Runs slots of a node and remembers what they are.
  Result<std::vector<SlotContent>> run(ir::NodeId node, const Slots& slots) {
    TaskContext context;
    context.warn = [&](const Error& e) { warnings.push_back(e); };
    auto made = engine_.run(known, node, slots, context);
    if (made.ok()) {
      for (std::size_t i = 0; i < slots.size(); ++i) known.slots[{node, slots[i]}] = (*made)[i];
    }
    return made;
  }

  /// "1 2 null; \"a\" \"b\" null": the rows of slots of a node, or the error.
  std::string text(ir::NodeId node, const Slots& slots) {
    TaskContext context;
    EngineConfig config;
    Artifacts artifacts(nullptr);
    Run run{known, context, artifacts, config};
    const auto columns = fetchColumns(run, node, slots);
    if (!columns.ok()) return columns.error().code + " " + columns.error().message;
    std::string out;
    for (const data::Column& c : *columns) {
      if (!out.empty()) out += "; ";
      for (std::int64_t r = 0; r < c.rows; ++r) out += (r == 0 ? "" : " ") + data::valueText(c, r);
    }
    return out;
  }

  [[nodiscard]] Engine& engine() { return engine_; }
  [[nodiscard]] const data::sample::Folder& folder() const { return folder_; }

 private:
  data::sample::Folder folder_;
  EngineImpl engine_{EngineConfig{}};
};

}  // namespace cd4ml::engine::sample
