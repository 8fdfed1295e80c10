#include "base/fail.hpp"
#include "base/utf8.hpp"
#include "codec/json.hpp"

#include <algorithm>

// RapidJSON 1.1.0 adds to a null pointer before its stack's first allocation. No compiler makes
// anything of it, but clang's sanitizer rightly complains, and would hide what else it finds here.
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("pointer-overflow"))), apply_to = function)
#endif
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#ifdef __clang__
#pragma clang attribute pop
#endif

namespace c2d::json {

namespace {

// Iterative: the recursive parser overflows the stack on 3 million '['. Numbers as text: the
// reader must not decide what a number is worth. Encoding: RapidJSON does not look by default.
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                            rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseFullPrecisionFlag;

bool has_duplicate_keys(const Object& members) {
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const auto& member : members) keys.push_back(member.first);
    // Sorting and not hashing: n log n whatever keys an attacker chooses.
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

/// Builds a Value from RapidJSON's events; returning false ends the parse, `refusal` says why.
class Builder {
public:
    explicit Builder(unsigned depth_max) : depth_max_(depth_max) {}

    bool Null() { return add(Value()); }
    bool Bool(bool value) { return add(Value(value)); }
    bool RawNumber(const char* digits, rapidjson::SizeType length, bool) {
        return add(Value::number_literal(std::string(digits, length)));
    }
    bool String(const char* text, rapidjson::SizeType length, bool) {
        const std::string_view view(text, length);
        return well_formed(view) && add(Value(view));
    }
    bool Key(const char* text, rapidjson::SizeType length, bool) {
        open_.back().key.assign(text, length);
        return well_formed(open_.back().key);
    }
    bool StartObject() { return open(Value(Object())); }
    bool StartArray() { return open(Value(Array())); }
    bool EndObject(rapidjson::SizeType) {
        if (has_duplicate_keys(open_.back().value.members()))
            return refuse(Status::INVALID_ARGUMENT, "an object has the same key twice");
        return close();
    }
    bool EndArray(rapidjson::SizeType) { return close(); }

    // Never called, since numbers come as text; RapidJSON instantiates them all the same.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }

    const std::optional<Error>& refusal() const { return refusal_; }
    Value take_root() { return std::move(root_); }

private:
    struct Open {
        Value value;
        std::string key;
    };

    bool refuse(Status status, std::string why) {
        refusal_ = Error(status, std::move(why));
        return false;
    }
    /// RapidJSON validates raw bytes, but turns a lone "\udc00" into a broken sequence.
    bool well_formed(std::string_view text) {
        return is_valid_utf8(text) || refuse(Status::INVALID_ARGUMENT, "a surrogate stands alone");
    }
    bool open(Value value) {
        if (open_.size() == depth_max_)
            return refuse(Status::LIMIT, fmt::format("nested deeper than {} levels", depth_max_));
        open_.push_back({std::move(value), {}});
        return true;
    }
    bool close() {
        Value done = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(done));
    }
    bool add(Value value) {
        if (open_.empty())
            root_ = std::move(value);
        else if (open_.back().value.is_object())
            open_.back().value.members().emplace_back(std::move(open_.back().key), std::move(value));
        else
            open_.back().value.items().push_back(std::move(value));
        return true;
    }

    unsigned depth_max_;
    std::vector<Open> open_;
    Value root_;
    std::optional<Error> refusal_;
};

}  // namespace

Result<Value> parse(std::string_view text, Limits limits) {
    if (text.size() > limits.bytes_max)
        return fail(Status::LIMIT, "expected JSON of at most {} bytes, found {}", limits.bytes_max, text.size());
    if (text.starts_with("\xef\xbb\xbf"))
        return fail(Status::INVALID_ARGUMENT, "not JSON at byte 0: a byte order mark");
    // RapidJSON takes a NUL byte for the end of the text and would not see what follows it.
    if (const auto nul = text.find('\0'); nul != text.npos)
        return fail(Status::INVALID_ARGUMENT, "not JSON at byte {}: a NUL byte", nul);

    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    Builder builder(limits.depth_max);
    const auto result = reader.Parse<kFlags>(stream, builder);
    if (!result.IsError()) return builder.take_root();
    if (const auto& refusal = builder.refusal())
        return fail(refusal->status, "JSON refused at byte {}: {}", result.Offset(), refusal->message);
    return fail(Status::INVALID_ARGUMENT, "not JSON at byte {}: {}", result.Offset(),
                rapidjson::GetParseError_En(result.Code()));
}

}  // namespace c2d::json
