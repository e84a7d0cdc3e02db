// Calendar kernels against the C++ library's calendar, int kernels against wide arithmetic.
#include <chrono>
#include <random>

#include <gtest/gtest.h>

#include "stdlib/kernels/native.h"

namespace cd4ml {
namespace {

struct alignas(64) Words {
  std::int64_t values[8];
};

std::int64_t run(std::string_view name, std::int64_t a, std::int64_t b = 0, std::int64_t c = 0) {
  const kernels::NativeKernel* kernel = kernels::findNative(name);
  EXPECT_NE(kernel, nullptr) << name;
  Words x[3] = {};
  for (int l = 0; l < 8; ++l) x[0].values[l] = a, x[1].values[l] = b, x[2].values[l] = c;
  Words out{};
  const void* args[] = {&x[0], &x[1], &x[2]};
  kernel->run(args, &out, 1);
  return out.values[5];
}

constexpr std::int64_t day_us = 86'400'000'000;
std::int64_t floorDiv(std::int64_t a, std::int64_t b) { return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0); }

void checkTime(std::int64_t us) {
  const std::int64_t days = floorDiv(us, day_us);
  const std::int64_t clock = us - days * day_us;
  EXPECT_EQ(run("timestamp_to_date_i", us), days) << us;
  EXPECT_EQ(run("time_of_day_i", us), clock) << us;
  EXPECT_EQ(run("hour_i", us), clock / 3'600'000'000) << us;
  EXPECT_EQ(run("minute_i", us), clock / 60'000'000 % 60) << us;
  EXPECT_EQ(run("second_i", us), clock / 1'000'000 % 60) << us;
  EXPECT_EQ(run("weekday_i", us), (days + 3 - floorDiv(days + 3, 7) * 7) + 1) << us;
  if (days < -11'000'000 || days > 11'000'000) return;  // beyond the years of std::chrono
  using namespace std::chrono;
  const year_month_day date{sys_days{std::chrono::days{days}}};
  const int year = static_cast<int>(date.year());
  EXPECT_EQ(run("year_i", us), year) << us;
  EXPECT_EQ(run("month_i", us), static_cast<unsigned>(date.month())) << us;
  EXPECT_EQ(run("quarter_i", us), (static_cast<unsigned>(date.month()) + 2) / 3) << us;
  EXPECT_EQ(run("day_i", us), static_cast<unsigned>(date.day())) << us;
  const auto of_year = (sys_days{date} - sys_days{date.year() / January / 1}).count() + 1;
  EXPECT_EQ(run("day_of_year_i", us), of_year) << us;
  EXPECT_EQ(run("days_in_month_i", us), static_cast<unsigned>(year_month_day_last(date.year(), month_day_last(date.month())).day())) << us;
  const sys_days thursday = sys_days{date} + std::chrono::days{4 - static_cast<int>(weekday{sys_days{date}}.iso_encoding())};
  const year_month_day of_week{thursday};
  EXPECT_EQ(run("week_i", us), (thursday - sys_days{of_week.year() / January / 1}).count() / 7 + 1) << us;
  EXPECT_EQ(run("make_date_iii", year, static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())), days) << us;
  EXPECT_EQ(run("make_date_iii_fails", year, static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())), 0) << us;
  const int months = 5;
  const std::int64_t period = floorDiv(std::int64_t{year} * 12 + static_cast<unsigned>(date.month()) - 1, months) * months;
  const std::int64_t start_year = floorDiv(period, 12);
  const sys_days start = std::chrono::year{static_cast<int>(start_year)} / static_cast<int>(period - start_year * 12 + 1) / 1;
  EXPECT_EQ(run("trunc_months_i", us, months), start.time_since_epoch().count() * day_us) << us;
  EXPECT_EQ(run("trunc_time_i", us, 7 * day_us, 4 * day_us), floorDiv(us - 4 * day_us, 7 * day_us) * 7 * day_us + 4 * day_us) << us;
}

TEST(Calendar, AgreesWithTheLibrary) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    checkTime(static_cast<std::int64_t>(random()));
    checkTime(static_cast<std::int64_t>(random()) >> 7);
    checkTime((static_cast<std::int64_t>(random()) >> 27) * day_us / 1024);
  }
  for (std::int64_t day = -800'000; day < 800'000; day += 13) checkTime(day * day_us), checkTime(day * day_us - 1);
  for (const std::int64_t us : {INT64_MIN, INT64_MAX, std::int64_t{0}, std::int64_t{-1}}) {
    EXPECT_EQ(run("timestamp_to_date_i", us), floorDiv(us, day_us));
  }
}

TEST(Calendar, RefusesDaysThatDoNotExist) {
  EXPECT_EQ(run("make_date_iii_fails", 2001, 2, 29), -1);
  EXPECT_EQ(run("make_date_iii_fails", 2000, 2, 29), 0);
  EXPECT_EQ(run("make_date_iii_fails", 1900, 2, 29), -1);
  EXPECT_EQ(run("make_date_iii_fails", 2001, 13, 1), -1);
  EXPECT_EQ(run("make_date_iii_fails", 2001, 0, 1), -1);
  EXPECT_EQ(run("make_date_iii_fails", INT64_MAX, 1, 1), -1);
  EXPECT_EQ(run("make_date_iii_fails", 2001, 1, INT64_MIN), -1);
}

TEST(Integers, OverflowIsSeenAndNothingElse) {
  const std::int64_t values[] = {0, 1, -1, 2, -2, 3, 7, -7, 1LL << 31, -(1LL << 31), 1LL << 62, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1};
  for (const std::int64_t a : values) {
    for (const std::int64_t b : values) {
      std::int64_t want = 0;
      EXPECT_EQ(run("add_ii_fails", a, b) != 0, __builtin_add_overflow(a, b, &want)) << a << " " << b;
      EXPECT_EQ(run("add_ii", a, b), want);
      EXPECT_EQ(run("sub_ii_fails", a, b) != 0, __builtin_sub_overflow(a, b, &want)) << a << " " << b;
      EXPECT_EQ(run("sub_ii", a, b), want);
      EXPECT_EQ(run("mul_ii_fails", a, b) != 0, __builtin_mul_overflow(a, b, &want)) << a << " " << b;
      EXPECT_EQ(run("mul_ii", a, b), want);
      const bool no_quotient = b == 0 || (a == INT64_MIN && b == -1);
      EXPECT_EQ(run("floordiv_ii_fails", a, b) != 0, no_quotient);
      EXPECT_EQ(run("mod_ii_fails", a, b) != 0, b == 0);
      if (no_quotient) continue;
      EXPECT_EQ(run("floordiv_ii", a, b), floorDiv(a, b)) << a << " " << b;
      EXPECT_EQ(run("mod_ii", a, b), static_cast<std::int64_t>(static_cast<__int128>(a) - static_cast<__int128>(floorDiv(a, b)) * b)) << a << " " << b;
    }
  }
  EXPECT_EQ(run("mod_ii", INT64_MIN, -1), 0);
}

}  // namespace
}  // namespace cd4ml
