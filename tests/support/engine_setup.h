// Engines over the real base model, and transcripts as bytes, for tests of whole runs. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

#include "tests/support/reference.h"
#include "whisper_transcriber/engine.h"

namespace wt::testing_support {

// Everything in a transcript, to the last bit of its numbers.
inline std::string Bytes(const Transcript& transcript) {
  std::string out = transcript.text + "|" + transcript.language;
  const auto number = [&](double value) {
    char raw[sizeof(value)];
    std::memcpy(raw, &value, sizeof(value));
    out.append(raw, sizeof(raw));
  };
  for (const Segment& segment : transcript.segments) {
    out += "\n" + std::to_string(segment.id) + segment.text;
    for (const TokenId token : segment.tokens) out += " " + std::to_string(token);
    number(segment.start_s), number(segment.end_s), number(segment.avg_logprob);
    number(segment.no_speech_prob), number(segment.compression_ratio), number(segment.temperature);
    if (!segment.words) continue;
    for (const Word& word : *segment.words) {
      out += word.text + word.speaker;
      number(word.start_s), number(word.end_s), number(word.probability);
    }
  }
  for (const DroppedSpan& span : transcript.dropped) {
    out += "\ndropped " + span.text + std::string(DropReasonName(span.reason));
    number(span.start_s), number(span.end_s);
  }
  return out;
}

struct EngineKit {
  std::unique_ptr<Engine> engine;
  std::shared_ptr<const Model> model;
};

inline EngineKit MakeEngineKit(int threads, int in_flight) {
  EngineKit setup;
  auto engine = Engine::Create({.threads = threads, .tasks_in_flight_max = in_flight});
  EXPECT_TRUE(engine.ok());
  setup.engine = std::move(*engine);
  ModelOptions options;
  options.path = BaseModelPath();
  if (Exists(VadModelPath())) options.vad_path = VadModelPath();
  options.speaker_dir = ModelsDir() + "/speaker";
  auto model = setup.engine->LoadModel(options);
  EXPECT_TRUE(model.ok()) << model.status().message();
  setup.model = *model;
  return setup;
}

inline TranscriptionRequest QuickRequest() {
  TranscriptionRequest request;
  request.language.language = "en";
  request.decoding.beam_size = 2;
  request.decoding.best_of = 2;
  return request;
}

}  // namespace wt::testing_support
