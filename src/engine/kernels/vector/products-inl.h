// How the number types multiply, and the epilogue that follows. Included once per source of a
// family.
#pragma once

namespace wt::kernels {
namespace {

// How one number type multiplies. Both take A and W as units of four bytes.
struct F32Product {
  static constexpr int kRows = 6;
  struct Operand {
    Float value;
  };
  WT_INLINE Operand PrepareA(Float units) { return {units}; }
  WT_INLINE Operand PrepareW(Float units) { return {units}; }
  WT_INLINE void Accumulate(Float& sum, const Operand& a, const Operand& w) {
    Simd::Accumulate(sum, a.value, w.value);
  }
};

// One instruction per pair of products, where `Vocabulary` has it.
template <typename Vocabulary>
struct Bf16PairProduct {
  static constexpr int kRows = 6;
  struct Operand {
    Float value;
  };
  WT_INLINE Operand PrepareA(Float units) { return {units}; }
  WT_INLINE Operand PrepareW(Float units) { return {units}; }
  WT_INLINE void Accumulate(Float& sum, const Operand& a, const Operand& w) {
    Vocabulary::AccumulateBf16(sum, a.value, w.value);
  }
};

// bf16 widened to float32 by a shift; odd element first, as VDPBF16PS adds. Both operands take two
// registers, which leaves room for four rows.
struct Bf16WideProduct {
  static constexpr int kRows = 4;
  struct Operand {
    Float even;
    Float odd;
  };
  WT_INLINE Operand PrepareA(Float units) { return {Simd::EvenBf16(units), Simd::OddBf16(units)}; }
  WT_INLINE Operand PrepareW(Float units) { return PrepareA(units); }
  WT_INLINE void Accumulate(Float& sum, const Operand& a, const Operand& w) {
    Simd::Accumulate(sum, a.odd, w.odd);
    Simd::Accumulate(sum, a.even, w.even);
  }
};

template <bool kInstruction>
struct Bf16Choice {
  using Type = Bf16WideProduct;
};
template <>
struct Bf16Choice<true> {
  using Type = Bf16PairProduct<Simd>;
};
using Bf16Product = Bf16Choice<Simd::kHasBf16Products>::Type;

// Four products of bytes per instruction, summed as whole numbers.
template <typename Vocabulary>
struct Int8Product {
  static constexpr int kRows = 6;
  struct Operand {
    Float value;
  };
  WT_INLINE Operand PrepareA(Float units) { return {units}; }
  WT_INLINE Operand PrepareW(Float units) { return {units}; }
  WT_INLINE void Accumulate(Float& sum, const Operand& a, const Operand& w) {
    Vocabulary::AccumulateInt8(sum, a.value, w.value);
  }
};

// Bytes widened to 16 bits: VPMADDUBSW would saturate (2 * 255 * 127 > 32,767).
struct Int8WideProduct {
  static constexpr int kRows = 4;
  struct Operand {
    Float even;
    Float odd;
  };
  WT_INLINE Operand PrepareA(Float units) {
    return {Simd::EvenSigned(units), Simd::OddSigned(units)};
  }
  WT_INLINE Operand PrepareW(Float units) {
    return {Simd::EvenUnsigned(units), Simd::OddUnsigned(units)};
  }
  WT_INLINE void Accumulate(Float& sum, const Operand& a, const Operand& w) {
    Simd::AccumulateWords(sum, a.even, w.even);
    Simd::AccumulateWords(sum, a.odd, w.odd);
  }
};

template <bool kInstruction>
struct Int8Choice {
  using Type = Int8WideProduct;
};
template <>
struct Int8Choice<true> {
  using Type = Int8Product<Simd>;
};
using ByteProduct = Int8Choice<Simd::kHasInt8Products>::Type;

template <typename Product>
constexpr bool kIsInt8 = false;
template <>
constexpr bool kIsInt8<ByteProduct> = true;

// The epilogue of one vector of columns: what is the same for all rows.
struct ColumnVector {
  Float scale;  // int8: of each column; else of all.
  Float bias;
  Simd::Mask mask;  // Of the columns that exist, where it is partial.
};

// sum * scale + bias in its units.
template <bool kInt8>
WT_INLINE Float Dequantized(const GemmArgs& args, const ColumnVector& column, int row, Float sum) {
  if constexpr (kInt8) {
    const Simd::Int offset = Simd::SetInt(args.a8->offsets[row]);
    const Float value = Simd::ToFloat(Simd::SubInt(Simd::BitsOf(sum), offset));
    return Simd::MulAdd(Simd::Mul(value, Simd::Set(args.a8->scales[row])), column.scale,
                        column.bias);
  } else {
    return Simd::MulAdd(sum, column.scale, column.bias);
  }
}

// c = epilogue(sum) for the vector of C at c, with the columns of the mask where it is partial.
template <bool kInt8, bool kPartial>
WT_INLINE void FinishVector(const GemmArgs& args, const ColumnVector& column, int row, Float sum,
                            float* c) {
  Float value = Dequantized<kInt8>(args, column, row, sum);
  if (args.epilogue == Epilogue::kAdd) {
    value = Simd::Add(kPartial ? Simd::LoadMasked(column.mask, c) : Simd::Load(c), value);
  }
  if constexpr (kPartial) {
    Simd::StoreMasked(c, column.mask, value);
  } else {
    Simd::Store(c, value);
  }
}

// `first`: the number of its first column in C; `scales`: of int8 columns from there; `columns`:
// how many exist from there.
template <bool kInt8, bool kPartial>
WT_INLINE ColumnVector FindColumnVector(const GemmArgs& args, int first, const std::byte* scales,
                                        int columns) {
  ColumnVector column;
  column.mask = Simd::FirstLanes(kPartial ? columns : 0);
  column.scale = kInt8 ? Simd::Load(scales) : Simd::Set(args.scale);
  column.bias = Simd::Zero();
  if (args.bias != nullptr) {
    const float* start = args.bias + first;
    column.bias = kPartial ? Simd::LoadMasked(column.mask, start) : Simd::Load(start);
  }
  return column;
}

template <bool kInt8>
WT_INLINE void GeluRow(float* c, int columns) {
  if constexpr (kInt8) {
    MapInPlace(c, static_cast<std::size_t>(columns),
               [](Float v) __attribute__((always_inline)) { return QuickGelu(v); });
  } else {
    GeluInPlace(c, static_cast<std::size_t>(columns));
  }
}

}  // namespace
}  // namespace wt::kernels
