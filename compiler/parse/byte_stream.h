/// The text of a file as ANTLR's character stream, one byte a character.
///
/// So a token's start and stop are byte offsets, and no copy in UTF-32 is made. The text must outlive the stream.
#pragma once

#include <string_view>

#include <CharStream.h>

namespace cd4ml::parse {

class ByteStream final : public antlr4::CharStream {
 public:
  explicit ByteStream(std::string_view text) : text_(text) {}

  void consume() override;
  std::size_t LA(ssize_t offset) override;
  ssize_t mark() override { return -1; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = index < text_.size() ? index : text_.size(); }
  std::size_t size() override { return text_.size(); }
  [[nodiscard]] std::string getSourceName() const override { return {}; }
  std::string getText(const antlr4::misc::Interval& interval) override;
  [[nodiscard]] std::string toString() const override { return std::string(text_); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace cd4ml::parse
