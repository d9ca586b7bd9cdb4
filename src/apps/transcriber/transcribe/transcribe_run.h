// Many recordings over one recogniser: several in flight, results in the order of the inputs.
//
// Workers have a recording transcribed and write its result files. The calling thread prints: the
// first unfinished input as it appears, later ones when their turn comes. A bad file does not stop
// the others. Cancel() may be called from any thread, everything else from one.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "apps/transcriber/console.h"
#include "apps/transcriber/options/transcribe_options.h"
#include "apps/transcriber/transcribe/file_job.h"
#include "apps/transcriber/transcribe/output_plan.h"
#include "apps/transcriber/transcribe/recogniser.h"
#include "base/cancel.h"

namespace wt::transcriber {

struct RunResult {
  int failed = 0;
  /// Why printing ended early; ok when it did not.
  Status print_error;
};

/// What a run works with. All must outlive it.
struct RunInputs {
  const TranscribeArguments* arguments = nullptr;
  const OutputPlan* plan = nullptr;
  /// For each input: ok, or why it is not even tried.
  const std::vector<Status>* prechecks = nullptr;
  Console* console = nullptr;
  int files_in_flight = 1;
};

class TranscribeRun {
 public:
  explicit TranscribeRun(const RunInputs& inputs);

  /// Blocks until all inputs are done. Called once; not at all where every precheck failed.
  RunResult Run(Recogniser* recogniser);

  /// Prints the errors of inputs of which none can be tried.
  RunResult ReportPrechecks();

  /// Stops all files; those not done end as cancelled, which is not printed.
  void Cancel();

 private:
  void Work();
  void Process(std::size_t index);
  Result<Transcript> Recognise(FileJob* job);
  Status WriteFiles(std::size_t index, const Transcript& transcript);
  std::string ResultText(std::size_t index, double elapsed_s, const Result<Transcript>& transcript,
                         const Status& status) const;
  void AddNotes(std::size_t index, const Transcript& transcript);

  void PrintInOrder();
  void PrintFile(std::size_t index);
  void PrintNews(const FileJob::News& news);
  void Print(std::string_view text);
  void ShowProgress(std::size_t index);
  void HideProgress();

  const RunInputs in_;
  Wakeup wakeup_;
  std::vector<std::unique_ptr<FileJob>> jobs_;
  /// Next input to be taken, and first that is not printed. Guarded by wakeup_.mutex.
  std::size_t next_ = 0;
  std::size_t head_ = 0;

  base::CancelFlag cancel_;
  std::mutex mutex_;
  Recogniser* recogniser_ = nullptr;  // Guarded by mutex_.
  bool said_energy_ = false;          // Guarded by mutex_.

  // The printer's.
  RunResult result_;
  bool progress_shown_ = false;
};

}  // namespace wt::transcriber
