#include "compiler/parse/byte_stream.h"

#include "base/internal_check.h"

namespace cd4ml::parse {

void ByteStream::consume() {
  CD4ML_CHECK(at_ < text_.size());
  ++at_;
}

std::size_t ByteStream::LA(ssize_t offset) {
  const ssize_t place = static_cast<ssize_t>(at_) + (offset > 0 ? offset - 1 : offset);
  if (offset == 0) return 0;
  if (place < 0 || place >= static_cast<ssize_t>(text_.size())) return antlr4::IntStream::EOF;
  return static_cast<unsigned char>(text_[static_cast<std::size_t>(place)]);
}

std::string ByteStream::getText(const antlr4::misc::Interval& interval) {
  if (interval.a < 0 || interval.b < interval.a) return {};
  const auto begin = static_cast<std::size_t>(interval.a);
  if (begin >= text_.size()) return {};
  return std::string(text_.substr(begin, static_cast<std::size_t>(interval.b) - begin + 1));
}

}  // namespace cd4ml::parse
