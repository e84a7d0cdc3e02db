#include <arrow/chunked_array.h>
#include <arrow/type.h>

#include <algorithm>
#include <set>

#include "runtime/data/arrow_text.h"
#include "runtime/data/open_files.h"
#include "runtime/data/parse_value.h"

namespace cd4ml::data {

namespace {

constexpr std::size_t kMostLevels = 1000;

/// What is known of a column from the files so far.
struct Sight {
  ir::Kind kind = ir::Kind::Null;
  bool nulls = false;
  std::set<std::string, std::less<>> levels;  ///< of texts, at most kMostLevels + 1
};

/// The kinds that texts may turn out to be, the narrowest first.
std::vector<ir::Kind> candidates(Texts texts) {
  switch (texts) {
    case Texts::AreTexts:
      return {};
    case Texts::MayBeTimes:
      return {ir::Kind::Date, ir::Kind::Timestamp};
    case Texts::AreUntyped:
      return {ir::Kind::Int, ir::Kind::Float, ir::Kind::Bool, ir::Kind::Date, ir::Kind::Timestamp};
  }
  CD4ML_UNREACHABLE("texts");
}

/// `007` is a code, not a number.
bool hasLeadingZero(std::string_view text) {
  const std::size_t begin = text.find_first_not_of("+-");
  return begin != std::string_view::npos && text.size() > begin + 1 && text[begin] == '0' && text[begin + 1] >= '0' &&
         text[begin + 1] <= '9';
}

bool isOf(ir::Kind kind, std::string_view text, const TextFormat& format, TimeReader& times) {
  std::int64_t ignored = 0;
  if (kind == ir::Kind::Int) return parseInt(text).has_value() && !hasLeadingZero(text);
  if (kind == ir::Kind::Float) return parseFloat(text, format.decimal).has_value() && !hasLeadingZero(text);
  if (kind == ir::Kind::Bool) return parseBool(text).has_value();
  if (kind == ir::Kind::Date) return times.date(text, ignored) == TimeReading::Ok;
  return times.timestamp(text, ignored) != TimeReading::Unreadable;
}

ir::Kind kindOf(const arrow::DataType& type) {
  for (const ir::Kind kind : {ir::Kind::Int, ir::Kind::Float, ir::Kind::Bool, ir::Kind::Date, ir::Kind::Timestamp,
                              ir::Kind::Duration, ir::Kind::Text}) {
    ir::Type wanted;
    wanted.kind = kind;
    if (canFill(wanted, type)) return kind;
  }
  return type.id() == arrow::Type::NA ? ir::Kind::Null : ir::Kind::Error;
}

/// The kind that holds the values of both.
ir::Kind join(ir::Kind a, ir::Kind b) {
  if (a == b || b == ir::Kind::Null) return a;
  if (a == ir::Kind::Null) return b;
  const auto number = [](ir::Kind k) { return k == ir::Kind::Int || k == ir::Kind::Float; };
  const auto time = [](ir::Kind k) { return k == ir::Kind::Date || k == ir::Kind::Timestamp; };
  if (a == ir::Kind::Error || b == ir::Kind::Error) return ir::Kind::Error;
  if (time(a) && time(b)) return ir::Kind::Timestamp;
  return number(a) && number(b) ? ir::Kind::Float : ir::Kind::Text;
}

void gatherLevels(const arrow::Array& texts, Sight& sight) {
  const TextReader reader(texts);
  std::string_view last;
  for (std::int64_t i = 0; i < texts.length() && sight.levels.size() <= kMostLevels; ++i) {
    if (texts.IsNull(i)) continue;
    const std::string_view text = reader[i];
    if (i > 0 && text == last) continue;
    last = text;
    if (!sight.levels.contains(text)) sight.levels.emplace(text);
  }
}

/// Strikes off the kinds that a text is not of.
void keepCandidates(const arrow::Array& texts, const TextFormat& format, std::vector<ir::Kind>& kinds) {
  const TextReader reader(texts);
  TimeReader times(format);
  for (std::int64_t i = 0; i < texts.length() && !kinds.empty(); ++i) {
    if (texts.IsNull(i)) continue;
    std::erase_if(kinds, [&](ir::Kind kind) { return !isOf(kind, reader[i], format, times); });
  }
}

Status lookAtColumn(TableFile& table, int column, Sight& sight) {
  const arrow::DataType& type = *table.schema().field(column)->type();
  const ir::Kind stored = kindOf(type);
  std::vector<ir::Kind> kinds = stored == ir::Kind::Text ? candidates(table.texts()) : std::vector<ir::Kind>{};
  bool values = false;
  for (std::size_t p = 0; p < table.pieces(); ++p) {
    CD4ML_TRY(const auto chunks, table.load(p, column));
    for (const auto& chunk : chunks->chunks()) {
      sight.nulls = sight.nulls || chunk->null_count() > 0 || stored == ir::Kind::Null;
      values = values || chunk->null_count() < chunk->length();
      if (stored != ir::Kind::Text) continue;
      gatherLevels(*chunk, sight);
      keepCandidates(*chunk, table.format(), kinds);
    }
  }
  // Texts that are all null say nothing of their kind.
  const bool unknown = stored == ir::Kind::Text && !values;
  sight.kind = join(sight.kind, unknown ? ir::Kind::Null : kinds.empty() ? stored : kinds.front());
  return Done{};
}

}  // namespace

Result<std::vector<InferredColumn>> inferColumns(ReadRequest request) {
  request.fields.clear();
  CD4ML_TRY(const OpenFiles files, openFiles(request));
  std::vector<InferredColumn> out;
  std::vector<Sight> sights;
  for (const std::string& name : files.files[0].table->schema().field_names()) {
    out.push_back({name, {}});
    sights.emplace_back();
  }
  for (const OpenFile& file : files.files) {
    for (std::size_t c = 0; c < out.size(); ++c) {
      const int column = file.table->schema().GetFieldIndex(out[c].name);
      if (column < 0)
        return missingColumn(file.path, {out[c].name, {}, request.span}, file.table->schema().field_names());
      CD4ML_TRY_VOID(lookAtColumn(*file.table, column, sights[c]));
    }
  }
  for (std::size_t c = 0; c < out.size(); ++c) {
    const Sight& sight = sights[c];
    if (sight.kind == ir::Kind::Error) {
      return makeError("CD5011",
                       "`" + request.files[0].path + "`, column `" + out[c].name +
                           "` holds a type that is not supported yet; list the columns you need",
                       request.span);
    }
    out[c].type.kind = sight.kind == ir::Kind::Null ? ir::Kind::Text : sight.kind;
    if (sight.kind == ir::Kind::Text && sight.levels.size() <= kMostLevels) out[c].type.kind = ir::Kind::Category;
    out[c].type.nullable = sight.nulls;
  }
  CD4ML_TRY_VOID(checkUnchanged(request));
  return out;
}

}  // namespace cd4ml::data
