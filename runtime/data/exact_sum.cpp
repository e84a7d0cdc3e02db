#include "runtime/data/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/internal_check.h"

namespace cd4ml::data {

namespace {

using Digits = std::vector<std::uint32_t>;

void trim(Digits& digits) {
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
}

Digits squareOf(const Digits& a) {
  Digits out(2 * a.size() + 1, 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < a.size() || carry != 0; ++j) {
      const std::uint64_t product = j < a.size() ? static_cast<std::uint64_t>(a[i]) * a[j] : 0;
      const std::uint64_t sum = product + out[i + j] + carry;
      out[i + j] = static_cast<std::uint32_t>(sum);
      carry = sum >> 32U;
    }
  }
  trim(out);
  return out;
}

Digits times(const Digits& a, std::uint64_t factor) {
  Digits out;
  unsigned __int128 carry = 0;
  for (std::size_t i = 0; i < a.size() || carry != 0; ++i) {
    const unsigned __int128 sum = (i < a.size() ? static_cast<unsigned __int128>(a[i]) * factor : 0) + carry;
    out.push_back(static_cast<std::uint32_t>(sum));
    carry = sum >> 32U;
  }
  trim(out);
  return out;
}

/// a - b; a is not less than b.
Digits minus(Digits a, const Digits& b) {
  std::int64_t borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::int64_t d = static_cast<std::int64_t>(a[i]) - (i < b.size() ? b[i] : 0) + borrow;
    borrow = d < 0 ? -1 : 0;
    if (d < 0) d += std::int64_t{1} << 32;
    a[i] = static_cast<std::uint32_t>(d);
  }
  CD4ML_CHECK(borrow == 0);
  trim(a);
  return a;
}

bool bitAt(const Digits& digits, std::int64_t bit) {
  return ((digits[static_cast<std::size_t>(bit / 32)] >> static_cast<unsigned>(bit % 32)) & 1U) != 0;
}

}  // namespace

void WideNumber::add(unsigned __int128 magnitude, int shift, bool negative) {
  int at = shift / 32;
  const auto bits = static_cast<unsigned>(shift % 32);
  low_ = std::min(low_, at);
  std::uint64_t rest = 0;
  const std::int64_t sign = negative ? -1 : 1;
  for (; magnitude != 0 || rest != 0; ++at) {
    const std::uint64_t piece = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(magnitude)) << bits) + rest;
    chunk_[static_cast<std::size_t>(at)] += sign * static_cast<std::int64_t>(piece & 0xffffffffU);
    rest = piece >> 32U;
    magnitude >>= 32U;
  }
  high_ = std::max(high_, at);
  if (++pending_ == (std::int64_t{1} << 28)) carry();
}

void WideNumber::carry() {
  std::int64_t over = 0;
  for (int i = low_; i < chunks - 1; ++i) {
    const std::int64_t v = chunk_[static_cast<std::size_t>(i)] + over;
    chunk_[static_cast<std::size_t>(i)] = v & 0xffffffff;
    over = v >> 32;
  }
  chunk_[chunks - 1] += over;  // the top keeps the sign
  high_ = chunks;
  pending_ = 0;
}

WideNumber::Digits WideNumber::digits() {
  Digits out;
  if (low_ >= high_) return out;
  std::int64_t over = 0;
  out.digits.assign(static_cast<std::size_t>(low_), 0);
  for (int i = low_; i < high_ || (over != 0 && over != -1); ++i) {
    const std::int64_t v = (i < chunks ? chunk_[static_cast<std::size_t>(i)] : 0) + over;
    out.digits.push_back(static_cast<std::uint32_t>(v & 0xffffffff));
    over = v >> 32;
  }
  out.negative = over == -1;
  if (out.negative) {
    std::uint64_t one = 1;
    for (std::uint32_t& digit : out.digits) {
      const std::uint64_t v = static_cast<std::uint64_t>(~digit) + one;
      digit = static_cast<std::uint32_t>(v);
      one = v >> 32U;
    }
    if (one != 0) out.digits.push_back(1);  // minus a power of the base
  }
  trim(out.digits);
  return out;
}

double roundDigits(const Digits& digits, int exponent, bool negative) {
  if (digits.empty()) return 0.0;
  const std::int64_t top = static_cast<std::int64_t>(digits.size()) * 32 - 1 - std::countl_zero(digits.back());
  // The least bit that is kept: 53 bits, fewer where the result is subnormal.
  const std::int64_t least = std::max<std::int64_t>({top - 52, -1074 - static_cast<std::int64_t>(exponent), 0});
  std::uint64_t kept = 0;
  for (std::int64_t bit = top; bit >= least; --bit) kept = kept * 2 + (bitAt(digits, bit) ? 1 : 0);
  if (least > 0 && least - 1 <= top && bitAt(digits, least - 1)) {
    bool more = false;
    const std::int64_t half = least - 1;
    for (std::size_t d = 0; d < static_cast<std::size_t>(half / 32) && !more; ++d) more = digits[d] != 0;
    more = more || (digits[static_cast<std::size_t>(half / 32)] & ((std::uint32_t{1} << static_cast<unsigned>(half % 32)) - 1)) != 0;
    if (more || (kept & 1U) != 0) ++kept;
  }
  const double value = std::ldexp(static_cast<double>(kept), static_cast<int>(least) + exponent);
  return negative ? -value : value;
}

void ExactMoments::change(double value, int by) {
  count_ += by;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto biased = static_cast<int>((bits >> 52U) & 0x7ffU);
  const bool negative = (bits >> 63U) != 0;
  if (biased == 0x7ff) {
    (std::isnan(value) ? nan_ : negative ? below_ : above_) += by;
    return;
  }
  const std::uint64_t mantissa = (bits & 0xfffffffffffffU) | (biased == 0 ? 0 : std::uint64_t{1} << 52U);
  const int shift = biased == 0 ? 0 : biased - 1;  // in units of 2^-1074
  if (mantissa == 0) return;
  sum_.add(mantissa, shift, negative != (by < 0));
  if (keep_ == Keep::SumAndSquares) squares_.add(static_cast<unsigned __int128>(mantissa) * mantissa, 2 * shift, by < 0);
}

double ExactMoments::sum() {
  if (nan_ > 0 || (above_ > 0 && below_ > 0)) return std::numeric_limits<double>::quiet_NaN();
  if (above_ > 0) return std::numeric_limits<double>::infinity();
  if (below_ > 0) return -std::numeric_limits<double>::infinity();
  const WideNumber::Digits digits = sum_.digits();
  return roundDigits(digits.digits, sum_.exponent(), digits.negative);
}

double ExactMoments::variance() {
  if (nan_ > 0 || above_ > 0 || below_ > 0) return std::numeric_limits<double>::quiet_NaN();
  const auto n = static_cast<std::uint64_t>(count_);
  const Digits square = squareOf(sum_.digits().digits);
  const Digits numerator = minus(times(squares_.digits().digits, n), square);
  return roundDigits(numerator, squares_.exponent(), false) / (static_cast<double>(n) * static_cast<double>(n - 1));
}

}  // namespace cd4ml::data
