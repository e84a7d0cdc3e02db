// A message as an e-mail, by SMTP: encrypted where the server offers it, and always where a password is sent.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "runtime/notify/curl.h"
#include "runtime/notify/mail.h"
#include "runtime/track/json.h"

namespace cd4ml::notify {

namespace {

struct Reader {
  std::string_view rest;
};

std::size_t readOn(char* to, std::size_t size, std::size_t count, void* from) {
  auto& reader = *static_cast<Reader*>(from);
  const std::size_t taken = std::min(size * count, reader.rest.size());
  std::memcpy(to, reader.rest.data(), taken);
  reader.rest.remove_prefix(taken);
  return taken;
}

/// An option that may not begin a header of its own.
Result<std::string> headerOption(const track::Message& message, std::string_view name) {
  CD4ML_TRY(std::string value, optionValue(message, name));
  std::erase_if(value, [](char c) { return c == '\r' || c == '\n'; });
  return value;
}

struct Login {
  std::string user;
  std::string password;
};

Attempt judge(long status) {
  const std::string detail = fmt::format("SMTP {}", status);
  if (status >= 200 && status < 400) return {track::Outcome::Delivered, detail};
  return {status >= 500 ? track::Outcome::GivenUp : track::Outcome::Retry, detail};
}

Attempt send(const Curl& curl, const std::string& server, const Mail& mail, const Login& login) {
  const std::unique_ptr<CURL, decltype(curl.cleanup)> handle(curl.init(), curl.cleanup);
  if (handle == nullptr) return {track::Outcome::Retry, "cannot start a transfer"};
  const std::string text = mailText(mail);
  Reader reader{text};
  curl_slist* recipients = nullptr;
  for (const std::string& to : mail.to) recipients = curl.append(recipients, fmt::format("<{}>", addressOf(to)).c_str());
  setUp(curl, handle.get());
  curl.set(handle.get(), CURLOPT_URL, server.c_str());
  curl.set(handle.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl.set(handle.get(), CURLOPT_USE_SSL, static_cast<long>(login.password.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  if (!login.user.empty()) curl.set(handle.get(), CURLOPT_USERNAME, login.user.c_str());
  if (!login.password.empty()) curl.set(handle.get(), CURLOPT_PASSWORD, login.password.c_str());
  curl.set(handle.get(), CURLOPT_MAIL_FROM, fmt::format("<{}>", addressOf(mail.from)).c_str());
  curl.set(handle.get(), CURLOPT_MAIL_RCPT, recipients);
  curl.set(handle.get(), CURLOPT_UPLOAD, 1L);
  curl.set(handle.get(), CURLOPT_READFUNCTION, &readOn);
  curl.set(handle.get(), CURLOPT_READDATA, &reader);
  const CURLcode code = curl.perform(handle.get());
  long status = 0;
  curl.info(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  curl.free(recipients);
  if (code == CURLE_OK || (status >= 400 && status < 600 && code != CURLE_LOGIN_DENIED)) return judge(status);
  return failedTransfer(code, "an smtp or smtps URL");
}

Result<Attempt> tryEmail(const track::Message& message) {
  Mail mail;
  CD4ML_TRY(const std::string to, headerOption(message, "to"));
  CD4ML_TRY(mail.from, headerOption(message, "from"));
  CD4ML_TRY(std::string server, headerOption(message, "server"));
  Login login;
  CD4ML_TRY(login.user, headerOption(message, "user"));
  CD4ML_TRY(login.password, headerOption(message, "password"));
  const track::Json data = track::parseJson(message.body).value("data", track::Json::object());
  mail.id = message.id;
  mail.to = splitAddresses(to);
  if (mail.from.empty()) mail.from = mail.to.empty() ? "" : mail.to.front();
  mail.text = track::textOf(data, "text");
  mail.at_us = track::nowMicroseconds();
  if (server.empty()) server = "smtp://localhost";
  if (mail.to.empty()) return Attempt{track::Outcome::GivenUp, "it has no recipient"};
  CD4ML_TRY(const Curl curl, loadCurl());
  return send(curl, server, mail, login);
}

}  // namespace

Attempt attemptEmail(const track::Message& message) {
  Result<Attempt> attempt = tryEmail(message);
  return attempt.ok() ? *attempt : Attempt{track::Outcome::Retry, attempt.error().describe()};
}

}  // namespace cd4ml::notify
