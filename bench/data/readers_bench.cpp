// How long the readers take for all flights: Parquet, Arrow, CSV, TSV and JSON lines, written here first from Parquet.
//
//   readers_bench FLIGHTS.parquet [threads [reader]]
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "runtime/data/read.h"
#include "runtime/data/value_text.h"
#include "runtime/data/write.h"

namespace {

using namespace cd4ml;

const std::vector<data::SourceField> kFields = {{"date", {.kind = ir::Kind::Timestamp}},
                                                {"delay", {.kind = ir::Kind::Float, .nullable = true}},
                                                {"distance", {.kind = ir::Kind::Float}},
                                                {"origin", {.kind = ir::Kind::Category}},
                                                {"destination", {.kind = ir::Kind::Category}}};

data::ReadResult read(const std::string& reader, const std::string& path, int threads) {
  auto result = data::readFiles({.reader = reader, .files = {{.path = path}}, .fields = kFields, .threads = threads});
  if (!result.ok()) {
    fmt::print(stderr, "{}\n", result.error().message);
    std::exit(1);
  }
  return std::move(result).value();
}

std::string jsonLines(const std::vector<data::NamedColumn>& columns) {
  std::string out;
  for (std::int64_t r = 0; r < columns[0].column.rows; ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string value = data::valueText(columns[c].column, r);
      const bool time = columns[c].column.type.kind == ir::Kind::Timestamp;
      out += fmt::format("{}\"{}\": {}", c == 0 ? "{" : ", ", columns[c].name, time ? '"' + value + '"' : value);
    }
    out += "}\n";
  }
  return out;
}

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 1;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 2;
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("readers_bench-{}", std::chrono::steady_clock::now().time_since_epoch().count());
  std::filesystem::create_directories(folder);
  const data::ReadResult flights = read("parquet", argv[1], threads);
  std::vector<data::NamedColumn> named;
  for (std::size_t c = 0; c < kFields.size(); ++c) named.push_back({kFields[c].name, flights.columns[c]});
  std::string csv = data::csvText(named);
  write(folder / "f.csv", csv);
  for (char& c : csv) c = c == ',' ? '\t' : c;
  write(folder / "f.tsv", csv);
  write(folder / "f.jsonl", jsonLines(named));
  for (const char* name : {"f.parquet", "f.arrow"}) {
    if (!data::writeTable(folder / name, named).ok()) return 1;
  }
  for (const std::string reader : {"parquet", "arrow", "csv", "tsv", "jsonl"}) {
    if (argc > 3 && reader != argv[3]) continue;
    const std::string path = folder / ("f." + reader);
    double best = 1e9;
    double cpu = 1e9;
    for (int i = 0; i < 9; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      const std::clock_t cpu_begin = std::clock();
      const data::ReadResult got = read(reader, path, threads);
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
      cpu = std::min(cpu, static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC);
      if (got.rows != flights.rows) return 1;
    }
    fmt::print("{:8} {:6.1f} MB  {:6.3f} s  {:6.3f} s of processors  {:5.1f} M rows/s\n", reader, static_cast<double>(std::filesystem::file_size(path)) / 1e6, best, cpu, static_cast<double>(flights.rows) / best / 1e6);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
