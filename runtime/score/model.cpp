#include "runtime/score/model.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "runtime/score/bytes.h"
#include "runtime/score/forest_check.h"

namespace cd4ml::score {

namespace {

// Format of a model's bytes; docs/design/bundle.md describes it. A change of meaning takes a new number.
constexpr std::uint8_t model_format = 1;
/// With a threshold or models by key. A model that has neither is written as before, so its id stays.
constexpr std::uint8_t model_format_more = 2;

void putMore(ByteWriter& out, const Model& model);
void getMore(ByteReader& in, Model& model);

void putForest(ByteWriter& out, const Forest& forest) {
  out.u32(forest.features);
  out.u32(forest.outputs);
  out.list(forest.base, [&](double v) { out.f64(v); });
  out.list(forest.sets, [&](std::uint32_t v) { out.u32(v); });
  out.list(forest.trees, [&](const Tree& tree) {
    out.list(tree.splits, [&](const Split& split) {
      out.u32(split.feature);
      out.u8(static_cast<std::uint8_t>((split.categorical ? 1 : 0) | (split.default_left ? 2 : 0)));
      out.u8(static_cast<std::uint8_t>(split.missing));
      if (split.categorical) {
        out.u32(split.set_begin);
        out.u32(split.set_end);
      } else {
        out.f64(split.threshold);
      }
      out.u32(static_cast<std::uint32_t>(split.left));
      out.u32(static_cast<std::uint32_t>(split.right));
    });
    out.list(tree.leaves, [&](double v) { out.f64(v); });
  });
}

Split getSplit(ByteReader& in) {
  Split split{.feature = in.u32()};
  const std::uint8_t flags = in.u8();
  if (flags > 3) in.fail();
  split.categorical = (flags & 1) != 0;
  split.default_left = (flags & 2) != 0;
  split.missing = in.choice<Missing>(3);
  if (split.categorical) {
    split.set_begin = in.u32();
    split.set_end = in.u32();
  } else {
    split.threshold = in.f64();
  }
  split.left = static_cast<std::int32_t>(in.u32());
  split.right = static_cast<std::int32_t>(in.u32());
  return split;
}

Forest getForest(ByteReader& in) {
  Forest forest;
  forest.features = in.u32();
  forest.outputs = in.u32();
  forest.base = in.list<double>(8, [&] { return in.f64(); });
  forest.sets = in.list<std::uint32_t>(4, [&] { return in.u32(); });
  forest.trees = in.list<Tree>(24, [&] {
    Tree tree;
    tree.splits = in.list<Split>(22, [&] { return getSplit(in); });
    tree.leaves = in.list<double>(8, [&] { return in.f64(); });
    return tree;
  });
  return forest;
}

void putLinear(ByteWriter& out, const Linear& linear) {
  out.u32(linear.inputs);
  out.list(linear.weights, [&](double v) { out.f64(v); });
  out.list(linear.intercept, [&](double v) { out.f64(v); });
}

Linear getLinear(ByteReader& in) {
  Linear linear;
  linear.inputs = in.u32();
  linear.weights = in.list<double>(8, [&] { return in.f64(); });
  linear.intercept = in.list<double>(8, [&] { return in.f64(); });
  return linear;
}

FeatureInput getFeature(ByteReader& in) {
  FeatureInput feature;
  feature.kind = in.choice<ir::Kind>(static_cast<std::uint8_t>(ir::Kind::Vector) + 1);
  feature.width = in.u32();
  feature.levels = in.list<std::string>(8, [&] { return in.text(); });
  return feature;
}

bool isInputKind(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int: case ir::Kind::Float: case ir::Kind::Bool: case ir::Kind::Category: case ir::Kind::Date:
    case ir::Kind::Timestamp: case ir::Kind::Duration: case ir::Kind::Vector: return true;
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Text: return false;
  }
  return false;
}

bool linkFits(ir::Task task, Link link) {
  switch (task) {
    case ir::Task::Regression: return link == Link::Identity || link == Link::Exp;
    case ir::Task::Binary: return link == Link::Sigmoid || link == Link::Shares;
    case ir::Task::Multiclass: return link == Link::Softmax || link == Link::Shares;
  }
  return false;
}

void putMore(ByteWriter& out, const Model& model) {
  out.f64(model.threshold);
  out.u8(model.keyed != nullptr ? 1 : 0);
  if (model.keyed == nullptr) return;
  out.list(model.keyed->kinds, [&](ir::Kind kind) { out.u8(static_cast<std::uint8_t>(kind)); });
  out.u8(model.keyed->fallback ? 1 : 0);
  out.list(model.keyed->keys, [&](const std::string& key) { out.text(key); });
  out.list(model.keyed->models, [&](const Model& each) { out.text(encodeModel(each)); });
}

void getMore(ByteReader& in, Model& model) {
  model.threshold = in.f64();
  if (in.u8() == 0) return;
  Keyed keyed;
  keyed.kinds = in.list<ir::Kind>(1, [&] { return in.choice<ir::Kind>(static_cast<std::uint8_t>(ir::Kind::Vector) + 1); });
  keyed.fallback = in.u8() != 0;
  keyed.keys = in.list<std::string>(8, [&] { return in.text(); });
  keyed.models = in.list<Model>(8, [&] {
    Result<Model> each = decodeModel(in.view());
    if (each.ok() && each->keyed == nullptr) return *std::move(each);
    in.fail();
    return Model{};
  });
  model.keyed = std::make_shared<const Keyed>(std::move(keyed));
}

std::string verifyKeyed(const Model& model) {
  if (model.keyed == nullptr) return {};
  const Keyed& keyed = *model.keyed;
  if (keyed.keys.size() != keyed.models.size()) return "keys and models do not fit";
  if (std::adjacent_find(keyed.keys.begin(), keyed.keys.end(), std::greater_equal<>()) != keyed.keys.end()) return "keys out of order";
  for (const Model& each : keyed.models) {
    if (each.task != model.task || each.inputs() != model.inputs()) return "a key's model does not fit";
  }
  return {};
}

/// What the parts of a model say about each other must agree before it is used.
std::string verifyModel(const Model& model) {
  std::uint64_t inputs = 0;
  for (const FeatureInput& feature : model.features) {
    if (!isInputKind(feature.kind)) return "a feature of an impossible kind";
    if (feature.kind != ir::Kind::Vector && feature.width != 1) return "a feature of an impossible width";
    inputs += feature.width;
  }
  std::uint32_t body_inputs = 0;
  if (const auto* forest = std::get_if<Forest>(&model.body)) {
    if (std::string problem = verifyForest(*forest); !problem.empty()) return problem;
    body_inputs = forest->features;
  } else {
    const auto& linear = std::get<Linear>(model.body);
    if (linear.intercept.empty() || linear.weights.size() != linear.inputs * linear.intercept.size()) return "weights that do not fit";
    body_inputs = linear.inputs;
  }
  if (body_inputs != inputs) return "features and inputs do not fit";
  if (std::string problem = verifyKeyed(model); !problem.empty()) return problem;
  if (!linkFits(model.task, model.link)) return "a link that does not fit the task";
  const bool classes_fit = model.task == ir::Task::Multiclass ? model.classes.size() == model.outputs() : model.outputs() == 1 && model.classes.empty();
  return classes_fit ? std::string{} : "classes and outputs do not fit";
}

}  // namespace

std::uint32_t Model::inputs() const {
  std::uint32_t sum = 0;
  for (const FeatureInput& feature : features) sum += feature.width;
  return sum;
}

std::uint32_t Model::outputs() const {
  if (const auto* forest = std::get_if<Forest>(&body)) return forest->outputs;
  return static_cast<std::uint32_t>(std::get<Linear>(body).intercept.size());
}

std::string encodeModel(const Model& model) {
  ByteWriter out;
  const bool more = model.threshold != 0.5 || model.keyed != nullptr;
  out.u8(more ? model_format_more : model_format);
  out.text(model.algorithm);
  out.u8(static_cast<std::uint8_t>(model.task));
  out.u8(static_cast<std::uint8_t>(model.target));
  out.u8(static_cast<std::uint8_t>(model.link));
  out.list(model.features, [&](const FeatureInput& feature) {
    out.u8(static_cast<std::uint8_t>(feature.kind));
    out.u32(feature.width);
    out.list(feature.levels, [&](const std::string& level) { out.text(level); });
  });
  out.list(model.classes, [&](const std::string& name) { out.text(name); });
  const auto* averaged = std::get_if<Forest>(&model.body);
  const bool divides = averaged != nullptr && averaged->divisor != 1;
  // A third kind of body, so that a forest of summed trees keeps the bytes it always had.
  out.u8(divides ? 2 : static_cast<std::uint8_t>(model.body.index()));
  if (divides) out.u32(averaged->divisor);
  if (const auto* forest = std::get_if<Forest>(&model.body)) putForest(out, *forest);
  else putLinear(out, std::get<Linear>(model.body));
  if (more) putMore(out, model);
  return out.take();
}

Result<Model> decodeModel(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t format = in.u8();
  if (format != model_format && format != model_format_more) return makeError("CD5602", "the model is of a format that this version of cd4ml does not read");
  Model model;
  model.algorithm = in.text();
  model.task = in.choice<ir::Task>(3);
  model.target = in.choice<ir::Kind>(static_cast<std::uint8_t>(ir::Kind::Vector) + 1);
  model.link = in.choice<Link>(5);
  model.features = in.list<FeatureInput>(13, [&] { return getFeature(in); });
  model.classes = in.list<std::string>(8, [&] { return in.text(); });
  switch (in.u8()) {
    case 0: model.body = getForest(in); break;
    case 1: model.body = getLinear(in); break;
    case 2: {
      const std::uint32_t divisor = in.u32();
      Forest forest = getForest(in);
      forest.divisor = divisor;
      if (divisor < 2) in.fail();
      model.body = std::move(forest);
      break;
    }
    default: in.fail();
  }
  if (format == model_format_more) getMore(in, model);
  if (!in.finished()) return makeError("CD5601", "the model is damaged: its bytes end early or too late");
  if (std::string problem = verifyModel(model); !problem.empty()) return makeError("CD5601", "the model is damaged: " + problem);
  return model;
}

Digest contentId(const Model& model) { return Hasher("cd4ml model 1").string(encodeModel(model)).finish(); }

}  // namespace cd4ml::score
