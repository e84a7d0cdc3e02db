// Load on a server over kept connections, one thread: closed loop (each connection asks again as soon as it is answered) or
// open loop (requests are due at fixed times, and a late answer counts from when its request was due, so that a server that
// stalls is not spared: no coordinated omission). Latencies in a histogram of 1/16 octaves.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

std::int64_t nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

class Histogram {
 public:
  void add(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(ns < 16 ? 16 : ns);
    const unsigned octave = static_cast<unsigned>(std::bit_width(value)) - 5;
    ++counts_[octave * 16 + (value >> octave) - 16];
    ++all_;
  }
  [[nodiscard]] double quantileMicroseconds(double p) const {
    auto wanted = static_cast<std::uint64_t>(p * static_cast<double>(all_));
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > wanted) return static_cast<double>(((i % 16) + 17) << (i / 16)) / 1000.0;
      wanted -= counts_[i];
    }
    return 0;
  }
  [[nodiscard]] std::uint64_t all() const { return all_; }

 private:
  std::array<std::uint64_t, 64 * 16> counts_{};
  std::uint64_t all_ = 0;
};

struct Connection {
  int fd = -1;
  std::string in;
  std::size_t sent = 0;
  std::size_t request = 0;
  std::int64_t due = 0;       ///< of the request under way; 0: none is
  std::int64_t asked = 0;     ///< when it was sent
};

struct Options {
  int port = 0;
  std::size_t connections = 64;
  double seconds = 5;
  double rate = 0;            ///< 0: closed loop
  std::string requests;       ///< file of whole requests, each with its length in a line before it
};

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)) {
    std::ifstream file(options_.requests, std::ios::binary);
    std::string line;
    while (std::getline(file, line)) {
      std::string request(std::stoul(line), '\0');
      file.read(request.data(), static_cast<std::streamsize>(request.size()));
      requests_.push_back(std::move(request));
    }
  }

  int run() {
    if (requests_.empty()) return std::fprintf(stderr, "no requests\n"), 2;
    poll_ = epoll_create1(0);
    connections_.resize(options_.connections);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (!open(i)) return std::fprintf(stderr, "cannot connect: %s\n", std::strerror(errno)), 1;
    }
    const std::int64_t begin = nanoseconds();
    const std::int64_t end = begin + static_cast<std::int64_t>(options_.seconds * 1e9);
    const std::int64_t step = options_.rate > 0 ? static_cast<std::int64_t>(1e9 / options_.rate) : 0;
    std::int64_t next = begin;
    for (std::size_t i = 0; i < connections_.size(); ++i) idle_.push_back(i);
    std::array<epoll_event, 512> events{};
    while (true) {
      const std::int64_t now = nanoseconds();
      if (now >= end) break;
      if (step == 0) {
        while (!idle_.empty()) ask(now);
      } else {
        while (next <= now) {
          waiting_.push_back(next);
          next += step;
        }
        while (!waiting_.empty() && !idle_.empty()) {
          ask(waiting_.front());
          waiting_.pop_front();
        }
      }
      const int count = wait(events, step == 0 ? 10'000'000 : next - nanoseconds());
      for (int i = 0; i < count; ++i) take(events[static_cast<std::size_t>(i)].data.u64);
    }
    const double seconds = static_cast<double>(nanoseconds() - begin) / 1e9;
    std::printf("{\"seconds\":%.3f,\"answers\":%llu,\"rate\":%.1f,\"ok\":%llu,\"rejected\":%llu,\"other\":%llu,\"lost\":%llu,\"unsent\":%zu,"
                "\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"sent_p99_us\":%.1f,\"refused_p50_us\":%.1f,\"refused_p99_us\":%.1f}\n",
                seconds, static_cast<unsigned long long>(ok_ + rejected_ + other_), static_cast<double>(ok_ + rejected_ + other_) / seconds,
                static_cast<unsigned long long>(ok_), static_cast<unsigned long long>(rejected_), static_cast<unsigned long long>(other_),
                static_cast<unsigned long long>(lost_), waiting_.size(), good_.quantileMicroseconds(0.5), good_.quantileMicroseconds(0.9),
                good_.quantileMicroseconds(0.99), good_.quantileMicroseconds(0.999), good_.quantileMicroseconds(0.9999999),
                good_sent_.quantileMicroseconds(0.99), refused_sent_.quantileMicroseconds(0.5), refused_sent_.quantileMicroseconds(0.99));
    return 0;
  }

 private:
  /// Sleeps until shortly before a request is due: a driver that spins would take a core from itself.
  int wait(std::array<epoll_event, 512>& events, std::int64_t ns) const {
    constexpr std::int64_t early = 30'000;
    const std::int64_t sleep = ns > early ? ns - early : 0;
    const timespec timeout{.tv_sec = sleep / 1'000'000'000, .tv_nsec = sleep % 1'000'000'000};
    return epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  }

  bool open(std::size_t i) {
    Connection& c = connections_[i];
    c.fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(c.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return false;
    const int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(c.fd, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    c.in.clear();
    c.due = 0;
    return epoll_ctl(poll_, EPOLL_CTL_ADD, c.fd, &event) == 0;
  }

  void ask(std::int64_t due) {
    const std::size_t i = idle_.front();
    idle_.pop_front();
    Connection& c = connections_[i];
    c.due = due;
    c.asked = nanoseconds();
    c.request = next_request_++ % requests_.size();
    const std::string& text = requests_[c.request];
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t count = send(c.fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count > 0) sent += static_cast<std::size_t>(count);
      else if (errno != EAGAIN && errno != EINTR) return lose(i);
    }
  }

  void lose(std::size_t i) {
    ++lost_;
    close(connections_[i].fd);
    if (open(i)) idle_.push_back(i);
  }

  void take(std::size_t i) {
    Connection& c = connections_[i];
    char bytes[16384];
    const ssize_t count = recv(c.fd, bytes, sizeof bytes, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return lose(i);
    if (count < 0) return;
    c.in.append(bytes, static_cast<std::size_t>(count));
    const std::size_t head = c.in.find("\r\n\r\n");
    if (head == std::string::npos) return;
    std::size_t length = c.in.find("ontent-length: ");
    if (length == std::string::npos) length = c.in.find("ontent-Length: ");
    const std::size_t size = length < head ? std::strtoul(c.in.c_str() + length + 15, nullptr, 10) : 0;
    if (c.in.size() < head + 4 + size) return;
    const int status = std::atoi(c.in.c_str() + 9);
    const std::int64_t now = nanoseconds();
    if (status != 503) good_.add(now - c.due);
    (status == 503 ? refused_sent_ : good_sent_).add(now - c.asked);
    ++(status == 200 ? ok_ : status == 503 ? rejected_ : other_);
    c.in.erase(0, head + 4 + size);
    c.due = 0;
    idle_.push_back(i);
  }

  Options options_;
  std::vector<std::string> requests_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> idle_;
  std::deque<std::int64_t> waiting_;
  int poll_ = -1;
  std::size_t next_request_ = 0;
  std::uint64_t ok_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t other_ = 0;
  std::uint64_t lost_ = 0;
  Histogram good_;
  Histogram good_sent_;       ///< the same from when they were sent
  Histogram refused_sent_;
};

}  // namespace

int main(int count, char** words) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i];
    if (name == "--port") options.port = std::atoi(words[i + 1]);
    else if (name == "--connections") options.connections = std::strtoul(words[i + 1], nullptr, 10);
    else if (name == "--seconds") options.seconds = std::strtod(words[i + 1], nullptr);
    else if (name == "--rate") options.rate = std::strtod(words[i + 1], nullptr);
    else if (name == "--requests") options.requests = words[i + 1];
    else return std::fprintf(stderr, "unknown option %s\n", words[i]), 2;
  }
  return Load(options).run();
}
