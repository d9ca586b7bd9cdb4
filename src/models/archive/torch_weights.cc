#include "models/archive/torch_weights.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/byte_reader.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "models/archive/zip_reader.h"

namespace wt::archive {
namespace {

// The larger of the two checkpoints has 133 kB of program, 14,000 values and 7,300 memo entries.
constexpr std::uint64_t kProgramBytesMax = 4 << 20;
constexpr std::size_t kValuesMax = 200'000;
constexpr std::size_t kMemoMax = 100'000;
constexpr std::size_t kTensorsMax = 8'192;
constexpr std::size_t kNameBytesMax = 256;
constexpr std::string_view kProgramName = "data.pkl";

enum class Kind : std::uint8_t { kInert, kInt, kText, kTuple, kDict, kGlobal, kStorage, kTensor };

/// A place in the machine's arena: values refer to each other by it, so that none can leak.
using Id = std::uint32_t;

struct Value {
  Kind kind = Kind::kInert;
  std::int64_t number = 0;
  std::string_view text;
  /// Of tuples and storages the elements, of dictionaries key, value, key, value ..., of tensors
  /// the arguments of _rebuild_tensor_v2.
  std::vector<Id> items;
};

class Machine {
 public:
  explicit Machine(std::span<const std::byte> program) : reader_(program) {}

  Result<Id> Run() {
    for (;;) {
      std::uint8_t opcode = 0;
      if (!reader_.Read(&opcode)) return Bad("the program has no end");
      if (opcode == '.') return Pop();
      WT_TRY(Step(opcode));
    }
  }
  const Value& value(Id id) const { return values_[id]; }

 private:
  Status Bad(std::string_view reason) const {
    return Status(StatusCode::kDataCorrupt, "PyTorch checkpoint: byte " +
                                                std::to_string(reader_.offset()) +
                                                " of data.pkl: " + std::string(reason));
  }

  Status Step(std::uint8_t opcode) {
    switch (opcode) {
      case 0x80: return reader_.Skip(1) ? Status() : Bad("is cut off");
      case '(': marks_.push_back(stack_.size()); return LimitMarks();
      case '}': return Push({.kind = Kind::kDict, .text = {}, .items = {}});
      case ')': return Push({.kind = Kind::kTuple, .text = {}, .items = {}});
      case ']':
      case 'N':
      case 0x88:
      case 0x89: return Push({});
      case 'K': return PushNumber<std::uint8_t>();
      case 'M': return PushNumber<std::uint16_t>();
      case 'J': return PushNumber<std::int32_t>();
      case 'G': return reader_.Skip(8) ? Push({}) : Bad("a number is cut off");
      case 'X': return PushText();
      case 'c': return PushGlobal();
      case 'q': return Memorise<std::uint8_t>();
      case 'r': return Memorise<std::uint32_t>();
      case 'h': return Remember<std::uint8_t>();
      case 'j': return Remember<std::uint32_t>();
      default: return StepStructure(opcode);
    }
  }

  Status StepStructure(std::uint8_t opcode) {
    switch (opcode) {
      case 't': return MarkedTuple();
      case 0x85: return Tuple(1);
      case 0x86: return Tuple(2);
      case 0x87: return Tuple(3);
      case 'R':
      case 0x81: return Call();
      case 'Q': return Storage();
      case 's': return SetItems(2);
      case 'u': return SetMarkedItems();
      case 'a':
      case 'b': return Drop(1);
      case 'e': return DropMarked();
      default:
        return Status(StatusCode::kUnsupported, "PyTorch checkpoint: data.pkl has opcode " +
                                                    std::to_string(opcode) +
                                                    ", which no file of weights needs");
    }
  }

  Status LimitMarks() const {
    return marks_.size() <= kValuesMax ? Status() : Bad("has too many marks");
  }

  Status Push(Value value) {
    if (values_.size() >= kValuesMax) return Bad("has too many values");
    values_.push_back(std::move(value));
    return PushId(static_cast<Id>(values_.size() - 1));
  }
  Status PushId(Id id) {
    if (stack_.size() >= kValuesMax) return Bad("has too deep a stack");
    stack_.push_back(id);
    return Status();
  }
  template <typename T>
  Status PushNumber() {
    T number = 0;
    if (!reader_.Read(&number)) return Bad("a number is cut off");
    return Push({.kind = Kind::kInt, .number = number, .text = {}, .items = {}});
  }
  Status PushText() {
    std::uint32_t bytes = 0;
    std::string_view text;
    if (!reader_.Read(&bytes) || !reader_.ReadText(bytes, &text)) return Bad("a text is cut off");
    return Push({.kind = Kind::kText, .text = text, .items = {}});
  }
  /// Two lines: module and name.
  Status PushGlobal() {
    base::ByteReader ahead = reader_;
    std::string_view rest;
    if (!ahead.ReadText(ahead.remaining(), &rest)) return Bad("a name is cut off");
    const std::size_t module_end = rest.find('\n');
    const std::size_t end =
        module_end == std::string_view::npos ? module_end : rest.find('\n', module_end + 1);
    if (end == std::string_view::npos || end > kNameBytesMax) return Bad("a name has no end");
    if (!reader_.Skip(end + 1)) return Bad("a name is cut off");
    return Push({.kind = Kind::kGlobal, .text = rest.substr(0, end), .items = {}});
  }

  template <typename T>
  Status Memorise() {
    T index = 0;
    if (!reader_.Read(&index) || stack_.empty()) return Bad("nothing to remember");
    if (index >= kMemoMax) return Bad("remembers too much");
    if (memo_.size() <= index) memo_.resize(std::size_t{index} + 1, kNothing);
    memo_[index] = stack_.back();
    return Status();
  }
  template <typename T>
  Status Remember() {
    T index = 0;
    if (!reader_.Read(&index) || index >= memo_.size() || memo_[index] == kNothing) {
      return Bad("asks for what was not remembered");
    }
    return PushId(memo_[index]);
  }

  Result<Id> Pop() {
    if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back())) {
      return Bad("takes from an empty stack");
    }
    const Id id = stack_.back();
    stack_.pop_back();
    return id;
  }
  Result<std::vector<Id>> PopMany(std::size_t count) {
    if (stack_.size() < count || (!marks_.empty() && stack_.size() - count < marks_.back())) {
      return Bad("takes from an empty stack");
    }
    std::vector<Id> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }
  Result<std::size_t> PopMark() {
    if (marks_.empty()) return Bad("has no mark");
    const std::size_t height = marks_.back();
    marks_.pop_back();
    return stack_.size() - height;
  }

  Status Tuple(std::size_t count) {
    WT_ASSIGN(std::vector<Id> items, PopMany(count));
    return Push({.kind = Kind::kTuple, .text = {}, .items = std::move(items)});
  }
  Status MarkedTuple() {
    WT_ASSIGN(const std::size_t count, PopMark());
    return Tuple(count);
  }
  Status Drop(std::size_t count) { return PopMany(count).status(); }
  Status DropMarked() {
    WT_ASSIGN(const std::size_t count, PopMark());
    return Drop(count);
  }
  Status SetItems(std::size_t count) {
    WT_ASSIGN(const std::vector<Id> items, PopMany(count));
    if (count % 2 != 0 || stack_.empty()) return Bad("sets half an entry");
    Value& target = values_[stack_.back()];
    if (target.kind != Kind::kDict) return Status();
    if (target.items.size() + items.size() > kValuesMax) return Bad("has too many entries");
    target.items.insert(target.items.end(), items.begin(), items.end());
    return Status();
  }
  Status SetMarkedItems() {
    WT_ASSIGN(const std::size_t count, PopMark());
    return SetItems(count);
  }

  /// A tensor, a dictionary, or something inert: nothing is called.
  Status Call() {
    WT_ASSIGN(const Id arguments, Pop());
    WT_ASSIGN(const Id callee, Pop());
    const std::string_view name = values_[callee].text;
    if (name == "collections\nOrderedDict") {
      return Push({.kind = Kind::kDict, .text = {}, .items = {}});
    }
    if (name != "torch._utils\n_rebuild_tensor_v2") return Push({});
    return Push({.kind = Kind::kTensor, .text = {}, .items = values_[arguments].items});
  }
  Status Storage() {
    WT_ASSIGN(const Id id, Pop());
    return Push({.kind = Kind::kStorage, .text = {}, .items = values_[id].items});
  }

  static constexpr Id kNothing = ~Id{0};
  base::ByteReader reader_;
  std::vector<Value> values_;
  std::vector<Id> stack_;
  std::vector<std::size_t> marks_;  // Heights of the stack.
  std::vector<Id> memo_;
};

struct Tensor {
  std::string_view storage;
  std::uint64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::uint64_t values = 1;
};

Status BadTensor(std::string_view name, std::string_view reason) {
  return Status(StatusCode::kDataCorrupt,
                "PyTorch checkpoint: " + std::string(name) + ": " + std::string(reason));
}

/// The numbers of a tuple; false when it is none.
bool Numbers(const Machine& machine, Id id, std::vector<std::int64_t>* out) {
  const Value& tuple = machine.value(id);
  if (tuple.kind != Kind::kTuple || tuple.items.size() > 8) return false;
  for (const Id item : tuple.items) {
    if (machine.value(item).kind != Kind::kInt || machine.value(item).number < 0) return false;
    out->push_back(machine.value(item).number);
  }
  return true;
}

/// False for a tensor of another type than float32.
Result<bool> Describe(const Machine& machine, std::string_view name, const Value& value,
                      Tensor* out) {
  if (value.items.size() < 4) return BadTensor(name, "is described by too little");
  const Value& storage = machine.value(value.items[0]);
  if (storage.kind != Kind::kStorage || storage.items.size() < 3) {
    return BadTensor(name, "has no storage");
  }
  if (machine.value(storage.items[1]).text != "torch\nFloatStorage") return false;
  out->storage = machine.value(storage.items[2]).text;
  const Value& offset = machine.value(value.items[1]);
  std::vector<std::int64_t> strides;
  if (offset.kind != Kind::kInt || offset.number < 0 ||
      !Numbers(machine, value.items[2], &out->shape) ||
      !Numbers(machine, value.items[3], &strides) || strides.size() != out->shape.size()) {
    return BadTensor(name, "has no shape");
  }
  out->offset = static_cast<std::uint64_t>(offset.number);
  for (std::size_t i = out->shape.size(); i-- > 0;) {
    const auto extent = static_cast<std::uint64_t>(out->shape[i]);
    if (extent != 1 && static_cast<std::uint64_t>(strides[i]) != out->values) {
      return BadTensor(name, "is not stored row by row");
    }
    if (extent == 0 || extent > kTorchTensorBytesMax / out->values) {
      return BadTensor(name, "is empty or too large");
    }
    out->values *= extent;
  }
  return true;
}

Result<std::map<std::string_view, Tensor>> FindTensors(const Machine& machine, Id root) {
  const Value* dictionary = &machine.value(root);
  for (std::size_t i = 0; i + 1 < dictionary->items.size(); i += 2) {
    if (machine.value(dictionary->items[i]).text != "state_dict") continue;
    dictionary = &machine.value(dictionary->items[i + 1]);
    break;
  }
  std::map<std::string_view, Tensor> tensors;
  for (std::size_t i = 0; i + 1 < dictionary->items.size(); i += 2) {
    const Value& key = machine.value(dictionary->items[i]);
    const Value& value = machine.value(dictionary->items[i + 1]);
    if (key.kind != Kind::kText || value.kind != Kind::kTensor) continue;
    if (key.text.size() > kNameBytesMax) return BadTensor("a tensor", "its name is too long");
    Tensor tensor;
    WT_ASSIGN(const bool is_float, Describe(machine, key.text, value, &tensor));
    if (is_float) tensors.insert_or_assign(key.text, std::move(tensor));
    if (tensors.size() > kTensorsMax) return BadTensor("the file", "has too many tensors");
  }
  return tensors;
}

}  // namespace

Result<std::string> SafetensorsFromTorch(std::span<const std::byte> checkpoint,
                                         const TorchDescription& description) {
  WT_ASSIGN(const ZipReader zip, ZipReader::Open(checkpoint));
  const auto found =
      std::find_if(zip.entries().begin(), zip.entries().end(),
                   [](const ZipEntry& entry) { return entry.name.ends_with(kProgramName); });
  if (found == zip.entries().end()) return BadTensor("the archive", "has no data.pkl");
  const std::string folder = found->name.substr(0, found->name.size() - kProgramName.size());
  WT_ASSIGN(const std::string program, zip.Read(found->name, kProgramBytesMax));
  Machine machine(std::as_bytes(std::span(program)));
  WT_ASSIGN(const Id root, machine.Run());
  WT_ASSIGN(const auto tensors, FindTensors(machine, root));
  nlohmann::json header;  // Sorts its keys.
  header["__metadata__"] = {{"licence", description.licence}, {"model", description.model}};
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    WT_ASSIGN(const std::string storage,
              zip.Read(folder + "data/" + std::string(tensor.storage), kTorchTensorBytesMax));
    const std::uint64_t held = storage.size() / sizeof(float);
    if (tensor.offset > held || tensor.values > held - tensor.offset) {
      return BadTensor(name, "lies outside its storage");
    }
    const auto bytes = static_cast<std::size_t>(tensor.values * sizeof(float));
    if (data.size() + bytes > kTorchTensorBytesMax) return BadTensor(name, "is too much");
    header[std::string(name)] = {{"dtype", "F32"},
                                 {"shape", tensor.shape},
                                 {"data_offsets", {data.size(), data.size() + bytes}}};
    data.append(storage, static_cast<std::size_t>(tensor.offset * sizeof(float)), bytes);
  }
  std::string text = base::JsonToText(header);
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t header_bytes = text.size();
  std::string out(sizeof(header_bytes), '\0');
  std::memcpy(out.data(), &header_bytes, sizeof(header_bytes));
  return out + text + data;
}

}  // namespace wt::archive
