#include "runtime/data/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "runtime/data/pool_allocator.h"
#include "runtime/data/sample_columns_test.h"

namespace cd4ml::data {
namespace {

constexpr std::size_t mb = std::size_t{1} << 20;

TEST(BufferPool, GivesAFreedBlockToTheNextOfItsSize) {
  BufferPool pool(64 * mb);
  std::uint8_t* block = pool.take(24 * mb);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % (2 * mb), 0U);
  std::memset(block, 7, 24 * mb);
  pool.give(block, 24 * mb);
  EXPECT_EQ(pool.idleBytes(), 24 * mb);
  EXPECT_EQ(pool.take(23 * mb), block);
  EXPECT_EQ(pool.idleBytes(), 0U);
  pool.give(block, 23 * mb);
  EXPECT_EQ(pool.idleBytes(), 24 * mb) << "the whole block comes back, not what was asked for";
  std::uint8_t* small = pool.take(8 * mb);
  EXPECT_NE(small, block) << "a block that is much longer waits for one that needs it";
  pool.give(small, 8 * mb);
}

TEST(BufferPool, KeepsNoMoreThanItsLimit) {
  BufferPool pool(16 * mb);
  std::vector<std::uint8_t*> blocks;
  for (int i = 0; i < 4; ++i) blocks.push_back(pool.take(6 * mb));
  for (std::uint8_t* block : blocks) pool.give(block, 6 * mb);
  EXPECT_EQ(pool.idleBytes(), 12 * mb);
  pool.trim();
  EXPECT_EQ(pool.idleBytes(), 0U);
}

TEST(BufferPool, ServesThreads) {
  BufferPool pool(64 * mb);
  const auto work = [&](std::uint8_t mark) {
    for (int i = 0; i < 50; ++i) {
      const std::size_t size = (2 + static_cast<std::size_t>(i) % 3) * mb;
      std::uint8_t* block = pool.take(size);
      std::memset(block, mark, size);
      for (std::size_t at = 0; at < size; at += 4096) ASSERT_EQ(block[at], mark);
      pool.give(block, size);
    }
  };
  std::jthread other([&] { work(1); });
  work(2);
}

TEST(AllocateBuffer, PadsWithZeros) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{64}, std::size_t{1000}, 3 * mb + 8}) {
    for (int again = 0; again < 2; ++again) {
      const auto buffer = allocateBuffer(size);
      const std::size_t padded = (size + 63) / 64 * 64;
      for (std::size_t i = size; i < padded + buffer_slack; ++i) ASSERT_EQ(buffer.get()[i], 0) << size << " " << i;
      std::memset(buffer.get(), 0xff, padded + buffer_slack);
    }
  }
}

TEST(Scratch, HoldsWhatIsWritten) {
  Scratch<std::uint64_t> numbers(mb);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  numbers.resize(2 * mb);
  EXPECT_EQ(numbers[mb - 1], mb - 1);
}

TEST(Slice, SharesTheBufferWhereverItBegins) {
  std::vector<std::optional<std::int64_t>> values;
  for (std::int64_t i = 0; i < 1003; ++i) values.emplace_back(i % 7 == 0 ? std::nullopt : std::optional(i));
  Column whole = sample::ints(values);
  whole.readable = readableRows(ir::Kind::Int, whole.rows);
  for (const std::int64_t begin : {1, 8, 13, 700}) {
    const Column part = slice(whole, begin, whole.rows - begin);
    EXPECT_EQ(part.values.get(), whole.values.get() + begin * 8);
    const Column again = slice(part, 2, part.rows - 3);
    EXPECT_EQ(again.values.get(), part.values.get() + 16);
    const std::vector<std::optional<std::int64_t>> copy(values.begin() + begin + 2, values.end() - 1);
    EXPECT_EQ(contentId(again), contentId(sample::ints(copy)));
  }
  whole.readable = 0;  // of a buffer without slack the last rows are copied
  EXPECT_NE(slice(whole, 1, whole.rows - 1).values.get(), whole.values.get() + 8);
  EXPECT_EQ(slice(whole, 13, 500).values.get(), whole.values.get() + 13 * 8);
}

}  // namespace
}  // namespace cd4ml::data
