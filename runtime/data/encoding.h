/// The bytes of a text file as UTF-8, whatever encoding they are in.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace arrow {
class Buffer;
}

namespace cd4ml::data {

/// `encoding` is a choice of stdlib/readers.def. A byte order mark of UTF-16 decides for UTF-16 under `utf-8` too,
/// since no UTF-8 begins with it; `utf-16` without one is little-endian. UTF-8 is passed on as it is, unchecked. Bytes
/// that mean nothing in their encoding are an error (CD5010) that names the line.
[[nodiscard]] Result<std::shared_ptr<arrow::Buffer>> toUtf8(std::shared_ptr<arrow::Buffer> bytes,
                                                            const std::string& encoding, const std::string& path,
                                                            Span span);

}  // namespace cd4ml::data
