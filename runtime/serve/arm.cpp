#include "runtime/serve/arm.h"

#include <array>
#include <bit>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/score/bundle.h"

namespace cd4ml::serve {

namespace {

std::string modelOf(const std::string& label) { return label.substr(0, label.find('@')); }

std::string versionOf(const std::string& label, const std::string& id) {
  const std::size_t at = label.find('@');
  return at == std::string::npos ? id.substr(0, 15) : label.substr(at + 1);
}

/// A few made-up rows have to come out alike by the row program and by the scorer of batches, refused ones included.
Status waysAgree(const score::RowScorer& scorer, const score::RowProgram* program, const std::string& label) {
  if (program == nullptr) return Done{};
  constexpr std::array<double, 3> numbers{0.5, 100.0, -3.0};
  constexpr std::array<std::string_view, 3> texts{"", "a", "SFO"};
  const auto workspace = program->makeWorkspace();
  score::RowBatch batch(scorer.bundle().program.inputs);
  for (std::size_t r = 0; r < numbers.size(); ++r) {
    batch.reset(1);
    for (score::RowBatch::Column& column : batch.columns()) {
      if (!column.texts.empty()) column.setText(0, texts[r]);
      else if (column.bytes != nullptr) column.setBool(0, r % 2 == 0);
      else if (column.kind == ir::Kind::Float) column.setFloat(0, numbers[r]);
      else column.setWord(0, static_cast<std::int64_t>(numbers[r] * 1e6));
    }
    const score::Predictions* few = program->score(batch, *workspace);
    const auto whole = scorer.score(batch.views(), 1, score::OnError::Null, 1, "self-test");
    if (!whole.ok()) return makeError("CD5710", fmt::format("`{}` does not pass its self-test: {}", label, whole.error().message));
    bool alike = (few == nullptr) == !whole->bad.empty();
    for (std::size_t i = 0; alike && few != nullptr && i < few->raw.size(); ++i) {
      alike = std::bit_cast<std::uint64_t>(few->raw[i]) == std::bit_cast<std::uint64_t>(whole->predictions.raw[i]) || (few->raw[i] != few->raw[i] && whole->predictions.raw[i] != whole->predictions.raw[i]);
    }
    if (!alike) return makeError("CD5710", fmt::format("`{}` does not pass its self-test: one row and a batch give different scores", label));
  }
  return Done{};
}

/// What a request cannot bring.
Status canServe(const score::Bundle& bundle, const std::string& label) {
  const auto history = bundle.sections.find("history");
  if (history != bundle.sections.end()) {
    std::string reads;
    const auto list = nlohmann::json::parse(history->second, nullptr, false);
    for (const auto& each : list) {
      if (each.is_object() && each.contains("reads")) reads += (reads.empty() ? "" : "; ") + each["reads"].get<std::string>();
    }
    Error error = makeError("CD5706", fmt::format("`{}` cannot be served yet: it folds earlier rows ({}), and a server keeps none", label, reads));
    error.help.emplace_back("score files with `cd4mlc score`, which takes the history from the sources");
    return error;
  }
  if (!bundle.lookups.empty()) {
    Error error = makeError("CD5706", fmt::format("`{}` cannot be served yet: it looks rows up in a joined table", label));
    error.help.emplace_back("score files with `cd4mlc score`");
    return error;
  }
  return Done{};
}

}  // namespace

std::uint64_t spread(std::string_view bytes, std::uint64_t salt) {
  std::uint64_t h = 0xcbf29ce484222325ULL ^ salt;  // FNV-1a, then the finaliser of SplitMix64
  for (const char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  h = (h ^ (h >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ (h >> 27U)) * 0x94d049bb133111ebULL;
  return h ^ (h >> 31U);
}

Arm::Arm(score::Bundle bundle, std::string label)
    : scorer_(std::move(bundle)), program_(score::makeRowProgram(scorer_)), schema_(scorer_.bundle().program.inputs), label_(std::move(label)),
      model_(modelOf(label_)) {
  id_ = "b3:" + score::modelId(scorer_.bundle()).hex();
  version_ = versionOf(label_, id_);
  const auto& inputs = scorer_.bundle().program.inputs;
  for (std::size_t c = 0; c < inputs.size(); ++c) {
    if (inputs[c].has(ir::Role::Key)) keys_.push_back(c);
  }
}

Result<std::shared_ptr<const Arm>> Arm::load(const std::string& path, const std::string& label) {
  CD4ML_TRY(score::Bundle bundle, score::readBundle(path));
  const std::string name = label.empty() ? bundle.model_name : label;
  CD4ML_TRY_VOID(canServe(bundle, name));
  std::shared_ptr<const Arm> arm(new Arm(std::move(bundle), name));
  CD4ML_TRY_VOID(waysAgree(arm->scorer(), arm->program(), name));
  CD4ML_TRY_VOID(selfTest(arm->scorer(), name));
  return arm;
}

Status selfTest(const score::RowScorer& scorer, const std::string& label) {
  const auto section = scorer.bundle().sections.find("golden");
  if (section == scorer.bundle().sections.end()) return Done{};
  const auto failure = [&](const std::string& why) { return makeError("CD5710", fmt::format("`{}` does not pass its self-test: {}", label, why)); };
  const auto golden = nlohmann::json::parse(section->second, nullptr, false);
  if (!golden.is_object() || !golden.contains("rows") || !golden.contains("raw")) return failure("its golden rows are damaged");
  // {"rows": [[value, …] in the order of the inputs], "raw": [[score, … by output], …]}
  const InputSchema schema(scorer.bundle().program.inputs);
  const Limits limits;
  Decoder decoder(schema, limits);
  score::RowBatch batch(scorer.bundle().program.inputs);
  Ask ask;
  simdjson::dom::parser parser;
  simdjson::dom::element body;
  const std::string text = nlohmann::json{{"instances", golden["rows"]}}.dump();
  if (parser.parse(text).get(body) != simdjson::SUCCESS) return failure("its golden rows are damaged");
  if (const Rejected bad = decoder.mlflow(body, batch, ask)) return failure(bad->message);
  const auto scored = scorer.score(batch.views(), batch.rows(), score::OnError::Fail, 1, "golden rows");
  if (!scored.ok()) return failure(scored.error().message);
  const auto rows = static_cast<std::size_t>(batch.rows());
  if (golden["raw"].size() != rows) return failure("its golden rows are damaged");
  for (std::size_t r = 0; r < rows; ++r) {
    const auto& raw = golden["raw"][r];
    for (std::size_t o = 0; o < raw.size() && o * rows + r < scored->predictions.raw.size(); ++o) {
      const double given = scored->predictions.raw[o * rows + r];
      const double wanted = raw[o].get<double>();
      if (std::bit_cast<std::uint64_t>(given) != std::bit_cast<std::uint64_t>(wanted)) return failure(fmt::format("golden row {} gives {}, the bundle says {}", r + 1, given, wanted));
    }
  }
  return Done{};
}

}  // namespace cd4ml::serve
