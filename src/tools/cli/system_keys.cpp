// dt-cli system: which key speaks for an organisation.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "tools/cli/command.hpp"

namespace c2d::cli {

namespace {

using json::Value;

constexpr std::uint64_t kDaySeconds = 86'400, kDaysMax = 366;

struct ShowKeys {
    static constexpr About about{"keys", "which keys speak for an organisation",
                                 "dt-cli system keys --address $ADDRESS"};
    std::string address;

    void declare(Args& args) { args.required("--address", address, "0x… under which it was registered"); }
    Result<int> run(Session& session);
};

Result<int> ShowKeys::run(Session& session) {
    C2D_TRY(const auto id, parse_address(address));
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto chain, registry.chain().at_head());
    C2D_TRY(const auto owner, chain.identity_owner(id));
    C2D_TRY(const auto delegates, chain.delegates(id));
    json::Array list;
    for (const auto& delegate : delegates)
        list.push_back(Value::object({{"use", key_use_name(delegate.use)},
                                      {"key", address_text(delegate.key)},
                                      {"valid_to", delegate.valid_to}}));
    session.output.answer(
        Value::object({{"address", address_text(id)}, {"owner", address_text(owner)}, {"delegates", std::move(list)}}));
    return 0;
}

struct ChangeOwner {
    static constexpr About about{"key_owner", "another owner key; by two administrators, where the old one is lost",
                                 "dt-cli system key_owner --address $ADDRESS --owner $NEW_KEY --keystore bank.json"};
    std::string address, owner;

    void declare(Args& args) {
        args.required("--address", address, "0x… under which it was registered");
        args.required("--owner", owner, "0x… of the key that speaks for it from now on");
        args.key();
    }
    Result<int> run(Session& session);
};

Result<int> ChangeOwner::run(Session& session) {
    C2D_TRY(const auto id, parse_address(address));
    C2D_TRY(const auto new_owner, parse_address(owner));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto changed, registry.chain().change_owner(*key, id, new_owner));
    Value answer = Value::object({{"address", address_text(id)},
                                  {"owner", address_text(new_owner)},
                                  {"changed", !changed.proposed_until},
                                  {"block", changed.receipt.block_number}});
    // Another administrator has until then to say the same.
    if (changed.proposed_until) answer.set("proposed_until", *changed.proposed_until);
    session.output.answer(answer);
    return 0;
}

/// A key that may act for an organisation in something.
struct DelegateOf {
    std::string address, use, delegate;

    void declare(Args& args) {
        args.required("--address", address, "0x… under which the organisation was registered");
        args.required("--use", use, "grant (permissions) or work (requests, receipts, tasks, jobs)");
        args.required("--delegate", delegate, "0x… of the key");
        args.key();
    }
    struct Read {
        Address address;
        KeyUse use;
        Address delegate;
    };
    Result<Read> read() const {
        C2D_TRY(const auto id, parse_address(address));
        C2D_TRY(const auto other, parse_address(delegate));
        for (const auto known : {KeyUse::grant, KeyUse::work})
            if (use == key_use_name(known)) return Read{id, known, other};
        return fail(Status::INVALID_ARGUMENT, "--use: expected grant or work, found \"{}\"", use);
    }
    void answer(Session& session, const Receipt& receipt) const {
        session.output.answer(Value::object(
            {{"address", address}, {"use", use}, {"delegate", delegate}, {"block", receipt.block_number}}));
    }
};

struct AddDelegate {
    static constexpr About about{
        "add_delegate", "let another key act for the organisation, for some days",
        "dt-cli system add_delegate --address $ADDRESS --use work --delegate $NEW_KEY --days 90 --keystore bank.json"};
    DelegateOf given;
    std::uint64_t days = 365;

    void declare(Args& args) {
        given.declare(args);
        args.number("--days", days, "how long, 1 to 366");
    }
    Result<int> run(Session& session);
};

Result<int> AddDelegate::run(Session& session) {
    C2D_TRY(const auto of, given.read());
    if (days < 1 || days > kDaysMax)
        return fail(Status::INVALID_ARGUMENT, "--days: expected 1 to {}, found {}", kDaysMax, days);
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto receipt,
            registry.chain().add_delegate(*key, of.address, of.use, of.delegate, days * kDaySeconds));
    given.answer(session, receipt);
    return 0;
}

struct RevokeDelegate {
    static constexpr About about{
        "revoke_delegate", "another key acts for the organisation no longer",
        "dt-cli system revoke_delegate --address $ADDRESS --use work --delegate $NEW_KEY --keystore bank.json"};
    DelegateOf given;

    void declare(Args& args) { given.declare(args); }
    Result<int> run(Session& session);
};

Result<int> RevokeDelegate::run(Session& session) {
    C2D_TRY(const auto of, given.read());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto receipt, registry.chain().revoke_delegate(*key, of.address, of.use, of.delegate));
    given.answer(session, receipt);
    return 0;
}

}  // namespace

void add_system_keys(const Group& group) {
    group.add<ShowKeys>();
    group.add<ChangeOwner>();
    group.add<AddDelegate>();
    group.add<RevokeDelegate>();
}

}  // namespace c2d::cli
