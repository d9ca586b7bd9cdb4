// OpenAI checkpoint: a zip archive with data.pkl and one member of raw numbers for each storage.
#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "base/checked.h"
#include "base/status_macros.h"
#include "engine/model/printable.h"
#include "engine/model/readers/pickle.h"
#include "engine/model/readers/readers.h"
#include "engine/model/readers/zip_directory.h"

namespace wt::model {
namespace {

using Bytes = std::span<const std::byte>;

std::int64_t ElementBytes(TensorType type) { return type == TensorType::kF32 ? 4 : 2; }

/// True when the elements stand in the order of the indices, without gaps.
bool IsContiguous(const PickledTensor& tensor) {
  std::int64_t step = 1;
  for (auto i = static_cast<std::size_t>(tensor.rank); i-- > 0;) {
    // The stride of a dimension of size 1 is never used.
    if (tensor.shape[i] != 1 && tensor.stride[i] != step) return false;
    step *= tensor.shape[i];
  }
  return true;
}

/// True when the elements fill a run without gaps or repetitions, whatever the order of the
/// dimensions (a transposed matrix): then a copy in order is as large as what is in the file.
bool IsDense(const PickledTensor& tensor) {
  std::array<std::size_t, 3> order;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&tensor](std::size_t a, std::size_t b) {
    return tensor.stride[a] < tensor.stride[b];
  });
  std::int64_t step = 1;
  for (const std::size_t i : order) {
    if (tensor.shape[i] == 1) continue;
    if (tensor.stride[i] != step) return false;
    step *= tensor.shape[i];
  }
  return true;
}

/// The elements in the order of the indices.
std::vector<std::byte> InOrder(const PickledTensor& tensor, Bytes run) {
  std::vector<std::byte> out(run.size());
  const std::int64_t size = ElementBytes(tensor.type);
  std::byte* at = out.data();
  for (std::int64_t i = 0; i < tensor.shape[0]; ++i) {
    for (std::int64_t j = 0; j < tensor.shape[1]; ++j) {
      for (std::int64_t k = 0; k < tensor.shape[2]; ++k) {
        const std::int64_t from =
            i * tensor.stride[0] + j * tensor.stride[1] + k * tensor.stride[2];
        std::memcpy(at, run.data() + from * size, static_cast<std::size_t>(size));
        at += size;
      }
    }
  }
  return out;
}

class CheckpointMapper {
 public:
  CheckpointMapper(const ZipDirectory& zip, std::string root, std::size_t file_bytes)
      : zip_(zip), root_(std::move(root)), copy_bytes_left_(file_bytes) {}

  Result<WeightMap::Parts> Map() {
    WT_TRY(CheckByteOrder());
    WT_ASSIGN(const Bytes program, Member("data.pkl"));
    WT_ASSIGN(const PickledCheckpoint checkpoint, ReadPickle(program));
    parts_.format = "pt";
    parts_.dims = checkpoint.dims;
    for (const auto& [name, tensor] : checkpoint.tensors) {
      Result<TensorView> view = View(tensor);
      if (!view.ok()) return CorruptTensor(name, view.status().message());
      parts_.tensors.emplace(name, *view);
    }
    return std::move(parts_);
  }

 private:
  Result<Bytes> Member(std::string_view name) const {
    const auto found = zip_.members.find(root_ + "/" + std::string(name));
    if (found == zip_.members.end()) {
      return Corrupt("archive has no member " + Printable(root_) + "/" + Printable(name));
    }
    return found->second;
  }

  Status CheckByteOrder() const {
    const Result<Bytes> order = Member("byteorder");
    if (!order.ok()) return Status();  // Older files have none and are little-endian.
    constexpr std::string_view kLittle = "little";
    const Bytes want = std::as_bytes(std::span(kLittle));
    if (std::equal(order->begin(), order->end(), want.begin(), want.end())) return Status();
    return Unsupported("checkpoint is not little-endian");
  }

  /// The bytes of the storage that the tensor lies in.
  Result<Bytes> Storage(const PickledTensor& tensor) const {
    WT_ASSIGN(const Bytes storage, Member("data/" + std::string(tensor.storage_key)));
    std::int64_t want;
    if (!base::CheckedMul(tensor.storage_elements, ElementBytes(tensor.type), &want) ||
        storage.size() != static_cast<std::uint64_t>(want)) {
      return Corrupt("its storage has " + std::to_string(storage.size()) + " bytes, not " +
                     std::to_string(tensor.storage_elements) + " elements");
    }
    return storage;
  }

  Result<TensorView> View(const PickledTensor& tensor) {
    WT_ASSIGN(const Bytes storage, Storage(tensor));
    TensorView view;
    view.type = tensor.type;
    view.rank = tensor.rank;
    view.shape = tensor.shape;
    std::int64_t elements;
    std::int64_t end;
    if (!base::CheckedMul(tensor.shape[0] * tensor.shape[1], tensor.shape[2], &elements) ||
        !base::CheckedAdd(tensor.offset, elements, &end) || end > tensor.storage_elements) {
      return Corrupt("lies outside its storage");
    }
    const auto size = static_cast<std::size_t>(ElementBytes(tensor.type));
    const Bytes run = storage.subspan(static_cast<std::size_t>(tensor.offset) * size,
                                      static_cast<std::size_t>(elements) * size);
    view.data = run;
    if (IsContiguous(tensor)) return view;
    if (!IsDense(tensor)) return Corrupt("its strides leave gaps or repeat elements");
    WT_ASSIGN(view.data, Copy(tensor, run));
    return view;
  }

  /// Many tensors may share one storage: all copies together may be as large as the file.
  Result<Bytes> Copy(const PickledTensor& tensor, Bytes run) {
    if (run.size() > copy_bytes_left_) return Corrupt("too many tensors are not in order");
    copy_bytes_left_ -= run.size();
    auto copy = std::make_shared<const std::vector<std::byte>>(InOrder(tensor, run));
    const Bytes bytes(*copy);
    parts_.owners.push_back(std::move(copy));
    return bytes;
  }

  const ZipDirectory& zip_;
  std::string root_;
  std::size_t copy_bytes_left_;
  WeightMap::Parts parts_;
};

}  // namespace

Result<WeightMap::Parts> ReadCheckpoint(std::span<const std::byte> bytes) {
  WT_ASSIGN(const ZipDirectory zip, ReadStoredZip(bytes));
  const std::size_t slash = zip.first.find('/');
  if (slash == std::string_view::npos || slash == 0) {
    return Corrupt("archive is no checkpoint: its first member " + Printable(zip.first) +
                   " is not in a folder");
  }
  return CheckpointMapper(zip, std::string(zip.first.substr(0, slash)), bytes.size()).Map();
}

}  // namespace wt::model
