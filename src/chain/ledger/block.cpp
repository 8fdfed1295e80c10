#include "chain/ledger/block.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/rlp.hpp"
#include "crypto/hash.hpp"

#include <c2d/key.hpp>

namespace c2d::ledger {

namespace {

using rlp::Item;

constexpr std::string_view kGenesisDomain = "c2d ledger genesis";

Result<Item> decode_list(BytesView bytes, std::size_t fields, std::string_view what) {
    auto item = rlp::decode(bytes);
    if (!item) return fail(Status::CORRUPT, "{}: {}", what, item.error().message);
    if (!item->is_list || (fields != 0 && item->items.size() != fields))
        return fail(Status::CORRUPT, "{}: expected a list of {} fields", what, fields);
    return item;
}

Result<std::uint64_t> number_field(const Item& item, std::string_view what) {
    auto number = rlp::number_of(item);
    if (!number) return fail(Status::CORRUPT, "{}: {}", what, number.error().message);
    return number;
}

/// What this program cannot judge, it must not call damaged.
Result<std::uint64_t> edition_field(const Item& item, std::string_view what) {
    C2D_TRY(const auto edition, number_field(item, what));
    if (edition > contracts::kEditionMax)
        return fail(Status::UNSUPPORTED,
                    "expected rules of edition 1 to {}, found edition {}; a later release knows them",
                    contracts::kEditionMax, edition);
    if (edition == 0) return fail(Status::CORRUPT, "{}: expected an edition from 1 on, found 0", what);
    return edition;
}

template <std::size_t N>
Result<FixedBytes<N>> fixed_field(const Item& item, std::string_view what) {
    if (item.is_list || item.bytes.size() != N) return fail(Status::CORRUPT, "{}: expected {} bytes", what, N);
    return FixedBytes<N>::from(item.bytes);
}

Item genesis_fields(const Genesis& genesis) {
    return Item::list({Item::number(genesis.edition), Item::number(genesis.chain_id), Item::string(genesis.salt.view()),
                       Item::string(genesis.admin.view()), Item::number(genesis.time)});
}

void append_log(rlp::Writer& out, const Log& log) {
    rlp::Writer topics, fields;
    topics.reserve(std::size_t(4) * 33);
    for (const auto& topic : log.topics) topics.string(topic.view());
    fields.reserve(log.data.size() + 192);
    fields.string(log.address.view()).list(topics.written()).string(log.data);
    out.list(fields.written());
}

Result<Log> decode_log(const Item& item) {
    if (!item.is_list || item.items.size() != 3 || !item.items[1].is_list || item.items[2].is_list ||
        item.items[1].items.size() > 4)
        return fail(Status::CORRUPT, "receipts: a log is not of the form (address, topics, data)");
    Log log;
    C2D_TRY(log.address, fixed_field<20>(item.items[0], "log address"));
    for (const auto& topic : item.items[1].items) {
        C2D_TRY(const auto word, fixed_field<32>(topic, "log topic"));
        log.topics.push_back(word);
    }
    log.data = item.items[2].bytes;
    return log;
}

}  // namespace

Bytes encode_header(const Header& h) {
    rlp::Writer fields;
    fields.reserve(160);
    fields.number(h.edition).number(h.number).string(h.parent.view()).number(h.time);
    fields.string(h.transactions_hash.view()).string(h.receipts_hash.view());
    fields.string(h.writes_hash.view());
    return rlp::encode_list(fields.written());
}

Result<Header> decode_header(BytesView bytes) {
    C2D_TRY(const auto item, decode_list(bytes, 7, "header"));
    Header h;
    C2D_TRY(h.edition, edition_field(item.items[0], "header version"));
    C2D_TRY(h.number, number_field(item.items[1], "header number"));
    C2D_TRY(h.parent, fixed_field<32>(item.items[2], "header parent"));
    C2D_TRY(h.time, number_field(item.items[3], "header time"));
    C2D_TRY(h.transactions_hash, fixed_field<32>(item.items[4], "header transactions"));
    C2D_TRY(h.receipts_hash, fixed_field<32>(item.items[5], "header receipts"));
    C2D_TRY(h.writes_hash, fixed_field<32>(item.items[6], "header writes"));
    return h;
}

Bytes32 block_hash(BytesView encoded_header) { return keccak256(encoded_header); }

Bytes32 genesis_digest(const Genesis& genesis) {
    Bytes message(kGenesisDomain.begin(), kGenesisDomain.end());
    const Bytes fields = rlp::encode(genesis_fields(genesis));
    message.insert(message.end(), fields.begin(), fields.end());
    return keccak256(message);
}

Bytes encode_genesis(const Genesis& genesis, const Signature& signature) {
    return rlp::encode(Item::list({genesis_fields(genesis), Item::string(signature.view())}));
}

Result<Genesis> decode_genesis(BytesView bytes) {
    C2D_TRY(const auto item, decode_list(bytes, 2, "genesis"));
    const auto& fields = item.items[0];
    if (!fields.is_list || fields.items.size() != 5)
        return fail(Status::CORRUPT, "genesis: expected a list of 5 fields");
    Genesis genesis;
    C2D_TRY(genesis.edition, edition_field(fields.items[0], "genesis version"));
    C2D_TRY(genesis.chain_id, number_field(fields.items[1], "genesis chain id"));
    C2D_TRY(genesis.salt, fixed_field<32>(fields.items[2], "genesis salt"));
    C2D_TRY(genesis.admin, fixed_field<20>(fields.items[3], "genesis admin"));
    C2D_TRY(genesis.time, number_field(fields.items[4], "genesis time"));
    C2D_TRY(const auto signature, fixed_field<65>(item.items[1], "genesis signature"));
    const auto signer = recover_signer(genesis_digest(genesis), signature);
    if (!signer || *signer != genesis.admin)
        return fail(Status::CORRUPT, "genesis: not signed by its admin {}", address_text(genesis.admin));
    return genesis;
}

Bytes encode_transactions(const std::vector<Bytes>& raw) {
    rlp::Writer payload;
    payload.reserve(256 * raw.size());
    for (const auto& bytes : raw) payload.string(bytes);
    return rlp::encode_list(payload.written());
}

Result<std::vector<Bytes>> decode_transactions(BytesView bytes) {
    C2D_TRY(auto item, decode_list(bytes, 0, "transactions"));
    std::vector<Bytes> out;
    for (auto& entry : item.items) {
        if (entry.is_list) return fail(Status::CORRUPT, "transactions: expected byte strings");
        out.push_back(std::move(entry.bytes));
    }
    return out;
}

Bytes encode_receipts(const std::vector<std::vector<Log>>& logs) {
    rlp::Writer payload, receipt;
    payload.reserve(512 * logs.size());
    for (const auto& of_transaction : logs) {
        receipt.clear();
        for (const auto& log : of_transaction) append_log(receipt, log);
        payload.list(receipt.written());
    }
    return rlp::encode_list(payload.written());
}

Result<std::vector<std::vector<Log>>> decode_receipts(BytesView bytes) {
    C2D_TRY(const auto item, decode_list(bytes, 0, "receipts"));
    std::vector<std::vector<Log>> out;
    std::uint32_t index = 0;
    for (const auto& receipt : item.items) {
        if (!receipt.is_list) return fail(Status::CORRUPT, "receipts: expected lists of logs");
        auto& logs = out.emplace_back();
        for (const auto& entry : receipt.items) {
            C2D_TRY(auto log, decode_log(entry));
            log.index = index++;
            logs.push_back(std::move(log));
        }
    }
    return out;
}

Bytes32 writes_hash(const std::map<std::string, Bytes>& writes) {
    rlp::Writer payload, entry;
    payload.reserve(128 * writes.size());
    for (const auto& [key, value] : writes) {
        entry.clear();
        payload.list(entry.string(as_bytes(key)).string(value).written());
    }
    return keccak256(rlp::encode_list(payload.written()));
}

ContractAddresses contract_addresses(const Address& admin) {
    const Address asset_provider = create_address(admin, 1), task_market = create_address(admin, 4);
    // A contract's nonces begin at 1 (EIP-161).
    return {create_address(admin, 0),         asset_provider, create_address(admin, 2),
            create_address(admin, 3),         task_market,    create_address(task_market, 1),
            create_address(asset_provider, 1)};
}

}  // namespace c2d::ledger
