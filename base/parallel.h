/// Runs independent pieces of work on a few threads. The result never depends on how many there are.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace cd4ml {

/// Calls `work(i)` once for each i in [0, count), on at most `threads` threads; returns when all are done.
template <class Work>
void parallelFor(int threads, std::size_t count, const Work& work) {
  std::atomic<std::size_t> next{0};
  const auto drain = [&] {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) work(i);
  };
  std::vector<std::jthread> helpers;
  for (int t = 1; t < threads && static_cast<std::size_t>(t) < count; ++t) helpers.emplace_back(drain);
  drain();
}

}  // namespace cd4ml
