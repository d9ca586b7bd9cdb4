#include "apps/transcriber/models/models_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/transcriber/models/progress_line.h"
#include "apps/transcriber/options/arguments.h"
#include "base/json_text.h"
#include "models/catalogue.h"
#include "models/import.h"
#include "models/pull.h"
#include "models/store.h"

namespace wt::transcriber {
namespace {

using models::CatalogueEntry;
using models::InstalledModel;
using models::ModelStore;

constexpr int kDone = 0;
constexpr int kSomeFailed = 1;
constexpr int kWrongUsage = 2;
constexpr int kModelMissing = 3;

constexpr OptionSpec kModelDir = {.name = "model-dir",
                                  .kind = ValueKind::kDirectory,
                                  .value_name = "DIR",
                                  .default_text = "MODEL_DIR, or models in the data directory",
                                  .help = "The directory of installed models."};
constexpr OptionSpec kForce = {.name = "force",
                               .kind = ValueKind::kSwitch,
                               .help = "Replace a model that is installed already."};

constexpr OptionSpec kListOptions[] = {
    kModelDir,
    {.name = "json", .kind = ValueKind::kSwitch, .help = "Print one JSON object."},
};
constexpr OptionSpec kPullOptions[] = {
    kModelDir,
    kForce,
    {.name = "from",
     .kind = ValueKind::kText,
     .value_name = "DIR|URL",
     .help = "A directory with the published files, looked into first, or the address of one "
             "weight file (then with --sha256)."},
    {.name = "sha256",
     .kind = ValueKind::kText,
     .value_name = "HEX",
     .help = "Checksum of the file at the address given with --from."},
    {.name = "allow-http",
     .kind = ValueKind::kSwitch,
     .help = "Let --from be a plain http address of another machine."},
};
constexpr OptionSpec kImportOptions[] = {
    kModelDir,
    kForce,
    {.name = "name",
     .kind = ValueKind::kText,
     .value_name = "NAME",
     .default_text = "the file's or directory's",
     .help = "Name of the model from now on."},
    {.name = "link",
     .kind = ValueKind::kSwitch,
     .help = "Link to the files where they are instead of copying them."},
    {.name = "licence",
     .alias = "license",
     .kind = ValueKind::kText,
     .value_name = "TEXT",
     .help = "Licence to note down."},
};
constexpr OptionSpec kVerifyOptions[] = {kModelDir};
constexpr OptionSpec kConvertOptions[] = {
    kModelDir,
    {.name = "to",
     .kind = ValueKind::kChoice,
     .value_name = "FORMAT",
     .choices = "ggml ct2 ctranslate2 safetensors",
     .help = "Format to write."},
    {.name = "type",
     .kind = ValueKind::kChoice,
     .value_name = "TYPE",
     .choices = "float32 float16 bfloat16 int8 q8_0 q5_0 q5_1 q4_0",
     .default_text = "float16",
     .help = "How matrices are stored. The formats differ in what they have."},
};

constexpr ModelsVerb kVerbs[] = {
    {"list", "", "Show published and installed models.", kListOptions},
    {"pull", "NAME...", "Fetch published models.", kPullOptions},
    {"import", "PATH", "Add weight files that are on this machine.", kImportOptions},
    {"verify", "[NAME...]", "Compare installed files and packed weights with their checksums.",
     kVerifyOptions},
    {"convert", "SRC OUT", "Write a model in another weight format.", kConvertOptions},
    {"remove", "NAME...", "Remove installed models.", kVerifyOptions},
};

/// A verb's arguments, by option name.
struct Call {
  const ModelsContext& context;
  const ModelsVerb& verb;
  Arguments arguments;
  ModelStore store{""};

  std::ostream& out() const { return *context.out; }
  std::ostream& err() const { return *context.err; }

  /// The last value given for an option.
  std::optional<OptionValue> Value(std::string_view name) const {
    std::optional<OptionValue> value;
    for (const Occurrence& occurrence : arguments.options) {
      if (verb.options[occurrence.option].name == name) value = occurrence.value;
    }
    return value;
  }
  bool On(std::string_view name) const {
    const std::optional<OptionValue> value = Value(name);
    return value && value->on;
  }
  std::string Text(std::string_view name) const {
    const std::optional<OptionValue> value = Value(name);
    return value ? std::string(value->text) : std::string();
  }
};

int Usage(const Call& call, std::string_view problem) {
  call.err() << fmt::format(
      "transcriber models {}: {}\nusage: transcriber models {} [options] {}\n", call.verb.name,
      problem, call.verb.name, call.verb.operands);
  return kWrongUsage;
}

/// Reports an error and gives the exit status for it.
int Fail(const Call& call, const Status& status) {
  call.err() << "transcriber models " << call.verb.name << ": " << status.message() << '\n';
  return kSomeFailed;
}

/// Sleeps in short steps, so that an interrupt is noticed.
std::function<bool(std::chrono::milliseconds)> CancellableWait(const base::CancelFlag* cancel) {
  return [cancel](std::chrono::milliseconds pause) {
    constexpr std::chrono::milliseconds kStep{50};
    for (; pause.count() > 0 && !base::Cancelled(cancel); pause -= kStep) {
      std::this_thread::sleep_for(std::min(pause, kStep));
    }
    return !base::Cancelled(cancel);
  };
}

std::chrono::steady_clock::time_point Now() { return std::chrono::steady_clock::now(); }

std::string ParametersText(std::int64_t parameters) {
  if (parameters >= 1'000'000'000) {
    return fmt::format("{:.2f} G", static_cast<double>(parameters) / 1e9);
  }
  return fmt::format("{:.{}f} M", static_cast<double>(parameters) / 1e6,
                     parameters < 10'000'000 ? 1 : 0);
}

const InstalledModel* FindIn(const std::vector<InstalledModel>& models, std::string_view name) {
  const auto found = std::find_if(models.begin(), models.end(),
                                  [name](const InstalledModel& m) { return m.name == name; });
  return found == models.end() ? nullptr : &*found;
}

nlohmann::ordered_json InstalledJson(const InstalledModel* model) {
  if (model == nullptr) return nullptr;
  return {{"path", model->path},
          {"bytes", model->bytes},
          {"managed", model->managed},
          {"source", model->manifest.source}};
}

void ListAsJson(const Call& call, const std::vector<InstalledModel>& installed,
                const std::string& default_name) {
  nlohmann::ordered_json json;
  json["directory"] = call.store.directory();
  json["default"] = nullptr;
  if (!default_name.empty()) json["default"] = default_name;
  json["models"] = nlohmann::ordered_json::array();
  for (const CatalogueEntry& entry : models::Catalogue()) {
    json["models"].push_back({{"name", entry.name},
                              {"family", models::FamilyName(entry.family)},
                              {"parameters", entry.parameters},
                              {"languages", entry.languages},
                              {"translates", entry.translates},
                              {"licence", entry.licence},
                              {"aliases", entry.aliases},
                              {"download_bytes", entry.about_bytes},
                              {"can_be_pulled", !entry.variants.empty()},
                              {"installed", InstalledJson(FindIn(installed, entry.name))}});
  }
  for (const InstalledModel& model : installed) {
    if (models::FindModel(model.name) != nullptr) continue;
    json["models"].push_back({{"name", model.name},
                              {"family", "custom"},
                              {"licence", model.manifest.licence},
                              {"installed", InstalledJson(&model)}});
  }
  call.out() << base::JsonToText(json, 2) << '\n';
}

std::string State(const InstalledModel* model, bool can_be_pulled) {
  if (model != nullptr) return "installed, " + BytesText(model->bytes);
  return can_be_pulled ? "" : "import only";
}

void ListAsTable(const Call& call, const std::vector<InstalledModel>& installed,
                 const std::string& default_name) {
  constexpr const char* kRow = "{} {:<18} {:>10}  {:<10} {:>8}  {}\n";
  std::string text = fmt::format(kRow, ' ', "NAME", "PARAMETERS", "LANGUAGES", "DOWNLOAD", "STATE");
  for (const CatalogueEntry& entry : models::Catalogue()) {
    const std::string languages = entry.languages == 1   ? "English"
                                  : entry.languages == 0 ? "any"
                                                         : std::to_string(entry.languages);
    text += fmt::format(kRow, entry.name == default_name ? '*' : ' ', entry.name,
                        ParametersText(entry.parameters), languages, BytesText(entry.about_bytes),
                        State(FindIn(installed, entry.name), !entry.variants.empty()));
  }
  for (const InstalledModel& model : installed) {
    if (models::FindModel(model.name) != nullptr) continue;
    text += fmt::format(kRow, model.name == default_name ? '*' : ' ', model.name, "", "", "",
                        State(&model, false));
  }
  text += fmt::format(
      "\nInstalled in {}.{}\n", call.store.directory(),
      default_name.empty() ? " None yet: 'transcriber models pull base'." : " * is the default.");
  call.out() << text;
}

int List(const Call& call) {
  if (!call.arguments.operands.empty()) return Usage(call, "takes no names");
  const std::vector<InstalledModel> installed = call.store.List();
  const Result<InstalledModel> best = call.store.Default();
  const std::string default_name = best.ok() ? best->name : std::string();
  if (call.On("json")) {
    ListAsJson(call, installed, default_name);
  } else {
    ListAsTable(call, installed, default_name);
  }
  return kDone;
}

class PullDisplay : public models::PullObserver {
 public:
  PullDisplay(const Call& call, std::string_view name)
      : line_(call.context.err, call.context.err_is_terminal), name_(name) {}

  void OnMirror(std::string_view mirror) override {
    line_.Say(name_ + ": fetching from " + std::string(mirror));
  }
  void OnProgress(std::string_view part, std::int64_t done, std::int64_t total) override {
    line_.Show(part, done, total, Now());
  }
  void OnMirrorFailed(std::string_view, const Status& reason) override {
    line_.Say(name_ + ": that did not work: " + reason.message());
  }
  void OnWaitingForLock() override {
    line_.Say(name_ + ": another process is fetching it, waiting for that");
  }

 private:
  ProgressLine line_;
  std::string name_;
};

bool IsUrl(std::string_view text) { return text.find("://") != std::string_view::npos; }

/// An entry for one file at an address that the user named. Holds what the entry's views refer to.
class UrlEntry {
 public:
  UrlEntry(std::string name, std::string url, std::string sha256)
      : name_(std::move(name)), url_(std::move(url)), sha256_(std::move(sha256)) {
    std::string_view path = std::string_view(url_).substr(0, url_.find_first_of("?#"));
    const std::size_t slash = path.rfind('/');
    if (slash != std::string_view::npos) file_ = path.substr(slash + 1);
    if (!models::IsPlainName(file_)) file_ = "weights";
    urls_[0] = url_;
    files_[0] = {.name = file_, .sha256 = sha256_};
    mirrors_[0] = {.kind = models::MirrorKind::kUrls, .urls = urls_};
    variants_[0] = {.weights = file_, .files = files_, .downloads = files_, .mirrors = mirrors_};
    entry_.name = name_;
    entry_.licence = "unknown";
    entry_.variants = variants_;
  }
  UrlEntry(const UrlEntry&) = delete;
  UrlEntry& operator=(const UrlEntry&) = delete;

  const CatalogueEntry& entry() const { return entry_; }

 private:
  std::string name_, url_, sha256_, file_;
  std::array<std::string_view, 1> urls_;
  std::array<models::PinnedFile, 1> files_;
  std::array<models::Mirror, 1> mirrors_;
  std::array<models::Variant, 1> variants_;
  CatalogueEntry entry_;
};

models::PullOptions PullOptionsOf(const Call& call) {
  models::PullOptions options;
  if (call.On("force")) options.if_installed = models::IfInstalled::kReplace;
  options.mirror_directory = call.context.mirror_directory;
  options.python = call.context.python;
  options.download.http.cancel = call.context.cancel;
  options.download.http.allow_plain_http = call.On("allow-http");
  options.download.wait = CancellableWait(call.context.cancel);
  return options;
}

int PullOne(const Call& call, const CatalogueEntry& entry, const models::PullOptions& options) {
  PullDisplay display(call, entry.name);
  Result<models::PullOutcome> outcome = models::PullModel(call.store, entry, options, &display);
  if (!outcome.ok()) return Fail(call, outcome.status());
  call.out() << fmt::format("{}: {}, {} in {}\n", entry.name,
                            outcome->was_there ? "is installed already" : "installed",
                            BytesText(outcome->model.bytes), outcome->model.location);
  return kDone;
}

int PullUrl(const Call& call, const std::string& url) {
  const std::string sha256 = call.Text("sha256");
  if (call.arguments.operands.size() != 1) return Usage(call, "--from URL takes one NAME");
  const std::string name(call.arguments.operands[0]);
  if (!models::IsPlainName(name)) return Usage(call, "'" + name + "' cannot be a model's name");
  const bool hex =
      sha256.size() == 64 && sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex) return Usage(call, "--from URL needs --sha256 with 64 hex digits in lower case");
  const UrlEntry entry(name, url, sha256);
  models::PullOptions options = PullOptionsOf(call);
  options.mirror_directory.clear();
  options.check = [&](const std::string& path) {
    return call.context.tools.inspect(path).status();
  };
  return PullOne(call, entry.entry(), options);
}

/// "a, b": published names near to a wrong one.
Status UnknownName(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CatalogueEntry& entry : models::Catalogue()) names.push_back(entry.name);
  const std::string_view near = NearestName(name, names);
  return Status(StatusCode::kNotFound,
                fmt::format("no model '{}' is published{}; 'transcriber models list' shows all",
                            name, near.empty() ? "" : fmt::format(", did you mean '{}'?", near)));
}

int Pull(const Call& call) {
  if (call.arguments.operands.empty()) return Usage(call, "which model?");
  const std::string from = call.Text("from");
  if (IsUrl(from)) return PullUrl(call, from);
  if (!call.Text("sha256").empty()) return Usage(call, "--sha256 goes with --from URL");
  std::vector<const CatalogueEntry*> entries;
  for (const std::string_view name : call.arguments.operands) {
    entries.push_back(models::FindModel(name));
    if (entries.back() == nullptr) {
      Fail(call, UnknownName(name));
      return kWrongUsage;
    }
  }
  models::PullOptions options = PullOptionsOf(call);
  if (!from.empty()) options.mirror_directory = from;
  int exit_status = kDone;
  for (const CatalogueEntry* entry : entries) {
    if (base::Cancelled(call.context.cancel)) return kSomeFailed;
    exit_status = std::max(exit_status, PullOne(call, *entry, options));
  }
  return exit_status;
}

/// The name under which a path is known when none is given: "base" for models/base/ and base.pt.
std::string NameOfPath(const std::string& path) {
  std::filesystem::path trimmed(path);
  if (!trimmed.has_filename()) trimmed = trimmed.parent_path();
  std::error_code error;
  const bool is_file = std::filesystem::is_regular_file(trimmed, error);
  std::string name = (is_file ? trimmed.stem() : trimmed.filename()).string();
  return name.starts_with("ggml-") ? name.substr(5) : name;
}

int Import(const Call& call) {
  if (call.arguments.operands.size() != 1) return Usage(call, "needs one file or directory");
  const std::string path(call.arguments.operands[0]);
  ProgressLine line(call.context.err, call.context.err_is_terminal);
  std::optional<WeightsInfo> info;
  models::ImportOptions options;
  options.name = call.Text("name").empty() ? NameOfPath(path) : call.Text("name");
  options.mode = call.On("link") ? models::ImportMode::kLink : models::ImportMode::kCopy;
  options.replace = call.On("force");
  options.licence = call.Text("licence");
  options.cancel = call.context.cancel;
  options.wait = CancellableWait(call.context.cancel);
  options.progress = [&](std::string_view what, std::int64_t done, std::int64_t total) {
    line.Show(what, done, total, Now());
  };
  options.check = [&](const std::string& staged) {
    Result<WeightsInfo> read = call.context.tools.inspect(staged);
    if (!read.ok()) {
      return read.status().WithContext(path + " is no model that can be read; nothing was added");
    }
    info = std::move(read).value();
    return Status();
  };
  const Result<InstalledModel> model = models::ImportModel(call.store, path, options);
  if (!model.ok()) return Fail(call, model.status());
  call.out() << fmt::format("{}: installed, {} ({}, {}) in {}\n", model->name,
                            BytesText(model->bytes), info->size, WeightFormatName(info->format),
                            model->location);
  return kDone;
}

int VerifyOne(const Call& call, const InstalledModel& model) {
  ProgressLine line(call.context.err, call.context.err_is_terminal);
  const auto progress = [&](std::string_view file, std::int64_t done, std::int64_t total) {
    line.Show(model.name + (file.empty() ? "" : "/" + std::string(file)), done, total, Now());
  };
  const Result<std::vector<models::Damage>> damages =
      call.store.Verify(model, call.context.cancel, progress);
  if (!damages.ok()) {
    line.Say(damages.status().message());
    return kSomeFailed;
  }
  line.Clear();
  if (damages->empty()) {
    call.out() << fmt::format("{}: all {} files are right, {}\n", model.name,
                              std::max<std::size_t>(model.manifest.files.size(), 1),
                              BytesText(model.bytes));
    return kDone;
  }
  for (const models::Damage& damage : *damages) {
    call.out() << fmt::format("{}: DAMAGED: {}: {}\n", model.name, damage.file, damage.reason);
  }
  const bool published = models::FindModel(model.name) != nullptr;
  call.out() << fmt::format("{}: {} it again: 'transcriber models {} --force'\n", model.name,
                            published ? "fetch" : "import",
                            published ? "pull " + model.name : "import PATH --name " + model.name);
  return kSomeFailed;
}

/// Packed weights in the cache: computed with, so as good as the model's own files.
int VerifyPacked(const Call& call) {
  if (call.context.cache_directory.empty()) return kDone;
  const PackedWeightsReport report = call.context.tools.verify_packed(call.context.cache_directory);
  if (report.files > 0) {
    call.out() << fmt::format("packed weights: {} {} right, {}\n", report.files,
                              report.files == 1 ? "file is" : "files are", BytesText(report.bytes));
  }
  for (const std::string& damaged : report.damaged) {
    call.out() << fmt::format("packed weights: DAMAGED: {}; removed, and made again when needed\n",
                              damaged);
  }
  return report.damaged.empty() ? kDone : kSomeFailed;
}

/// The installed models of the names given, all of them without names. An error when one is
/// missing.
Result<std::vector<InstalledModel>> NamedModels(const Call& call) {
  if (call.arguments.operands.empty()) return call.store.List();
  std::vector<InstalledModel> models;
  for (const std::string_view name : call.arguments.operands) {
    Result<InstalledModel> model = call.store.Find(name);
    if (!model.ok()) return model.status();
    models.push_back(std::move(model).value());
  }
  return models;
}

int Verify(const Call& call) {
  const Result<std::vector<InstalledModel>> models = NamedModels(call);
  if (!models.ok()) {
    Fail(call, models.status());
    return kModelMissing;
  }
  if (models->empty()) {
    call.err() << "no model is installed in " << call.store.directory() << '\n';
    return kModelMissing;
  }
  int exit_status = kDone;
  for (const InstalledModel& model : *models) {
    exit_status = std::max(exit_status, VerifyOne(call, model));
  }
  return std::max(exit_status, VerifyPacked(call));
}

int Convert(const Call& call) {
  if (call.arguments.operands.size() != 2) return Usage(call, "needs a model and where to write");
  const std::optional<WeightFormat> format = ParseWeightFormat(call.Text("to"));
  if (!format) return Usage(call, "--to says which format to write");
  ConvertOptions options;
  options.format = *format;
  if (const std::string type = call.Text("type"); !type.empty()) {
    options.type = ParseWeightType(type);
  }
  const std::string destination(call.arguments.operands[1]);
  std::string source(call.arguments.operands[0]);
  std::error_code error;
  if (!std::filesystem::exists(source, error)) {
    Result<InstalledModel> model = call.store.Find(source);
    if (!model.ok()) {
      Fail(call, model.status());
      return kModelMissing;
    }
    source = model->path;
  }
  const Status status = call.context.tools.convert(source, destination, options);
  if (!status.ok()) return Fail(call, status);
  const Result<WeightsInfo> written = call.context.tools.inspect(destination);
  if (!written.ok()) return Fail(call, written.status().WithContext("the result is not readable"));
  call.out() << fmt::format("{}: written, {} as {}\n", destination,
                            BytesText(written->weight_bytes), WeightFormatName(written->format));
  return kDone;
}

int Remove(const Call& call) {
  if (call.arguments.operands.empty()) return Usage(call, "which model?");
  // All names are looked up first: a typing error removes nothing.
  const Result<std::vector<InstalledModel>> models = NamedModels(call);
  if (!models.ok()) {
    Fail(call, models.status());
    return kModelMissing;
  }
  int exit_status = kDone;
  for (const InstalledModel& model : *models) {
    if (const Status status = call.store.Remove(model.name); !status.ok()) {
      exit_status = Fail(call, status);
      continue;
    }
    call.out() << fmt::format("{}: removed, {} freed\n", model.name, BytesText(model.bytes));
  }
  return exit_status;
}

std::string HelpText() {
  std::string text = "usage: transcriber models COMMAND [options]\n\n";
  for (const ModelsVerb& verb : kVerbs) {
    text +=
        fmt::format("  {:<28}{}\n", fmt::format("{} {}", verb.name, verb.operands), verb.summary);
  }
  return text + "\n'transcriber models COMMAND --help' shows the options of one.\n";
}

std::string HelpText(const ModelsVerb& verb) {
  std::string text = fmt::format("usage: transcriber models {} [options] {}\n\n{}\n\n", verb.name,
                                 verb.operands, verb.summary);
  for (const OptionSpec& option : verb.options) {
    text += fmt::format("  --{} {}\n      {}", option.name, option.value_name, option.help);
    if (!option.choices.empty()) text += fmt::format(" One of: {}.", option.choices);
    if (!option.default_text.empty()) text += fmt::format(" Default: {}.", option.default_text);
    text += '\n';
  }
  return text;
}

int Dispatch(const Call& call) {
  if (call.verb.name == "list") return List(call);
  if (call.verb.name == "pull") return Pull(call);
  if (call.verb.name == "import") return Import(call);
  if (call.verb.name == "verify") return Verify(call);
  if (call.verb.name == "convert") return Convert(call);
  return Remove(call);
}

}  // namespace

std::span<const ModelsVerb> ModelsVerbs() { return kVerbs; }

int RunModelsCommand(std::span<const std::string_view> arguments, const ModelsContext& context) {
  const std::string_view word = arguments.empty() ? std::string_view() : arguments[0];
  if (word == "--help" || word == "-h" || word == "help") {
    *context.out << HelpText();
    return kDone;
  }
  const auto* verb = std::find_if(std::begin(kVerbs), std::end(kVerbs),
                                  [word](const ModelsVerb& v) { return v.name == word; });
  if (verb == std::end(kVerbs)) {
    *context.err << (word.empty() ? std::string() : fmt::format("no command '{}'\n", word))
                 << HelpText();
    return kWrongUsage;
  }
  Call call{context, *verb, {}};
  Result<Arguments> parsed = ParseArguments(verb->options, arguments.subspan(1));
  if (!parsed.ok()) return Usage(call, parsed.status().message());
  call.arguments = std::move(parsed).value();
  if (call.arguments.help) {
    *context.out << HelpText(*verb);
    return kDone;
  }
  const std::string directory = call.Text("model-dir");
  call.store = ModelStore(directory.empty() ? context.models_directory : directory);
  return Dispatch(call);
}

}  // namespace wt::transcriber
