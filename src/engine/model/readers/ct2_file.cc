#include "engine/model/readers/ct2_file.h"

#include <string>

#include "base/byte_reader.h"
#include "base/checked.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/model/printable.h"

namespace wt::model {
namespace {

using base::ByteReader;

Status EndsEarly(const ByteReader& reader, std::string_view what) {
  return Corrupt("file ends at byte " + std::to_string(reader.offset() + reader.remaining()) +
                 " within " + std::string(what));
}

/// u16 length that counts one closing zero byte, then the bytes.
Result<std::string_view> ReadName(ByteReader* reader, std::string_view what) {
  std::uint16_t length;
  std::string_view text;
  if (!reader->Read(&length)) return EndsEarly(*reader, what);
  if (length < 2 || length > base::kTensorNameBytesMax + 1) {
    return Corrupt(std::string(what) + " at byte " + std::to_string(reader->offset()) + " has " +
                   std::to_string(length) + " bytes, 2 to 257 expected");
  }
  if (!reader->ReadText(length, &text)) return EndsEarly(*reader, what);
  if (text.find('\0') != text.size() - 1) {
    return Corrupt(std::string(what) + " at byte " + std::to_string(reader->offset() - length) +
                   " does not end with its only zero byte");
  }
  return text.substr(0, text.size() - 1);
}

Result<std::uint32_t> ReadCount(ByteReader* reader, std::string_view what) {
  std::uint32_t count;
  if (!reader->Read(&count)) return EndsEarly(*reader, what);
  if (count > static_cast<std::uint32_t>(base::kModelTensorsMax)) {
    return Corrupt(std::string(what) + " is " + std::to_string(count) + ", the limit is " +
                   std::to_string(base::kModelTensorsMax));
  }
  return count;
}

int TypeBytes(Ct2Type type) {
  switch (type) {
    case Ct2Type::kF32:
    case Ct2Type::kInt32: return 4;
    case Ct2Type::kInt16:
    case Ct2Type::kF16:
    case Ct2Type::kBf16: return 2;
    case Ct2Type::kInt8: return 1;
  }
  return 0;
}

/// Reads the dimensions and gives the number of bytes that they ask for.
Result<std::int64_t> ReadShape(ByteReader* reader, std::string_view name, Ct2Variable* variable) {
  std::uint8_t rank;
  std::uint8_t type;
  if (!reader->Read(&rank)) return EndsEarly(*reader, "variable " + Printable(name));
  if (rank > variable->shape.size()) {
    return CorruptTensor(name, "rank is " + std::to_string(rank) + ", at most 3 expected");
  }
  variable->rank = rank;
  std::int64_t bytes = 1;
  for (std::size_t i = 0; i < rank; ++i) {
    std::uint32_t dim;
    if (!reader->Read(&dim)) return EndsEarly(*reader, "variable " + Printable(name));
    variable->shape[i] = dim;
    if (dim == 0 || !base::CheckedMul<std::int64_t>(bytes, dim, &bytes)) {
      return CorruptTensor(name, "dimensions are zero or too large");
    }
  }
  if (!reader->Read(&type)) return EndsEarly(*reader, "variable " + Printable(name));
  if (type > static_cast<std::uint8_t>(Ct2Type::kBf16)) {
    return CorruptTensor(name, "data type " + std::to_string(type) + " is not known");
  }
  variable->type = static_cast<Ct2Type>(type);
  if (!base::CheckedMul<std::int64_t>(bytes, TypeBytes(variable->type), &bytes)) {
    return CorruptTensor(name, "dimensions are zero or too large");
  }
  return bytes;
}

Result<Ct2Variable> ReadVariable(ByteReader* reader, std::string_view name) {
  Ct2Variable variable;
  WT_ASSIGN(const std::int64_t want, ReadShape(reader, name, &variable));
  std::uint32_t bytes;
  if (!reader->Read(&bytes)) return EndsEarly(*reader, "variable " + Printable(name));
  if (bytes != want) {
    return CorruptTensor(name, "says it has " + std::to_string(bytes) +
                                   " bytes, its shape and type need " + std::to_string(want));
  }
  if (!reader->ReadBytes(bytes, &variable.data)) {
    return CorruptTensor(name, "file ends " + std::to_string(bytes - reader->remaining()) +
                                   " bytes before the tensor's end");
  }
  return variable;
}

Status ReadHeader(ByteReader* reader) {
  std::uint32_t version;
  std::uint32_t revision;
  if (!reader->Read(&version)) return EndsEarly(*reader, "the binary version");
  if (version < 4 || version > 6) {
    return Unsupported("CTranslate2 binary version " + std::to_string(version) +
                       ", this program reads 4 to 6");
  }
  WT_ASSIGN(const std::string_view spec, ReadName(reader, "the spec name"));
  if (spec != "WhisperSpec") {
    return Unsupported("holds a " + Printable(spec) + ", not a WhisperSpec");
  }
  if (!reader->Read(&revision)) return EndsEarly(*reader, "the spec revision");
  if (revision > 3) {
    return Unsupported("WhisperSpec revision " + std::to_string(revision) +
                       ", this program reads up to 3");
  }
  return Status();
}

}  // namespace

Result<Ct2File> Ct2File::Parse(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  WT_TRY(ReadHeader(&reader));
  Ct2File file;
  WT_ASSIGN(const std::uint32_t variables, ReadCount(&reader, "the number of variables"));
  for (std::uint32_t i = 0; i < variables; ++i) {
    WT_ASSIGN(const std::string_view name, ReadName(&reader, "a variable's name"));
    WT_ASSIGN(const Ct2Variable variable, ReadVariable(&reader, name));
    if (!file.variables_.emplace(name, variable).second) {
      return CorruptTensor(name, "is there twice");
    }
  }
  WT_ASSIGN(const std::uint32_t aliases, ReadCount(&reader, "the number of aliases"));
  for (std::uint32_t i = 0; i < aliases; ++i) {
    WT_ASSIGN(const std::string_view alias, ReadName(&reader, "an alias"));
    WT_ASSIGN(const std::string_view target, ReadName(&reader, "an alias's target"));
    if (!file.variables_.contains(target)) {
      return CorruptTensor(alias, "is an alias of " + Printable(target) + ", which is no variable");
    }
    if (file.variables_.contains(alias) || !file.aliases_.emplace(alias, target).second) {
      return CorruptTensor(alias, "is there twice");
    }
  }
  if (!reader.at_end()) {
    return Corrupt(std::to_string(reader.remaining()) + " bytes follow the last alias");
  }
  return file;
}

std::string_view Ct2File::Resolve(std::string_view name) const {
  const auto alias = aliases_.find(name);
  return alias == aliases_.end() ? name : alias->second;
}

const Ct2Variable* Ct2File::Find(std::string_view name) const {
  const auto variable = variables_.find(Resolve(name));
  return variable == variables_.end() ? nullptr : &variable->second;
}

}  // namespace wt::model
