// The stack machine behind pickle.h: runs the opcodes and leaves a graph of plain values.
//
// Limits: values, stack, marks and memo entries have maxima far above a real checkpoint's needs, so
// that memory stays below 100 MB whatever the program says. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "whisper_transcriber/status.h"

namespace wt::model {

/// Index of a value in the machine's arena.
using ValueId = std::uint32_t;

enum class ValueKind : std::uint8_t {
  kNone,
  kBool,
  kInt,
  kText,
  kTuple,    // items: the elements.
  kDict,     // items: key, value, key, value ...
  kGlobal,   // text: "module.name", one of the five that are allowed.
  kStorage,  // items: the tuple of the persistent id.
  kTensor,   // items: the arguments of _rebuild_tensor_v2.
};

struct Value {
  ValueKind kind = ValueKind::kNone;
  std::int64_t number = 0;
  std::string_view text;
  std::vector<ValueId> items;
};

class PickleMachine {
 public:
  explicit PickleMachine(std::span<const std::byte> program) : reader_(program) {}

  /// Runs up to STOP and gives the value that is left. Call once.
  Result<ValueId> Run();
  /// REQUIRES: an id that this machine gave.
  const Value& value(ValueId id) const { return values_[id]; }

 private:
  Status Step(std::uint8_t opcode);
  Status StepNumber(std::uint8_t opcode);
  Status StepStructure(std::uint8_t opcode);
  Status StepMemo(std::uint8_t opcode);

  Status Push(Value value);
  Status PushNumber(ValueKind kind, std::int64_t number);
  Status PushText(ValueKind kind, std::string_view text);
  Status PushItems(ValueKind kind, std::vector<ValueId> items);
  Status PushId(ValueId id);
  Result<ValueId> Pop();
  /// Values above the topmost mark, which is removed with them.
  Result<std::vector<ValueId>> PopToMark();
  Status PushTuple(std::size_t count);
  Status ReadLong();
  Status ReadText();
  Status ReadGlobal();
  Status Reduce();
  Status Build();
  Status SetItems(std::vector<ValueId> items);
  Status LoadStorage();
  Status Put(std::uint32_t index);
  Status Get(std::uint32_t index);
  Status Bad(std::string_view reason) const;

  base::ByteReader reader_;
  std::vector<Value> values_;
  std::vector<ValueId> stack_;
  std::vector<std::size_t> marks_;  // Stack heights.
  std::vector<ValueId> memo_;
};

}  // namespace wt::model
