#include "runtime/report/svg.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/report/text.h"

namespace cd4ml::report {

namespace {

std::string rectangleText(double x, double y, double width, double height, std::string_view classes, double radius) {
  const std::string round = radius > 0 ? fmt::format(" rx=\"{}\"", coordinate(radius)) : "";
  return fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>", classes, coordinate(x), coordinate(y),
                     coordinate(std::max(width, 0.0)), coordinate(std::max(height, 0.0)), round);
}

std::string lineText(double x1, double y1, double x2, double y2, std::string_view classes) {
  return fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", classes, coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2));
}

std::string circleText(double x, double y, double radius, std::string_view classes) {
  return fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>", classes, coordinate(x), coordinate(y), coordinate(radius));
}

std::string pathText(const std::vector<std::pair<double, double>>& points, std::string_view classes) {
  std::string d;
  for (const auto& [x, y] : points) d += fmt::format("{}{} {}", d.empty() ? "M" : "L", coordinate(x), coordinate(y));
  return d.empty() ? d : fmt::format("<path class=\"{}\" d=\"{}\"/>", classes, d);
}

}  // namespace

Scale::Scale(double from, double to, double pixel_from, double pixel_to) : from_(from), to_(to), pixel_from_(pixel_from), pixel_to_(pixel_to) {
  if (!std::isfinite(from_)) from_ = 0;
  if (!std::isfinite(to_) || to_ <= from_) to_ = from_ + 1;
}

double Scale::operator()(double value) const {
  const double share = std::isnan(value) ? 0 : std::clamp((value - from_) / (to_ - from_), 0.0, 1.0);
  return pixel_from_ + share * (pixel_to_ - pixel_from_);
}

std::vector<double> ticks(double from, double to, int wanted) {
  if (!std::isfinite(from) || !std::isfinite(to) || to <= from || wanted < 1) return {};
  const double raw = (to - from) / wanted;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double lead = raw / power;
  const double step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
  std::vector<double> out;
  const double slack = step * 1e-9;
  for (double i = std::ceil((from - slack) / step); i * step <= to + slack && out.size() < 100; ++i) out.push_back(i == 0 ? 0.0 : i * step);
  return out;
}

std::string coordinate(double value) {
  if (!std::isfinite(value)) return "0";
  const double rounded = std::round(value * 10) / 10;
  std::string text = fmt::format("{:.1f}", rounded == 0 ? 0.0 : rounded);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

Svg::Svg(double width, double height, std::string_view classes, std::string_view id, std::string_view title, std::string_view description)
    : out_(fmt::format("<svg class=\"{0}\" role=\"img\" aria-labelledby=\"{1}-t {1}-d\" viewBox=\"0 0 {2} {3}\" width=\"{2}\" height=\"{3}\">"
                       "<title id=\"{1}-t\">{4}</title><desc id=\"{1}-d\">{5}</desc>",
                       classes, id, coordinate(width), coordinate(height), escape(title), escape(description))) {}

void Svg::rectangle(double x, double y, double width, double height, std::string_view classes, double radius) {
  out_ += rectangleText(x, y, width, height, classes, radius);
}
void Svg::line(double x1, double y1, double x2, double y2, std::string_view classes) { out_ += lineText(x1, y1, x2, y2, classes); }
void Svg::circle(double x, double y, double radius, std::string_view classes) { out_ += circleText(x, y, radius, classes); }
void Svg::path(const std::vector<std::pair<double, double>>& points, std::string_view classes) { out_ += pathText(points, classes); }

void Svg::curveAcross(double x1, double y1, double x2, double y2, std::string_view classes) {
  const std::string middle = coordinate((x1 + x2) / 2);
  out_ += fmt::format("<path class=\"{}\" d=\"M{} {}C{} {} {} {} {} {}\"/>", classes, coordinate(x1), coordinate(y1), middle, coordinate(y1), middle,
                      coordinate(y2), coordinate(x2), coordinate(y2));
}

void Svg::curveDown(double x1, double y1, double x2, double y2, std::string_view classes) {
  const std::string middle = coordinate((y1 + y2) / 2);
  out_ += fmt::format("<path class=\"{}\" d=\"M{} {}C{} {} {} {} {} {}\"/>", classes, coordinate(x1), coordinate(y1), coordinate(x1), middle, coordinate(x2),
                      middle, coordinate(x2), coordinate(y2));
}

void Svg::text(double x, double y, std::string_view classes, std::string_view content) {
  out_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>", classes, coordinate(x), coordinate(y), escape(content));
}

std::string Svg::finish() { return std::move(out_) + "</svg>"; }

Spark::Spark(double width, double height, std::string_view classes)
    : out_(fmt::format("<svg class=\"{0}\" aria-hidden=\"true\" viewBox=\"0 0 {1} {2}\" width=\"{1}\" height=\"{2}\">", classes, coordinate(width), coordinate(height))) {}

void Spark::rectangle(double x, double y, double width, double height, std::string_view classes) { out_ += rectangleText(x, y, width, height, classes, 0); }
void Spark::line(double x1, double y1, double x2, double y2, std::string_view classes) { out_ += lineText(x1, y1, x2, y2, classes); }
void Spark::circle(double x, double y, double radius, std::string_view classes) { out_ += circleText(x, y, radius, classes); }
void Spark::path(const std::vector<std::pair<double, double>>& points, std::string_view classes) { out_ += pathText(points, classes); }
std::string Spark::finish() { return std::move(out_) + "</svg>"; }

}  // namespace cd4ml::report
