#include "apps/transcriber/bench_command.h"

#include <fmt/format.h>

#include <memory>

#include <nlohmann/json.hpp>

#include "apps/transcriber/options/arguments.h"
#include "apps/transcriber/options/commands.h"
#include "apps/transcriber/options/help.h"
#include "base/json_text.h"

namespace wt::transcriber {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kModelMissing = 3;
constexpr double kGiga = 1e9;

struct BenchArguments {
  EngineOptions engine;
  ModelOptions model;
  std::string model_name;
  bool json = false;
};

// By the names of BenchOptionSpecs().
BenchArguments ReadArguments(const Arguments& parsed) {
  BenchArguments arguments;
  for (const Occurrence& occurrence : parsed.options) {
    const std::string_view name = BenchOptionSpecs()[occurrence.option].name;
    const OptionValue& value = occurrence.value;
    if (name == "json") arguments.json = value.on;
    if (name == "model") arguments.model_name = std::string(value.text);
    if (name == "threads") arguments.engine.threads = static_cast<int>(value.integer);
    if (name == "compute-type") {
      for (const ComputeType type :
           {ComputeType::kFloat32, ComputeType::kBfloat16, ComputeType::kInt8,
            ComputeType::kInt8Bfloat16, ComputeType::kAuto}) {
        if (value.text == ComputeTypeName(type)) arguments.model.compute_type = type;
      }
    }
  }
  return arguments;
}

std::string Giga(double rate, std::string_view unit) {
  return rate > 0 ? fmt::format("{:.0f} {}", rate / kGiga, unit) : "none";
}

double ReadRate(const StepTime& step) {
  return step.seconds > 0 ? static_cast<double>(step.bytes) / step.seconds : 0;
}

}  // namespace

std::string BenchmarkText(const BenchmarkReport& report) {
  const MachinePeaks& peaks = report.peaks;
  std::string text = fmt::format(
      "machine, one thread: float32 {}, bfloat16 {}, int8 {}\n"
      "  reads: first cache {}, second cache {}, memory {}\n",
      Giga(peaks.float32_ops, "GFLOP/s"), Giga(peaks.bfloat16_ops, "GFLOP/s"),
      Giga(peaks.int8_ops, "GOP/s"), Giga(peaks.l1_read, "GB/s"), Giga(peaks.l2_read, "GB/s"),
      Giga(peaks.memory_read, "GB/s"));
  text += fmt::format("{} {} on {}, {} thread{}: {:.0f} MB of weights, loaded in {:.2f} s\n",
                      report.model, ComputeTypeName(report.compute_type), report.instruction_set,
                      report.threads, report.threads == 1 ? "" : "s",
                      static_cast<double>(report.weight_bytes) / 1e6, report.load_seconds);
  text +=
      fmt::format("encoder, 30 s window: {:.1f} ms ({:.1f} ms of processor), {:.0f} % of peak\n",
                  report.encoder_seconds * 1e3, report.encoder_cpu_seconds * 1e3,
                  report.encoder_share_of_peak * 100);
  for (const StepTime& step : report.steps) {
    text +=
        fmt::format("decoder step, {:2} row{} of {} window{}: {:.2f} ms ({:.2f} ms of processor)",
                    step.rows, step.rows == 1 ? "" : "s", step.windows,
                    step.windows == 1 ? "" : "s", step.seconds * 1e3, step.cpu_seconds * 1e3);
    text += fmt::format(", {:.0f} MB read at {:.1f} GB/s", static_cast<double>(step.bytes) / 1e6,
                        ReadRate(step) / kGiga);
    if (step.read_rate > 0) {
      text += fmt::format(", {:.0f} % of only reading", ReadRate(step) / step.read_rate * 100);
    }
    text += "\n";
  }
  const RecordingTime& recording = report.recording;
  if (recording.seconds > 0) {
    text += fmt::format(
        "recording of {:.1f} s: {:.2f} s ({:.2f} s of processor), {:.0f} times as fast as it "
        "plays\n",
        recording.audio_seconds, recording.seconds, recording.cpu_seconds,
        recording.audio_seconds / recording.seconds);
  }
  return text;
}

std::string BenchmarkJson(const BenchmarkReport& report) {
  const MachinePeaks& peaks = report.peaks;
  nlohmann::ordered_json json = {
      {"instruction_set", report.instruction_set},
      {"compute_type", std::string(ComputeTypeName(report.compute_type))},
      {"model", report.model},
      {"threads", report.threads},
      {"peaks",
       {{"float32_ops", peaks.float32_ops},
        {"bfloat16_ops", peaks.bfloat16_ops},
        {"int8_ops", peaks.int8_ops},
        {"l1_read", peaks.l1_read},
        {"l2_read", peaks.l2_read},
        {"memory_read", peaks.memory_read}}},
      {"load_seconds", report.load_seconds},
      {"weight_bytes", report.weight_bytes},
      {"encoder",
       {{"seconds", report.encoder_seconds},
        {"cpu_seconds", report.encoder_cpu_seconds},
        {"float_ops", report.encoder_float_ops},
        {"int8_ops", report.encoder_int8_ops},
        {"share_of_peak", report.encoder_share_of_peak}}},
      {"steps", nlohmann::ordered_json::array()}};
  for (const StepTime& step : report.steps) {
    json["steps"].push_back({{"rows", step.rows},
                             {"windows", step.windows},
                             {"seconds", step.seconds},
                             {"cpu_seconds", step.cpu_seconds},
                             {"bytes", step.bytes},
                             {"read_rate", step.read_rate}});
  }
  json["recording"] = {{"audio_seconds", report.recording.audio_seconds},
                       {"seconds", report.recording.seconds},
                       {"cpu_seconds", report.recording.cpu_seconds}};
  return base::JsonToText(json) + "\n";
}

int RunBenchCommand(std::span<const std::string_view> arguments, const Environment& environment,
                    const Services& services, Console* console) {
  const Result<Arguments> parsed = ParseArguments(BenchOptionSpecs(), arguments);
  if (!parsed.ok() || parsed->operands.size() > 1) {
    PrintErrorMessage(*console, parsed.ok() ? "bench takes one file" : parsed.status().message());
    return kUsage;
  }
  if (parsed->help) return console->Print(CommandHelp(*FindCommand("bench"))).ok() ? 0 : kFailed;
  BenchArguments bench = ReadArguments(*parsed);
  const ModelShelves shelves = services.model_shelves(ModelDirectories(environment, ""));
  const std::string wanted =
      bench.model_name.empty() ? environment.default_model : bench.model_name;
  const Result<FoundModel> model = ChooseModel(shelves, wanted);
  if (!model.ok()) {
    PrintErrorMessage(*console, model.status().message());
    return kModelMissing;
  }
  bench.model.path = model->path;
  bench.model.name = model->name;
  bench.model.cache_dir = environment.cache_dir;
  bench.model.vad_path = ChooseVadWeights(shelves);
  bench.engine.instruction_set = environment.instruction_set;
  Result<std::unique_ptr<AudioSource>> recording =
      parsed->operands.empty()
          ? services.open_sample()
          : services.open_audio({.path = std::string(parsed->operands.front())});
  if (!recording.ok()) {
    PrintErrorMessage(*console, recording.status().message());
    return kFailed;
  }
  const Result<BenchmarkReport> report =
      services.benchmark(bench.engine, bench.model, std::move(*recording));
  if (!report.ok()) {
    PrintErrorMessage(*console, report.status().message());
    return kFailed;
  }
  const Status printed =
      console->Print(bench.json ? BenchmarkJson(*report) : BenchmarkText(*report));
  return printed.ok() ? 0 : kFailed;
}

}  // namespace wt::transcriber
