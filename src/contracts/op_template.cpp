#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

namespace {

constexpr std::size_t kFields = 5;  // name, publisher, checksum, document, block updated
constexpr const char* kCountKey = "template_count";

std::string template_key(const TokenId& id) { return key("template/", id); }

Result<std::optional<Record>> find_template(Frame& frame, const TokenId& id) {
    return get_record(frame.state, template_key(id), kFields);
}

/// What a call says of a template.
struct Template {
    const TokenId& id;
    const std::string& name;
    const Bytes32& checksum;
    const std::string& document;
    /// Whose word it is.
    Address publisher;
};

/// Stores what the call says, with its publisher and the block number.
void store_template(Frame& frame, const Template& given) {
    frame.state.put(template_key(given.id), RecordWriter()
                                                .add(given.name)
                                                .add(given.publisher.view())
                                                .add(given.checksum.view())
                                                .add(given.document)
                                                .add(frame.block.number)
                                                .encode());
}

void emit_published(Frame& frame, const Template& given, std::uint64_t code) {
    frame.emit(op_template::kTemplatePublished, given.id, given.name, given.publisher, given.checksum, given.document,
               frame.block.number, code);
}

Result<std::uint64_t> publish_code(Frame& frame, const Template& given) {
    C2D_TRY(const bool allowed, has_permission(frame.state, given.publisher, kModifyOperation));
    if (!allowed) return std::uint64_t(kNoPermission);
    if (is_too_long(frame, given.name, given.document)) return std::uint64_t(kTextTooLong);
    const TokenId& id = given.id;
    C2D_TRY(const auto known, find_template(frame, id));
    if (known || id.is_zero()) return std::uint64_t(kTemplateExists);
    C2D_TRY(const auto count, get_number(frame.state, kCountKey));
    store_template(frame, given);
    frame.state.put(key("template_at/", count), RecordWriter().add(id.view()).encode());
    put_number(frame.state, kCountKey, count + 1);
    return std::uint64_t(kSuccess);
}

Result<std::uint64_t> update_code(Frame& frame, const Template& given) {
    C2D_TRY(const bool allowed, has_permission(frame.state, given.publisher, kModifyOperation));
    if (!allowed) return std::uint64_t(kNoPermission);
    if (is_too_long(frame, given.name, given.document)) return std::uint64_t(kTextTooLong);
    C2D_TRY(const auto known, find_template(frame, given.id));
    if (!known) return std::uint64_t(kTemplateUnknown);
    store_template(frame, given);
    return std::uint64_t(kSuccess);
}

Result<Unit> publish(Frame& frame, const TokenId& id, const std::string& name, const Bytes32& checksum,
                     const std::string& document) {
    C2D_TRY(const auto by, principal(frame, kOwnerKey));
    const Template given{id, name, checksum, document, by};
    C2D_TRY(const auto code, publish_code(frame, given));
    emit_published(frame, given, code);
    return Unit{};
}

Result<Unit> update(Frame& frame, const TokenId& id, const std::string& name, const Bytes32& checksum,
                    const std::string& document) {
    C2D_TRY(const auto by, principal(frame, kOwnerKey));
    const Template given{id, name, checksum, document, by};
    C2D_TRY(const auto code, update_code(frame, given));
    emit_published(frame, given, code);
    return Unit{};
}

Result<bool> template_exists(Frame& frame, const TokenId& id) {
    C2D_TRY(const auto record, find_template(frame, id));
    return record.has_value();
}

Result<Record> require_template(Frame& frame, const TokenId& id) {
    C2D_TRY(auto record, find_template(frame, id));
    if (!record) return revert("no such template");
    return *std::move(record);
}

Result<std::uint64_t> block_updated(Frame& frame, const TokenId& id) {
    C2D_TRY(const auto record, require_template(frame, id));
    return record.number(4);
}

using GetTemplate = decltype(op_template::kGet)::Returned;
Result<GetTemplate> get_template(Frame& frame, const TokenId& id) {
    C2D_TRY(const auto record, require_template(frame, id));
    return GetTemplate(record.text(0), record.address(1), record.bytes32(2), record.text(3), record.number(4));
}

Result<std::uint64_t> count(Frame& frame) { return get_number(frame.state, kCountKey); }

Result<TokenId> id_at(Frame& frame, std::uint64_t index) {
    C2D_TRY(const auto record, get_record(frame.state, key("template_at/", index), 1));
    if (!record) return revert("no such index");
    return record->bytes32(0);
}

}  // namespace

std::span<const Rule> op_template_rules() {
    namespace f = op_template;
    static constexpr Rule kRules[] = {kRule<f::kPublish, publish>,
                                      kRule<f::kUpdate, update>,
                                      kRule<f::kExists, template_exists>,
                                      kRule<f::kBlockUpdated, block_updated>,
                                      kRule<f::kGet, get_template>,
                                      kRule<f::kCount, count>,
                                      kRule<f::kIds, id_at>};
    return kRules;
}

}  // namespace c2d::contracts
