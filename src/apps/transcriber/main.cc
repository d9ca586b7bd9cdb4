// The program `transcriber`: wires the real engine, media reader and models to the commands.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/transcriber/installed_models.h"
#include "apps/transcriber/interrupt.h"
#include "apps/transcriber/options/transcribe_options.h"
#include "apps/transcriber/program.h"
#include "apps/transcriber/serve/installed_service.h"
#include "media/open_audio.h"
#include "platform/crash_point.h"
#include "platform/file.h"
#include "service/web/embedded_file.h"

namespace {

using wt::transcriber::AudioInput;

wt::media::MediaOptions OptionsOf(const wt::transcriber::Environment& environment) {
  wt::media::MediaOptions options;
  options.search_path = environment.search_path;
  options.temp_dir = environment.temp_dir;
  return options;
}

// The web application's sample: read as a file like any other, which the helper needs.
wt::Result<std::unique_ptr<wt::AudioSource>> OpenSample(
    const wt::transcriber::Environment& environment) {
  constexpr std::string_view kPath = "/sample.flac";
  for (const wt::web::EmbeddedFile& file : wt::web::EmbeddedSite()) {
    if (file.path != kPath) continue;
    wt::platform::FileDescriptor memory(::memfd_create("sample", MFD_CLOEXEC));
    // One call writes all of it: memory has no short writes but for want of space.
    const ssize_t written = ::write(memory.get(), file.plain.data(), file.plain.size());
    if (written != static_cast<ssize_t>(file.plain.size())) {
      return wt::Status(wt::StatusCode::kResourceExhausted, "there is no memory for the sample");
    }
    return wt::media::OpenAudioDescriptor(std::move(memory), "sample.flac", OptionsOf(environment));
  }
  return wt::Status(wt::StatusCode::kNotFound,
                    "this program was built without the sample; name a recording");
}

wt::Result<std::unique_ptr<wt::AudioSource>> OpenAudio(
    const AudioInput& input, const wt::transcriber::Environment& environment) {
  wt::media::MediaOptions options = OptionsOf(environment);
  options.track = input.track;
  options.channel = input.channel;
  options.cancel = input.cancel;
  if (input.path != wt::transcriber::kStandardStream) {
    return wt::media::OpenAudioFile(input.path, options);
  }
  wt::platform::FileDescriptor descriptor(::dup(STDIN_FILENO));
  return wt::media::OpenAudioDescriptor(std::move(descriptor), "standard input", options);
}

}  // namespace

int main(int argc, char** argv) {
  wt::transcriber::IgnoreBrokenPipes();
  // For tests of what a crash leaves behind (platform/crash_point.h).
  if (const char* point = std::getenv("WT_CRASH_POINT")) wt::platform::ArmCrashPoint(point);
  wt::transcriber::Environment environment = wt::transcriber::ReadEnvironment(
      [](const char* name) -> const char* { return std::getenv(name); },
      wt::transcriber::HomeOfUser());
  environment.variables = wt::transcriber::ReadVariables(environ);
  wt::transcriber::Services services;
  services.create_engine = wt::Engine::Create;
  services.benchmark = wt::Benchmark;
  services.open_sample = [&environment] { return OpenSample(environment); };
  services.open_audio = [&environment](const AudioInput& input) {
    return OpenAudio(input, environment);
  };
  services.model_shelves = wt::transcriber::OpenModelShelves;
  const auto models = [&environment](std::span<const std::string_view> arguments) {
    return wt::transcriber::RunInstalledModelsCommand(arguments, environment);
  };
  const std::unique_ptr<wt::transcriber::Console> console =
      wt::transcriber::MakeStandardConsole(environment.colours);
  const auto service = [&](std::string_view name, std::span<const std::string_view> arguments) {
    return wt::transcriber::RunInstalledServiceCommand(name, arguments, environment, console.get());
  };
  const std::vector<std::string_view> arguments(argv + std::min(argc, 1), argv + argc);
  return wt::transcriber::RunProgram(arguments, environment, services, models, service,
                                     console.get());
}
