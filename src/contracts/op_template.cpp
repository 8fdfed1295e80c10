#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

namespace {

using Values = std::vector<abi::Value>;

constexpr std::size_t kFields = 5;  // name, publisher, checksum, document, block updated
constexpr const char* kCountKey = "template_count";

std::string template_key(const TokenId& id) { return key("template/", id); }

Result<std::optional<Record>> find_template(Frame& frame) {
    return get_record(frame.state, template_key(frame.arguments[0].word()), kFields);
}

/// Stores what the call says, with the caller as publisher and the block number.
void store_template(Frame& frame) {
    frame.state.put(template_key(frame.arguments[0].word()), RecordWriter()
                                                                 .add(frame.arguments[1].text())
                                                                 .add(frame.caller.view())
                                                                 .add(frame.arguments[2].word().view())
                                                                 .add(frame.arguments[3].text())
                                                                 .add(frame.block.number)
                                                                 .encode());
}

void emit_published(Frame& frame, std::uint64_t code) {
    const auto& a = frame.arguments;
    frame.emit(op_template::kTemplatePublished, {a[0], a[1], abi::Value::of(frame.caller), a[2], a[3],
                                                 abi::Value::of(frame.block.number), abi::Value::of(code)});
}

Result<std::uint64_t> publish_code(Frame& frame) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyOperation));
    if (!allowed) return std::uint64_t(kNoPermission);
    const TokenId id = frame.arguments[0].word();
    C2D_TRY(const auto known, find_template(frame));
    if (known || id.is_zero()) return std::uint64_t(kTemplateExists);
    C2D_TRY(const auto count, get_number(frame.state, kCountKey));
    store_template(frame);
    frame.state.put(key("template_at/", count), RecordWriter().add(id.view()).encode());
    put_number(frame.state, kCountKey, count + 1);
    return std::uint64_t(kSuccess);
}

Result<std::uint64_t> update_code(Frame& frame) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyOperation));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto known, find_template(frame));
    if (!known) return std::uint64_t(kTemplateUnknown);
    store_template(frame);
    return std::uint64_t(kSuccess);
}

Result<Values> publish(Frame& frame) {
    C2D_TRY(const auto code, publish_code(frame));
    emit_published(frame, code);
    return Values{};
}

Result<Values> update(Frame& frame) {
    C2D_TRY(const auto code, update_code(frame));
    emit_published(frame, code);
    return Values{};
}

Result<Values> template_exists(Frame& frame) {
    C2D_TRY(const auto record, find_template(frame));
    return Values{abi::Value::of(record.has_value())};
}

Result<Values> block_updated(Frame& frame) {
    C2D_TRY(const auto record, find_template(frame));
    if (!record) return revert("no such template");
    return Values{abi::Value::of(record->number(4))};
}

Result<Values> get_template(Frame& frame) {
    C2D_TRY(const auto record, find_template(frame));
    if (!record) return revert("no such template");
    return Values{abi::Value::text(record->text(0)), abi::Value::of(record->address(1)),
                  abi::Value::of(record->bytes32(2)), abi::Value::text(record->text(3)),
                  abi::Value::of(record->number(4))};
}

Result<Values> count(Frame& frame) {
    C2D_TRY(const auto number, get_number(frame.state, kCountKey));
    return Values{abi::Value::of(number)};
}

Result<Values> id_at(Frame& frame) {
    C2D_TRY(const auto record, get_record(frame.state, key("template_at/", frame.arguments[0].number()), 1));
    if (!record || !frame.arguments[0].fits_64_bits()) return revert("no such index");
    return Values{abi::Value::of(record->bytes32(0))};
}

}  // namespace

std::span<const Rule> op_template_rules() {
    namespace f = op_template;
    static constexpr Rule kRules[] = {{f::kPublish, publish},
                                      {f::kUpdate, update},
                                      {f::kExists, template_exists},
                                      {f::kBlockUpdated, block_updated},
                                      {f::kGet, get_template},
                                      {f::kCount, count},
                                      {f::kIds, id_at}};
    return kRules;
}

}  // namespace c2d::contracts
