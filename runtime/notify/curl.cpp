#include "runtime/notify/curl.h"

#include <fmt/format.h>

#include "runtime/notify/shared_library.h"

namespace cd4ml::notify {

namespace {

constexpr long connect_timeout_ms = 3'000;
constexpr long total_timeout_ms = 10'000;

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

}  // namespace

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

void setUp(const Curl& curl, CURL* handle) {
  curl.set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.set(handle, CURLOPT_NOSIGNAL, 1L);
  curl.set(handle, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  curl.set(handle, CURLOPT_TIMEOUT_MS, total_timeout_ms);
  curl.set(handle, CURLOPT_WRITEFUNCTION, &discard);
}

Attempt failedTransfer(CURLcode code, std::string_view kind) {
  switch (code) {
    case CURLE_COULDNT_CONNECT: return {track::Outcome::Retry, "cannot connect"};
    case CURLE_COULDNT_RESOLVE_HOST: return {track::Outcome::Retry, "cannot resolve the host"};
    case CURLE_OPERATION_TIMEDOUT: return {track::Outcome::Retry, "no answer in time"};
    case CURLE_LOGIN_DENIED: return {track::Outcome::Retry, "user or password is refused"};
    case CURLE_USE_SSL_FAILED: return {track::Outcome::Retry, "the server offers no encryption, and a password is sent to no server without"};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return {track::Outcome::GivenUp, fmt::format("its address is not {}", kind)};
    default: return {track::Outcome::Retry, fmt::format("transfer failed (libcurl {})", static_cast<int>(code))};
  }
}

}  // namespace cd4ml::notify
