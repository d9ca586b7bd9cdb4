// A rotation of rows before they become bytes.
//
// A row of bytes has one scale, which its largest number decides. Whisper's activations have a few
// channels much larger than the others, which are rounded away to nothing beside them. A product
// does not change when rows and weights are both rotated, and a Hadamard matrix spreads every
// number of a row over many, so that all become about as large (Ashkboos et al., QuaRot, 2024; Chee
// et al., QuIP, 2023). What it costs is additions: log2(block) per number.
//
// Blocks of a row, the largest power of two that divides its length, are mixed each for itself.
// Signs without a pattern come first: without them what all numbers have in common would end up in
// one of them. (Those of a bent function, as far from every row of the matrix as signs can be, are
// a pattern too: mean log probabilities of 200 clips were off by 0.0073 with them, by 0.0052 with
// these.)
//
// Rows grow by sqrt(block); weights are divided by `block`, a power of two, so that products stay.
// Thread-safe.
#pragma once

namespace wt::kernels {

/// Numbers that instruction sets move between lanes of vectors; a block has as many or more.
inline constexpr int kRotationLanes = 16;
inline constexpr int kRotationBlockMax = 4096;

/// Numbers that are mixed in rows of k; 1 (nothing is) where 16 does not divide k.
int RotationBlock(int k);

/// 1 or -1 for each place of a block. Packed weights depend on them: a change needs a new version
/// of the cache (packed_network.cc).
struct RotationSigns {
  float of[kRotationBlockMax];
};
extern const RotationSigns kRotationSigns;

/// out[k] = x[k] rotated; may be x. The oracle of KernelSet::rotate, which gives the same bits.
void RotateRow(const float* x, int k, float* out);

/// A row of k weights, so that its product with a rotated row is what it was.
void RotateWeights(float* w, int k);
/// The inverse of that.
void UnrotateWeights(float* w, int k);

}  // namespace wt::kernels
