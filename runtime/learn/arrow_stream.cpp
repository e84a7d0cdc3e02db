#include "runtime/learn/arrow_stream.h"

#include <string>
#include <utility>

namespace cd4ml::learn {

namespace {

// The C data interface hands over plain structs whose `release` frees what `private_data` points at; the unique_ptrs
// below cross that border with release() and come back in the callback.

struct SchemaHold {
  std::vector<std::string> names;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};

struct ArrayHold {
  std::vector<std::vector<const void*>> buffers;  ///< one list a child, then the struct's own
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
};

struct StreamHold {
  std::vector<StreamColumn> columns;
  std::int64_t rows = 0;
  bool table = true;
  bool done = false;
};

void releaseChildSchema(ArrowSchema* schema) { schema->release = nullptr; }
void releaseChildArray(ArrowArray* array) { array->release = nullptr; }

void releaseSchema(ArrowSchema* schema) {
  const std::unique_ptr<SchemaHold> hold(static_cast<SchemaHold*>(schema->private_data));
  schema->release = nullptr;
}

void releaseArray(ArrowArray* array) {
  const std::unique_ptr<ArrayHold> hold(static_cast<ArrayHold*>(array->private_data));
  array->release = nullptr;
}

ArrowSchema childSchema(const StreamColumn& column, const char* name) {
  return {.format = column.format, .name = name, .metadata = nullptr, .flags = ARROW_FLAG_NULLABLE, .n_children = 0,
          .children = nullptr, .dictionary = nullptr, .release = releaseChildSchema, .private_data = nullptr};
}

int getSchema(ArrowArrayStream* stream, ArrowSchema* out) {
  const auto* source = static_cast<const StreamHold*>(stream->private_data);
  auto hold = std::make_unique<SchemaHold>();
  for (std::size_t i = 0; i < source->columns.size(); ++i) hold->names.push_back("f" + std::to_string(i));
  for (std::size_t i = 0; i < source->columns.size(); ++i) {
    hold->children.push_back(childSchema(source->columns[i], hold->names[i].c_str()));
  }
  for (ArrowSchema& child : hold->children) hold->pointers.push_back(&child);
  if (source->table) {
    *out = {.format = "+s", .name = "", .metadata = nullptr, .flags = 0,
            .n_children = static_cast<std::int64_t>(hold->pointers.size()), .children = hold->pointers.data(),
            .dictionary = nullptr, .release = releaseSchema, .private_data = nullptr};
  } else {
    *out = hold->children[0];
    out->release = releaseSchema;
  }
  out->private_data = hold.release();
  return 0;
}

ArrowArray plainArray(const StreamColumn& column, std::int64_t rows, std::vector<const void*>& buffers) {
  buffers = {column.validity, column.values};
  return {.length = rows, .null_count = column.validity == nullptr ? 0 : -1, .offset = 0, .n_buffers = 2, .n_children = 0,
          .buffers = buffers.data(), .children = nullptr, .dictionary = nullptr, .release = releaseChildArray,
          .private_data = nullptr};
}

int getNext(ArrowArrayStream* stream, ArrowArray* out) {
  auto* source = static_cast<StreamHold*>(stream->private_data);
  *out = {};
  if (std::exchange(source->done, true)) return 0;
  auto hold = std::make_unique<ArrayHold>();
  hold->buffers.resize(source->columns.size() + 1);
  for (std::size_t i = 0; i < source->columns.size(); ++i) {
    hold->children.push_back(plainArray(source->columns[i], source->rows, hold->buffers[i]));
  }
  for (ArrowArray& child : hold->children) hold->pointers.push_back(&child);
  if (source->table) {
    hold->buffers.back() = {nullptr};
    *out = {.length = source->rows, .null_count = 0, .offset = 0, .n_buffers = 1,
            .n_children = static_cast<std::int64_t>(hold->pointers.size()), .buffers = hold->buffers.back().data(),
            .children = hold->pointers.data(), .dictionary = nullptr, .release = releaseArray, .private_data = nullptr};
  } else {
    *out = hold->children[0];
    out->release = releaseArray;
  }
  out->private_data = hold.release();
  return 0;
}

const char* lastError(ArrowArrayStream* /*stream*/) { return nullptr; }

void releaseStream(ArrowArrayStream* stream) {
  const std::unique_ptr<StreamHold> hold(static_cast<StreamHold*>(stream->private_data));
  stream->release = nullptr;
}

ArrowArrayStream makeStream(StreamHold hold) {
  return {.get_schema = getSchema, .get_next = getNext, .get_last_error = lastError, .release = releaseStream,
          .private_data = std::make_unique<StreamHold>(std::move(hold)).release()};
}

}  // namespace

ArrowArrayStream tableStream(const std::vector<StreamColumn>& columns, std::int64_t rows) {
  return makeStream({.columns = columns, .rows = rows, .table = true});
}

ArrowArrayStream columnStream(const StreamColumn& column, std::int64_t rows) {
  return makeStream({.columns = {column}, .rows = rows, .table = false});
}

}  // namespace cd4ml::learn
