// The two published vocabularies, which are built into the program.
//
// They are unpacked at the first use, once, in about 10 ms each. Thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engine/tokenizer/vocabulary.h"
#include "whisper_transcriber/status.h"

namespace wt::tokenizer {

enum class PublishedVocabulary { kEnglish, kMultilingual };

/// The vocabulary, shared by all who ask.
std::shared_ptr<const Vocabulary> LoadPublished(PublishedVocabulary which);

/// Reads tiktoken's file format, gzip-compressed: lines of "BASE64 RANK" with ranks 0, 1, 2, ...
Result<Vocabulary> ReadTiktoken(std::span<const unsigned char> gzip_bytes);

}  // namespace wt::tokenizer
