#include "runtime/notify/mail.h"

#include <gtest/gtest.h>

namespace cd4ml::notify {
namespace {

TEST(Mail, HasHeadersAndItsTextInBase64) {
  const Mail mail{.id = "d-1", .from = "cd4ml <cd4ml@x.org>", .to = {"a@x.org", "b@x.org"}, .text = "flights: held\nChampion stays.", .at_us = 0};
  EXPECT_EQ(mailText(mail),
            "From: cd4ml <cd4ml@x.org>\r\nTo: a@x.org, b@x.org\r\nSubject: =?utf-8?B?ZmxpZ2h0czogaGVsZA==?=\r\n"
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nMessage-ID: <d-1@cd4ml>\r\nX-CD4ML-Delivery: d-1\r\n"
            "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\nZmxpZ2h0czogaGVsZApDaGFtcGlvbiBzdGF5cy4=\r\n");
}

TEST(Mail, LongSubjectsAreFoldedBetweenCharacters) {
  const Mail mail{.from = "a", .to = {"b"}, .text = std::string(44, 'x') + "ü and more words", .at_us = 0};
  EXPECT_NE(mailText(mail).find("=\r\n =?utf-8?B?w7wg"), std::string::npos) << mailText(mail);
}

TEST(Mail, AddressesAreTakenApart) {
  EXPECT_EQ(splitAddresses(" a@x.org , Ann <b@x.org>,"), (std::vector<std::string>{"a@x.org", "Ann <b@x.org>"}));
  EXPECT_EQ(addressOf("Ann <b@x.org>"), "b@x.org");
  EXPECT_EQ(addressOf("b@x.org"), "b@x.org");
}

}  // namespace
}  // namespace cd4ml::notify
