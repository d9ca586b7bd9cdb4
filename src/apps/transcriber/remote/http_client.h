// HTTP calls to a transcription server, by libcurl: any method, bodies from files, streamed
// answers.
//
// Certificates are checked. Redirects are not followed, because they would carry the key to
// wherever they lead. Proxies are taken from the environment by libcurl itself. There is no limit
// on the whole time: a call ends when nothing has moved for a while, or when it is cancelled. A
// client makes one call at a time and keeps its connection for the next; Wake() may be called from
// any thread. Names of libcurl stay in http_client.cc (docs/adr/0001).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/transcriber/remote/file_source.h"
#include "base/cancel.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

/// A connection must be made in this time.
inline constexpr long kConnectTimeoutMs = 10'000;
/// The server gives a sign of life every 15 s on a stream: six missed ones are a dead connection.
inline constexpr int kStallTimeoutS = 90;
/// Answers that are no transcripts: a job's description with room to spare.
inline constexpr std::size_t kAnswerBytesMax = 1 << 20;
/// Header fields of an answer in all.
inline constexpr std::size_t kAnswerHeadBytesMax = 64 << 10;

using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpCall {
  std::string method = "GET";
  std::string url;
  HttpFields headers;
  /// The body: a form with these fields and, last, the file; or the file alone; or nothing. What is
  /// left of `file` is sent, and it must outlive the call.
  FileSource* file = nullptr;
  bool is_form = false;
  HttpFields form;
  std::string form_file_name;
  /// A request that was sent whole is waited for although it was cancelled, so that it is known
  /// what it made.
  bool finish_when_sent = false;
  /// A longer body of the answer is an error.
  std::size_t answer_bytes_max = kAnswerBytesMax;
  /// Takes the body of a 200 as it comes, instead of HttpAnswer::body. False ends the call well.
  std::function<bool(std::string_view bytes)> on_bytes;
};

struct HttpAnswer {
  int status = 0;
  /// Names in lower case.
  HttpFields headers;
  std::string body;

  /// The first value; empty when there is none.
  std::string_view Header(std::string_view lower_name) const;
  /// Retry-After in seconds; a date or nonsense counts as none.
  std::optional<int> retry_after_s() const;
};

class HttpClient {
 public:
  /// `cancel` may be null and must outlive it. `time_max_s`: of a whole call; 0: none.
  explicit HttpClient(const base::CancelFlag* cancel, int time_max_s = 0);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// An answer of any status. kUnavailable for network faults (worth another try),
  /// kInvalidArgument where trying again cannot help (certificate, address), kCancelled,
  /// kResourceExhausted for an answer that is too long, or what went wrong with the file.
  Result<HttpAnswer> Call(const HttpCall& call);

  /// Makes a call look at the cancel flag now.
  void Wake();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wt::transcriber
