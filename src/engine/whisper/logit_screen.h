// Logits of decoder steps for half the bytes: near values of all tokens, exact ones of the likely.
//
// Of a step of a small model the output matrix is what is read most (`base` in bytes: 26 of 70 MB).
// In int4 it gives every logit with an error of about a ninth of the deviation among them; what
// int4 leaves of it lies in bytes beside it, and is added in the panels (kernels.h) that hold a
// row's largest near values, which gives the same numbers as adding it in all of them. Tokens that
// stay near are at least 16 places behind the best, so a search of a few beams chooses among exact
// values; near ones only add to the sum that log probabilities are divided by. What a row gets
// depends on that row alone. One evaluation at a time per object.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/whisper/scratch.h"
#include "platform/thread_pool.h"
#include "whisper_transcriber/options.h"

namespace wt::whisper {

class LogitScreen {
 public:
  /// Panels that a row has computed exactly: at least so many of its best tokens are exact. A beam
  /// search of 5 looks at the best 6.
  static constexpr int kExactPanels = 16;

  /// `near` (int4) is a matrix [n_vocab, n], `rest` (int8) what it leaves of that. Tokens from
  /// `first_special` on are those that are not text. What is passed must outlive the screen.
  LogitScreen(const kernels::KernelSet& kernels, const kernels::PackedMatrix& rest,
              const kernels::PackedMatrix& near, TokenId first_special, platform::ThreadPool& pool);

  /// Of `count` rows (not split). Writes count x n_vocab to `out`.
  void Compute(const kernels::Int8Rows& rows, int count, float* out);

 private:
  void ComputeNear(const kernels::Int8Rows& rows, int count, float* out);
  void Choose(int row);
  void ComputeChosen(const kernels::Int8Rows& rows, int count, float* out);
  std::uint8_t* chosen(int row) {
    return chosen_.data() + static_cast<std::ptrdiff_t>(row) * panels_;
  }

  const kernels::KernelSet& kernels_;
  const kernels::PackedMatrix& rest_matrix_;
  const kernels::PackedMatrix& near_matrix_;
  platform::ThreadPool& pool_;
  const int panels_;
  const int special_panel_;
  std::vector<float> largest_;        // [row][panel], of the near values.
  std::vector<std::uint8_t> chosen_;  // [row][panel]
  std::vector<int> any_;              // Panels that some row has chosen.
  std::vector<Scratch<float>> rest_;
};

}  // namespace wt::whisper
