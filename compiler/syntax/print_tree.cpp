#include "compiler/syntax/print_tree.h"

namespace cd4ml::syntax {

namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// Writes one declaration; every part of the tree appears, so a lost part shows in a golden.
class Printer {
 public:
  explicit Printer(const Tree& tree) : tree_(tree) {}

  std::string print() {
    for (const Decl& decl : tree_.decls) std::visit([this](const auto& d) { this->decl(d); }, decl);
    return std::move(out_);
  }

 private:
  void open(std::string_view word, const DeclHeader& h, const std::string& rest = {}) {
    if (!h.doc.empty()) line("; " + h.doc);
    line("(" + std::string(word) + (h.name.text.empty() ? "" : " " + h.name.text) + rest + (h.has_errors ? " !" : ""));
  }
  void item(const std::string& text) { line("  " + text); }
  void close() { out_.insert(out_.size() - 1, ")"); }
  void line(const std::string& text) { out_ += text + "\n"; }

  std::string x(ExprId id) const { return printExpr(tree_, id); }
  std::string clause(std::string_view word, ExprId id) const {
    return id.valid() ? " " + std::string(word) + ":" + x(id) : std::string();
  }
  static std::string names(const std::vector<Name>& list, std::string_view before = " ") {
    std::string out;
    for (const Name& n : list) out += std::string(before) + n.text;
    return out;
  }

  std::string require(const RequireSyntax& r) const {
    return "(" + std::string(r.warning ? "warn " : "require ") + x(r.condition) + clause("confident", r.confident) +
           clause("for", r.share) + (r.share_of ? " of:" + r.share_of->text : "") + ")";
  }
  std::string actions(const std::vector<ActionSyntax>& list) const {
    std::string out;
    for (const ActionSyntax& a : list) {
      out += " (" + a.verb.text + (a.target ? " " + a.target->text : "");
      for (const Argument& g : a.arguments) out += " " + (g.name ? g.name->text + ":" : "") + x(g.value);
      out += ")";
    }
    return out;
  }
  std::string groupKeys(const std::vector<GroupKey>& keys) const {
    std::string out;
    for (const GroupKey& k : keys) out += " (" + k.name.text + (k.value.valid() ? " " + x(k.value) : "") + ")";
    return out;
  }

  void decl(const PipelineDecl& d) { open("pipeline", d), close(); }
  void decl(const UnsupportedDecl& d) { open("unsupported", d, " " + (d.construct.empty() ? "-" : d.construct)), close(); }
  void decl(const NotifyDecl& d) { open("notify", d, " " + x(d.channel)), close(); }
  void decl(const ParamDecl& d) {
    open("param", d, " " + printType(tree_, d.type) + clause("default", d.default_value) + clause(d.range_is_log ? "log" : "in", d.range));
    close();
  }
  void decl(const SourceDecl& d) {
    open("source", d, " " + x(d.reader) + (d.schema ? " schema:" + d.schema->text : ""));
    fields(d.fields, d.requires_);
    close();
  }
  void decl(const SchemaDecl& d) {
    open("schema", d);
    fields(d.fields, d.requires_);
    close();
  }
  void fields(const std::vector<FieldSyntax>& list, const std::vector<RequireSyntax>& rules) {
    for (const FieldSyntax& f : list) {
      std::string text = "(field " + f.name.text + " " + printType(tree_, f.type) + names(f.roles, " @");
      for (const CheckSyntax& c : f.checks) text += " (check " + x(c.condition) + clause("for", c.share) + ")";
      item(text + clause("from", f.from_column) + (f.doc.empty() ? "" : " ; " + f.doc) + ")");
    }
    for (const RequireSyntax& r : rules) item(require(r));
  }
  void decl(const TableDecl& d) {
    open("table", d, " from:" + x(d.from));
    for (const TableVerb& verb : d.verbs) {
      std::visit(Overloaded{
          [&](const FilterVerb& v) { item("(filter " + x(v.condition) + ")"); },
          [&](const DeriveVerb& v) { item("(derive " + v.name.text + " " + x(v.value) + names(v.roles, " @") + ")"); },
          [&](const SelectVerb& v) { item("(select" + names(v.names) + ")"); },
          [&](const DropVerb& v) { item("(drop" + names(v.names) + ")"); },
          [&](const RenameVerb& v) { item("(rename " + v.from.text + " " + v.to.text + ")"); },
          [&](const JoinVerb& v) { item(join(v)); },
          [&](const GroupVerb& v) { item("(group" + groupKeys(v.keys) + " ->" + groupKeys(v.aggregates) + ")"); },
          [&](const DedupeVerb& v) {
            item("(dedupe" + names(v.keys) + (v.keep_last ? " last" : " first") + (v.by ? " by:" + v.by->text : "") + ")");
          },
          [&](const SampleVerb& v) { item("(sample " + x(v.share) + ")"); },
          [&](const UnionVerb& v) { item("(union " + x(v.node) + ")"); },
          [&](const FillVerb& v) { item("(fill " + x(v.step) + names(v.keys) + ")"); },
          [&](const RequireSyntax& v) { item(require(v)); },
          [&](const ErrorItem&) { item("(error)"); },
      }, verb);
    }
    close();
  }
  std::string join(const JoinVerb& v) const {
    constexpr std::string_view kinds[] = {"look-up", "inner", "many", "as-of"};
    std::string out = "(join " + std::string(kinds[static_cast<std::size_t>(v.kind)]) + " " + x(v.node);
    for (const JoinKey& k : v.keys) out += " (" + k.left.text + " " + k.right.text + ")";
    return out + clause("within", v.within) + clause("ahead", v.ahead) + (v.prefix ? " as:" + v.prefix->text : "") + ")";
  }
  void decl(const FeaturesDecl& d) {
    open("features", d, " from:" + x(d.from));
    for (const FeaturesItem& i : d.items) {
      std::visit(Overloaded{
          [&](const TargetItem& t) {
            item("(target " + x(t.value) + (t.via ? " via:" + t.via->text : "") + clause("after", t.after) + names(t.known, " known:") + ")");
          },
          [&](const WeightItem& w) { item("(weight " + x(w.value) + ")"); },
          [&](const UseItem& u) { item("(use" + std::string(u.all_except ? " all-except" : "") + names(u.names) + ")"); },
          [&](const FeatureItem& f) { item("(feature " + f.name.text + " " + x(f.value) + (f.doc.empty() ? "" : " ; " + f.doc) + ")"); },
          [&](const ErrorItem&) { item("(error)"); },
      }, i);
    }
    close();
  }
  void decl(const SplitDecl& d) {
    open("split", d, " of:" + names(d.features) + " by:" + x(d.method));
    for (const SplitPart& p : d.parts) item("(" + p.part.text + " " + (p.rest ? "rest" : x(p.amount)) + ")");
    close();
  }
  void decl(const ModelDecl& d) {
    open("model", d, names(d.per, " per:") + " " + x(d.algorithm) + clause(d.maximize ? "maximize" : "minimize", d.choose_metric));
    for (const ModelItem& i : d.items) {
      std::visit(Overloaded{
          [&](const TuneItem& t) {
            std::string text = "(tune " + x(t.method) + clause(t.maximize ? "maximize" : "minimize", t.metric);
            for (const TuneRange& r : t.ranges) text += " (" + r.name.text + (r.log ? " log " : " ") + x(r.range) + ")";
            item(text + ")");
          },
          [&](const ThresholdItem& t) { item("(threshold" + std::string(t.minimize ? " minimize " : " ") + x(t.value) + ")"); },
          [&](const MinRowsItem& m) { item("(min-rows " + x(m.rows) + ")"); },
          [&](const FallbackItem& f) { item("(fallback " + f.kind.text + ")"); },
          [&](const ErrorItem&) { item("(error)"); },
      }, i);
    }
    close();
  }
  void decl(const EvaluateDecl& d) {
    open("evaluate", d, " of:" + x(d.model) + " on:" + x(d.part));
    for (const EvaluateItem& i : d.items) {
      std::visit(Overloaded{
          [&](const MetricItem& m) {
            item("(metric" + (m.name ? " " + m.name->text + "=" : " ") + x(m.metric) + names(m.by, " by:") + clause("min", m.min_rows) + ")");
          },
          [&](const ErrorItem&) { item("(error)"); },
      }, i);
    }
    close();
  }
  void decl(const GateDecl& d) {
    std::string on;
    for (const ExprId e : d.evaluates) on += " on:" + x(e);
    open("gate", d, on);
    for (const GateItem& i : d.items) {
      std::visit(Overloaded{
          [&](const RequireSyntax& r) { item(require(r)); },
          [&](const OtherwiseItem& o) { item("(otherwise" + actions(o.actions) + ")"); },
          [&](const ErrorItem&) { item("(error)"); },
      }, i);
    }
    close();
  }
  void decl(const DeployDecl& d) {
    open("deploy", d, " of:" + x(d.model) + clause("when", d.gate));
    for (const DeployItem& i : d.items) {
      std::visit(Overloaded{
          [&](const RolloutItem& r) {
            std::string text = "(rollout";
            for (const RolloutStep& s : r.steps) {
              text += " (" + s.kind.text;
              for (const ExprId a : s.amounts) text += " " + x(a);
              text += ")";
            }
            item(text + ")");
          },
          [&](const ClauseItem& c) { item(clauseItem(c)); },
          [&](const ErrorItem&) { item("(error)"); },
      }, i);
    }
    close();
  }

  std::string clauseItem(const ClauseItem& c) const {
    std::string text = "(" + c.word.text + names(c.words);
    for (const ExprId v : c.values) text += " " + x(v);
    return text + actions(c.actions) + ")";
  }

  void decl(const ImportDecl& d) { open("import", d, " \"" + d.path + "\""), close(); }
  void decl(const UnitDecl& d) { open("unit", d, " " + x(d.value)), close(); }
  void decl(const ProfileDecl& d) {
    open("profile", d);
    for (const ProfileItem& i : d.items) item("(" + i.name.text + " " + x(i.value) + ")");
    close();
  }
  void decl(const FnDecl& d) {
    std::string rest;
    for (const FnParameter& p : d.parameters) rest += " (" + p.name.text + " " + printType(tree_, p.type) + ")";
    open("fn", d, rest + " -> " + printType(tree_, d.result) + " " + x(d.body));
    close();
  }
  void decl(const StageDecl& d) {
    open("stage", d, " " + x(d.program));
    for (const StageItem& i : d.items) {
      std::visit(Overloaded{
          [&](const InputItem& v) {
            item("(input" + (v.name ? " " + v.name->text : "") + (v.node.valid() ? " " + x(v.node) : " \"" + v.file + "\"") + ")");
          },
          [&](const StageOutputItem& v) { item("(output " + v.name.text + " \"" + v.file + "\")"); },
          [&](const TimeoutItem& v) { item("(timeout " + x(v.value) + ")"); },
          [&](const RetriesItem& v) { item("(retries " + x(v.value) + ")"); },
          [&](const EnvItem& v) { item("(env " + x(v.values) + ")"); },
          [&](const ErrorItem&) { item("(error)"); },
      }, i);
    }
    close();
  }
  void decl(const MonitorDecl& d) {
    open("monitor", d, " of:" + x(d.subject));
    for (const MonitorItem& i : d.items) {
      std::visit(Overloaded{
          [&](const WindowItem& v) { item("(window " + x(v.extent) + clause("min", v.min_rows) + ")"); },
          [&](const BaselineItem& v) { item("(baseline " + v.word.text + (v.amount.valid() ? " " + x(v.amount) : "") + ")"); },
          [&](const DriftItem& v) {
            std::string text = "(drift" + names(v.of);
            for (const Argument& a : v.options) text += " " + (a.name ? a.name->text + ":" : "") + x(a.value);
            item(text + names(v.by, " by:") + ")");
          },
          [&](const RequireSyntax& v) { item(require(v)); },
          [&](const EveryItem& v) { item("(every " + x(v.period) + actions(v.actions) + ")"); },
          [&](const EventItem& v) { item("(when " + v.event.text + clause(">=", v.limit) + actions(v.actions) + ")"); },
          [&](const ClauseItem& v) { item(clauseItem(v)); },
          [&](const ErrorItem&) { item("(error)"); },
      }, i);
    }
    close();
  }
  void decl(const TestDecl& d) {
    open("test", d);
    for (const TestItem& i : d.items) {
      std::visit(Overloaded{
          [&](const GivenItem& v) { item("(given " + v.source.text + " " + x(v.rows) + ")"); },
          [&](const ExpectItem& v) { item("(expect " + x(v.condition) + clause("within", v.within) + ")"); },
          [&](const ExpectErrorItem& v) { item("(expect-error \"" + v.text + "\")"); },
          [&](const ErrorItem&) { item("(error)"); },
      }, i);
    }
    close();
  }

  const Tree& tree_;
  std::string out_;
};

}  // namespace

std::string printTree(const Tree& tree) { return Printer(tree).print(); }

}  // namespace cd4ml::syntax
