#include "engine/whisper/logit_screen.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace wt::whisper {
LogitScreen::LogitScreen(const kernels::KernelSet& kernels, const kernels::PackedMatrix& rest,
                         const kernels::PackedMatrix& near, TokenId first_special,
                         platform::ThreadPool& pool)
    : kernels_(kernels),
      rest_matrix_(rest),
      near_matrix_(near),
      pool_(pool),
      panels_(rest.panels()),
      special_panel_(first_special / rest.panel),
      rest_(static_cast<std::size_t>(pool.threads())) {}

void LogitScreen::Compute(const kernels::Int8Rows& rows, int count, float* out) {
  const auto size = static_cast<std::size_t>(count) * static_cast<std::size_t>(panels_);
  largest_.resize(size);
  chosen_.resize(size);
  ComputeNear(rows, count, out);
  pool_.ParallelFor(count, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
    for (auto row = begin; row < end; ++row) Choose(static_cast<int>(row));
  });
  ComputeChosen(rows, count, out);
}

void LogitScreen::ComputeNear(const kernels::Int8Rows& rows, int count, float* out) {
  const kernels::PackedMatrix& w = near_matrix_;
  const kernels::GemmArgs args = {.a8 = &rows, .w = &w, .c = out, .ldc = w.n};
  // As the decoder's products: four tasks per worker.
  const int chunk = std::max(1, panels_ / (pool_.threads() * 4));
  pool_.ParallelFor(panels_, chunk, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
    for (auto panel = static_cast<int>(begin); panel < static_cast<int>(end); ++panel) {
      kernels_.gemm(args, {0, count}, {panel, panel + 1}, nullptr);
      const int column = panel * w.panel;
      const auto columns = static_cast<std::size_t>(std::min(w.panel, w.n - column));
      for (std::ptrdiff_t row = 0; row < count; ++row) {
        const float largest = kernels_.max(out + row * w.n + column, columns);
        // Numbers that are none have no order.
        largest_[static_cast<std::size_t>(row * panels_ + panel)] =
            std::isnan(largest) ? -std::numeric_limits<float>::infinity() : largest;
      }
    }
  });
}

void LogitScreen::Choose(int row) {
  const float* largest = largest_.data() + static_cast<std::ptrdiff_t>(row) * panels_;
  std::uint8_t* chosen = this->chosen(row);
  float best[kExactPanels];
  const float* end = std::partial_sort_copy(largest, largest + panels_, best, best + kExactPanels,
                                            std::greater<>());
  const float threshold = *(end - 1);
  bool special = false;
  for (int panel = 0; panel < panels_; ++panel) {
    chosen[panel] = largest[panel] >= threshold ? 1 : 0;
    special = special || (panel >= special_panel_ && chosen[panel] != 0);
  }
  // The sum of all timestamps is compared with the best text: they are exact together or not.
  if (special) std::fill(chosen + special_panel_, chosen + panels_, std::uint8_t{1});
}

void LogitScreen::ComputeChosen(const kernels::Int8Rows& rows, int count, float* out) {
  any_.clear();
  for (int panel = 0; panel < panels_; ++panel) {
    for (int row = 0; row < count; ++row) {
      if (chosen(row)[panel] == 0) continue;
      any_.push_back(panel);
      break;
    }
  }
  const kernels::PackedMatrix& all = rest_matrix_;
  const auto wanted = static_cast<std::ptrdiff_t>(any_.size());
  const std::ptrdiff_t chunk = std::max<std::ptrdiff_t>(1, wanted / (pool_.threads() * 4));
  pool_.ParallelFor(wanted, chunk, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int worker) {
    float* rest = rest_[static_cast<std::size_t>(worker)].Get(static_cast<std::size_t>(count) *
                                                              static_cast<std::size_t>(all.panel));
    for (auto i = begin; i < end; ++i) {
      const int panel = any_[static_cast<std::size_t>(i)];
      const int column = panel * all.panel;
      kernels::PackedMatrix w = all;
      w.data += static_cast<std::size_t>(panel) * all.bytes_per_panel();
      w.n = std::min(all.panel, all.n - column);
      const kernels::GemmArgs args = {.a8 = &rows, .w = &w, .c = rest, .ldc = all.panel};
      kernels_.gemm(args, {0, count}, {0, 1}, nullptr);
      for (int row = 0; row < count; ++row) {
        if (chosen(row)[panel] == 0) continue;
        kernels_.add(out + static_cast<std::ptrdiff_t>(row) * all.n + column,
                     rest + static_cast<std::ptrdiff_t>(row) * all.panel,
                     static_cast<std::size_t>(w.n));
      }
    }
  });
}

}  // namespace wt::whisper
