#include "compiler/plan/expression_text.h"

#include <string_view>

#include <fmt/format.h>

namespace cd4ml::plan {

namespace {

constexpr std::size_t longest = 160;

/// "log1p" of "log1p_f".
std::string_view baseName(std::string_view kernel) {
  const std::size_t at = kernel.rfind('_');
  return at == std::string_view::npos ? kernel : kernel.substr(0, at);
}

class Writer {
 public:
  Writer(const ir::Graph& graph, const std::function<std::string(std::uint32_t)>& input) : graph_(graph), input_(input) {}

  void write(ir::ValueId id) {
    if (text_.size() > longest) return;
    const ir::Value& value = graph_[id];
    switch (value.op) {
      case ir::Op::Input: text_ += input_(value.slot); return;
      case ir::Op::Constant: text_ += ir::literalText(value.literal); return;
      case ir::Op::Call: return writeCall(baseName(value.name), value);
      case ir::Op::Lookup: return writeCall("lookup", value);
      case ir::Op::Fit:
      case ir::Op::Encode:
      case ir::Op::Aggregate: return writeCall(value.name, value);
    }
  }

  [[nodiscard]] std::string take() {
    if (text_.size() <= longest) return std::move(text_);
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80) --end;
    return text_.substr(0, end) + "…";
  }

 private:
  void writeCall(std::string_view name, const ir::Value& value) {
    text_ += fmt::format("{}(", name);
    bool first = true;
    const auto comma = [&] {
      if (!first) text_ += ", ";
      first = false;
    };
    for (const ir::ValueId argument : value.args) {
      comma();
      write(argument);
    }
    for (const ir::Literal& option : value.options) {
      comma();
      text_ += ir::literalText(option);
    }
    text_ += ')';
  }

  const ir::Graph& graph_;
  const std::function<std::string(std::uint32_t)>& input_;
  std::string text_;
};

}  // namespace

std::string expressionText(const ir::Graph& graph, ir::ValueId value, const std::function<std::string(std::uint32_t slot)>& input) {
  Writer writer(graph, input);
  writer.write(value);
  return writer.take();
}

}  // namespace cd4ml::plan
