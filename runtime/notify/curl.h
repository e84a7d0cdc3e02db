/// The functions of libcurl that channels use, opened when the first message leaves.
#pragma once

#include <curl/curl.h>

#include "base/result.h"
#include "runtime/notify/channel.h"

namespace cd4ml::notify {

struct Curl {
  decltype(curl_easy_init)* init = nullptr;
  decltype(curl_easy_setopt)* set = nullptr;
  decltype(curl_easy_perform)* perform = nullptr;
  decltype(curl_easy_getinfo)* info = nullptr;
  decltype(curl_easy_cleanup)* cleanup = nullptr;
  decltype(curl_slist_append)* append = nullptr;
  decltype(curl_slist_free_all)* free = nullptr;
};

Result<Curl> loadCurl();

/// Time-outs, no signals, no redirects, and nothing kept of what the receiver says: it may be large and is nothing to us.
void setUp(const Curl& curl, CURL* handle);

/// What a transfer that did not come to an answer means for the message; `kind`: "an http or https URL".
[[nodiscard]] Attempt failedTransfer(CURLcode code, std::string_view kind);

}  // namespace cd4ml::notify
