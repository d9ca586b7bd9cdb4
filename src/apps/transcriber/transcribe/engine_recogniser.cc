#include "apps/transcriber/transcribe/engine_recogniser.h"

#include <utility>

#include "base/status_macros.h"

namespace wt::transcriber {

EngineRecogniser::EngineRecogniser(const TranscribeArguments& arguments, const Services& services,
                                   Engine* engine, std::shared_ptr<const Model> model)
    : arguments_(arguments), services_(services), engine_(engine), model_(std::move(model)) {
  if (arguments.checkpoint.empty()) return;
  checkpoint_.emplace(arguments.checkpoint, arguments.inputs.front(), arguments);
}

void EngineRecogniser::ForgetCheckpoint() const {
  if (checkpoint_) checkpoint_->Remove();
}

void EngineRecogniser::Cancel() {
  cancel_.Request();
  const std::lock_guard lock(mutex_);
  for (const std::shared_ptr<Task>& task : tasks_) task->Cancel();
}

Result<Transcript> EngineRecogniser::Transcribe(FileJob* job) {
  SubmitOptions submit;
  if (checkpoint_) {
    WT_ASSIGN(submit.resume_from, checkpoint_->Load());
    job->KeepCheckpoints(&*checkpoint_);
  }
  // Text that was heard of before the stop is not told again, and speakers are known at the end.
  if (submit.resume_from || arguments_.request.diarization.enabled) job->HoldLines();
  WT_ASSIGN(std::unique_ptr<AudioSource> audio, services_.open_audio({.path = job->input(),
                                                                      .track = arguments_.track,
                                                                      .channel = arguments_.channel,
                                                                      .cancel = &cancel_}));
  const bool resumes = submit.resume_from.has_value();
  const Result<std::shared_ptr<Task>> task =
      engine_->Submit(model_, std::move(audio), arguments_.request, job, submit);
  if (!task.ok() && resumes) {
    return task.status().WithContext(checkpoint_->path() +
                                     ": does not fit; remove it to start anew");
  }
  if (!task.ok()) return task.status();
  return WaitFor(*task);
}

Result<Transcript> EngineRecogniser::WaitFor(const std::shared_ptr<Task>& task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(task);
  }
  // Cancel() sets the flag before it looks at the list: one of the two sees the other.
  if (cancel_.requested()) task->Cancel();
  Result<Transcript> transcript = task->Wait();
  const std::lock_guard lock(mutex_);
  std::erase(tasks_, task);
  return transcript;
}

}  // namespace wt::transcriber
