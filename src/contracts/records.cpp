#include "contracts/records.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

namespace c2d::contracts {

Record& Record::add(BytesView bytes) {
    items_.push_back(rlp::Item::string(bytes));
    return *this;
}
Record& Record::add(std::uint64_t number) {
    items_.push_back(rlp::Item::number(number));
    return *this;
}
Bytes Record::encode() const { return rlp::encode(rlp::Item::list(items_)); }

Result<Record> Record::decode(const Bytes& bytes, std::size_t fields) {
    C2D_TRY(auto item, rlp::decode(bytes));
    if (!item.is_list || item.items.size() != fields)
        return fail(Status::CORRUPT, "expected a stored record of {} fields", fields);
    for (const auto& field : item.items)
        if (field.is_list) return fail(Status::CORRUPT, "a stored record holds a list");
    Record out;
    out.items_ = std::move(item.items);
    return out;
}

Result<bool> exists(State& state, const std::string& key) {
    C2D_TRY(const auto value, state.get(key));
    return value.has_value();
}

Result<std::uint64_t> get_number(State& state, const std::string& key) {
    C2D_TRY(const auto record, get_record(state, key, 1));
    return record ? record->number(0) : 0;
}

void put_number(State& state, const std::string& key, std::uint64_t value) {
    state.put(key, Record().add(value).encode());
}

Result<std::optional<Record>> get_record(State& state, const std::string& key, std::size_t fields) {
    C2D_TRY(const auto value, state.get(key));
    if (!value) return std::optional<Record>();
    C2D_TRY(auto record, Record::decode(*value, fields));
    return std::optional<Record>(std::move(record));
}

}  // namespace c2d::contracts
