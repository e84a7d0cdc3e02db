#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

#include "runtime/notify/channel.h"
#include "runtime/track/json.h"
#include "runtime/notify/shared_library.h"
#include "runtime/notify/sign.h"

namespace cd4ml::notify {

namespace {

constexpr long connect_timeout_ms = 3'000;
constexpr long total_timeout_ms = 10'000;

/// The functions of libcurl that are used here.
struct Curl {
  decltype(curl_easy_init)* init = nullptr;
  decltype(curl_easy_setopt)* set = nullptr;
  decltype(curl_easy_perform)* perform = nullptr;
  decltype(curl_easy_getinfo)* info = nullptr;
  decltype(curl_easy_cleanup)* cleanup = nullptr;
  decltype(curl_slist_append)* append = nullptr;
  decltype(curl_slist_free_all)* free = nullptr;
};

Result<Curl> loadCurl() {
  CD4ML_TRY(const SharedLibrary library, SharedLibrary::open("libcurl.so.4"));
  Curl curl;
  CD4ML_TRY_VOID(library.load("curl_easy_init", curl.init));
  CD4ML_TRY_VOID(library.load("curl_easy_setopt", curl.set));
  CD4ML_TRY_VOID(library.load("curl_easy_perform", curl.perform));
  CD4ML_TRY_VOID(library.load("curl_easy_getinfo", curl.info));
  CD4ML_TRY_VOID(library.load("curl_easy_cleanup", curl.cleanup));
  CD4ML_TRY_VOID(library.load("curl_slist_append", curl.append));
  CD4ML_TRY_VOID(library.load("curl_slist_free_all", curl.free));
  return curl;
}

/// What the receiver says is not kept: it may be large and is nothing to us.
std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

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
  curl.set(handle.get(), CURLOPT_URL, url.c_str());
  curl.set(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl.set(handle.get(), CURLOPT_POSTFIELDS, body.data());
  curl.set(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl.set(handle.get(), CURLOPT_HTTPHEADER, headers);
  curl.set(handle.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl.set(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl.set(handle.get(), CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  curl.set(handle.get(), CURLOPT_TIMEOUT_MS, total_timeout_ms);
  curl.set(handle.get(), CURLOPT_WRITEFUNCTION, &discard);
  const CURLcode code = curl.perform(handle.get());
  long status = 0;
  curl.info(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  switch (code) {
    case CURLE_OK: return judge(status);
    case CURLE_COULDNT_CONNECT: return {track::Outcome::Retry, "cannot connect"};
    case CURLE_COULDNT_RESOLVE_HOST: return {track::Outcome::Retry, "cannot resolve the host"};
    case CURLE_OPERATION_TIMEDOUT: return {track::Outcome::Retry, "no answer in time"};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return {track::Outcome::GivenUp, "its address is not an http or https URL"};
    default: return {track::Outcome::Retry, fmt::format("transfer failed (libcurl {})", static_cast<int>(code))};
  }
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
