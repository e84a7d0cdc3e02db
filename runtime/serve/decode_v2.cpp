// Open Inference Protocol V2: one tensor a column, or one matrix of numbers.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "runtime/serve/decode.h"

namespace cd4ml::serve {

using Type = simdjson::dom::element_type;
using Element = simdjson::dom::element;

/// A datatype of the protocol.
struct Datatype {
  std::string_view name;
  enum class Form : std::uint8_t { Bool, Int, Float, Bytes } form;
  std::int64_t low = 0;
  std::int64_t high = 0;   ///< Int: both ends; UINT64 ends where int64 does, beyond it is no int of cd4ml
};

/// A tensor whose parts have been looked at.
struct Tensor {
  std::string_view name;
  const Datatype* datatype = nullptr;
  std::vector<std::int64_t> shape{};
  simdjson::dom::array data{};
};

namespace {

constexpr std::int64_t int64_low = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t int64_high = std::numeric_limits<std::int64_t>::max();
constexpr std::array<Datatype, 13> datatypes{{{"BOOL", Datatype::Form::Bool}, {"BYTES", Datatype::Form::Bytes},
    {"FP64", Datatype::Form::Float}, {"FP32", Datatype::Form::Float}, {"FP16", Datatype::Form::Float},
    {"INT8", Datatype::Form::Int, -128, 127}, {"INT16", Datatype::Form::Int, -32768, 32767},
    {"INT32", Datatype::Form::Int, -2147483648LL, 2147483647LL}, {"INT64", Datatype::Form::Int, int64_low, int64_high},
    {"UINT8", Datatype::Form::Int, 0, 255}, {"UINT16", Datatype::Form::Int, 0, 65535},
    {"UINT32", Datatype::Form::Int, 0, 4294967295LL}, {"UINT64", Datatype::Form::Int, 0, int64_high}}};

const Datatype* findDatatype(std::string_view name) {
  const auto found = std::find_if(datatypes.begin(), datatypes.end(), [&](const Datatype& each) { return each.name == name; });
  return found == datatypes.end() ? nullptr : &*found;
}

/// Whether values of a datatype can fill a column.
bool fills(Datatype::Form form, ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int: return form == Datatype::Form::Int;
    case ir::Kind::Float: return form == Datatype::Form::Int || form == Datatype::Form::Float;
    case ir::Kind::Bool: return form == Datatype::Form::Bool;
    case ir::Kind::Text: case ir::Kind::Category: return form == Datatype::Form::Bytes;
    case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration: return form == Datatype::Form::Bytes || form == Datatype::Form::Int;
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: break;
  }
  return false;
}

std::string_view wantedDatatype(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int: return "INT64";
    case ir::Kind::Float: return "FP64";
    case ir::Kind::Bool: return "BOOL";
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Vector: case ir::Kind::Text: case ir::Kind::Category:
    case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration: break;
  }
  return "BYTES";
}

Rejected readShape(Element value, const Limits& limits, Tensor& out) {
  if (value.type() != Type::ARRAY) return reject(fmt::format("the shape of tensor `{}` is no list", shownName(out.name)));
  std::int64_t count = 1;
  for (const Element size : arrayOf(value)) {
    if (size.type() != Type::INT64 || size.get_int64().value_unsafe() < 0) return reject(fmt::format("the shape of tensor `{}` has a size that is no whole number", shownName(out.name)));
    out.shape.push_back(size.get_int64().value_unsafe());
    if (__builtin_mul_overflow(count, out.shape.back(), &count) || count > limits.elements) return Reject{413, fmt::format("tensor `{}` has more than {} elements", shownName(out.name), limits.elements)};
    if (out.shape.size() > 8) return reject(fmt::format("tensor `{}` has more than 8 dimensions", shownName(out.name)));
  }
  return std::nullopt;
}

Rejected readTensor(simdjson::dom::object object, const Limits& limits, Tensor& out) {
  bool has_shape = false;
  bool has_data = false;
  std::string_view name;
  if (object["name"].get(name) != simdjson::SUCCESS) return reject("an input tensor has no `name` that is a text");
  out.name = name;
  unsigned seen = 0;
  for (const auto field : object) {
    const unsigned bit = field.key == "name" ? 1U : field.key == "shape" ? 2U : field.key == "datatype" ? 4U : field.key == "data" ? 8U : field.key == "parameters" ? 16U : 0U;
    if (bit == 0) return reject(fmt::format("tensor `{}` has a key `{}` that no tensor has", shownName(out.name), shownName(field.key)));
    if ((seen & bit) != 0) return reject(fmt::format("the key `{}` stands twice in tensor `{}`", shownName(field.key), shownName(out.name)));
    seen |= bit;
    if (bit == 2U) {
      has_shape = true;
      if (Rejected bad = readShape(field.value, limits, out)) return bad;
    } else if (bit == 4U) {
      if (field.value.type() != Type::STRING) return reject(fmt::format("the datatype of tensor `{}` is no text", shownName(out.name)));
      out.datatype = findDatatype(field.value.get_string().value_unsafe());
      if (out.datatype == nullptr) return reject(fmt::format("tensor `{}` has a datatype that there is not", shownName(out.name)));
    } else if (bit == 8U) {
      has_data = true;
      if (field.value.type() != Type::ARRAY) return reject(fmt::format("the data of tensor `{}` is no list", shownName(out.name)));
      out.data = arrayOf(field.value);
    } else if (bit == 16U && field.value.type() != Type::OBJECT) {
      return reject(fmt::format("the parameters of tensor `{}` are no object", shownName(out.name)));
    }
  }
  if (!has_shape || !has_data || out.datatype == nullptr) return reject(fmt::format("tensor `{}` needs `shape`, `datatype` and `data`", shownName(out.name)));
  return std::nullopt;
}

/// Calls `take` with each element of nested or flat data; false if it stopped.
template <class Take>
bool eachElement(simdjson::dom::array data, int depth, const Take& take) {
  for (const Element value : data) {
    if (value.type() == Type::ARRAY && depth > 0) {
      if (!eachElement(arrayOf(value), depth - 1, take)) return false;
    } else if (!take(value)) {
      return false;
    }
  }
  return true;
}

/// A number must be one of its tensor's datatype.
Rejected inRange(const Tensor& tensor, std::int64_t row, Element value) {
  const Type type = value.type();
  if (type == Type::NULL_VALUE) return std::nullopt;
  const auto wrong = [&](std::string_view what) { return reject(fmt::format("tensor `{}`, row {}: {} {}", shownName(tensor.name), row + 1, what, tensor.datatype->name)); };
  switch (tensor.datatype->form) {
    case Datatype::Form::Bool: return type == Type::BOOL ? std::nullopt : wrong("a value that is no");
    case Datatype::Form::Bytes: return type == Type::STRING ? std::nullopt : wrong("a value that is no text, in a tensor of");
    case Datatype::Form::Float: return type == Type::DOUBLE || type == Type::INT64 || type == Type::UINT64 || type == Type::STRING ? std::nullopt : wrong("a value that is no");
    case Datatype::Form::Int: {
      if (type != Type::INT64) return wrong(type == Type::UINT64 ? "a number beyond the range of" : "a value that is no");
      const std::int64_t number = value.get_int64().value_unsafe();
      if (number < tensor.datatype->low || number > tensor.datatype->high) return wrong("a number beyond the range of");
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

/// Whether a tensor is the whole input as a matrix, or one column; and whether its form fits the columns it fills.
Rejected Decoder::claimColumns(const Tensor& tensor, std::size_t first, std::size_t count) {
  const bool matrix = count > 1;
  for (std::size_t c = first; c < first + count; ++c) {
    const ir::Column& input = schema_.inputs()[c];
    const ir::Kind kind = input.type.kind;
    const bool number = tensor.datatype->form != Datatype::Form::Bytes && (kind == ir::Kind::Int || kind == ir::Kind::Float || kind == ir::Kind::Bool);
    if (matrix && !number) return reject(fmt::format("a matrix holds numbers alone: column `{}` is {}, so each column needs a tensor of its own", input.name, ir::typeText(input.type)));
    if (!matrix && !fills(tensor.datatype->form, kind)) return reject(fmt::format("column `{}` is {}: expected a tensor of {}, got {}", input.name, ir::typeText(input.type), wantedDatatype(kind), tensor.datatype->name));
    if (seen_[c]++ != 0) return reject(fmt::format("input column `{}` stands twice", input.name));
  }
  return std::nullopt;
}

/// One element: a bool of a matrix is 0 or 1 there.
Rejected Decoder::element(const Tensor& tensor, std::size_t column, std::int64_t row, Layout layout, Element value, score::RowBatch& batch) const {
  if (Rejected bad = inRange(tensor, row, value)) return bad;
  const ir::Column& input = schema_.inputs()[column];
  if (layout == Layout::Column || input.type.kind != ir::Kind::Bool || value.type() == Type::BOOL) return cell(column, row, value, batch);
  std::int64_t flag = -1;
  if (value.get_int64().get(flag) != simdjson::SUCCESS || flag < 0 || flag > 1) return reject(fmt::format("column `{}`, row {}: expected 0 or 1", input.name, row + 1));
  batch.columns()[column].setBool(row, flag == 1);
  return std::nullopt;
}

Rejected Decoder::fillColumns(const Tensor& tensor, std::size_t first, std::size_t count, score::RowBatch& batch) {
  const auto wide = static_cast<std::int64_t>(count);
  const std::int64_t all = batch.rows() * wide;
  std::int64_t at = 0;
  Rejected bad;
  eachElement(tensor.data, 2, [&](Element value) {
    if (at >= all) return ++at, false;
    bad = element(tensor, first + static_cast<std::size_t>(at % wide), at / wide, count > 1 ? Layout::Matrix : Layout::Column, value, batch);
    ++at;
    return !bad;
  });
  if (bad) return bad;
  if (at != all) return reject(fmt::format("tensor `{}` has {} elements, its shape says {}", shownName(tensor.name), at > all ? "more" : std::to_string(at), all));
  if (tensor.datatype->name != "FP32") return std::nullopt;
  for (std::size_t c = first; c < first + count; ++c) {  // what such a tensor holds are float32 numbers, however many digits were sent
    score::RowBatch::Column& out = batch.columns()[c];
    for (std::int64_t r = 0; out.kind == ir::Kind::Float && r < batch.rows(); ++r) {
      if (out.isValid(r)) out.setFloat(r, static_cast<double>(static_cast<float>(reinterpret_cast<const double*>(out.words)[r])));
    }
  }
  return std::nullopt;
}

Rejected Decoder::tensors(simdjson::dom::array inputs, score::RowBatch& batch, const Ask& ask) {
  std::int64_t rows = -1;
  const std::size_t count = inputs.size();
  for (const Element value : inputs) {
    if (value.type() != Type::OBJECT) return reject("an input is no tensor");
    Tensor tensor;
    if (Rejected bad = readTensor(objectOf(value), limits_, tensor)) return bad;
    const int column = schema_.find(tensor.name);
    const bool matrix = count == 1 && schema_.size() > 1 && tensor.shape.size() == 2 && tensor.shape[1] == static_cast<std::int64_t>(schema_.size());
    if (!matrix && column < 0) {
      if (ask.unknown == UnknownColumns::Ignore) continue;
      return schema_.unknown(tensor.name);
    }
    const bool one_wide = tensor.shape.size() == 1 || (tensor.shape.size() == 2 && tensor.shape[1] == 1);
    if (!matrix && !one_wide) return reject(fmt::format("tensor `{}` has to have the shape [rows] or [rows, 1]", shownName(tensor.name)));
    if (rows < 0) {
      rows = tensor.shape[0];
      if (Rejected bad = beginRows(rows, batch)) return bad;
    }
    if (tensor.shape[0] != rows) return reject(fmt::format("tensor `{}` has {} rows, the one before it {}", shownName(tensor.name), tensor.shape[0], rows));
    const std::size_t first = matrix ? 0 : static_cast<std::size_t>(column);
    const std::size_t wide = matrix ? schema_.size() : 1;
    if (Rejected bad = claimColumns(tensor, first, wide)) return bad;
    if (Rejected bad = fillColumns(tensor, first, wide, batch)) return bad;
  }
  if (rows < 0) return reject("`inputs` holds no tensor");
  return allSeen();
}

Rejected Decoder::v2(Element body, score::RowBatch& batch, Ask& ask) {
  if (body.type() != Type::OBJECT) return reject("the body is no JSON object");
  const auto object = objectOf(body);
  simdjson::dom::array inputs;
  unsigned seen = 0;
  for (const auto field : object) {
    const unsigned bit = field.key == "inputs" ? 1U : field.key == "id" ? 2U : field.key == "parameters" ? 4U : field.key == "outputs" ? 8U : 0U;
    if (bit == 0) return reject(fmt::format("an inference request has no key `{}`", shownName(field.key)));
    if ((seen & bit) != 0) return reject(fmt::format("the key `{}` stands twice", field.key));
    seen |= bit;
    if (bit == 1U) {
      if (field.value.type() != Type::ARRAY) return reject("`inputs` is no list");
      inputs = arrayOf(field.value);
    } else if (bit == 2U) {
      if (field.value.type() != Type::STRING) return reject("`id` is no text");
      ask.id = field.value.get_string().value_unsafe();
    } else if (bit == 4U) {
      if (Rejected bad = takeParameters(field.value, ask)) return bad;
    } else {
      if (field.value.type() != Type::ARRAY) return reject("`outputs` is no list");
      for (const Element output : arrayOf(field.value)) {
        std::string_view name;
        if (output.type() != Type::OBJECT || output["name"].get(name) != simdjson::SUCCESS) return reject("an output has no `name` that is a text");
        if (Rejected twice = uniqueKeys(objectOf(output), "an output")) return twice;
        ask.outputs.push_back(name);
      }
    }
  }
  if ((seen & 1U) == 0) return reject("`inputs` is missing: a list of tensors, one a column");
  return tensors(inputs, batch, ask);
}

}  // namespace cd4ml::serve
