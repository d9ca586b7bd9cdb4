// A sequence of requests to chunked and tus uploads, with faults of the stores between them,
// against a model: what was acknowledged is there, at most one job is made of a session, and its
// content is that of the chunks.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/check.h"
#include "platform/sha256.h"
#include "service/uploads/testing/upload_world.h"

namespace {

using wt::uploads::testing::PullOf;

constexpr std::int64_t kChunkBytes = 40;
constexpr std::int64_t kBytes = 3 * kChunkBytes + 7;

class Player {
 public:
  explicit Player(std::string_view script) : script_(script), world_(Limits()) {}

  void Play() {
    Begin(wt::uploads::SessionKind::kChunked, &chunked_);
    Begin(wt::uploads::SessionKind::kTus, &tus_);
    while (!script_.empty()) Step(Next(), Next());
    world_.memory_blobs.SetFaults({});
    world_.memory_blobs.Settle();
    CheckJobs();
  }

 private:
  static wt::uploads::SessionLimits Limits() {
    wt::uploads::SessionLimits limits;
    limits.chunk_bytes = kChunkBytes;
    limits.tus_part_bytes = 50;
    return limits;
  }

  unsigned Next() {
    if (script_.empty()) return 0;
    const auto value = static_cast<unsigned char>(script_.front());
    script_.remove_prefix(1);
    return value;
  }

  void Begin(wt::uploads::SessionKind kind, std::string* id) {
    wt::uploads::NewUpload upload;
    upload.kind = kind;
    upload.filename = "a.wav";
    upload.bytes = kBytes;
    *id = world_.uploads->Create("ann", upload)->id;
  }

  void Step(unsigned verb, unsigned argument) {
    switch (verb % 9) {
      case 0: Put(argument); break;
      case 1: Append(argument); break;
      case 2: Finalize(chunked_); break;
      case 3: Finalize(tus_); break;
      case 4: (void)world_.uploads->Cancel("ann", argument % 2 == 0 ? chunked_ : tus_); break;
      case 5:
        world_.memory_blobs.SetFaults(wt::blob::FailNth(
            1 + static_cast<int>(argument / 8), static_cast<wt::blob::BlobFault>(argument % 6)));
        break;
      case 6: world_.memory_blobs.Settle(); break;
      case 7:
        world_.clock.Advance(static_cast<std::int64_t>(argument) * 600'000);
        (void)world_.cleaner->Step();
        break;
      default:
        world_.memory_blobs.SetFaults({});
        world_.Restart();
        break;
    }
    CheckAcknowledged();
  }

  void Put(unsigned argument) {
    const int index = static_cast<int>(argument % 5);
    const std::string_view bytes =
        index >= 4 ? std::string_view("x")
                   : std::string_view(content_).substr(
                         static_cast<std::size_t>(index) * kChunkBytes, kChunkBytes);
    const std::size_t broken = argument >= 200 ? argument % 40 : SIZE_MAX;
    const auto receipt =
        world_.uploads->PutChunk("ann", chunked_, index, PullOf(bytes, 1 + argument % 64, broken));
    if (receipt.ok()) acknowledged_[index] = receipt->sha256;
  }

  void Append(unsigned argument) {
    const auto status = world_.uploads->Get("ann", tus_);
    if (!status.ok()) return;
    const std::int64_t offset = argument >= 240 ? 1 : status->offset;
    const auto lease = world_.locks.Acquire(tus_, std::chrono::milliseconds(0), {});
    wt::uploads::TusBody body;
    body.offset = offset;
    const auto from = static_cast<std::size_t>(std::min(offset, kBytes));
    body.pull = PullOf(std::string_view(content_).substr(from, argument % 100), 13);
    const auto after = world_.uploads->Append("ann", tus_, body, lease);
    if (after.ok()) tus_offset_ = after->offset;
  }

  void Finalize(const std::string& id) {
    const auto done = world_.uploads->Finalize("ann", id, world_.MakeJobs());
    if (!done.ok() || !done->complete) return;
    const auto [at, first] = job_of_.emplace(id, done->session.job_id);
    WT_CHECK(at->second == done->session.job_id);
    WT_CHECK(done->session.content_sha256 ==
             wt::platform::Sha256Hex(std::as_bytes(std::span(content_))));
  }

  void CheckAcknowledged() {
    const auto status = world_.sessions->Get(chunked_, "");
    if (!status.ok() || wt::uploads::IsTerminal(status->state)) return;
    const auto parts = world_.sessions->Parts(chunked_);
    for (const auto& [index, sha256] : acknowledged_) {
      bool found = false;
      for (const auto& part : *parts) {
        found = found || (part.offset == index * kChunkBytes && part.sha256 == sha256);
      }
      WT_CHECK(found);
    }
    const auto tus = world_.sessions->Get(tus_, "");
    if (!tus.ok() || wt::uploads::IsTerminal(tus->state)) return;
    std::int64_t offset = 0;
    const auto tus_parts = world_.sessions->Parts(tus_);
    for (const auto& part : *tus_parts) offset += part.bytes;
    WT_CHECK(offset >= tus_offset_ && offset <= kBytes);
  }

  void CheckJobs() {
    WT_CHECK(world_.jobs.size() <= 2);
    for (const auto& [key, media] : world_.jobs) {
      const auto reader = world_.blobs->Open(media.blob_key);
      WT_CHECK(reader.ok() && (*reader)->info().sha256 == media.sha256);
    }
  }

  std::string_view script_;
  wt::uploads::testing::UploadWorld world_;
  const std::string content_ = wt::uploads::testing::FakeWav(kBytes);
  std::string chunked_;
  std::string tus_;
  std::map<int, std::string> acknowledged_;
  std::int64_t tus_offset_ = 0;
  std::map<std::string, std::string> job_of_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 512) return 0;
  Player({reinterpret_cast<const char*>(data), size}).Play();
  return 0;
}
