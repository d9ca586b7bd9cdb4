#include "engine/model/dims.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace wt::model {
namespace {

// Head size 64 in every Whisper network; attention is scaled by 64^-0.5.
constexpr int kHeadSize = 64;
// Ranges beyond the published sizes (20 heads, 32 layers), so that a custom network still loads
// while a lying file cannot ask for absurd amounts of memory.
constexpr int kHeadsMax = 32;
constexpr int kLayersMax = 64;
constexpr int kAudioContext = 1500;
constexpr int kTextContext = 448;

struct Size {
  std::string_view name;
  int n_mels;
  int n_vocab;
  int state;
  int encoder_layers;
  int decoder_layers;
};

// formats.md, section 7, and the distil models' config.json. Of sizes with equal dimensions the
// first is the answer of SizeName(), so large-v2 stands before large-v1.
constexpr std::array<Size, 16> kSizes = {{
    {"tiny.en", 80, 51864, 384, 4, 4},
    {"tiny", 80, 51865, 384, 4, 4},
    {"base.en", 80, 51864, 512, 6, 6},
    {"base", 80, 51865, 512, 6, 6},
    {"small.en", 80, 51864, 768, 12, 12},
    {"small", 80, 51865, 768, 12, 12},
    {"medium.en", 80, 51864, 1024, 24, 24},
    {"medium", 80, 51865, 1024, 24, 24},
    {"large-v2", 80, 51865, 1280, 32, 32},
    {"large-v1", 80, 51865, 1280, 32, 32},
    {"large-v3", 128, 51866, 1280, 32, 32},
    {"large-v3-turbo", 128, 51866, 1280, 32, 4},
    {"distil-small.en", 80, 51864, 768, 12, 4},
    {"distil-medium.en", 80, 51864, 1024, 24, 2},
    {"distil-large-v2", 80, 51865, 1280, 32, 2},
    {"distil-large-v3", 128, 51866, 1280, 32, 2},
}};

// openai-whisper's __init__.py, _ALIGNMENT_HEADS, decoded.
constexpr AlignmentHead kTinyEn[] = {{1, 0}, {2, 0}, {2, 5}, {3, 0},
                                     {3, 1}, {3, 2}, {3, 3}, {3, 4}};
constexpr AlignmentHead kTiny[] = {{2, 2}, {3, 0}, {3, 2}, {3, 3}, {3, 4}, {3, 5}};
constexpr AlignmentHead kBaseEn[] = {{3, 3}, {4, 7}, {5, 1}, {5, 5}, {5, 7}};
constexpr AlignmentHead kBase[] = {{3, 1}, {4, 2}, {4, 3}, {4, 7}, {5, 1}, {5, 2}, {5, 4}, {5, 6}};
constexpr AlignmentHead kSmallEn[] = {
    {6, 6},  {7, 0},  {7, 3},  {7, 8},  {8, 2},  {8, 5},  {8, 7},   {9, 0},  {9, 4}, {9, 8},
    {9, 10}, {10, 0}, {10, 1}, {10, 2}, {10, 3}, {10, 6}, {10, 11}, {11, 2}, {11, 4}};
constexpr AlignmentHead kSmall[] = {{5, 3}, {5, 9}, {8, 0}, {8, 4}, {8, 7},
                                    {8, 8}, {9, 0}, {9, 7}, {9, 9}, {10, 5}};
constexpr AlignmentHead kMediumEn[] = {{11, 4},  {14, 1}, {14, 12}, {14, 14}, {15, 4},  {16, 0},
                                       {16, 4},  {16, 9}, {17, 12}, {17, 14}, {18, 7},  {18, 10},
                                       {18, 15}, {20, 0}, {20, 3},  {20, 9},  {20, 14}, {21, 12}};
constexpr AlignmentHead kMedium[] = {{13, 15}, {15, 4}, {15, 15}, {16, 1}, {20, 0}, {23, 4}};
constexpr AlignmentHead kLargeV2[] = {{10, 12}, {13, 17}, {16, 11}, {16, 12}, {16, 13}, {17, 15},
                                      {17, 16}, {18, 4},  {18, 11}, {18, 19}, {19, 11}, {21, 2},
                                      {21, 3},  {22, 3},  {22, 9},  {22, 12}, {23, 5},  {23, 7},
                                      {23, 13}, {25, 5},  {26, 1},  {26, 12}, {27, 15}};
constexpr AlignmentHead kLargeV3[] = {{7, 0},   {10, 17}, {12, 18}, {13, 12}, {16, 1},
                                      {17, 14}, {19, 11}, {21, 4},  {24, 1},  {25, 6}};
constexpr AlignmentHead kTurbo[] = {{2, 4}, {2, 11}, {3, 3}, {3, 6}, {3, 11}, {3, 14}};

// Large-v1's own heads (9:19 11:2 ...) are not here: its dimensions are those of large-v2.
std::span<const AlignmentHead> PublishedHeads(std::string_view size) {
  struct Entry {
    std::string_view size;
    std::span<const AlignmentHead> heads;
  };
  const std::array<Entry, 11> entries = {{{"tiny.en", kTinyEn},
                                          {"tiny", kTiny},
                                          {"base.en", kBaseEn},
                                          {"base", kBase},
                                          {"small.en", kSmallEn},
                                          {"small", kSmall},
                                          {"medium.en", kMediumEn},
                                          {"medium", kMedium},
                                          {"large-v2", kLargeV2},
                                          {"large-v3", kLargeV3},
                                          {"large-v3-turbo", kTurbo}}};
  for (const Entry& entry : entries) {
    if (entry.size == size) return entry.heads;
  }
  return {};
}

Dims DimsOf(const Size& size) {
  return {.n_mels = size.n_mels,
          .n_audio_ctx = kAudioContext,
          .n_audio_state = size.state,
          .n_audio_head = size.state / kHeadSize,
          .n_audio_layer = size.encoder_layers,
          .n_vocab = size.n_vocab,
          .n_text_ctx = kTextContext,
          .n_text_state = size.state,
          .n_text_head = size.state / kHeadSize,
          .n_text_layer = size.decoder_layers};
}

Status WrongDim(std::string_view name, int value, std::string_view wanted) {
  return Status(StatusCode::kDataCorrupt, "dimension " + std::string(name) + " is " +
                                              std::to_string(value) + ", " + std::string(wanted));
}

}  // namespace

Status CheckDims(const Dims& dims) {
  if (dims.n_mels != 80 && dims.n_mels != 128) {
    return WrongDim("n_mels", dims.n_mels, "80 or 128 expected");
  }
  if (dims.n_audio_ctx != kAudioContext) {
    return WrongDim("n_audio_ctx", dims.n_audio_ctx, "1500 expected");
  }
  if (dims.n_text_ctx != kTextContext) {
    return WrongDim("n_text_ctx", dims.n_text_ctx, "448 expected");
  }
  if (dims.n_vocab < 51864 || dims.n_vocab > 51866) {
    return WrongDim("n_vocab", dims.n_vocab, "51864, 51865 or 51866 expected");
  }
  if (dims.n_audio_head < 1 || dims.n_audio_head > kHeadsMax) {
    return WrongDim("n_audio_head", dims.n_audio_head, "1 to 32 expected");
  }
  if (dims.n_audio_state != dims.n_audio_head * kHeadSize) {
    return WrongDim("n_audio_state", dims.n_audio_state, "64 for each head expected");
  }
  if (dims.n_text_state != dims.n_audio_state) {
    return WrongDim("n_text_state", dims.n_text_state, "n_audio_state expected");
  }
  if (dims.n_text_head != dims.n_audio_head) {
    return WrongDim("n_text_head", dims.n_text_head, "n_audio_head expected");
  }
  if (dims.n_audio_layer < 1 || dims.n_audio_layer > kLayersMax) {
    return WrongDim("n_audio_layer", dims.n_audio_layer, "1 to 64 expected");
  }
  if (dims.n_text_layer < 1 || dims.n_text_layer > kLayersMax) {
    return WrongDim("n_text_layer", dims.n_text_layer, "1 to 64 expected");
  }
  return Status();
}

std::string_view SizeName(const Dims& dims) {
  for (const Size& size : kSizes) {
    if (DimsOf(size) == dims) return size.name;
  }
  return {};
}

std::optional<Dims> DimsOfSize(std::string_view name) {
  for (const Size& size : kSizes) {
    if (size.name == name) return DimsOf(size);
  }
  return std::nullopt;
}

std::vector<AlignmentHead> DefaultAlignmentHeads(const Dims& dims) {
  const std::span<const AlignmentHead> published = PublishedHeads(SizeName(dims));
  if (!published.empty()) return {published.begin(), published.end()};
  std::vector<AlignmentHead> heads;
  for (int layer = dims.n_text_layer / 2; layer < dims.n_text_layer; ++layer) {
    for (int head = 0; head < dims.n_text_head; ++head) heads.emplace_back(layer, head);
  }
  return heads;
}

}  // namespace wt::model
