// Runs the target over mutated programs: `mutate COUNT SEED FILE…`. Input number N depends on the seed, the files and N
// alone, so that a crash is told by its number and seen again with `mutate --only N SEED FILE…`, which prints the text.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr unsigned seconds_per_input = 5;
constexpr long megabytes_in_all = 512;
constexpr int most_failures = 20;
constexpr std::size_t longest_input = 1 << 14;

/// SplitMix64: the same numbers everywhere.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(next() % bound); }
  template <class T>
  const T& pick(const std::vector<T>& from) { return from[below(from.size())]; }

 private:
  std::uint64_t state_;
};

bool isWordByte(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Rough tokens: words, spaces, single bytes. Good enough to break programs where programs are broken.
std::vector<std::string> piecesOf(const std::string& text) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (isWordByte(text[at])) {
      while (end < text.size() && isWordByte(text[end])) ++end;
    } else if (text[at] == ' ') {
      while (end < text.size() && text[end] == ' ') ++end;
    }
    pieces.push_back(text.substr(at, end - at));
    at = end;
  }
  return pieces;
}

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> corpus) : corpus_(std::move(corpus)) {
    for (const std::string& text : corpus_) pieces_.push_back(piecesOf(text));
  }

  [[nodiscard]] std::string input(std::uint64_t seed, std::uint64_t number) const {
    Chance chance(seed * 0x2545f4914f6cdd1dU + number);
    std::vector<std::string> pieces = chance.pick(pieces_);
    const std::size_t times = 1 + chance.below(4);
    for (std::size_t i = 0; i < times; ++i) mutate(pieces, chance);
    std::string text;
    for (const std::string& piece : pieces) text += piece;
    if (text.size() > longest_input) text.resize(longest_input);
    return text;
  }

 private:
  void mutate(std::vector<std::string>& pieces, Chance& chance) const {
    if (pieces.empty()) return;
    const std::size_t at = chance.below(pieces.size());
    const auto place = pieces.begin() + static_cast<std::ptrdiff_t>(at);
    const std::vector<std::string>& other = chance.pick(pieces_);
    switch (chance.below(9)) {
      case 0: pieces.erase(place); break;
      case 1: pieces.insert(place, *place); break;
      case 2: std::swap(*place, pieces[chance.below(pieces.size())]); break;
      case 3: *place = chance.pick(other); break;
      case 4: pieces.insert(place, chance.pick(other)); break;
      case 5: pieces.resize(at); break;
      case 6: (*place)[chance.below(place->size())] = static_cast<char>(chance.next()); break;
      case 7: spliceFrom(pieces, at, other, chance); break;
      default: repeat(pieces, at, chance); break;
    }
  }

  static void spliceFrom(std::vector<std::string>& pieces, std::size_t at, const std::vector<std::string>& other, Chance& chance) {
    const std::size_t from = chance.below(other.size());
    const std::size_t count = std::min(other.size() - from, 1 + chance.below(40));
    pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at), other.begin() + static_cast<std::ptrdiff_t>(from),
                  other.begin() + static_cast<std::ptrdiff_t>(from + count));
  }
  static void repeat(std::vector<std::string>& pieces, std::size_t at, Chance& chance) {
    const std::vector<std::string> copies(1 + chance.below(30), pieces[at]);
    pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at), copies.begin(), copies.end());
  }

  std::vector<std::string> corpus_;
  std::vector<std::vector<std::string>> pieces_;
};

/// What the parent sees of its worker.
struct Shared {
  std::uint64_t current;
  double slowest;
};

std::string fileText(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

void runOne(const std::string& text) { (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()); }

/// Inputs from `first` on, in a process that may die.
[[noreturn]] void work(const Mutator& mutator, std::uint64_t seed, std::uint64_t first, std::uint64_t count, Shared& shared) {
  using Clock = std::chrono::steady_clock;
  for (std::uint64_t n = first; n < count; ++n) {
    shared.current = n;
    const std::string text = mutator.input(seed, n);
    alarm(seconds_per_input);
    const Clock::time_point start = Clock::now();
    runOne(text);
    shared.slowest = std::max(shared.slowest, std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::_Exit(0);
}

const char* ending(int status) {
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGALRM ? "took too long" : strsignal(WTERMSIG(status));
  return "ended the program";
}

int runMany(const Mutator& mutator, std::uint64_t count, std::uint64_t seed) {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 2;
  auto& shared = *new (memory) Shared{};
  const auto begin = std::chrono::steady_clock::now();
  int failures = 0;
  for (std::uint64_t first = 0; first < count && failures < most_failures; first = shared.current + 1) {
    const pid_t worker = fork();
    if (worker == 0) work(mutator, seed, first, count, shared);
    int status = 0;
    if (worker < 0 || waitpid(worker, &status, 0) != worker) return 2;
    if (status == 0) break;
    ++failures;
    std::printf("input %llu: %s\n", static_cast<unsigned long long>(shared.current), ending(status));
    std::fflush(stdout);
  }
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const long megabytes = usage.ru_maxrss / 1024;
  std::printf("%llu inputs, %d failures; slowest %.1f ms, peak %ld MB, %.0f s\n", static_cast<unsigned long long>(count), failures,
              shared.slowest * 1e3, megabytes, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return failures == 0 && megabytes <= megabytes_in_all ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--file") == 0) {
    runOne(fileText(argv[2]));
    return 0;
  }
  if (argc < 4) {
    std::fprintf(stderr, "usage: mutate COUNT SEED FILE…  |  mutate --only N SEED FILE…  |  mutate --file FILE\n");
    return 2;
  }
  const bool only = std::strcmp(argv[1], "--only") == 0;
  std::vector<std::string> corpus;
  for (int i = only ? 4 : 3; i < argc; ++i) corpus.push_back(fileText(argv[i]));
  const Mutator mutator(std::move(corpus));
  const std::uint64_t seed = std::strtoull(argv[only ? 3 : 2], nullptr, 10);
  if (!only) return runMany(mutator, std::strtoull(argv[1], nullptr, 10), seed);
  const std::string text = mutator.input(seed, std::strtoull(argv[2], nullptr, 10));
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  runOne(text);
  return 0;
}
