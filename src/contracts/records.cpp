#include "contracts/records.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

namespace c2d::contracts {

namespace {

Result<std::vector<BytesView>> split(BytesView bytes) {
    C2D_TRY(const BytesView payload, rlp::decode_list(bytes));
    std::vector<BytesView> fields;
    fields.reserve(8);
    for (rlp::Reader reader(payload); !reader.at_end();) {
        C2D_TRY(const BytesView field, reader.string());
        fields.push_back(field);
    }
    return fields;
}

}  // namespace

Result<Record> Record::decode(Bytes bytes, Fields fields) {
    Record out;
    out.bytes_ = std::move(bytes);
    auto found = split(out.bytes_);
    if (!found) return fail(Status::CORRUPT, "a stored record: {}", found.error().message);
    if (found->size() != fields.before && found->size() != fields.now)
        return fail(Status::CORRUPT, "expected a stored record of {} fields, found {}", fields.now, found->size());
    out.fields_ = *std::move(found);
    return out;
}

Result<std::set<std::string>> Overlay::keys_below(const std::string& prefix, std::size_t count_max) {
    C2D_TRY(auto keys, below_.keys_below(prefix, count_max));
    for (auto own = writes_.lower_bound(prefix); own != writes_.end() && own->first.starts_with(prefix); ++own)
        keys.insert(own->first);
    if (keys.size() > count_max) return fail(Status::LIMIT, "more than {} records begin with {}", count_max, prefix);
    return keys;
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
    state.put(key, RecordWriter().add(value).encode());
}

Result<std::optional<Record>> get_record(State& state, const std::string& key, Fields fields) {
    C2D_TRY(auto value, state.get(key));
    if (!value) return std::optional<Record>();
    C2D_TRY(auto record, Record::decode(*std::move(value), fields));
    return std::optional<Record>(std::move(record));
}

}  // namespace c2d::contracts
