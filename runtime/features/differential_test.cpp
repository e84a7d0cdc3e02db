// Random graphs: compiled code against the interpreter bit for bit, and both against a plain evaluator.
#include <bit>
#include <cmath>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "compiler/ir/kernel_table.h"
#include "compiler/lanes/lower.h"
#include "runtime/features/execute.h"
#include "runtime/features/random_graph_test.h"
#include "runtime/jit/compiled_loop.h"
#include "stdlib/kernels/native.h"

namespace cd4ml::features {
namespace {

using Mode = ExecuteOptions::Mode;

void expectSame(const data::Column& a, const data::Column& b, const std::string& what) {
  ASSERT_EQ(a.rows, b.rows) << what;
  const score::ColumnView x = a.view();
  const score::ColumnView y = b.view();
  for (std::int64_t r = 0; r < a.rows; ++r) {
    ASSERT_EQ(x.isValid(r), y.isValid(r)) << what << " row " << r;
    if (!x.isValid(r)) continue;
    switch (a.type.kind) {
      case ir::Kind::Text: ASSERT_EQ(x.text(r), y.text(r)) << what << " row " << r; break;
      case ir::Kind::Category:
        ASSERT_EQ(x.dictionary->levels[static_cast<std::size_t>(x.codes()[r])], y.dictionary->levels[static_cast<std::size_t>(y.codes()[r])]) << what << " row " << r;
        break;
      case ir::Kind::Bool: ASSERT_EQ(x.bools()[r], y.bools()[r]) << what << " row " << r; break;
      case ir::Kind::Float:  // a NaN is a NaN: which one an operation makes is left to the compiler
        ASSERT_TRUE(x.ints()[r] == y.ints()[r] || (std::isnan(x.floats()[r]) && std::isnan(y.floats()[r])))
            << what << " row " << r << " " << x.floats()[r] << " " << y.floats()[r];
        break;
      default: ASSERT_EQ(x.ints()[r], y.ints()[r]) << what << " row " << r; break;
    }
  }
}

void expectCells(const RandomCase& c, ir::ValueId id, const data::Column& column) {
  const score::ColumnView view = column.view();
  const std::string what = c.graph[id].name;
  for (std::int64_t r = 0; r < c.rows; r += c.rows > 200 ? 17 : 1) {
    const Cell cell = evaluate(c, id, r);
    ASSERT_EQ(view.isValid(r), cell.there) << what << " row " << r;
    if (!cell.there) continue;
    switch (column.type.kind) {
      case ir::Kind::Text: ASSERT_EQ(view.text(r), cell.text) << what << " row " << r; break;
      case ir::Kind::Category: ASSERT_EQ(view.dictionary->levels[static_cast<std::size_t>(view.codes()[r])], cell.text) << what << " row " << r; break;
      case ir::Kind::Bool: ASSERT_EQ(view.bools()[r], cell.bits) << what << " row " << r; break;
      case ir::Kind::Float:
        ASSERT_TRUE(view.ints()[r] == cell.bits || (std::isnan(view.floats()[r]) && std::isnan(std::bit_cast<double>(cell.bits)))) << what << " row " << r;
        break;
      default: ASSERT_EQ(view.ints()[r], cell.bits) << what << " row " << r; break;
    }
  }
}

auto runCase(const RandomCase& c, Mode mode, int threads) {
  return compute(c.graph, c.wanted, c.inputs, c.rows, {.threads = threads, .object_cache = {}, .mode = mode, .lookups = nullptr});
}

TEST(Differential, CompiledInterpretedAndPlainAgree) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase c = makeRandomCase(seed, Failing::None);
    ASSERT_EQ(ir::verifyGraph(c.graph, static_cast<std::uint32_t>(c.inputs.size())), "");
    const auto interpreted = runCase(c, Mode::Interpret, 1);
    ASSERT_TRUE(interpreted.ok()) << interpreted.error().describe();
    const auto compiled = runCase(c, Mode::Compile, 1);
    ASSERT_TRUE(compiled.ok()) << compiled.error().describe();
    const auto parallel = runCase(c, Mode::Compile, 2);
    ASSERT_TRUE(parallel.ok());
    for (std::size_t i = 0; i < c.wanted.size(); ++i) {
      expectSame(interpreted.value()[i], compiled.value()[i], c.graph[c.wanted[i]].name);
      expectSame(compiled.value()[i], parallel.value()[i], c.graph[c.wanted[i]].name);
      expectCells(c, c.wanted[i], interpreted.value()[i]);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(Differential, TheSameRowFailsForTheSameReason) {
  int failed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    RandomCase c = makeRandomCase(seed + 1000, Failing::Some);
    if (c.wanted.size() > 6) c.wanted.erase(c.wanted.begin(), c.wanted.end() - 6);
    std::int64_t first = -1;
    for (std::int64_t r = 0; r < c.rows && first < 0; ++r) {
      for (const ir::ValueId id : c.wanted) {
        if (evaluate(c, id, r).failed) first = r;
      }
    }
    const auto interpreted = runCase(c, Mode::Interpret, 1);
    const auto compiled = runCase(c, Mode::Compile, 2);
    ASSERT_EQ(interpreted.ok(), first < 0);
    ASSERT_EQ(compiled.ok(), interpreted.ok());
    if (first < 0) continue;
    ++failed;
    EXPECT_EQ(interpreted.error().code, "CD5016");
    EXPECT_EQ(interpreted.error().message.substr(0, interpreted.error().message.find(':')), "row " + std::to_string(first + 1));
    EXPECT_EQ(compiled.error().message, interpreted.error().message);
  }
  EXPECT_GT(failed, 10);
  EXPECT_LT(failed, 55);
}

TEST(Differential, ARowsValueDoesNotDependOnWhereItStands) {
  for (std::uint64_t seed = 2000; seed < 2010; ++seed) {
    SCOPED_TRACE(seed);
    RandomCase c = makeRandomCase(seed, Failing::None);
    const auto whole = runCase(c, Mode::Compile, 1);
    ASSERT_TRUE(whole.ok());
    for (const std::int64_t begin : {std::int64_t{1}, std::int64_t{3}, c.rows / 2}) {
      if (begin >= c.rows) continue;
      RandomCase part = c;
      part.rows = c.rows - begin;
      for (data::Column& column : part.inputs) column = data::slice(column, begin, part.rows);
      for (const Mode mode : {Mode::Interpret, Mode::Compile}) {
        const auto columns = runCase(part, mode, 1);
        ASSERT_TRUE(columns.ok());
        for (std::size_t i = 0; i < c.wanted.size(); ++i) {
          expectSame(columns.value()[i], data::slice(whole.value()[i], begin, part.rows), c.graph[c.wanted[i]].name);
        }
      }
    }
  }
}

/// Every row of kernels.def is reached by some random graph, so the tests above leave none out.
TEST(Differential, CoversEveryKernel) {
  std::set<std::string, std::less<>> seen;
  for (const Failing failing : {Failing::None, Failing::Some}) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      const RandomCase c = makeRandomCase(seed + (failing == Failing::Some ? 1000 : 0), failing);
      for (const ir::ValueId id : c.wanted) seen.insert(c.graph[id].name);
    }
  }
  for (const ir::KernelRow& row : ir::kernelRows()) EXPECT_TRUE(seen.contains(row.name)) << row.name;
}

/// Each native kernel is compiled by name: a program with one call of each, in both forms.
TEST(Differential, EveryLaneKernelHasBothForms) {
  lanes::Builder build;
  std::uint32_t slot = 0;
  for (const kernels::NativeKernel& kernel : kernels::nativeKernels(kernels::nativeLevel())) {
    const auto typeOf = [](char letter) { return letter == 'F' ? lanes::Type::Float : letter == 'I' ? lanes::Type::Int : lanes::Type::Mask; };
    std::vector<lanes::Lane> args;
    for (std::size_t a = 1; a < kernel.signature.size(); ++a) args.push_back(build.add({.op = lanes::Op::Param, .type = typeOf(kernel.signature[a]), .slot = static_cast<std::uint32_t>(a)}));
    build.program.stores.push_back({build.call(typeOf(kernel.signature[0]), std::string(kernel.name), args), lanes::Form::Word});
    ++slot;
  }
  build.program.params = 5;
  EXPECT_GT(slot, 100U);
  EXPECT_NE(jit::compileLoop(build.program, ""), nullptr);
}

TEST(ObjectCache, GivesTheSameBitsAndIgnoresDamage) {
  const std::string folder = testing::TempDir() + "/cd4ml_objects";
  std::filesystem::remove_all(folder);
  const RandomCase c = makeRandomCase(5, Failing::None);
  const ExecuteOptions options{.threads = 1, .object_cache = folder, .mode = Mode::Compile, .lookups = nullptr};
  const auto first = compute(c.graph, c.wanted, c.inputs, c.rows, options);
  ASSERT_TRUE(first.ok());
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  ASSERT_FALSE(files.empty());
  const auto second = compute(c.graph, c.wanted, c.inputs, c.rows, options);
  ASSERT_TRUE(second.ok());
  std::filesystem::resize_file(files[0], std::filesystem::file_size(files[0]) / 2);
  const auto third = compute(c.graph, c.wanted, c.inputs, c.rows, options);
  ASSERT_TRUE(third.ok());
  for (std::size_t i = 0; i < c.wanted.size(); ++i) {
    expectSame(first.value()[i], second.value()[i], "cached");
    expectSame(first.value()[i], third.value()[i], "after damage");
  }
}

}  // namespace
}  // namespace cd4ml::features
