/// Geometry of the pictures: scales, ticks, and an SVG that is closed as it was opened.
///
/// Coordinates are written with one decimal; what is not finite is drawn at the near end, never as `nan`. Colours are
/// classes of the page's style sheet, so that a picture is light or dark with it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cd4ml::report {

/// Values to pixels, linear; values outside are drawn at the end.
class Scale {
 public:
  Scale(double from, double to, double pixel_from, double pixel_to);
  [[nodiscard]] double operator()(double value) const;
  [[nodiscard]] double from() const { return from_; }
  [[nodiscard]] double to() const { return to_; }

 private:
  double from_, to_, pixel_from_, pixel_to_;
};

/// Round values (1, 2, 5 times a power of ten) between the ends, rising: about `wanted` of them.
[[nodiscard]] std::vector<double> ticks(double from, double to, int wanted);
/// "12.3", "0", never "-0".
[[nodiscard]] std::string coordinate(double value);

/// A picture with a title and a description for those who do not see it.
class Svg {
 public:
  /// `id` makes the ids of title and description; `classes` are of the style sheet.
  Svg(double width, double height, std::string_view classes, std::string_view id, std::string_view title, std::string_view description);

  void rectangle(double x, double y, double width, double height, std::string_view classes, double radius = 0);
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void circle(double x, double y, double radius, std::string_view classes);
  void path(const std::vector<std::pair<double, double>>& points, std::string_view classes);
  /// S-curves that leave and arrive level, or upright.
  void curveAcross(double x1, double y1, double x2, double y2, std::string_view classes);
  void curveDown(double x1, double y1, double x2, double y2, std::string_view classes);
  void text(double x, double y, std::string_view classes, std::string_view content);
  [[nodiscard]] std::string finish();

 private:
  std::string out_;
};

/// A picture without words, beside a text that says the same: readers of the page skip it.
class Spark {
 public:
  Spark(double width, double height, std::string_view classes);
  void rectangle(double x, double y, double width, double height, std::string_view classes);
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void circle(double x, double y, double radius, std::string_view classes);
  void path(const std::vector<std::pair<double, double>>& points, std::string_view classes);
  [[nodiscard]] std::string finish();

 private:
  std::string out_;
};

}  // namespace cd4ml::report
