#include "engine/whisper/window_state.h"

#include "base/check.h"
#include "platform/memory.h"

namespace wt::whisper {
namespace {

constexpr int kHeadSize = 64;

kernels::PackedMatrix KeyShape(const model::Dims& dims, const kernels::KernelSet& kernels,
                               kernels::PackedType type) {
  return {type, dims.n_audio_ctx, kHeadSize, kernels.panel, nullptr};
}

kernels::PackedMatrix ValueShape(const model::Dims& dims, const kernels::KernelSet& kernels,
                                 kernels::PackedType type) {
  return {type, kHeadSize, dims.n_audio_ctx, kernels.panel, nullptr};
}

std::size_t CrossBytes(const model::Dims& dims, const kernels::KernelSet& kernels,
                       kernels::PackedType type) {
  const std::size_t pair =
      KeyShape(dims, kernels, type).bytes() + ValueShape(dims, kernels, type).bytes();
  return pair * static_cast<std::size_t>(dims.n_text_layer * dims.n_text_head);
}

// Of one head.
std::size_t ValueScales(const model::Dims& dims, const kernels::KernelSet& kernels,
                        kernels::PackedType type) {
  if (type != kernels::PackedType::kInt8) return 0;
  return static_cast<std::size_t>(ValueShape(dims, kernels, type).padded_k());
}

std::size_t SelfFloats(const model::Dims& dims, int slots) {
  return static_cast<std::size_t>(dims.n_text_layer) * 2 *
         static_cast<std::size_t>(dims.n_text_ctx) * static_cast<std::size_t>(slots) *
         static_cast<std::size_t>(dims.n_text_state);
}

}  // namespace

WindowState::WindowState(const model::Dims& dims, const kernels::KernelSet& kernels,
                         kernels::PackedType type, int slots)
    : slots_(slots),
      heads_(dims.n_text_head),
      layers_(dims.n_text_layer),
      text_ctx_(dims.n_text_ctx),
      cross_data_(tensor::Buffer<std::byte>::Uninitialized(CrossBytes(dims, kernels, type))),
      scales_per_head_(ValueScales(dims, kernels, type)),
      cross_value_scales_(tensor::Buffer<float>::Uninitialized(
          scales_per_head_ * static_cast<std::size_t>(dims.n_text_layer * dims.n_text_head))),
      self_(tensor::Buffer<float>::Uninitialized(SelfFloats(dims, slots))),
      offsets_(static_cast<std::size_t>(slots)) {
  WT_CHECK(slots >= 1 && slots <= 16);
  // All of it is read at every step. The text's cache is not: of that only what is used is taken.
  platform::PreferHugePages(cross_data_.data(), cross_data_.size());
  std::byte* at = cross_data_.data();
  for (int layer = 0; layer < layers_; ++layer) {
    for (const auto& shape : {KeyShape(dims, kernels, type), ValueShape(dims, kernels, type)}) {
      for (int head = 0; head < heads_; ++head) {
        cross_.push_back(shape);
        cross_.back().data = at;
        at += shape.bytes();
      }
    }
  }
  for (auto& row : offsets_) row.reserve(static_cast<std::size_t>(text_ctx_));
}

std::int64_t WindowState::BytesMax(const model::Dims& dims, const kernels::KernelSet& kernels,
                                   kernels::PackedType type, int slots) {
  const std::size_t scales = ValueScales(dims, kernels, type) *
                             static_cast<std::size_t>(dims.n_text_layer * dims.n_text_head);
  return static_cast<std::int64_t>(CrossBytes(dims, kernels, type) +
                                   (scales + SelfFloats(dims, slots)) * 4);
}

kernels::PackedMatrix& WindowState::cross_key(int layer, int head) {
  return cross_[static_cast<std::size_t>((layer * 2) * heads_ + head)];
}
kernels::PackedMatrix& WindowState::cross_value(int layer, int head) {
  return cross_[static_cast<std::size_t>((layer * 2 + 1) * heads_ + head)];
}
const kernels::PackedMatrix& WindowState::cross_key(int layer, int head) const {
  return cross_[static_cast<std::size_t>((layer * 2) * heads_ + head)];
}
const kernels::PackedMatrix& WindowState::cross_value(int layer, int head) const {
  return cross_[static_cast<std::size_t>((layer * 2 + 1) * heads_ + head)];
}
std::byte* WindowState::cross_key_data(int layer, int head) {
  return const_cast<std::byte*>(cross_key(layer, head).data);
}
std::byte* WindowState::cross_value_data(int layer, int head) {
  return const_cast<std::byte*>(cross_value(layer, head).data);
}

float* WindowState::cross_value_scales(int layer, int head) {
  if (scales_per_head_ == 0) return nullptr;
  return cross_value_scales_.data() +
         static_cast<std::size_t>(layer * heads_ + head) * scales_per_head_;
}

void WindowState::ResetText() {
  length_ = 0;
  for (auto& row : offsets_) row.clear();
}

void WindowState::AppendPrefix(int tokens) {
  WT_CHECK(length_ == 0 && tokens <= text_ctx_);
  for (auto& row : offsets_) {
    for (int p = 0; p < tokens; ++p) row.push_back(OffsetOf(p, 0));
  }
  length_ = tokens;
}

void WindowState::AppendStep(std::span<const int> sources) {
  WT_CHECK(static_cast<int>(sources.size()) <= slots_ && length_ < text_ctx_);
  bool moved = false;
  for (std::size_t row = 0; row < sources.size(); ++row) {
    moved |= sources[row] != static_cast<int>(row);
  }
  if (moved) {
    const auto before = offsets_;
    for (std::size_t row = 0; row < sources.size(); ++row) {
      offsets_[row] = before[static_cast<std::size_t>(sources[row])];
    }
  }
  for (std::size_t row = 0; row < sources.size(); ++row) {
    offsets_[row].push_back(OffsetOf(length_, static_cast<int>(row)));
  }
  ++length_;
}

std::ptrdiff_t WindowState::OffsetOf(int position, int slot) const {
  return (static_cast<std::ptrdiff_t>(slot) * text_ctx_ + position) * kHeadSize;
}

float* WindowState::Plane(int layer, int kind, int head) {
  return self_.data() + ((layer * 2 + kind) * heads_ + head) * OffsetOf(0, slots_);
}

float* WindowState::key(int layer, int head, int position, int slot) {
  return Plane(layer, 0, head) + OffsetOf(position, slot);
}

float* WindowState::value(int layer, int head, int position, int slot) {
  return Plane(layer, 1, head) + OffsetOf(position, slot);
}

}  // namespace wt::whisper
