#include <algorithm>
#include <cstring>

#include "whisper_transcriber/engine.h"

namespace wt {
namespace {

class MemorySource final : public AudioSource {
 public:
  explicit MemorySource(std::vector<float> samples) : samples_(std::move(samples)) {}

  Result<std::size_t> Read(std::span<float> out) override {
    const std::size_t count = std::min(out.size(), samples_.size() - at_);
    std::copy_n(samples_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    return count;
  }

  Status Seek(SampleIndex position) override {
    if (position < 0) return Status(StatusCode::kInvalidArgument, "negative audio position");
    at_ = std::min(static_cast<std::size_t>(position), samples_.size());
    return Status();
  }

  std::optional<SampleIndex> length() const override {
    return static_cast<SampleIndex>(samples_.size());
  }

 private:
  std::vector<float> samples_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<AudioSource> MakeMemorySource(std::vector<float> samples) {
  return std::make_unique<MemorySource>(std::move(samples));
}

}  // namespace wt
