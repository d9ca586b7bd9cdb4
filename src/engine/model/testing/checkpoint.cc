#include "engine/model/testing/checkpoint.h"

#include <cstring>

#include "engine/tensor/numbers.h"

namespace wt::model::testing {
namespace {

template <typename T>
void Put(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

struct Written {
  std::uint64_t offset;
  const ZipItem* item;
};

/// The zip64 extra field that the saturated fields of a central header need.
std::string Zip64Extra(const Written& member) {
  std::string extra;
  Put(std::uint16_t{1}, &extra);
  Put(std::uint16_t{24}, &extra);
  Put(std::uint64_t{member.item->data.size()}, &extra);
  Put(std::uint64_t{member.item->data.size()}, &extra);
  Put(member.offset, &extra);
  return extra;
}

void PutLocal(const ZipItem& item, std::string* out) {
  Put(std::uint32_t{0x04034b50}, out);
  Put(std::uint16_t{20}, out);
  Put(item.flags, out);
  Put(item.method, out);
  Put(std::uint32_t{0}, out);  // Time and date.
  Put(std::uint32_t{0}, out);  // CRC, not looked at.
  Put(static_cast<std::uint32_t>(item.data.size()), out);
  Put(static_cast<std::uint32_t>(item.data.size()), out);
  Put(static_cast<std::uint16_t>(item.name.size()), out);
  const std::size_t start = out->size() + 2 + item.name.size() + 4;
  const std::size_t padding = (64 - start % 64) % 64;
  Put(static_cast<std::uint16_t>(padding + 4), out);
  *out += item.name + "FB";
  Put(static_cast<std::uint16_t>(padding), out);
  out->append(padding, 'Z');
  *out += item.data;
}

void PutCentral(const Written& member, ZipForm form, std::string* out) {
  const bool large = form == ZipForm::kZip64;
  const auto size = static_cast<std::uint32_t>(member.item->data.size());
  const std::string extra = large ? Zip64Extra(member) : std::string();
  Put(std::uint32_t{0x02014b50}, out);
  Put(std::uint32_t{20}, out);  // Versions.
  Put(member.item->flags, out);
  Put(member.item->method, out);
  Put(std::uint64_t{0}, out);  // Time, date, CRC.
  Put(large ? 0xFFFFFFFFu : size, out);
  Put(large ? 0xFFFFFFFFu : size, out);
  Put(static_cast<std::uint16_t>(member.item->name.size()), out);
  Put(static_cast<std::uint16_t>(extra.size()), out);
  Put(std::uint16_t{0}, out);  // Comment.
  Put(std::uint64_t{0}, out);  // Disk, attributes.
  Put(large ? 0xFFFFFFFFu : static_cast<std::uint32_t>(member.offset), out);
  *out += member.item->name + extra;
}

void PutEnd64(std::uint64_t entries, std::uint64_t bytes, std::uint64_t offset, std::string* out) {
  const std::uint64_t at = out->size();
  Put(std::uint32_t{0x06064b50}, out);
  Put(std::uint64_t{44}, out);
  Put(std::uint32_t{0x002d002d}, out);
  Put(std::uint64_t{0}, out);  // Disks.
  Put(entries, out);
  Put(entries, out);
  Put(bytes, out);
  Put(offset, out);
  Put(std::uint32_t{0x07064b50}, out);
  Put(std::uint32_t{0}, out);
  Put(at, out);
  Put(std::uint32_t{1}, out);
}

std::string StorageName(TensorType type) {
  if (type == TensorType::kF32) return "FloatStorage";
  return type == TensorType::kF16 ? "HalfStorage" : "BFloat16Storage";
}

void PutTensor(const TestTensor& tensor, PickleText* p) {
  p->Text(tensor.name).Global("torch._utils", "_rebuild_tensor_v2").Raw("((").Text("storage");
  p->Global("torch", tensor.storage_type).Text(tensor.key).Text("cpu");
  p->Int(tensor.storage_elements).Raw("tQ").Int(tensor.offset);
  p->Ints(tensor.shape).Ints(tensor.stride).Raw("\x89").OrderedDict().Raw("tR");
}

}  // namespace

PickleText& PickleText::Raw(std::string_view bytes) {
  out_ += bytes;
  return *this;
}

PickleText& PickleText::Text(std::string_view text) {
  out_ += 'X';
  Put(static_cast<std::uint32_t>(text.size()), &out_);
  out_ += text;
  return *this;
}

PickleText& PickleText::Int(std::int64_t number) {
  if (number >= 0 && number < 256) {
    out_ += 'K';
    Put(static_cast<std::uint8_t>(number), &out_);
  } else if (number >= 0 && number < 65'536) {
    out_ += 'M';
    Put(static_cast<std::uint16_t>(number), &out_);
  } else if (number == static_cast<std::int32_t>(number)) {
    out_ += 'J';
    Put(static_cast<std::int32_t>(number), &out_);
  } else {
    out_ += "\x8a\x08";
    Put(number, &out_);
  }
  return *this;
}

PickleText& PickleText::Ints(const std::vector<std::int64_t>& numbers) {
  Raw("(");
  for (const std::int64_t number : numbers) Int(number);
  return Raw("t");
}

PickleText& PickleText::Global(std::string_view module, std::string_view name) {
  return Raw("c").Raw(module).Raw("\n").Raw(name).Raw("\n");
}

std::string CheckpointPickle(const Dims& d, const std::vector<TestTensor>& tensors) {
  PickleText p;
  p.Raw("}(").Text("dims").Raw("}(");
  const std::pair<const char*, int> dims[] = {{"n_mels", d.n_mels},
                                              {"n_audio_ctx", d.n_audio_ctx},
                                              {"n_audio_state", d.n_audio_state},
                                              {"n_audio_head", d.n_audio_head},
                                              {"n_audio_layer", d.n_audio_layer},
                                              {"n_vocab", d.n_vocab},
                                              {"n_text_ctx", d.n_text_ctx},
                                              {"n_text_state", d.n_text_state},
                                              {"n_text_head", d.n_text_head},
                                              {"n_text_layer", d.n_text_layer}};
  for (const auto& [name, value] : dims) p.Text(name).Int(value);
  p.Raw("u").Text("model_state_dict").OrderedDict().Raw("(");
  for (const TestTensor& tensor : tensors) PutTensor(tensor, &p);
  return p.Raw("uu.").str();
}

std::string MakeZip(const std::vector<ZipItem>& items, ZipForm form) {
  std::string out;
  std::vector<Written> written;
  for (const ZipItem& item : items) {
    written.push_back({out.size(), &item});
    PutLocal(item, &out);
  }
  const std::uint64_t offset = out.size();
  for (const Written& member : written) PutCentral(member, form, &out);
  const std::uint64_t bytes = out.size() - offset;
  const bool large = form == ZipForm::kZip64;
  if (large) PutEnd64(items.size(), bytes, offset, &out);
  Put(std::uint32_t{0x06054b50}, &out);
  Put(std::uint32_t{0}, &out);  // Disks.
  for (int i = 0; i < 2; ++i) {
    Put(large ? std::uint16_t{0xFFFF} : static_cast<std::uint16_t>(items.size()), &out);
  }
  Put(large ? 0xFFFFFFFFu : static_cast<std::uint32_t>(bytes), &out);
  Put(large ? 0xFFFFFFFFu : static_cast<std::uint32_t>(offset), &out);
  Put(std::uint16_t{0}, &out);  // Comment.
  return out;
}

std::vector<std::int64_t> StridesOf(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

std::string NumbersAs(const WeightMap& weights, std::string_view name, TensorType type) {
  std::vector<float> values(static_cast<std::size_t>(weights.Get(name).elements()));
  weights.ToFloat(name, values);
  std::string out;
  out.reserve(values.size() * 4);
  for (const float value : values) {
    if (type == TensorType::kF32) Put(value, &out);
    if (type == TensorType::kF16) Put(tensor::FloatToHalf(value), &out);
    if (type == TensorType::kBf16) Put(tensor::FloatToBf16(value), &out);
  }
  return out;
}

std::string MakeCheckpoint(const WeightMap& weights, TensorType type, ZipForm form) {
  std::vector<TestTensor> tensors;
  std::vector<ZipItem> items = {{.name = "archive/data.pkl", .data = ""},
                                {.name = "archive/byteorder", .data = "little"}};
  for (const auto& [name, shape] : ExpectedTensors(weights.dims())) {
    TestTensor tensor;
    tensor.name = name;
    tensor.storage_type = StorageName(type);
    tensor.key = std::to_string(tensors.size());
    tensor.storage_elements = weights.Get(name).elements();
    tensor.shape = shape;
    tensor.stride = StridesOf(shape);
    items.push_back({.name = "archive/data/" + tensor.key, .data = NumbersAs(weights, name, type)});
    tensors.push_back(std::move(tensor));
  }
  items.push_back({.name = "archive/version", .data = "3\n"});
  items[0].data = CheckpointPickle(weights.dims(), tensors);
  return MakeZip(items, form);
}

}  // namespace wt::model::testing
