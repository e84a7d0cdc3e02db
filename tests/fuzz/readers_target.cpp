// One file of any format through all readers of text and the one that its content tells: schema inferred, then read with
// it, then with fields of every kind, once refusing bad cells and once taking them as null.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "runtime/data/read.h"

namespace {

using namespace cd4ml;

data::ReadRequest requestOf(const std::string& reader, const std::string& path) {
  data::ReadRequest request{.reader = reader, .files = {{.path = path}}};
  if (reader == "sqlite") request.options = {{"query", {std::string("select * from t")}}};
  return request;
}

void readAsInferred(const std::string& reader, const std::string& path) {
  data::ReadRequest request = requestOf(reader, path);
  const auto columns = data::inferColumns(request);
  if (!columns.ok()) return;
  for (const data::InferredColumn& column : *columns) request.fields.push_back({column.name, column.type, {}});
  // What was inferred from the very values of a text must hold them; of other files it goes by the type alone.
  const auto read = data::readFiles(request);
  if (read.ok() || request.fields.empty() || reader == "parquet" || reader == "arrow") return;
  std::fprintf(stderr, "%s: %s\n", reader.c_str(), read.error().message.c_str());
  std::abort();
}

void readAsDeclared(const std::string& reader, const std::string& path, std::vector<ir::Option> options) {
  for (const data::BadCells bad : {data::BadCells::Refuse, data::BadCells::Null}) {
    data::ReadRequest request = requestOf(reader, path);
    for (ir::Option& option : options) request.options.push_back(option);
    request.bad_cells = bad;
    request.threads = 2;
    for (const auto& [name, kind] : {std::pair("n", ir::Kind::Int), {"x", ir::Kind::Float}, {"b", ir::Kind::Bool}, {"s", ir::Kind::Text},
                                     {"k", ir::Kind::Category}, {"d", ir::Kind::Date}, {"t", ir::Kind::Timestamp}, {"g", ir::Kind::Duration}}) {
      request.fields.push_back({name, {.kind = kind, .nullable = true}, {}});
    }
    static_cast<void>(data::readFiles(request));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string path = "/tmp/cd4ml-readers-" + std::to_string(::getpid());
  std::ofstream(path, std::ios::binary | std::ios::trunc).write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  for (const std::string reader : {"csv", "tsv", "jsonl", "parquet", "arrow", "sqlite"}) {
    readAsInferred(reader, path);
    readAsDeclared(reader, path, {});
  }
  readAsDeclared("csv", path,
                 {{"delimiter", {std::string(";")}}, {"quote", {std::string("'")}}, {"decimal", {std::string(",")}}, {"skip", {std::int64_t{1}}},
                  {"encoding", {std::string("windows-1252")}}, {"zone", {std::string("Europe/Berlin")}},
                  {"dates", {ir::Literal::List{{std::string("%d.%m.%Y")}, {std::string("%m/%d/%y %I:%M %p")}}}}});
  std::remove(path.c_str());
  return 0;
}
