#include "runtime/serve/http_request.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace cd4ml::serve {
namespace {

using State = RequestParser::State;

/// Feeds a request in pieces of `step` bytes, each time at another address.
struct Fed {
  State state = State::Header;
  std::string body;
  std::string path;
  std::size_t consumed = 0;
  int status = 0;
};
Fed feed(const std::string& text, std::size_t step = 1) {
  const Limits limits;
  RequestParser parser(limits);
  Fed out;
  std::string held;  // what a chunked body was moved to stays moved
  for (std::size_t size = 0; size < text.size() && out.state != State::Complete && out.state != State::Refused;) {
    const std::size_t count = std::min(step, text.size() - size);
    std::string moved = held + text.substr(size, count);
    size += count;
    out.state = parser.parse(moved.data(), moved.size());
    if (out.state == State::Complete) {
      out.body = parser.request().body;
      out.path = parser.request().path;
      out.consumed = parser.consumed();
    }
    held = std::move(moved);
  }
  out.status = parser.refusal().status;
  return out;
}

TEST(HttpRequest, ReadsTheSameInAnyPieces) {
  const std::string plain = "POST /a/b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  const std::string chunked = "POST /a/b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;ext=1\r\nllo\r\n0\r\nTrailer: x\r\n\r\n";
  for (const std::string& text : {plain, chunked}) {
    for (const std::size_t step : {1, 2, 3, 7, 1000}) {
      const Fed fed = feed(text + "GET", step);
      ASSERT_EQ(fed.state, State::Complete) << text << " by " << step;
      EXPECT_EQ(fed.body, "hello");
      EXPECT_EQ(fed.path, "/a/b");
      EXPECT_EQ(fed.consumed, text.size());
    }
  }
}

TEST(HttpRequest, RefusesWhatCouldBeSmuggled) {
  const std::string line = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(feed(line + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n").status, 400);
  EXPECT_EQ(feed(line + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n").status, 400);
  EXPECT_EQ(feed(line + "Content-Length: +5\r\n\r\n").status, 400);
  EXPECT_EQ(feed(line + "Content-Length : 5\r\n\r\n").status, 400);
  EXPECT_EQ(feed(line + "Transfer-Encoding: chunked, identity\r\n\r\n").status, 501);
  EXPECT_EQ(feed(line + "X: a\r\n b\r\n\r\n").status, 400);
  EXPECT_EQ(feed("POST / HTTP/1.1\nHost: h\n\n").status, 400);
  EXPECT_EQ(feed("POST / HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(feed("POST / HTTP/3.0\r\nHost: h\r\n\r\n").status, 505);
}

TEST(HttpRequest, BoundsComeBeforeMemory) {
  const std::string line = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(feed(line + "Content-Length: 999999999999\r\n\r\n").status, 413);
  EXPECT_EQ(feed(line + "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n").status, 413);
  EXPECT_EQ(feed("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 512).status, 414);
  EXPECT_EQ(feed(line + "X: " + std::string(20000, 'a'), 512).status, 431);
}

TEST(HttpRequest, RandomBytesEndInAStateAndNeverBeyondTheBuffer) {
  std::mt19937 random(7);
  const std::string seed = "POST /invocations HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seed;
    for (int edits = 1 + static_cast<int>(random() % 6); edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.erase(at, random() % 9); break;
        case 2: text.insert(at, text.substr(random() % text.size(), random() % 20)); break;
        default: text.resize(at); break;
      }
      if (text.empty()) text = "G";
    }
    const Fed fed = feed(text, 1 + random() % 50);
    EXPECT_TRUE(fed.state != State::Complete || fed.consumed <= text.size());
    EXPECT_TRUE(fed.state != State::Refused || fed.status >= 400);
  }
}

}  // namespace
}  // namespace cd4ml::serve
