#include "runtime/track/trials.h"

#include <algorithm>

#include "runtime/track/json.h"

namespace cd4ml::track {

Status recordTrial(Ledger& ledger, const Trial& trial) {
  const Json body{{"pipeline", trial.scope.pipeline}, {"profile", trial.scope.profile}, {"model", trial.model},
                  {"trial", trial.number}, {"params", parseJson(trial.options)}, {"metric", trial.metric},
                  {"value", trial.value ? Json(*trial.value) : Json()}, {"seconds", trial.seconds}, {"cached", trial.cached}};
  return ledger.transact([&](Ledger::Transaction& t) { return t.append("trial", trial.run, body.dump()); });
}

Result<std::vector<Trial>> trialsOf(Ledger& ledger, const std::string& run) {
  CD4ML_TRY(const std::vector<Entry> entries, ledger.read("trial", run));
  std::vector<Trial> trials;
  for (const Entry& entry : entries) {
    const Json body = parseJson(entry.body);
    Trial trial{.run = run, .scope = {.pipeline = textOf(body, "pipeline"), .profile = textOf(body, "profile")}};
    trial.model = textOf(body, "model");
    trial.number = body.value("trial", std::int64_t{0});
    trial.options = body.value("params", Json::object()).dump();
    trial.metric = textOf(body, "metric");
    if (body.value("value", Json()).is_number()) trial.value = body["value"].get<double>();
    trial.seconds = body.value("seconds", 0.0);
    trial.cached = body.value("cached", false);
    trials.push_back(std::move(trial));
  }
  std::sort(trials.begin(), trials.end(), [](const Trial& a, const Trial& b) { return std::tie(a.model, a.number) < std::tie(b.model, b.number); });
  return trials;
}

}  // namespace cd4ml::track
