/// The whole text of a file, unpacked, as UTF-8.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace arrow {
class Buffer;
}

namespace cd4ml::data {

/// gzip and zstd are unpacked whatever the file's name; then the text is brought from its encoding (encoding.h).
[[nodiscard]] Result<std::shared_ptr<arrow::Buffer>> readText(const std::string& path, const std::string& encoding,
                                                              Span span);

[[nodiscard]] std::string_view textOf(const arrow::Buffer& buffer);
[[nodiscard]] bool isUtf8(std::string_view text);

/// The first bytes of a file, unpacked as far as they are: enough to tell formats apart. "" if it cannot be read.
[[nodiscard]] std::string firstText(const std::string& path);

}  // namespace cd4ml::data
