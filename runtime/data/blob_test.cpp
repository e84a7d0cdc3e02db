#include "runtime/data/blob.h"

#include <gtest/gtest.h>

#include "runtime/data/sample_columns_test.h"

namespace cd4ml::data {
namespace {

using namespace sample;

struct Bytes {
  std::shared_ptr<std::uint8_t> memory;
  std::size_t size = 0;
};

Bytes encode(const Column& column) {
  Bytes bytes;
  const EncodedColumn encoded = encodeColumn(column);
  for (const auto& piece : encoded.pieces) bytes.size += piece.size();
  bytes.memory = allocateBuffer(bytes.size);
  std::size_t at = 0;
  for (const auto& piece : encoded.pieces) {
    std::memcpy(bytes.memory.get() + at, piece.data(), piece.size());
    at += piece.size();
  }
  return bytes;
}

Result<Column> decode(const Bytes& bytes, const ir::Type& type) {
  return decodeColumn({bytes.memory.get(), bytes.size}, bytes.memory, type);
}

TEST(Blob, RoundTrip) {
  for (const Column& column : {ints({1, std::nullopt, 3}), floats({0.5}), bools({1, 0}), texts({"a", std::nullopt, ""}),
                               categories({"x", std::nullopt, "y"}), closedCategories({"b"}, {"b", "a"}), ints({})}) {
    const auto back = decode(encode(column), column.type);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(contentId(*back), contentId(column));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(back->values.get()) % 64, 0U);
  }
  // A slice whose tail holds other rows, and whose texts do not start at 0.
  const Column words = slice(texts({"aa", "b", "cc", "d"}), 1, 2);
  const auto back = decode(encode(words), words.type);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(contentId(*back), contentId(texts({"b", "cc"})));
}

TEST(Blob, DamageIsFound) {
  const Column column = categories({"x", "y"});
  const Bytes good = encode(column);
  for (std::size_t size : {std::size_t{0}, std::size_t{64}, good.size - 64}) {
    const auto cut = decode({good.memory, size}, column.type);
    ASSERT_FALSE(cut.ok());
    EXPECT_EQ(cut.error().code, "CD4010");
  }
  EXPECT_FALSE(decode(good, ints({1}).type).ok());
  // Any single byte changed gives an error or a column that can be read in full.
  for (std::size_t i = 0; i < good.size; ++i) {
    Bytes bad{allocateBuffer(good.size), good.size};
    std::memcpy(bad.memory.get(), good.memory.get(), good.size);
    bad.memory.get()[i] ^= 0xff;
    const auto read = decode(bad, column.type);
    if (read.ok()) (void)contentId(*read);
  }
}

}  // namespace
}  // namespace cd4ml::data
