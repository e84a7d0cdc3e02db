#include "runtime/score/bundle.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "runtime/score/bytes.h"
#include "runtime/score/program_bytes.h"

namespace cd4ml::score {

namespace {

constexpr std::string_view magic = "CD4MLBDL";
constexpr std::uint32_t bundle_format = 1;
constexpr std::string_view lookup_prefix = "lookup ";

Error damaged(const std::string& where, std::string_view what) {
  return makeError("CD5601", fmt::format("{} is no sound model bundle: {}", where, what));
}

void putFitted(ByteWriter& out, const FittedState& fitted) {
  out.u64(fitted.size());
  const auto numbers = [&](const std::vector<double>& values) { out.list(values, [&](double v) { out.f64(v); }); };
  for (const auto& [index, value] : fitted) {
    out.u32(index);
    out.u8(value.null ? 1 : 0);
    out.f64(value.number);
    out.i64(value.integer);
    out.text(value.text);
    out.list(value.levels, [&](const std::string& level) { out.text(level); });
    numbers(value.table);
    numbers(value.unseen);
    numbers(value.missing);
    out.u32(value.width);
    out.u64(value.skipped);
  }
}

FittedState getFitted(ByteReader& in) {
  FittedState fitted;
  const std::uint64_t count = in.u64();
  const auto numbers = [&] { return in.list<double>(8, [&] { return in.f64(); }); };
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    FittedValue& value = fitted[in.u32()];
    value.null = in.u8() != 0;
    value.number = in.f64();
    value.integer = in.i64();
    value.text = in.text();
    value.levels = in.list<std::string>(8, [&] { return in.text(); });
    value.table = numbers();
    value.unseen = numbers();
    value.missing = numbers();
    value.width = in.u32();
    value.skipped = in.u64();
  }
  if (in.ok() && fitted.size() != count) in.fail();
  return fitted;
}

/// Whether the numbers of a fit are as many as those who read them by its value take them for.
bool hasShapeOf(const ir::Value& value, const FittedValue& fitted) {
  const std::size_t levels = fitted.levels.size();
  if (value.op == ir::Op::Encode && value.name == "one_hot") return fitted.table.empty() && fitted.width == levels;
  if (value.op == ir::Op::Encode && value.name == "tfidf") {
    const bool options = value.options.size() == 3 && std::ranges::all_of(value.options, [](const ir::Literal& option) { return std::holds_alternative<std::int64_t>(option.value); });
    return options && fitted.table.size() == levels && fitted.width == levels;
  }
  const auto fits = [&](const std::vector<double>& numbers) { return numbers.empty() || numbers.size() == fitted.width; };
  return fitted.table.size() == levels * fitted.width && fits(fitted.unseen) && fits(fitted.missing);
}

Digest lookupDigest(std::string_view bytes) { return Hasher("cd4ml lookup 1").string(bytes).finish(); }

/// The bytes that decide every score: their hash is the model id.
std::string modelPart(const Bundle& bundle) {
  ByteWriter out;
  putProgram(out, bundle.program);
  putFitted(out, bundle.fitted);
  out.u64(bundle.lookups.size());
  for (const auto& [index, bytes] : bundle.lookups) {
    out.u32(index);
    out.text(lookupDigest(bytes).hex());
  }
  out.text(encodeModel(bundle.model));
  return out.take();
}

Digest idOf(std::string_view model_part) { return Hasher("cd4ml model part 1").string(model_part).finish(); }

Digest checksum(std::string_view name, std::string_view payload) {
  return Hasher("cd4ml bundle section 1").string(name).string(payload).finish();
}

void putSection(ByteWriter& out, std::string_view name, std::string_view payload) {
  out.text(name);
  out.text(checksum(name, payload).hex());
  out.text(payload);
}

using Sections = std::map<std::string, std::string_view, std::less<>>;

/// All sections up to the closing one, which counts them, so that a file cut short is noticed.
Result<Sections> readSections(ByteReader& in, const std::string& where) {
  Sections sections;
  while (true) {
    std::string name = in.text();
    const std::string sum = in.text();
    const std::string_view payload = in.view();
    if (!in.ok()) return damaged(where, "it ends too early");
    if (sum != checksum(name, payload).hex()) return damaged(where, fmt::format("section `{}` does not match its checksum", name));
    if (name.empty()) {
      ByteReader closing(payload);
      if (closing.u64() != sections.size() || !closing.finished() || !in.finished()) return damaged(where, "sections are missing or too many");
      return sections;
    }
    if (!sections.emplace(std::move(name), payload).second) return damaged(where, "a section stands twice");
  }
}

/// Reads the model part; names of its look-ups' digests go to `lookups`.
Status readModelPart(std::string_view bytes, Bundle& bundle, std::map<std::uint32_t, std::string>& digests, const std::string& where) {
  ByteReader in(bytes);
  bundle.program = getProgram(in);
  bundle.fitted = getFitted(in);
  const std::uint64_t count = in.u64();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::uint32_t index = in.u32();
    digests[index] = in.text();
  }
  const std::string_view model = in.view();
  if (!in.finished()) return damaged(where, "its model part is malformed");
  auto decoded = decodeModel(model);
  if (!decoded.ok()) return because(std::move(decoded).error(), "CD5601", where + " is no sound model bundle");
  bundle.model = std::move(*decoded);
  const std::size_t keys = bundle.model.keyed == nullptr ? 0 : bundle.model.keyed->kinds.size();
  if (bundle.model.features.size() + keys != bundle.program.features.size()) return damaged(where, "program and model have different features");
  for (const auto& [index, fitted] : bundle.fitted) {
    const auto& values = bundle.program.graph.values;
    if (index >= values.size() || !hasShapeOf(values[index], fitted)) return damaged(where, "its fitted state fits no program");
  }
  return Done{};
}

Status readNames(std::string_view bytes, Bundle& bundle, const std::string& where) {
  ByteReader in(bytes);
  bundle.pipeline = in.text();
  bundle.model_name = in.text();
  getProgramNames(in, bundle.program);
  if (!in.finished()) return damaged(where, "its names are malformed");
  return Done{};
}

Status takeLookups(Sections& sections, const std::map<std::uint32_t, std::string>& digests, Bundle& bundle, const std::string& where) {
  for (const auto& [index, digest] : digests) {
    const auto section = sections.find(fmt::format("{}{}", lookup_prefix, index));
    if (section == sections.end() || lookupDigest(section->second).hex() != digest) return damaged(where, "a joined table is missing or another one");
    bundle.lookups.emplace(index, section->second);
    sections.erase(section);
  }
  return Done{};
}

}  // namespace

Digest modelId(const Bundle& bundle) { return idOf(modelPart(bundle)); }

std::string encodeFitted(const FittedState& fitted) {
  ByteWriter out;
  putFitted(out, fitted);
  return out.take();
}

Result<FittedState> decodeFitted(std::string_view bytes) {
  ByteReader in(bytes);
  FittedState fitted = getFitted(in);
  if (!in.finished()) return makeError("CD5601", "a fitted state is damaged");
  return fitted;
}

std::string encodeBundle(const Bundle& bundle) {
  const std::string part = modelPart(bundle);
  ByteWriter names;
  names.text(bundle.pipeline);
  names.text(bundle.model_name);
  putProgramNames(names, bundle.program);
  std::map<std::string, std::string> sections = bundle.sections;
  for (const auto& [index, bytes] : bundle.lookups) sections[fmt::format("{}{}", lookup_prefix, index)] = bytes;
  ByteWriter out;
  for (const char c : magic) out.u8(static_cast<std::uint8_t>(c));
  out.u32(bundle_format);
  out.text(idOf(part).hex());
  putSection(out, "model", part);
  putSection(out, "names", names.take());
  for (const auto& [name, payload] : sections) putSection(out, name, payload);
  ByteWriter closing;
  closing.u64(sections.size() + 2);
  putSection(out, "", closing.take());
  return out.take();
}

Result<Bundle> decodeBundle(std::string_view bytes, const std::string& where) {
  if (!bytes.starts_with(magic)) return damaged(where, "it does not begin like one");
  ByteReader in(bytes.substr(magic.size()));
  if (const std::uint32_t format = in.u32(); in.ok() && format > bundle_format) {
    return makeError("CD5602", fmt::format("{} is a model bundle of format {}; this version of cd4ml reads formats up to {}", where, format, bundle_format));
  }
  const std::string id = in.text();
  CD4ML_TRY(Sections sections, readSections(in, where));
  const auto model = sections.find("model");
  const auto names = sections.find("names");
  if (model == sections.end() || names == sections.end()) return damaged(where, "it holds no model");
  if (idOf(model->second).hex() != id) return damaged(where, "its model is not the one it is named for");
  Bundle bundle;
  std::map<std::uint32_t, std::string> digests;
  CD4ML_TRY_VOID(readModelPart(model->second, bundle, digests, where));
  CD4ML_TRY_VOID(readNames(names->second, bundle, where));
  CD4ML_TRY_VOID(takeLookups(sections, digests, bundle, where));
  for (const auto& [name, payload] : sections) {
    if (name != "model" && name != "names") bundle.sections.emplace(name, payload);
  }
  return bundle;
}

}  // namespace cd4ml::score
