#include "runtime/serve/feedback.h"

#include <fmt/format.h>

#include "runtime/score/parse_value.h"
#include "runtime/serve/decode.h"
#include "runtime/serve/media_type.h"
#include "runtime/serve/worker.h"
#include "runtime/track/ledger.h"

namespace cd4ml::serve {

namespace {

using Type = simdjson::dom::element_type;
using Element = simdjson::dom::element;

constexpr std::size_t most_waiting = 4096;
constexpr std::size_t most_labels = 65'536;

Response answerOf(const store::LabelStore::Batch& batch) {
  Response response;
  std::size_t stored = 0;
  std::size_t known = 0;
  for (std::size_t i = 0; i < batch.outcomes.size(); ++i) {
    switch (batch.outcomes[i]) {
      case store::LabelOutcome::Stored: case store::LabelOutcome::Replaced: ++stored; break;
      case store::LabelOutcome::Known: ++known; break;
      case store::LabelOutcome::Conflict:
        response.status = 409;
        response.body = fmt::format(R"({{"error":"label {} differs from the one that is stored under its id; with `replace` it takes its place"}})", i + 1);
        return response;
    }
  }
  response.body = fmt::format(R"({{"stored":{},"known":{}}})", stored, known);
  return response;
}

/// The value as JSON; a label is a scalar.
Rejected labelValue(Element value, std::size_t place, std::string& out) {
  switch (value.type()) {
    case Type::BOOL: out = value.get_bool().value_unsafe() ? "true" : "false"; return std::nullopt;
    case Type::INT64: appendJsonNumber(out, value.get_int64().value_unsafe()); return std::nullopt;
    case Type::UINT64: case Type::DOUBLE: appendJsonNumber(out, value.get_double().value()); return std::nullopt;
    case Type::STRING: appendJsonText(out, value.get_string().value_unsafe()); return std::nullopt;
    case Type::NULL_VALUE: case Type::ARRAY: case Type::OBJECT: break;
  }
  return reject(fmt::format("label {}: `label` is a bool, a number or a text", place + 1));
}

/// A label that is the whole body has `replace` beside it.
enum class Place : std::uint8_t { Body, List };

Rejected takeLabel(Element value, std::size_t place, Place where, std::int64_t now, store::Label& out) {
  if (value.type() != Type::OBJECT) return reject(fmt::format("label {} is no object with `id` and `label`", place + 1));
  bool has_label = false;
  const auto object = objectOf(value);
  if (Rejected twice = uniqueKeys(object, fmt::format("label {}", place + 1))) return twice;
  out.at_us = now;
  for (const auto field : object) {
    const bool text = field.value.type() == Type::STRING;
    if (field.key == "id") {
      if (!text) return reject(fmt::format("label {}: `id` is no text", place + 1));
      out.id = field.value.get_string().value_unsafe();
    } else if (field.key == "label") {
      has_label = true;
      if (Rejected bad = labelValue(field.value, place, out.value)) return bad;
    } else if (field.key == "at") {
      const auto at = text ? score::parseTimestamp(field.value.get_string().value_unsafe()) : std::nullopt;
      if (!at) return reject(fmt::format("label {}: `at` is a time such as \"2024-06-01T10:00:00Z\"", place + 1));
      out.at_us = *at;
    } else if (where == Place::List || field.key != "replace") {
      return reject(fmt::format("label {} has a key `{}`; it takes `id`, `label` and `at`", place + 1, shownName(field.key)));
    }
  }
  if (out.id.empty() || out.id.size() > 300) return reject(fmt::format("label {}: `id` is missing or too long", place + 1));
  if (!has_label) return reject(fmt::format("label {}: `label` is missing", place + 1));
  return std::nullopt;
}

Rejected takeBody(Element body, store::LabelStore::Batch& out) {
  const std::int64_t now = track::nowMicroseconds();
  if (body.type() != Type::OBJECT) return reject("the body is no JSON object");
  const auto object = objectOf(body);
  if (Rejected twice = uniqueKeys(object, "the body")) return twice;
  Element labels;
  const bool several = object["labels"].get(labels) == simdjson::SUCCESS;
  for (const auto field : object) {
    if (field.key == "replace") {
      if (field.value.type() != Type::BOOL) return reject("`replace` is no bool");
      out.on_conflict = field.value.get_bool().value_unsafe() ? store::OnConflict::Replace : store::OnConflict::Refuse;
    } else if (several && field.key != "labels") {
      return reject(fmt::format("the body has a key `{}`; expected `labels` and `replace`", shownName(field.key)));
    }
  }
  if (!several) return takeLabel(body, 0, Place::Body, now, out.labels.emplace_back());
  if (labels.type() != Type::ARRAY) return reject("`labels` is no list");
  std::size_t place = 0;
  for (const Element label : arrayOf(labels)) {
    if (out.labels.size() == most_labels) return Reject{413, fmt::format("at most {} labels can be sent in one request", most_labels)};
    if (Rejected bad = takeLabel(label, place++, Place::List, now, out.labels.emplace_back())) return bad;
  }
  if (out.labels.empty()) return reject("there are no labels");
  return std::nullopt;
}

}  // namespace

Feedback::Feedback(std::unique_ptr<store::LabelStore> store) : store_(std::move(store)), thread_([this] { run(); }) {}

Feedback::~Feedback() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Feedback::put(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= most_waiting) return false;
    waiting_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void Feedback::run() {
  for (;;) {
    std::vector<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      jobs.swap(waiting_);
    }
    std::vector<store::LabelStore::Batch*> batches;
    for (Job& job : jobs) batches.push_back(&job.batch);
    const Status done = store_->put(batches);
    for (Job& job : jobs) {
      if (done.ok()) {
        for (const store::LabelOutcome outcome : job.batch.outcomes) {
          if (outcome == store::LabelOutcome::Stored || outcome == store::LabelOutcome::Replaced) stored_.fetch_add(1, std::memory_order_relaxed);
        }
        job.answer(answerOf(job.batch));
        continue;
      }
      Response response;
      response.status = 503;
      response.headers = "Retry-After: 5\r\n";
      response.body = R"({"error":"the labels could not be stored; send them again"})";
      job.answer(std::move(response));
    }
  }
}

void handleFeedback(Worker& worker, Exchange& exchange) {
  if (worker.core().feedback == nullptr) return answerError(exchange, 501, "this server has no place for labels: serve a deploy");
  if (mediaType(exchange.request.content_type) != MediaType::Json) return answerError(exchange, 415, "feedback takes application/json");
  simdjson::dom::element body;
  const auto error = worker.parser().parse(exchange.request.body.data(), exchange.request.body.size(), false).get(body);
  if (error != simdjson::SUCCESS) return answerError(exchange, 400, parseProblem(error));
  Feedback::Job job;
  if (const Rejected bad = takeBody(body, job.batch)) return answerError(exchange, bad->status, bad->message);
  const std::uint64_t connection = exchange.connection.token();
  const bool close = exchange.response.close;
  job.answer = [&worker, connection, close](Response response) {
    response.close = close;
    worker.complete(connection, std::move(response));
  };
  if (!worker.core().feedback->put(std::move(job))) return answerError(exchange, 503, "too many labels wait; try again later");
  exchange.parked = true;
}

}  // namespace cd4ml::serve
