#include "provider/inputs/input_digests.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "net/peer_binding.hpp"
#include "net/relay_record.hpp"

#include <c2d/run_end.hpp>

#include <algorithm>

namespace c2d::provider {

namespace {

/// One byte: what the rest is. So that more can be said one day.
constexpr std::uint8_t kUnusable = 0, kDigests = 1;
constexpr std::size_t kEntryBytes = 64;

Error peer_error(unsigned party, const char* name, std::string message) {
    Error error = fail(Status::PEER, "{}", message);
    error.source = "peer";
    error.name = name;
    error.code = party;
    return error;
}

/// Why nothing was heard of a peer: our stream ends in order, and the relay says who went first.
Error unheard(PeerRelay& peers, unsigned awaited) {
    peers.operator_end.reset();
    const auto report = peers.relay->wait();
    if (report.end == FrameRelayReport::End::peer_lost && report.party)
        return peer_error(*report.party, run_end_kind_name(RunEndKind::peer_lost), report.detail);
    if (report.first_gone)
        return peer_error(*report.first_gone, run_end_kind_name(RunEndKind::peer_failed),
                          fmt::format("party {} ended before it said what its inputs are", *report.first_gone));
    return peer_error(awaited, run_end_kind_name(RunEndKind::peer_lost),
                      fmt::format("party {} did not say in time what its inputs are", awaited));
}

/// How often the owner gave the grant in its own word, as far as the ledger tells words apart (since edition 2).
Result<std::uint64_t> times_given(const Chain& chain, const JobGrant& grant) {
    C2D_TRY(const auto records, chain.grants_of(grant.dt));
    const auto all = std::uint64_t(std::ranges::count(records, grant.grantee, &GrantRecord::grantee));
    if (!chain.network().features().grant_limits) return all;
    C2D_TRY(const auto state, chain.grant_state(grant.dt, grant.grantee));
    return all - std::min(all, state.times);
}

/// Whoever has no data in the run has nothing that another input of a peer could tell of.
bool is_data_of_ours(const JobTerms& terms, const TokenId& dt) {
    return std::ranges::any_of(terms.inputs,
                               [&](const JobInput& input) { return input.dt == dt && !input.name.empty(); });
}

Verdict changed(const TokenId& dt, const JobGrant& grant) {
    return Verdict::refuse(Reason::input_changed, token_text(dt),
                           fmt::format("the input of the jobs before under the grant of {} to {}; grant it anew "
                                       "(dt-cli asset grant) if another one is right",
                                       token_text(grant.dt), token_text(grant.grantee)),
                           "another one");
}

}  // namespace

Bytes encode_input_digests(const InputDigests& inputs) {
    Bytes out{kDigests};
    for (const auto& input : inputs) {
        out.insert(out.end(), input.dt.data.begin(), input.dt.data.end());
        out.insert(out.end(), input.digest.data.begin(), input.digest.data.end());
    }
    return out;
}

Result<InputDigests> decode_input_digests(const Party& party, BytesView text) {
    if (text.empty() || text[0] != kDigests || text.size() != 1 + party.tables.size() * kEntryBytes)
        return fail(Status::PEER, "party {} said {} bytes of its inputs, expected the digests of {} tokens",
                    party.number, text.size(), party.tables.size());
    InputDigests out;
    for (text = text.subspan(1); !text.empty(); text = text.subspan(kEntryBytes)) {
        auto& input = out.emplace_back();
        input.party = party.number;
        C2D_TRY(input.dt, TokenId::from(text.first(32)));
        C2D_TRY(input.digest, Bytes32::from(text.subspan(32, 32)));
    }
    for (const auto& dt : party.tables)
        if (std::ranges::count(out, dt, &ReceiptInputDigest::dt) != 1)
            return fail(Status::PEER, "party {} did not say what its input of {} is", party.number, token_text(dt));
    return out;
}

void tell_unusable(PeerRelay& peers) {
    if (peers.relay) peers.relay->tell_inputs({kUnusable});
}

Result<InputDigests> exchange_input_digests(PeerRelay& peers, const JobTerms& terms, const InputDigests& ours,
                                            std::chrono::milliseconds limit, const CancelToken* cancel) {
    const Bytes own = encode_input_digests(ours);
    if (own.size() > RelayRecord::kInputsBytesMax) return fail(Status::LIMIT, "a party has at most 1023 inputs");
    peers.relay->tell_inputs(own);
    C2D_TRY(const auto said, peers.relay->wait_for_inputs(limit, cancel));
    // Whoever says so leaves, and others after it.
    for (const auto& [party, text] : said)
        if (text == Bytes{kUnusable})
            return peer_error(party, run_end_kind_name(RunEndKind::input_unusable),
                              fmt::format("the input of party {} is not usable", party));
    InputDigests out;
    for (const auto& party : terms.all_parties) {
        if (party.number == terms.party) {
            out.insert(out.end(), ours.begin(), ours.end());
            continue;
        }
        const auto text = said.find(party.number);
        if (text == said.end()) return unheard(peers, party.number);
        const auto theirs = decode_input_digests(party, text->second);
        if (!theirs) return peer_error(party.number, run_end_kind_name(RunEndKind::peer_lost), theirs.error().message);
        out.insert(out.end(), theirs->begin(), theirs->end());
        auto& binding = peers.session_bindings.at(party.number);
        binding = terms.party < party.number ? with_inputs(binding, own, text->second)
                                             : with_inputs(binding, text->second, own);
    }
    return out;
}

Result<Verdict> check_peer_inputs(OwnerStore& owner, const Chain& chain, const Address& organisation,
                                  const JobTerms& terms, const InputDigests& all) {
    std::vector<OwnerStore::PeerInput> theirs;
    for (const auto& input : all) {
        const auto party = std::ranges::find(terms.all_parties, input.party, &Party::number);
        if (party != terms.all_parties.end() && party->owner != organisation)
            theirs.push_back({input.dt, input.digest});
    }
    if (theirs.empty()) return Verdict::accept();
    for (const auto& grant : terms.grants) {
        if (!is_data_of_ours(terms, grant.dt)) continue;
        C2D_TRY(const auto given, times_given(chain, grant));
        C2D_TRY(const auto another,
                owner.note_peer_inputs({grant.dt, grant.grantee, given}, theirs, terms.job_id, terms.party));
        if (another) return changed(*another, grant);
    }
    return Verdict::accept();
}

}  // namespace c2d::provider
