#include "engine/whisper/window_state.h"

#include <gtest/gtest.h>

#include <array>

namespace wt::whisper {
namespace {

model::Dims SmallDims() {
  return {.n_mels = 80,
          .n_audio_ctx = 1500,
          .n_audio_state = 128,
          .n_audio_head = 2,
          .n_audio_layer = 1,
          .n_vocab = 51864,
          .n_text_ctx = 448,
          .n_text_state = 128,
          .n_text_head = 2,
          .n_text_layer = 2};
}

TEST(WindowStateTest, RowsFollowTheirSourcesWithoutCopying) {
  // Goal: after reorders every row sees the keys of its own history.
  kernels::KernelSet kernels;
  kernels.panel = 16;
  WindowState state(SmallDims(), kernels, kernels::PackedType::kF32, 3);
  state.AppendPrefix(2);
  const auto key_of = [&](int row, int position) {
    return state.key(1, 1, 0, 0) + state.offsets(row)[position];
  };
  EXPECT_EQ(key_of(2, 1), state.key(1, 1, 1, 0));
  state.AppendStep(std::array{0, 0, 0});
  for (int row = 0; row < 3; ++row) EXPECT_EQ(key_of(row, 2), state.key(1, 1, 2, row));
  // Row 0 continues 2, row 1 continues 2, row 2 continues 0.
  state.AppendStep(std::array{2, 2, 0});
  EXPECT_EQ(key_of(0, 2), state.key(1, 1, 2, 2));
  EXPECT_EQ(key_of(1, 2), state.key(1, 1, 2, 2));
  EXPECT_EQ(key_of(2, 2), state.key(1, 1, 2, 0));
  EXPECT_EQ(key_of(1, 3), state.key(1, 1, 3, 1));
  EXPECT_EQ(state.length(), 4);
  state.ResetText();
  EXPECT_EQ(state.length(), 0);
}

TEST(WindowStateTest, LayersKindsAndHeadsDoNotOverlap) {
  kernels::KernelSet kernels;
  kernels.panel = 16;
  WindowState state(SmallDims(), kernels, kernels::PackedType::kF32, 2);
  EXPECT_EQ(state.key(0, 1, 0, 0) - state.key(0, 0, 447, 1), 64);
  EXPECT_EQ(state.value(0, 0, 0, 0) - state.key(0, 1, 447, 1), 64);
  EXPECT_EQ(state.key(1, 0, 0, 0) - state.value(0, 1, 447, 1), 64);
  EXPECT_EQ(state.cross_value_data(1, 0) - state.cross_key_data(1, 0),
            static_cast<std::ptrdiff_t>(2 * state.cross_key(1, 0).bytes()));
}

}  // namespace
}  // namespace wt::whisper
