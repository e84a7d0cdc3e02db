#include "runtime/track/models.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "runtime/track/json.h"

namespace cd4ml::track {

namespace {

Scope scopeOf(const Json& body) { return {.pipeline = textOf(body, "pipeline"), .profile = textOf(body, "profile")}; }

bool sameScope(const Scope& a, const Scope& b) { return a.pipeline == b.pipeline && a.profile == b.profile; }

ModelVersion modelOf(const Entry& entry) {
  const Json body = parseJson(entry.body);
  return {.scope = scopeOf(body),
          .model = textOf(body, "model"),
          .version = body.value("version", std::int64_t{0}),
          .id = textOf(body, "id"),
          .content = textOf(body, "content"),
          .run = textOf(body, "run"),
          .at_us = entry.at_us,
          .bundle = textOf(body, "bundle"),
          .evidence = body.contains("evidence") ? body["evidence"].dump() : "{}"};
}

std::string bodyOf(const ModelVersion& model) {
  const Json evidence = parseJson(model.evidence);
  return Json{{"pipeline", model.scope.pipeline}, {"profile", model.scope.profile}, {"model", model.model},
              {"version", model.version},         {"id", model.id},                 {"content", model.content},
              {"run", model.run},                 {"bundle", model.bundle},
              {"evidence", evidence.is_object() ? evidence : Json::object()}}
      .dump();
}

/// Entries of one model oldest first → its versions; later entries of a version carry newer evidence.
std::vector<ModelVersion> foldVersions(const std::vector<Entry>& entries) {
  std::map<std::tuple<std::string, std::int64_t>, ModelVersion> versions;
  for (const Entry& entry : entries) {
    ModelVersion model = modelOf(entry);
    auto [it, fresh] = versions.try_emplace({model.model, model.version}, model);
    if (fresh) continue;
    it->second.bundle = model.bundle;
    it->second.evidence = model.evidence;
  }
  std::vector<ModelVersion> result;
  for (auto& [key, model] : versions) result.push_back(std::move(model));
  return result;
}

}  // namespace

Result<ModelVersion> registerModel(Ledger& ledger, const ModelVersion& model) {
  ModelVersion registered = model;
  const std::string subject = subjectOf(model.scope, model.model);
  const Status done = ledger.transact([&](Ledger::Transaction& t) -> Status {
    CD4ML_TRY(const std::vector<Entry> entries, t.read("model", subject));
    const std::vector<ModelVersion> versions = foldVersions(entries);
    registered.version = 1;
    for (const ModelVersion& known : versions) {
      registered.version = std::max(registered.version, known.version + 1);
    }
    for (const ModelVersion& known : versions) {
      if (known.id != model.id) continue;
      registered = known;
      registered.bundle = model.bundle;
      registered.evidence = model.evidence;
      if (known.bundle == model.bundle && known.evidence == model.evidence) return Done{};
    }
    return t.append("model", subject, bodyOf(registered));
  });
  if (!done.ok()) return done.error();
  return registered;
}

Result<std::vector<ModelVersion>> listModels(Ledger& ledger, const Scope& scope) {
  CD4ML_TRY(std::vector<Entry> entries, ledger.read("model"));
  std::erase_if(entries, [&](const Entry& e) { return !sameScope(scopeOf(parseJson(e.body)), scope); });
  return foldVersions(entries);
}

Result<std::vector<Scope>> scopesWithModels(Ledger& ledger) {
  CD4ML_TRY(const std::vector<Entry> entries, ledger.read("model"));
  std::set<std::pair<std::string, std::string>> scopes;
  for (const Entry& entry : entries) {
    const Scope scope = scopeOf(parseJson(entry.body));
    scopes.emplace(scope.pipeline, scope.profile);
  }
  std::vector<Scope> result;
  for (const auto& [pipeline, profile] : scopes) result.push_back({pipeline, profile});
  return result;
}

Result<std::optional<ModelVersion>> findModel(Ledger& ledger, const Scope& scope, std::string_view label) {
  const std::size_t at = label.find('@');
  const std::string_view name = label.substr(0, at);
  std::int64_t version = 0;
  if (at != std::string_view::npos) {
    const std::string_view digits = label.substr(at + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::optional<ModelVersion>();
  }
  CD4ML_TRY(const std::vector<ModelVersion> models, listModels(ledger, scope));
  std::optional<ModelVersion> found;
  for (const ModelVersion& model : models) {
    if (model.model == name && (version == 0 || model.version == version)) found = model;
  }
  return found;
}

Champion championFrom(const Entry& entry) {
  const Json body = parseJson(entry.body);
  return {.scope = scopeOf(body),
          .deploy = textOf(body, "deploy"),
          .model = textOf(body, "model"),
          .version = body.value("version", std::int64_t{0}),
          .id = textOf(body, "id"),
          .bundle = textOf(body, "bundle"),
          .run = textOf(body, "run"),
          .how = textOf(body, "how"),
          .reason = textOf(body, "reason"),
          .by = textOf(body, "by"),
          .at_us = entry.at_us};
}

Result<std::vector<Champion>> championsOf(Ledger& ledger, const Scope& scope, const std::string& deploy) {
  CD4ML_TRY(const std::vector<Entry> entries, ledger.read("champion", subjectOf(scope, deploy)));
  std::vector<Champion> champions;
  for (const Entry& entry : entries) champions.push_back(championFrom(entry));
  return champions;
}

Result<std::optional<Champion>> championOf(Ledger& ledger, const Scope& scope, const std::string& deploy) {
  CD4ML_TRY(const std::optional<Entry> entry, ledger.last("champion", subjectOf(scope, deploy)));
  return entry ? std::optional(championFrom(*entry)) : std::optional<Champion>();
}

Result<std::vector<Champion>> listChampions(Ledger& ledger, const Scope& scope) {
  CD4ML_TRY(const std::vector<Entry> entries, ledger.read("champion"));
  std::map<std::string, Champion> present;
  for (const Entry& entry : entries) {
    Champion champion = championFrom(entry);
    if (sameScope(champion.scope, scope)) present[champion.deploy] = std::move(champion);
  }
  std::vector<Champion> result;
  for (auto& [deploy, champion] : present) result.push_back(std::move(champion));
  return result;
}

Result<std::optional<Champion>> championIn(const Ledger::Transaction& transaction, const Scope& scope,
                                           const std::string& deploy) {
  CD4ML_TRY(const std::optional<Entry> entry, transaction.last("champion", subjectOf(scope, deploy)));
  return entry ? std::optional(championFrom(*entry)) : std::optional<Champion>();
}

Status appendChampion(Ledger::Transaction& transaction, const Champion& champion) {
  Json body{{"pipeline", champion.scope.pipeline}, {"profile", champion.scope.profile}, {"deploy", champion.deploy},
            {"model", champion.model},             {"version", champion.version},       {"id", champion.id},
            {"bundle", champion.bundle},           {"run", champion.run},               {"how", champion.how}};
  if (!champion.reason.empty()) body["reason"] = champion.reason;
  if (!champion.by.empty()) body["by"] = champion.by;
  return transaction.append("champion", subjectOf(champion.scope, champion.deploy), body.dump());
}

}  // namespace cd4ml::track
