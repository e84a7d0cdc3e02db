#include <arrow/type.h>

#include "runtime/data/open_files.h"
#include "runtime/data/read.h"

namespace cd4ml::data {

Result<std::vector<std::string>> columnNames(ReadRequest request) {
  request.fields.clear();
  CD4ML_TRY(const OpenFiles files, openFiles(request));
  return files.files.front().table->schema().field_names();
}

}  // namespace cd4ml::data
