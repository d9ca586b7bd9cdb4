#include "engine/model/readers/pickle_machine.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/status_macros.h"
#include "engine/model/printable.h"

namespace wt::model {
namespace {

// large-v3 needs about 50,000 values, a stack of 2,600 and 10,000 memo entries.
constexpr std::size_t kValuesMax = 400'000;
constexpr std::size_t kStackMax = 65'536;
constexpr std::size_t kMarksMax = 256;
constexpr std::size_t kMemoMax = 400'000;
constexpr ValueId kUnset = 0xFFFFFFFF;

constexpr std::array<std::string_view, 5> kGlobals = {
    "torch._utils._rebuild_tensor_v2", "torch.FloatStorage", "torch.HalfStorage",
    "torch.BFloat16Storage", "collections.OrderedDict"};

// Opcodes of Python's pickletools.py.
enum Opcode : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinUnicode = 'X',
  kEmptyTuple = ')',
  kEmptyDict = '}',
  kBuild = 'b',
  kGlobal = 'c',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kProto = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
};

}  // namespace

Status PickleMachine::Bad(std::string_view reason) const {
  return Corrupt("pickle, byte " + std::to_string(reader_.offset()) + ": " + std::string(reason));
}

Status PickleMachine::PushId(ValueId id) {
  if (stack_.size() >= kStackMax) return Bad("the stack is too deep");
  stack_.push_back(id);
  return Status();
}

Status PickleMachine::Push(Value value) {
  if (values_.size() >= kValuesMax) return Bad("too many values");
  values_.push_back(std::move(value));
  return PushId(static_cast<ValueId>(values_.size() - 1));
}

Status PickleMachine::PushNumber(ValueKind kind, std::int64_t number) {
  Value value;
  value.kind = kind;
  value.number = number;
  return Push(std::move(value));
}

Status PickleMachine::PushText(ValueKind kind, std::string_view text) {
  Value value;
  value.kind = kind;
  value.text = text;
  return Push(std::move(value));
}

Status PickleMachine::PushItems(ValueKind kind, std::vector<ValueId> items) {
  Value value;
  value.kind = kind;
  value.items = std::move(items);
  return Push(std::move(value));
}

Result<ValueId> PickleMachine::Pop() {
  // A mark is a floor: an instruction may not take what lies below it.
  const std::size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= floor) return Bad("the stack is empty");
  const ValueId id = stack_.back();
  stack_.pop_back();
  return id;
}

Result<std::vector<ValueId>> PickleMachine::PopToMark() {
  if (marks_.empty()) return Bad("a mark is missing");
  const std::size_t floor = marks_.back();
  marks_.pop_back();
  std::vector<ValueId> items(stack_.begin() + static_cast<std::ptrdiff_t>(floor), stack_.end());
  stack_.resize(floor);
  return items;
}

Status PickleMachine::PushTuple(std::size_t count) {
  std::vector<ValueId> items(count);
  for (std::size_t i = count; i-- > 0;) {
    WT_ASSIGN(items[i], Pop());
  }
  return PushItems(ValueKind::kTuple, std::move(items));
}

/// LONG1: little-endian two's complement of up to 255 bytes; 8 are enough here.
Status PickleMachine::ReadLong() {
  std::uint8_t size;
  std::span<const std::byte> raw;
  if (!reader_.Read(&size) || !reader_.ReadBytes(size, &raw)) return Bad("ends within a number");
  if (size > 8) return Bad("a number has more than 8 bytes");
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    number |= static_cast<std::uint64_t>(raw[i]) << (8 * i);
  }
  const bool negative = size > 0 && (raw.back() & std::byte{0x80}) != std::byte{0};
  if (negative && size < 8) number |= ~std::uint64_t{0} << (8 * size);
  return PushNumber(ValueKind::kInt, static_cast<std::int64_t>(number));
}

Status PickleMachine::ReadText() {
  std::uint32_t size;
  std::string_view text;
  if (!reader_.Read(&size) || !reader_.ReadText(size, &text)) return Bad("ends within a text");
  return PushText(ValueKind::kText, text);
}

/// Two lines: module and name.
Status PickleMachine::ReadGlobal() {
  std::string name;
  for (int line = 0; line < 2; ++line) {
    if (line == 1) name += '.';
    for (;;) {
      char c;
      if (!reader_.Read(&c)) return Bad("ends within a name");
      if (c == '\n') break;
      if (name.size() >= 80) return Bad("a name is too long");
      name += c;
    }
  }
  const auto found = std::find(kGlobals.begin(), kGlobals.end(), name);
  if (found == kGlobals.end()) {
    return Unsupported("pickle, byte " + std::to_string(reader_.offset()) + ": asks for " +
                       Printable(name) + ", which no Whisper checkpoint needs; refused");
  }
  return PushText(ValueKind::kGlobal, *found);
}

/// "Calls" the two callables that are allowed: a tensor and an empty dictionary are recorded.
Status PickleMachine::Reduce() {
  WT_ASSIGN(const ValueId arguments, Pop());
  WT_ASSIGN(const ValueId callable, Pop());
  const Value& list = values_[arguments];
  const Value& what = values_[callable];
  if (list.kind != ValueKind::kTuple || what.kind != ValueKind::kGlobal) {
    return Bad("REDUCE needs a known name and a tuple");
  }
  if (what.text == "collections.OrderedDict") {
    if (!list.items.empty()) return Bad("OrderedDict takes no arguments here");
    return PushItems(ValueKind::kDict, {});
  }
  if (what.text != "torch._utils._rebuild_tensor_v2") return Bad("a storage cannot be called");
  if (list.items.size() != 6) return Bad("a tensor has 6 arguments");
  return PushItems(ValueKind::kTensor, std::vector<ValueId>(list.items));
}

/// Attributes of an OrderedDict (_metadata) are skipped; nothing else has any.
Status PickleMachine::Build() {
  WT_TRY(Pop());
  WT_ASSIGN(const ValueId object, Pop());
  if (values_[object].kind != ValueKind::kDict) return Bad("BUILD needs a dictionary");
  return PushId(object);
}

Status PickleMachine::SetItems(std::vector<ValueId> items) {
  WT_ASSIGN(const ValueId dict, Pop());
  if (values_[dict].kind != ValueKind::kDict) return Bad("items need a dictionary");
  if (items.size() % 2 != 0) return Bad("a key has no value");
  std::vector<ValueId>& all = values_[dict].items;
  if (all.size() + items.size() > kValuesMax) return Bad("a dictionary is too large");
  all.insert(all.end(), items.begin(), items.end());
  return PushId(dict);
}

Status PickleMachine::LoadStorage() {
  WT_ASSIGN(const ValueId id, Pop());
  if (values_[id].kind != ValueKind::kTuple || values_[id].items.size() != 5) {
    return Bad("a storage is a tuple of 5");
  }
  return PushItems(ValueKind::kStorage, std::vector<ValueId>(values_[id].items));
}

Status PickleMachine::Put(std::uint32_t index) {
  if (stack_.empty()) return Bad("the stack is empty");
  if (index >= kMemoMax) return Bad("the memo is too large");
  if (index >= memo_.size()) memo_.resize(index + 1, kUnset);
  memo_[index] = stack_.back();
  return Status();
}

Status PickleMachine::Get(std::uint32_t index) {
  if (index >= memo_.size() || memo_[index] == kUnset) return Bad("nothing is there in the memo");
  return PushId(memo_[index]);
}

Status PickleMachine::StepNumber(std::uint8_t opcode) {
  std::uint8_t byte;
  std::uint16_t word;
  std::int32_t number;
  switch (opcode) {
    case kBinInt1:
      return reader_.Read(&byte) ? PushNumber(ValueKind::kInt, byte) : Bad("ends within a number");
    case kBinInt2:
      return reader_.Read(&word) ? PushNumber(ValueKind::kInt, word) : Bad("ends within a number");
    case kBinInt:
      return reader_.Read(&number) ? PushNumber(ValueKind::kInt, number)
                                   : Bad("ends within a number");
    case kLong1: return ReadLong();
    case kNewTrue: return PushNumber(ValueKind::kBool, 1);
    case kNewFalse: return PushNumber(ValueKind::kBool, 0);
    default: return PushNumber(ValueKind::kNone, 0);
  }
}

Status PickleMachine::StepMemo(std::uint8_t opcode) {
  const bool is_long = opcode == kLongBinGet || opcode == kLongBinPut;
  std::uint32_t index = 0;
  std::uint8_t byte = 0;
  const bool read = is_long ? reader_.Read(&index) : reader_.Read(&byte);
  if (!read) return Bad("ends within a memo index");
  if (!is_long) index = byte;
  return opcode == kBinPut || opcode == kLongBinPut ? Put(index) : Get(index);
}

Status PickleMachine::StepStructure(std::uint8_t opcode) {
  switch (opcode) {
    case kTuple: {
      WT_ASSIGN(std::vector<ValueId> items, PopToMark());
      return PushItems(ValueKind::kTuple, std::move(items));
    }
    case kSetItems: {
      WT_ASSIGN(std::vector<ValueId> items, PopToMark());
      return SetItems(std::move(items));
    }
    case kSetItem: {
      WT_ASSIGN(const ValueId item, Pop());
      WT_ASSIGN(const ValueId key, Pop());
      return SetItems({key, item});
    }
    case kMark:
      if (marks_.size() >= kMarksMax) return Bad("too many marks");
      marks_.push_back(stack_.size());
      return Status();
    case kEmptyTuple: return PushTuple(0);
    case kTuple1: return PushTuple(1);
    case kTuple2: return PushTuple(2);
    default: return PushTuple(3);
  }
}

Status PickleMachine::Step(std::uint8_t opcode) {
  switch (opcode) {
    case kBinInt1:
    case kBinInt2:
    case kBinInt:
    case kLong1:
    case kNewTrue:
    case kNewFalse:
    case kNone: return StepNumber(opcode);
    case kTuple:
    case kSetItems:
    case kSetItem:
    case kMark:
    case kEmptyTuple:
    case kTuple1:
    case kTuple2:
    case kTuple3: return StepStructure(opcode);
    case kBinPut:
    case kLongBinPut:
    case kBinGet:
    case kLongBinGet: return StepMemo(opcode);
    case kEmptyDict: return PushItems(ValueKind::kDict, {});
    case kBinUnicode: return ReadText();
    case kGlobal: return ReadGlobal();
    case kReduce: return Reduce();
    case kBuild: return Build();
    case kBinPersId: return LoadStorage();
    default:
      return Unsupported("pickle, byte " + std::to_string(reader_.offset() - 1) + ": opcode " +
                         std::to_string(opcode) + ", which no Whisper checkpoint needs; refused");
  }
}

Result<ValueId> PickleMachine::Run() {
  std::uint8_t proto;
  std::uint8_t version;
  if (!reader_.Read(&proto) || !reader_.Read(&version) || proto != kProto || version != 2) {
    return Bad("is not of protocol 2");
  }
  for (;;) {
    std::uint8_t opcode;
    if (!reader_.Read(&opcode)) return Bad("ends without STOP");
    if (opcode == kStop) break;
    WT_TRY(Step(opcode));
  }
  if (stack_.size() != 1 || !marks_.empty()) return Bad("STOP leaves more than one value");
  if (!reader_.at_end()) return Bad("bytes follow STOP");
  return stack_[0];
}

}  // namespace wt::model
