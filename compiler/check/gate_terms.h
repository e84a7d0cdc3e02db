/// One side of a gate's condition: an expression tree → a sum of terms with coefficients.
#pragma once

#include "compiler/check/context.h"

namespace cd4ml::check {

class GateTerms {
 public:
  /// `open`: some evaluate is wrong, so a metric that is not found says nothing.
  GateTerms(Context& context, const ir::Gate& gate, bool open) : context_(context), gate_(gate), open_(open) {}

  /// Nullopt when the expression is no sum of terms (reported).
  std::optional<ir::GateSide> side(syntax::ExprId expr);
  /// `for P% of COLUMN`: each metric becomes that of the evaluate's slices by the column. False: it is not listed so (reported).
  bool eachSlice(ir::GateSide& side, const syntax::Name& column);
  /// Brings the constants of a check to the unit of its metrics and reports what does not fit; after both sides.
  bool matchUnits(ir::GateSide& left, ir::GateSide& right, Span span);

 private:
  using Over = ir::GateTerm::Over;
  using Subject = ir::GateTerm::Subject;
  struct Place {
    std::uint32_t evaluate = 0;
    Subject subject = Subject::Candidate;
  };

  bool add(syntax::ExprId expr, double factor, ir::GateSide& side);
  bool addBinary(const syntax::Expr& expr, double factor, ir::GateSide& side);
  bool addCall(const syntax::Expr& expr, double factor, ir::GateSide& side);
  bool addMember(const syntax::Expr& expr, double factor, ir::GateSide& side);
  bool addMetric(const syntax::Name& name, Span span, Place place, double factor, ir::GateSide& side);
  bool addSlices(const syntax::Expr& call, Over over, double factor, ir::GateSide& side);
  bool addLatency(const syntax::Expr& call, double factor, ir::GateSide& side);
  bool addConstant(syntax::ExprId expr, double factor, ir::GateSide& side);
  std::optional<Place> placeOf(syntax::ExprId expr);
  std::optional<std::uint32_t> evaluateNamed(std::string_view name) const;
  [[nodiscard]] bool isConstant(syntax::ExprId expr) const;
  [[nodiscard]] const ir::Evaluate* evaluate(std::uint32_t index) const;
  bool reportNotListed(const syntax::Name& name, Span span, std::uint32_t index);
  /// Whether the evaluate slices the metric by just these columns.
  [[nodiscard]] bool isListedBy(const ir::Evaluate& listed, const ir::Metric& metric, const std::vector<std::string>& by) const;
  bool reportNoSum(Span span);
  /// The unit of a metric's value: of the target, its square, or none.
  [[nodiscard]] std::string unitOf(const ir::GateTerm& term) const;
  bool matchUnit(double& value, const std::string& from, const std::string& to, Span span);

  Context& context_;
  const ir::Gate& gate_;
  bool open_;
  /// Unit and place of each constant, in the order in which they were added.
  struct Written { std::string unit; Span span; };
  std::vector<Written> constants_;
};

}  // namespace cd4ml::check
