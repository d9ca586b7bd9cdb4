// The published models: names, what they can do, and where their files can be had.
//
// A model has one or more variants (the same weights in another format), a variant one or more
// mirrors of several kinds. Every file of every variant is pinned by its SHA-256, so it does not
// matter which mirror it came from; a model whose checksums are not known has no variant and can be
// imported, or pulled from a place that the user names together with a checksum. The table stands
// in the order of preference, best first. Immutable: thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace wt::models {

/// A file as it lies in the model's directory.
struct PinnedFile {
  std::string_view name;
  std::string_view sha256;
  /// Exact, or -1 where the publisher names only the checksum.
  std::int64_t bytes = -1;
};

/// A package (wheel) of a Python package index.
struct PinnedWheel {
  std::string_view package;
  std::string_view version;
  std::string_view file;
  std::string_view sha256;
  std::int64_t bytes = -1;
  /// Of a package with machine code, of which only data files are used: it is fetched for these on
  /// every machine. Empty: the package is for all.
  std::string_view python = {};
  std::string_view platform = {};
};

/// Bytes of `file` are those of `member` in wheel number `wheel`. Several rows with the same file
/// are put together in their order.
struct WheelMember {
  std::string_view file;
  int wheel = 0;
  std::string_view member;
};

enum class MirrorKind : std::uint8_t { kUrls, kChecksumUrls, kWheels };

struct Mirror {
  MirrorKind kind = MirrorKind::kUrls;
  /// kUrls: one for each download of the variant, in its order.
  std::span<const std::string_view> urls = {};
  /// kChecksumUrls: a download is at PREFIX/SHA256/NAME.
  std::string_view prefix = {};
  /// kWheels.
  std::span<const PinnedWheel> wheels = {};
  std::span<const WheelMember> members = {};
};

/// What is done to the downloads to make the files.
enum class Conversion : std::uint8_t {
  kNone,
  /// The first download is Silero's ONNX file; the first file is the safetensors file made from it.
  kSileroOnnx,
  /// The first two downloads are checkpoints of PyTorch; the first two files are the safetensors
  /// files made from them.
  kSpeakerCheckpoints,
};

struct Variant {
  /// What OpenModel is given: a file's name, or "" for the directory itself.
  std::string_view weights;
  std::span<const PinnedFile> files;
  /// What mirrors hold. Equal to `files` unless there is a conversion.
  std::span<const PinnedFile> downloads;
  Conversion conversion = Conversion::kNone;
  std::span<const Mirror> mirrors;
};

enum class Family : std::uint8_t { kWhisper, kDistil, kVad, kSpeaker };

struct CatalogueEntry {
  std::string_view name;
  Family family = Family::kWhisper;
  std::int64_t parameters = 0;
  /// Languages it was trained to transcribe; 1 means English only.
  int languages = 0;
  bool translates = false;
  std::string_view licence;
  /// Bytes to download, to the nearest million where no exact number is published.
  std::int64_t about_bytes = 0;
  std::span<const std::string_view> aliases;
  std::span<const Variant> variants;
};

std::string_view FamilyName(Family family);

/// All entries, best first; those that are no speech models last.
std::span<const CatalogueEntry> Catalogue();

/// By name or alias, in any case of letters; nullptr when unknown.
const CatalogueEntry* FindModel(std::string_view name_or_alias);

/// The name that a name or alias stands for; itself when it is not in the catalogue.
std::string_view CanonicalName(std::string_view name_or_alias);

/// Name of the voice activity network, and of its file in its directory.
inline constexpr std::string_view kVadModelName = "silero-vad";
inline constexpr std::string_view kVadWeightsFile = "silero_vad_16k.safetensors";

/// Name of the networks that tell speakers apart, and of their files in their directory.
inline constexpr std::string_view kSpeakerModelName = "speaker";
inline constexpr std::string_view kSegmentationWeightsFile = "segmentation.safetensors";
inline constexpr std::string_view kVoiceWeightsFile = "campplus.safetensors";

/// True for the names of what helps a speech model and is none itself.
bool IsHelper(std::string_view name);

}  // namespace wt::models
