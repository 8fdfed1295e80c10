/// What the contracts store, typed: each record is one RLP value under one key.
#pragma once

#include "codec/rlp.hpp"
#include "contracts/state.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace c2d::contracts {

/// "name/" and raw bytes, joined by nothing: all parts have fixed lengths.
template <class... Parts>
std::string key(std::string_view name, const Parts&... parts) {
    std::string out(name);
    const auto append = [&out](const auto& part) {
        if constexpr (std::is_integral_v<std::decay_t<decltype(part)>>) {
            for (int shift = 56; shift >= 0; shift -= 8) out.push_back(char(std::uint64_t(part) >> shift & 0xff));
        } else {
            out.append(as_text(part.view()));
        }
    };
    (append(parts), ...);
    return out;
}

/// Writes a record: byte strings and numbers, read back in the order they were added.
class RecordWriter {
public:
    RecordWriter() { fields_.reserve(120); }
    RecordWriter& add(BytesView bytes) {
        fields_.string(bytes);
        return *this;
    }
    RecordWriter& add(std::string_view text) { return add(as_bytes(text)); }
    RecordWriter& add(std::uint64_t number) {
        fields_.number(number);
        return *this;
    }
    RecordWriter& add(bool value) { return add(std::uint64_t(value)); }
    Bytes encode() const { return rlp::encode_list(fields_.written()); }

private:
    rlp::Writer fields_;
};

/// How many a record has: from edition 2 on, some have more than before.
struct Fields {
    constexpr Fields(std::size_t count) : before(count), now(count) {}
    constexpr Fields(std::size_t in_edition_1, std::size_t in_edition_2) : before(in_edition_1), now(in_edition_2) {}
    std::size_t before, now;
};

/// A record as it was stored.
class Record {
public:
    static Result<Record> decode(Bytes bytes, Fields fields);
    // A field that a record of an earlier edition lacks is empty, zero or false.
    std::string text(std::size_t i) const { return std::string(as_text(field(i))); }
    Bytes32 bytes32(std::size_t i) const { return Bytes32::from(field(i)).value_or({}); }
    Address address(std::size_t i) const { return Address::from(field(i)).value_or({}); }
    std::uint64_t number(std::size_t i) const { return rlp::number_of(field(i)).value_or(0); }
    bool flag(std::size_t i) const { return number(i) != 0; }

    // The fields lie in the bytes, which a copy would not have.
    Record(Record&&) noexcept = default;
    Record& operator=(Record&&) noexcept = default;

private:
    Record() = default;
    BytesView field(std::size_t i) const { return i < fields_.size() ? fields_[i] : BytesView(); }
    Bytes bytes_;
    std::vector<BytesView> fields_;
};

Result<bool> exists(State& state, const std::string& key);
/// 0 when absent.
Result<std::uint64_t> get_number(State& state, const std::string& key);
void put_number(State& state, const std::string& key, std::uint64_t value);
/// Absent: an empty optional. A stored value that is no such record: `corrupt`.
Result<std::optional<Record>> get_record(State& state, const std::string& key, Fields fields);

}  // namespace c2d::contracts
