// One recording on a transcription server: sent, followed, fetched, or called off.
//
// Small recordings go in one request (POST /jobs), larger ones by tus (/files), which goes on after
// a lost connection where it stood. Progress comes as server-sent events, and by asking where those
// cannot be had. Passing faults are tried again: lost connections, and 429 and 503 after the time
// that the server names. One thread, but for Wake().
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "apps/transcriber/remote/event_reader.h"
#include "apps/transcriber/remote/http_client.h"
#include "apps/transcriber/remote/server_link.h"
#include "whisper_transcriber/engine.h"
#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::transcriber {

/// Larger recordings can go on after a lost connection; below, sending again costs less.
inline constexpr std::int64_t kFormFileBytesMax = 16 << 20;
/// A server that asks for a longer pause has its request shown to the user instead.
inline constexpr int kPauseMaxS = 600;
/// Requests for one answer, the first included.
inline constexpr int kTriesMax = 8;
/// For taking a job back when the user has asked to stop.
inline constexpr int kCallOffMaxS = 3;

struct Recording {
  /// As on the command line.
  std::string input;
  /// The name that the server shows.
  std::string file_name;
  /// Options by their names in the API.
  HttpFields fields;
};

/// What a server says on the way. Called by the thread of Follow().
struct JobNews {
  std::function<void(const Progress&)> progress;
  std::function<void(const LanguageProbability&)> language;
};

class ServiceClient {
 public:
  /// `link` must outlive it.
  explicit ServiceClient(ServerLink* link) : link_(*link), http_(link->cancel()) {}

  /// The new job's id. kNotFound: the server does not have the model.
  Result<std::string> Submit(const Recording& recording);
  /// Until the job has succeeded; else why it did not.
  Status Follow(const std::string& job_id, const JobNews& news);
  Result<Transcript> Fetch(const std::string& job_id);
  /// Ends what Submit() began, job or upload. After a cancellation, as it is on its own connection.
  void CallOff();
  void Wake() { http_.Wake(); }

 private:
  HttpCall MakeCall(std::string method, const std::string& path) const;
  Result<HttpAnswer> Send(const HttpCall& call);
  Result<HttpAnswer> SendOnce(const HttpCall& call);
  /// False when there is no sense in another try, or no wish.
  bool PauseBeforeTry(int tries, int wait_s, const HttpCall& call, std::int64_t from);
  Status ErrorOf(const HttpAnswer& answer) const;

  Result<std::string> SubmitForm(const Recording& recording, FileSource* file);
  Result<std::string> SubmitTus(const std::string& metadata, FileSource* file);
  /// Sends until there is a job; the upload is made.
  Result<std::string> SendPieces(FileSource* file);
  HttpCall PatchFrom(std::int64_t offset, FileSource* file) const;
  Result<std::int64_t> TusOffset();
  Result<std::string> TakeJob(std::string_view id);
  /// The stream of events until it ends. False when there is none to be had.
  Result<bool> Listen(const std::string& job_id, EventReader* reader);
  void TakeEvent(const ServerEvent& event, const JobNews& news) const;

  ServerLink& link_;
  HttpClient http_;
  std::string job_id_;
  std::string upload_id_;
};

}  // namespace wt::transcriber
