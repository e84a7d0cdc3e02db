#include "runtime/score/row_batch.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "base/internal_check.h"

namespace cd4ml::score {

namespace {

std::shared_ptr<std::uint8_t> allocate(std::size_t bytes) {
  const std::size_t size = (bytes / 64 + 2) * 64;
  auto* memory = static_cast<std::uint8_t*>(std::aligned_alloc(64, size));
  CD4ML_CHECK(memory != nullptr);
  std::memset(memory, 0, size);
  return {memory, [](std::uint8_t* p) { std::free(p); }};
}

bool isTexts(ir::Kind kind) { return kind == ir::Kind::Text || kind == ir::Kind::Category; }

}  // namespace

RowBatch::RowBatch(std::span<const ir::Column> inputs) {
  for (const ir::Column& input : inputs) columns_.push_back({.kind = input.type.kind, .nullable = input.type.nullable});
  dictionaries_.resize(inputs.size());
  text_bytes_.resize(inputs.size());
  offsets_.resize(inputs.size());
  grow(64);
}

void RowBatch::grow(std::int64_t rows) {
  capacity_ = std::max(rows, capacity_ * 2);
  const auto count = static_cast<std::size_t>((capacity_ + 63) / 64 * 64);
  memory_.clear();
  for (Column& column : columns_) {
    memory_.push_back(allocate(count / 8));
    column.validity = memory_.back().get();
    if (isTexts(column.kind)) continue;
    const bool flag = column.kind == ir::Kind::Bool;
    memory_.push_back(allocate(flag ? count : count * 8));
    if (flag) column.bytes = memory_.back().get();
    else column.words = reinterpret_cast<std::int64_t*>(memory_.back().get());
  }
}

void RowBatch::reset(std::int64_t rows) {
  if (rows > capacity_) grow(rows);
  rows_ = rows;
  kept_.clear();
  for (Column& column : columns_) {
    column.nulls = 0;
    std::memset(column.validity, 0xff, static_cast<std::size_t>(rows + 7) / 8);
    if (isTexts(column.kind)) column.texts.assign(static_cast<std::size_t>(std::max<std::int64_t>(rows, 8)), {});
  }
}

std::string_view RowBatch::keep(std::string text) {
  kept_.push_back(std::make_unique<std::string>(std::move(text)));
  return *kept_.back();
}

RowBatch RowBatch::ownedCopy() const {
  RowBatch copy;
  copy.columns_ = columns_;
  copy.rows_ = rows_;
  copy.dictionaries_.resize(columns_.size());
  copy.text_bytes_.resize(columns_.size());
  copy.offsets_.resize(columns_.size());
  copy.grow(rows_);
  const auto rows = static_cast<std::size_t>(rows_);
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Column& to = copy.columns_[c];
    std::memcpy(to.validity, columns_[c].validity, (rows + 7) / 8);
    if (to.bytes != nullptr) std::memcpy(to.bytes, columns_[c].bytes, rows);
    if (to.words != nullptr) std::memcpy(to.words, columns_[c].words, rows * 8);
    std::size_t bytes = 0;
    for (const std::string_view text : to.texts) bytes += text.size();
    auto all = std::make_unique<std::string>();
    all->reserve(bytes);
    for (std::string_view& text : to.texts) {
      const std::size_t at = all->size();
      all->append(text);
      text = std::string_view(all->data() + at, text.size());
    }
    copy.kept_.push_back(std::move(all));
  }
  return copy;
}

std::vector<ColumnView> RowBatch::views() {
  const auto rows = static_cast<std::size_t>(rows_);
  const std::size_t padded = (rows + 63) / 64 * 64;
  if (codes_.size() < padded) {
    codes_.resize(padded);
    std::iota(codes_.begin(), codes_.end(), 0);
  }
  std::vector<ColumnView> views;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const Column& column = columns_[c];
    ColumnView view{.kind = column.kind, .rows = rows_, .values = column.words, .offsets = nullptr,
                    .validity = column.nulls > 0 ? column.validity : nullptr, .dictionary = nullptr};
    if (column.kind == ir::Kind::Bool) view.values = column.bytes;
    if (column.kind == ir::Kind::Category) {
      dictionaries_[c].levels.assign(column.texts.begin(), column.texts.begin() + rows_);
      // Codes are read a group of eight at a time: those behind the last row must name a text, too.
      dictionaries_[c].levels.resize((rows + 63) / 64 * 64);
      view.values = codes_.data();
      view.dictionary = &dictionaries_[c];
    } else if (column.kind == ir::Kind::Text) {
      text_bytes_[c].clear();
      offsets_[c].assign(1, 0);
      for (std::size_t r = 0; r < rows; ++r) {
        text_bytes_[c].append(column.texts[r]);
        offsets_[c].push_back(static_cast<std::int64_t>(text_bytes_[c].size()));
      }
      offsets_[c].resize(rows + 9, offsets_[c].back());
      view.values = text_bytes_[c].data();
      view.offsets = offsets_[c].data();
    }
    views.push_back(view);
  }
  return views;
}

}  // namespace cd4ml::score
