#include "runtime/engine/inspect_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/data/read.h"
#include "runtime/data/traffic.h"
#include "runtime/engine/split_rows.h"

namespace cd4ml::engine {

namespace {

/// What is wrong with the values is to be counted, not to stop the reading.
ir::Type lenient(ir::Type type) {
  type.nullable = true;
  if (type.kind == ir::Kind::Category) type.levels = nullptr;
  return type;
}

class Reader {
 public:
  Reader(Run& run, const RowsRequest& request) : run_(run), request_(request) {}

  Result<InspectedRows> read() {
    if (!request_.data.empty()) {
      CD4ML_TRY_VOID(readFile());
    } else if (!request_.traffic.empty()) {
      CD4ML_TRY_VOID(readCaptured());
    } else {
      CD4ML_TRY_VOID(readProject());
    }
    for (const WantedColumn& wanted : request_.columns) {
      if (out_.raw.contains(wanted.column.name) || wanted.required) continue;
      out_.absent.emplace(wanted.column.name, fmt::format("there is no column `{}`", wanted.column.name));
    }
    CD4ML_TRY_VOID(findTimes());
    if (!request_.traffic.empty()) leaveOutEarlier();
    return std::move(out_);
  }

 private:
  void missing(const WantedColumn& wanted, const std::string& why, monitor::Verdict verdict) {
    if (!out_.absent.emplace(wanted.column.name, why).second) return;
    if (wanted.required) out_.schema.push_back({.kind = "schema", .name = wanted.column.name, .verdict = verdict, .message = why});
  }

  [[nodiscard]] data::ReadRequest fileRequest() const {
    data::ReadRequest read;
    read.files = {{.path = request_.data}};
    read.threads = run_.threads();
    return read;
  }

  Status readFile() {
    out_.complete = true;
    CD4ML_TRY(const std::vector<std::string> names, data::columnNames(fileRequest()));
    std::vector<const WantedColumn*> there;
    for (const WantedColumn& wanted : request_.columns) {
      if (std::find(names.begin(), names.end(), wanted.column.name) != names.end()) there.push_back(&wanted);
      else missing(wanted, fmt::format("there is no column `{}`", wanted.column.name), monitor::Verdict::Alarm);
    }
    if (there.empty()) return makeError("CD5004", fmt::format("`{}` has none of the columns that are watched", request_.data));
    data::ReadRequest read = fileRequest();
    for (const WantedColumn* wanted : there) read.fields.push_back({wanted->column.name, lenient(wanted->column.type), {}});
    Result<data::ReadResult> all = data::readFiles(read);
    if (all.ok()) {
      out_.rows = all->rows;
      for (std::size_t i = 0; i < there.size(); ++i) out_.raw[there[i]->column.name] = std::move(all->columns[i]);
      return Done{};
    }
    // Some column cannot be read as what it was: the others still can.
    for (const WantedColumn* wanted : there) {
      read.fields = {{wanted->column.name, lenient(wanted->column.type), {}}};
      Result<data::ReadResult> one = data::readFiles(read);
      if (!one.ok()) {
        missing(*wanted, one.error().describe(), monitor::Verdict::Alarm);
        continue;
      }
      out_.rows = one->rows;
      out_.raw[wanted->column.name] = std::move(one->columns[0]);
    }
    if (out_.raw.empty()) return std::move(all).error();
    return Done{};
  }

  Status readCaptured() {
    data::TrafficRequest read{.folder = request_.traffic, .from_us = request_.traffic_from_us - request_.look_back_us, .label = request_.label, .threads = run_.threads()};
    for (const WantedColumn& wanted : request_.columns) read.fields.push_back({wanted.column.name, lenient(wanted.column.type), {}});
    CD4ML_TRY(const data::Traffic traffic, data::readTraffic(read));
    if (traffic.rows == 0) return Done{};
    // A row that a challenger merely shadowed was answered by the champion: it is there already.
    const data::Column* arm = traffic.find("_arm");
    std::vector<std::int32_t> rows;
    for (std::int64_t r = 0; r < traffic.rows; ++r) {
      if (arm == nullptr || textAt(*arm, r) != "shadow") rows.push_back(static_cast<std::int32_t>(r));
    }
    out_.rows = static_cast<std::int64_t>(rows.size());
    for (const WantedColumn& wanted : request_.columns) {
      const data::Column* column = traffic.find(wanted.column.name);
      // Personal columns are not captured: that is no fault of the traffic.
      const auto verdict = wanted.column.has(ir::Role::Pii) ? monitor::Verdict::Insufficient : monitor::Verdict::Alarm;
      if (column == nullptr) missing(wanted, fmt::format("the captured rows have no column `{}`", wanted.column.name), verdict);
      else out_.raw[wanted.column.name] = data::take(*column, rows);
    }
    if (const data::Column* label = traffic.find("_label")) out_.label = data::take(*label, rows);
    if (const data::Column* at = traffic.find("_at")) arrived_ = data::take(*at, rows);
    return Done{};
  }

  static std::string_view textAt(const data::Column& column, std::int64_t row) {
    const score::ColumnView view = column.view();
    if (!view.isValid(row)) return {};
    return view.kind == ir::Kind::Category ? view.dictionary->levels[static_cast<std::size_t>(view.codes()[row])] : view.text(row);
  }

  Status readProject() {
    Slots slots;
    std::vector<std::string> names;
    const std::vector<ir::Column>& columns = run_.node(request_.base).columns;
    for (const WantedColumn& wanted : request_.columns) {
      const auto at = std::find_if(columns.begin(), columns.end(), [&](const ir::Column& c) { return c.name == wanted.column.name; });
      if (at == columns.end()) continue;
      slots.push_back(static_cast<std::uint32_t>(at - columns.begin()));
      names.push_back(wanted.column.name);
    }
    CD4ML_TRY(std::vector<data::Column> fetched, fetchColumns(run_, request_.base, slots));
    for (std::size_t i = 0; i < fetched.size(); ++i) {
      out_.rows = fetched[i].rows;
      out_.raw[names[i]] = std::move(fetched[i]);
    }
    return Done{};
  }

  /// Rows that came before the wanted time; the newest of their times stays known.
  void leaveOutEarlier() {
    std::vector<std::int32_t> rows;
    for (std::int64_t r = 0; arrived_ && r < out_.rows; ++r) {
      if (timeAt(*arrived_, r) >= request_.traffic_from_us) rows.push_back(static_cast<std::int32_t>(r));
      else out_.before_us = std::max(out_.before_us, out_.times[static_cast<std::size_t>(r)]);
    }
    if (static_cast<std::int64_t>(rows.size()) < out_.rows) out_ = takeInspected(out_, rows);
  }

  static std::int64_t timeAt(const data::Column& column, std::int64_t row) {
    const score::ColumnView view = column.view();
    return view.isValid(row) ? eventTime(view.kind, view.ints()[row]) : monitor::no_time;
  }

  Status findTimes() {
    std::optional<data::Column> event;
    if (request_.time && !request_.time->readsHistory() && out_.has(request_.time->program)) {
      CD4ML_TRY(event, computeRaw(run_, *request_.time, out_.raw, out_.rows));
    }
    const std::optional<data::Column>& cut = event ? event : arrived_;
    out_.by_arrival = !event && arrived_;
    if (cut) {
      for (std::int64_t r = 0; r < out_.rows; ++r) out_.times.push_back(timeAt(*cut, r));
    }
    const std::optional<data::Column>& fresh = arrived_ ? arrived_ : event;
    for (std::int64_t r = 0; fresh && r < out_.rows; ++r) out_.newest_us = std::max(out_.newest_us, timeAt(*fresh, r));
    return Done{};
  }

  Run& run_;
  const RowsRequest& request_;
  InspectedRows out_;
  std::optional<data::Column> arrived_;
};

}  // namespace

bool InspectedRows::has(const ir::ScoringProgram& program) const {
  return std::all_of(program.inputs.begin(), program.inputs.end(), [&](const ir::Column& input) { return raw.contains(input.name); });
}

Result<InspectedRows> readInspected(Run& run, const RowsRequest& request) { return Reader(run, request).read(); }

InspectedRows takeInspected(const InspectedRows& all, const std::vector<std::int32_t>& rows) {
  InspectedRows out = all;
  out.rows = static_cast<std::int64_t>(rows.size());
  for (auto& [name, column] : out.raw) column = data::take(column, rows);
  if (out.label) out.label = data::take(*out.label, rows);
  out.times.clear();
  for (const std::int32_t row : rows) {
    if (!all.times.empty()) out.times.push_back(all.times[static_cast<std::size_t>(row)]);
  }
  return out;
}

}  // namespace cd4ml::engine
