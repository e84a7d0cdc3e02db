#include "runtime/serve/connection.h"

#include <algorithm>
#include <cstring>

#include <unistd.h>

#include "base/internal_check.h"

namespace cd4ml::serve {

namespace {
constexpr std::size_t first_capacity = 4096;
constexpr std::size_t kept_capacity = 64 * 1024;
}  // namespace

char* InputBuffer::room(std::size_t least, std::size_t& size) {
  if (capacity_ < end_ + least + slack) {
    if (begin_ > 0) {
      std::memmove(memory_, memory_ + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (capacity_ < end_ + least + slack) {
      capacity_ = std::max({first_capacity, capacity_ * 2, end_ + least + slack});
      memory_ = static_cast<char*>(std::realloc(memory_, capacity_));
      CD4ML_CHECK(memory_ != nullptr);
    }
  }
  size = capacity_ - slack - end_;
  return memory_ + end_;
}

void InputBuffer::consume(std::size_t count) {
  begin_ += count;
  if (begin_ < end_) return;
  begin_ = end_ = 0;
  if (capacity_ <= kept_capacity) return;
  std::free(memory_);
  memory_ = nullptr;
  capacity_ = 0;
}

Connection::~Connection() { ::close(fd); }

}  // namespace cd4ml::serve
