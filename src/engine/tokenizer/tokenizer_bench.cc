// Making a tokenizer from a vocabulary, and encoding prose, a script without spaces and one long
// run of letters.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "engine/tokenizer/tokenizer.h"

namespace wt::tokenizer {
namespace {

std::string Repeated(std::string_view text, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += text;
  return out;
}

std::string RandomLetters(std::size_t bytes) {
  base::Random random(1);
  std::string out(bytes, 'a');
  for (char& c : out) c = static_cast<char>('a' + random.Below(26));
  return out;
}

void BM_Create(benchmark::State& state) {
  const auto tokenizer = Tokenizer::Published(51865);
  std::vector<std::string> tokens;
  for (TokenId id = 0; id < tokenizer->special().eot; ++id) {
    tokens.push_back(tokenizer->DecodeBytes(std::span(&id, 1)));
  }
  for (auto _ : state) benchmark::DoNotOptimize(Tokenizer::Create(tokens, 51865));
}
BENCHMARK(BM_Create)->Unit(benchmark::kMillisecond);

void Encode(benchmark::State& state, const std::string& text) {
  const auto tokenizer = Tokenizer::Published(51865);
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer->Encode(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(Encode, prose,
                  Repeated(" And so, my fellow Americans: ask not what your country can do for "
                           "you, ask what you can do for your country.",
                           100'000));
BENCHMARK_CAPTURE(Encode, japanese,
                  Repeated("国境の長いトンネルを抜けると雪国であった。", 100'000));
BENCHMARK_CAPTURE(Encode, random_letters_100k, RandomLetters(100'000));
BENCHMARK_CAPTURE(Encode, random_letters_1m, RandomLetters(1'000'000));

}  // namespace
}  // namespace wt::tokenizer
