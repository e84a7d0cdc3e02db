#include <memory>

#include <fmt/format.h>

#include "runtime/notify/curl.h"
#include "runtime/notify/sign.h"
#include "runtime/track/json.h"

namespace cd4ml::notify {

namespace {

Attempt judge(long status) {
  const std::string detail = fmt::format("HTTP {}", status);
  if (status >= 200 && status < 300) return {track::Outcome::Delivered, detail};
  // A receiver that refuses the message itself will refuse it again; everything else may pass.
  const bool refused = status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
  return {refused ? track::Outcome::GivenUp : track::Outcome::Retry, detail};
}

Attempt post(const Curl& curl, const std::string& url, const std::string& body, curl_slist* headers) {
  const std::unique_ptr<CURL, decltype(curl.cleanup)> handle(curl.init(), curl.cleanup);
  if (handle == nullptr) return {track::Outcome::Retry, "cannot start a transfer"};
  setUp(curl, handle.get());
  curl.set(handle.get(), CURLOPT_URL, url.c_str());
  curl.set(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl.set(handle.get(), CURLOPT_POSTFIELDS, body.data());
  curl.set(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl.set(handle.get(), CURLOPT_HTTPHEADER, headers);
  const CURLcode code = curl.perform(handle.get());
  long status = 0;
  curl.info(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  return code == CURLE_OK ? judge(status) : failedTransfer(code, "an http or https URL");
}

Attempt send(const track::Message& message, const std::string& type, const std::string& url, const std::string& key) {
  std::vector<std::string> lines{fmt::format("Content-Type: {}; charset=utf-8", type),
                                 "User-Agent: cd4ml", "Expect:", "X-CD4ML-Delivery: " + message.id};
  if (!key.empty()) {
    const Result<std::string> signature = hmacSha256(key, message.body);
    if (!signature.ok()) return {track::Outcome::Retry, signature.error().describe()};
    lines.push_back("X-CD4ML-Signature: sha256=" + *signature);
  }
  const Result<Curl> curl = loadCurl();
  if (!curl.ok()) return {track::Outcome::Retry, curl.error().describe()};
  curl_slist* headers = nullptr;
  for (const std::string& line : lines) headers = curl->append(headers, line.c_str());
  const Attempt attempt = post(*curl, url, message.body, headers);
  curl->free(headers);
  return attempt;
}

}  // namespace

Attempt attemptWebhook(const track::Message& message) {
  const Result<std::string> url = optionValue(message, "url");
  if (!url.ok()) return {track::Outcome::Retry, url.error().message};
  const Result<std::string> key = optionValue(message, "key");
  if (!key.ok()) return {track::Outcome::Retry, key.error().message};
  return send(message, "application/cloudevents+json", *url, *key);
}

Attempt attemptChat(const track::Message& message) {
  const Result<std::string> url = optionValue(message, "url");
  if (!url.ok()) return {track::Outcome::Retry, url.error().message};
  const track::Json body = track::parseJson(message.body);
  const track::Json data = body.value("data", track::Json::object());
  track::Message chat = message;
  chat.body = track::Json{{"text", track::textOf(data, "text")}}.dump();
  return send(chat, "application/json", *url, {});
}

}  // namespace cd4ml::notify
