// Attention over packed keys and values (the encoder's, and the decoder's over the encoder), and of
// one row over a cache that is not packed: the decoder's self attention, whose cache grows by one
// position per step. Included once per source of a family.
#pragma once

namespace wt::kernels {
namespace {

// Queries at once where keys and values are bytes: their numerators are twice as many rows.
constexpr int kByteQueries = kRowBlock / 2;

// Positions of a hypothesis lie in turns with those of its siblings, which no processor's own
// prefetcher follows: 16 of them, 4 KiB, are asked for ahead. A step of 5 rows takes 0.98 of its
// time, one of 4 windows of 5 rows 0.95.
constexpr int kPositionsAhead = 16;

// Asks memory for positions t .. t + 3, as far as they are below `count`.
WT_INLINE void AskForPositions(const float* at, const std::ptrdiff_t* offsets, int t, int count) {
  for (int i = t; i < t + 4 && i < count; ++i) {
    for (int line = 0; line < kHeadSize; line += 16) __builtin_prefetch(at + offsets[i] + line);
  }
}

// scores[t] = q . key of position t.
void HeadScores(const float* q, const float* keys, const std::ptrdiff_t* offsets, int count,
                float* scores) {
  Float query[kHeadVectors];
  for (int i = 0; i < kHeadVectors; ++i) query[i] = Simd::Load(q + i * kLanes);
  const auto lane_sums = [&](int t) __attribute__((always_inline)) {
    const float* key = keys + offsets[t];
    Float sum = Simd::Mul(query[0], Simd::Load(key));
    for (int i = 1; i < kHeadVectors; ++i) {
      sum = Simd::MulAdd(query[i], Simd::Load(key + i * kLanes), sum);
    }
    return sum;
  };
  // Adding up the lanes takes longer than the products: four positions share the steps.
  int t = 0;
  for (; t + 4 <= count; t += 4) {
    AskForPositions(keys, offsets, t + kPositionsAhead, count);
    const Float sums[4] = {lane_sums(t), lane_sums(t + 1), lane_sums(t + 2), lane_sums(t + 3)};
    Simd::ReduceAddFour(sums, scores + t);
  }
  for (; t < count; ++t) scores[t] = Simd::ReduceAdd(lane_sums(t));
}

// out = sum of weights[t] * value of position t.
void HeadOutput(const float* weights, const float* values, const std::ptrdiff_t* offsets, int count,
                float* out) {
  Float sums[kHeadVectors];
  for (int i = 0; i < kHeadVectors; ++i) sums[i] = Simd::Zero();
  for (int t = 0; t < count; ++t) {
    if (t % 4 == 0) AskForPositions(values, offsets, t + kPositionsAhead, count);
    const float* value = values + offsets[t];
    const Float weight = Simd::Set(weights[t]);
    for (int i = 0; i < kHeadVectors; ++i) {
      sums[i] = Simd::MulAdd(weight, Simd::Load(value + i * kLanes), sums[i]);
    }
  }
  for (int i = 0; i < kHeadVectors; ++i) Simd::Store(out + i * kLanes, sums[i]);
}

int PanelCount(int columns) { return (columns + kPanel - 1) / kPanel; }

// The product of queries and keys; its rows lie as AttentionFloats says.
GemmArgs ScoresProduct(const AttentionArgs& args, float* scores) {
  GemmArgs product;
  product.a = args.q;
  product.lda = args.ldq;
  product.w = args.keys;
  product.c = scores;
  product.ldc = (args.keys->n + 63) / 64 * 64 + 16;
  return product;
}

#ifndef __AMX_BF16__
// Numerators e^(x - max) of a row as bf16, zeros up to padded_n; returns the inverse of their sum.
float ExpToBf16(const float* x, int n, int padded_n, std::uint16_t* out) {
  const Float shift = Simd::Set(Max(x, static_cast<std::size_t>(n)));
  Float sums[2] = {Simd::Zero(), Simd::Zero()};
  int i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const Float first = QuickExp(Simd::Sub(Simd::Load(x + i), shift));
    const Float second = QuickExp(Simd::Sub(Simd::Load(x + i + kLanes), shift));
    sums[0] = Simd::Add(sums[0], first);
    sums[1] = Simd::Add(sums[1], second);
    Simd::Store(out + i, Simd::PackBf16(first, second));
  }
  for (; i < padded_n; i += 2 * kLanes) {
    Float parts[2];
    for (int j = 0; j < 2; ++j) {
      const int rest = n - i - j * kLanes;
      const Simd::Mask mask = Simd::FirstLanes(rest < 0 ? 0 : rest < kLanes ? rest : kLanes);
      const Float value = QuickExp(Simd::Sub(Simd::LoadMasked(mask, x + i + j * kLanes), shift));
      parts[j] = Simd::Select(mask, value, Simd::Zero());
      sums[j] = Simd::Add(sums[j], parts[j]);
    }
    Simd::Store(out + i, Simd::PackBf16(parts[0], parts[1]));
  }
  return 1.0f / Simd::ReduceAdd(Simd::Add(sums[0], sums[1]));
}

// Numerators are rounded to bf16, and the sum is divided by at the end.
void Bf16Attention(const AttentionArgs& args, float* scores, std::uint16_t* scratch) {
  const int positions = args.keys->n;
  const int padded = StepCount(*args.values) * 2;
  const GemmArgs scores_product = ScoresProduct(args, scores);
  Gemm(scores_product, {0, args.rows}, {0, PanelCount(positions)}, scratch);
  for (int row = 0; row < args.rows; row += kRowBlock) {
    const int rows = Smaller(args.rows - row, kRowBlock);
    float inverses[kRowBlock];
    for (int r = 0; r < rows; ++r) {
      inverses[r] = ExpToBf16(scores + (row + r) * scores_product.ldc, positions, padded,
                              scratch + std::ptrdiff_t{r} * padded);
    }
    GemmArgs product;
    product.w = args.values;
    product.c = args.out;
    product.ldc = args.ldo;
    const UnitRows units = {reinterpret_cast<const std::byte*>(scratch), padded * 2, row, rows};
    MultiplyBf16(product, units, {0, PanelCount(kHeadSize)});
    for (int r = 0; r < rows; ++r) {
      ScaleRow(args.out + (row + r) * args.ldo, kHeadSize, inverses[r]);
    }
  }
}
#endif

// A row's softmax, copied away from its scores.
void CopySoftmax(const float* scores, int n, float* out) {
  __builtin_memcpy(out, scores, static_cast<std::size_t>(n) * sizeof(float));
  SoftmaxRow(out, static_cast<std::size_t>(n));
}

// x[i] = e^(x[i] - max) * scales[i], zeros from n to padded_n.
struct ScaledNumerators {
  float sum;      // Of the numerators.
  float largest;  // Of what x holds.
};
ScaledNumerators ScaleNumerators(float* x, const float* scales, int n, int padded_n) {
  const Float shift = Simd::Set(Max(x, static_cast<std::size_t>(n)));
  Float sums[2] = {Simd::Zero(), Simd::Zero()};
  Float largest[2] = {Simd::Zero(), Simd::Zero()};
  int i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    for (int j = 0; j < 2; ++j) {
      const int at = i + j * kLanes;
      const Float numerator = QuickExp(Simd::Sub(Simd::Load(x + at), shift));
      sums[j] = Simd::Add(sums[j], numerator);
      const Float scaled = Simd::Mul(numerator, Simd::Load(scales + at));
      largest[j] = Simd::Max(largest[j], scaled);
      Simd::Store(x + at, scaled);
    }
  }
  for (; i < padded_n; i += kLanes) {
    const int rest = n - i;
    const Simd::Mask mask = Simd::FirstLanes(rest < 0 ? 0 : rest < kLanes ? rest : kLanes);
    const Float exact = QuickExp(Simd::Sub(Simd::LoadMasked(mask, x + i), shift));
    const Float numerator = Simd::Select(mask, exact, Simd::Zero());
    sums[0] = Simd::Add(sums[0], numerator);
    const Float scaled = Simd::Mul(numerator, Simd::Load(scales + i));
    largest[0] = Simd::Max(largest[0], scaled);
    Simd::Store(x + i, scaled);
  }
  return {Simd::ReduceAdd(Simd::Add(sums[0], sums[1])),
          Simd::ReduceMax(Simd::Max(largest[0], largest[1]))};
}

// Up to kByteQueries rows from `first`.
void ByteAttentionBlock(const AttentionArgs& args, int first, int rows, float* scores,
                        std::int8_t* bytes) {
  const int positions = args.keys->n;
  const int padded = StepCount(*args.values) * 4;
  alignas(64) std::int8_t query_bytes[2 * kByteQueries * kHeadSize];
  float scales[2 * kByteQueries];
  std::int32_t offsets[2 * kByteQueries];
  const Int8Rows queries = {query_bytes, kHeadSize, scales, offsets, true};
  Quantize(args.q + first * args.ldq, args.ldq, rows, kHeadSize, kHeadSize, queries);
  GemmArgs product = ScoresProduct(args, scores);
  product.a8 = &queries;
  Gemm(product, {0, rows}, {0, PanelCount(positions)}, nullptr);
  const Int8Rows numerators = {bytes, padded, scales, offsets, true};
  for (int r = 0; r < rows; ++r) {
    float* row = scores + r * product.ldc;
    if (args.probabilities != nullptr) {
      CopySoftmax(row, positions, args.probabilities + std::ptrdiff_t{first + r} * positions);
    }
    const ScaledNumerators found = ScaleNumerators(row, args.value_scales, positions, padded);
    const Int8Rows out = numerators.From(2 * r);
    SplitRow(row, padded, padded, found.largest, out);
    for (int half = 0; half < 2; ++half) out.scales[half] /= found.sum;
  }
  product.a8 = &numerators;
  product.w = args.values;
  product.c = args.out + first * args.ldo;
  product.ldc = args.ldo;
  Gemm(product, {0, rows}, {0, PanelCount(kHeadSize)}, nullptr);
}

// softmax(q K^T) in `scores`, and copied to where it was asked for.
void Probabilities(const AttentionArgs& args, float* scores, std::uint16_t* scratch) {
  const int positions = args.keys->n;
  const GemmArgs product = ScoresProduct(args, scores);
  Gemm(product, {0, args.rows}, {0, PanelCount(positions)}, scratch);
  for (int r = 0; r < args.rows; ++r) {
    float* row = scores + r * product.ldc;
    SoftmaxRow(row, static_cast<std::size_t>(positions));
    if (args.probabilities != nullptr) {
      __builtin_memcpy(args.probabilities + std::ptrdiff_t{r} * positions, row,
                       static_cast<std::size_t>(positions) * sizeof(float));
    }
  }
}

void Attention(const AttentionArgs& args, float* scores, std::uint16_t* scratch) {
  if (args.keys->type == PackedType::kInt8) {
    for (int row = 0; row < args.rows; row += kByteQueries) {
      ByteAttentionBlock(args, row, Smaller(args.rows - row, kByteQueries), scores,
                         reinterpret_cast<std::int8_t*>(scratch));
    }
    return;
  }
  if (args.keys->type == PackedType::kBf16) {
#ifdef __AMX_BF16__
    TileAttention(args, scratch);
#else
    Bf16Attention(args, scores, scratch);
#endif
    // Its own numerators are rounded.
    if (args.probabilities != nullptr) Probabilities(args, scores, scratch);
    return;
  }
  Probabilities(args, scores, scratch);
  GemmArgs product;
  product.a = scores;
  product.lda = ScoresProduct(args, scores).ldc;
  product.w = args.values;
  product.c = args.out;
  product.ldc = args.ldo;
  Gemm(product, {0, args.rows}, {0, PanelCount(kHeadSize)}, scratch);
}

void CachedAttention(const float* q, const float* keys, const float* values,
                     const std::ptrdiff_t* offsets, int count, int heads, float* scores,
                     float* out) {
  for (int head = 0; head < heads; ++head) {
    const int first = head * kHeadSize;
    HeadScores(q + first, keys + first, offsets, count, scores);
    for (int t = 0; t < kPositionsAhead; t += 4) {
      AskForPositions(values + first, offsets, t, count);
    }
    SoftmaxRow(scores, static_cast<std::size_t>(count));
    HeadOutput(scores, values + first, offsets, count, out + first);
  }
}

}  // namespace
}  // namespace wt::kernels
