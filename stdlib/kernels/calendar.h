/// The calendar in UTC, proleptic Gregorian, over the whole range of int64 microseconds.
///
/// Years, months and days by Neri and Schneider (Euclidean affine functions, 2022), in double lanes, where a division
/// is a multiplication and a floor.
#pragma once

#include "stdlib/kernels/arithmetic.h"

namespace cd4ml::kernels {

constexpr std::int64_t day_us = 86'400'000'000;

CD4ML_LANES F daysOf(I us) { return divideDown(smallToFloat(us >> 13), 10546875.0); }  // a day is 2^13 * 10546875 us

struct Civil {
  F year, month, day;
  F day_of_year;  ///< from 0
};
CD4ML_LANES F remainderDown(F n, F quotient, double d) { return fma(quotient, -d, n); }
CD4ML_LANES M isLeap(F year) {
  const M fourth = remainderDown(year, divideDown(year, 4.0), 4.0) == 0.0;
  const M century = remainderDown(year, divideDown(year, 100.0), 100.0) == 0.0;
  const M fourth_century = remainderDown(year, divideDown(year, 400.0), 400.0) == 0.0;
  return fourth & (~century | fourth_century);
}
CD4ML_LANES Civil civilOf(F days) {
  const F n1 = fma(days + 719468.0, 4.0, splat(3.0));
  const F century = divideDown(n1, 146097.0);
  const F in_century = whole(remainderDown(n1, century, 146097.0) * 0.25);
  const F n2 = fma(in_century, 4.0, splat(3.0));
  const F of_century = divideDown(n2, 1461.0);
  const F from_march = whole(remainderDown(n2, of_century, 1461.0) * 0.25);
  const F n3 = fma(from_march, 2141.0, splat(197913.0));
  const F month = whole(n3 * 0x1p-16);
  const F day = whole(fma(month, -65536.0, n3) * (1.0 / 2141.0)) + 1.0;
  const M next = month > 12.0;
  const F year = fma(century, 100.0, of_century) + pick(next, splat(1.0), F{});
  const F leap = pick(isLeap(year), splat(1.0), F{});
  return {year, pick(next, month - 12.0, month), day, pick(next, from_march - 306.0, from_march + 59.0 + leap)};
}
/// Days since 1970-01-01 of a day of the calendar.
CD4ML_LANES F daysOfCivil(F year, F month, F day) {
  const M early = month <= 2.0;
  const F y = year - pick(early, splat(1.0), F{});
  const F m = pick(early, month + 12.0, month);
  const F century = divideDown(y, 100.0);
  const F leaps = divideDown(y, 4.0) - century + divideDown(y, 400.0);
  return fma(y, 365.0, leaps) + whole(fma(m, 979.0, splat(-2919.0)) * (1.0 / 32.0)) + day - 719469.0;
}
CD4ML_LANES F lengthOfMonth(F year, F month) {
  const F february = pick(isLeap(year), splat(29.0), splat(28.0));
  const M is_short = (month == 4.0) | (month == 6.0) | (month == 9.0) | (month == 11.0);
  return pick(month == 2.0, february, pick(is_short, splat(30.0), splat(31.0)));
}
/// Since midnight, in units of 2^10 us: an hour is 3515625 of them. The 10 bits below matter to no hour, minute or second.
CD4ML_LANES I sinceMidnight(I us) { return us - smallToInt(daysOf(us)) * day_us; }
CD4ML_LANES F weekdayOf(F days) {
  const F n = days + 3.0;
  return remainderDown(n, divideDown(n, 7.0), 7.0) + 1.0;
}

CD4ML_LANES I year_i(I us) { return smallToInt(civilOf(daysOf(us)).year); }
CD4ML_LANES I month_i(I us) { return smallToInt(civilOf(daysOf(us)).month); }
CD4ML_LANES I quarter_i(I us) { return smallToInt(divideDown(civilOf(daysOf(us)).month + 2.0, 3.0)); }
CD4ML_LANES I day_i(I us) { return smallToInt(civilOf(daysOf(us)).day); }
CD4ML_LANES I day_of_year_i(I us) { return smallToInt(civilOf(daysOf(us)).day_of_year) + 1; }
CD4ML_LANES I days_in_month_i(I us) {
  const Civil c = civilOf(daysOf(us));
  return smallToInt(lengthOfMonth(c.year, c.month));
}
CD4ML_LANES I weekday_i(I us) { return smallToInt(weekdayOf(daysOf(us))); }
/// The week of the Thursday of the same week.
CD4ML_LANES I week_i(I us) {
  const F days = daysOf(us);
  const F thursday = days + (4.0 - weekdayOf(days));
  return smallToInt(divideDown(civilOf(thursday).day_of_year, 7.0)) + 1;
}
CD4ML_LANES I time_of_day_i(I us) { return sinceMidnight(us); }
CD4ML_LANES I hour_i(I us) { return smallToInt(divideDown(smallToFloat(sinceMidnight(us)), 3'600'000'000.0)); }
CD4ML_LANES I minute_i(I us) {
  const F minutes = divideDown(smallToFloat(sinceMidnight(us)), 60'000'000.0);
  return smallToInt(remainderDown(minutes, divideDown(minutes, 60.0), 60.0));
}
CD4ML_LANES I second_i(I us) {
  const F seconds = divideDown(smallToFloat(sinceMidnight(us)), 1'000'000.0);
  return smallToInt(remainderDown(seconds, divideDown(seconds, 60.0), 60.0));
}
CD4ML_LANES I timestamp_to_date_i(I us) { return smallToInt(daysOf(us)); }
CD4ML_LANES M date_to_timestamp_i_fails(I days) { return (days > INT64_MAX / day_us) | (days < INT64_MIN / day_us); }
CD4ML_LANES I date_to_timestamp_i(I days) { return mul_ii(days, splatInt(day_us)); }

/// Years beyond those of any int64 time have no day here.
CD4ML_LANES M make_date_iii_fails(I year, I month, I day) {
  const M year_there = (year >= -300'000) & (year <= 300'000);
  const M month_there = (month >= 1) & (month <= 12);
  const F y = smallToFloat(pickInt(year_there, year, I{}));
  const F m = smallToFloat(pickInt(month_there, month, splatInt(1)));
  return ~(year_there & month_there & (day >= 1) & (day <= smallToInt(lengthOfMonth(y, m))));
}
CD4ML_LANES I make_date_iii(I year, I month, I day) {
  const M fails = make_date_iii_fails(year, month, day);
  const F days = daysOfCivil(smallToFloat(pickInt(fails, splatInt(1970), year)),
                             smallToFloat(pickInt(fails, splatInt(1), month)), smallToFloat(pickInt(fails, splatInt(1), day)));
  return smallToInt(days);
}

/// The last origin + n * step that is <= us.
CD4ML_LANES I trunc_time_i(I us, I step, I origin) {
  const I safe = pickInt(step > 0, step, splatInt(1));
  I r = us % safe - origin % safe;
  r = r % safe;
  return sub_ii(us, r + ((r < 0) & safe));
}
CD4ML_LANES I trunc_months_i(I us, I months) {
  const Civil c = civilOf(daysOf(us));
  const I index = smallToInt(fma(c.year, 12.0, c.month - 1.0));
  const I start = floordiv_ii(index, months) * months;
  const F at = smallToFloat(start);
  const F year = divideDown(at, 12.0);
  return mul_ii(smallToInt(daysOfCivil(year, remainderDown(at, year, 12.0) + 1.0, splat(1.0))), splatInt(day_us));
}

}  // namespace cd4ml::kernels
