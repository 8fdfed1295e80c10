#include <c2d/capi/job_receipt.h>
#include <c2d/job_receipt.hpp>

#include "job/values.hpp"
#include "json_text.hpp"

#include <algorithm>

using c2d::Result;
using c2d::Unit;
using c2d::capi::give_json;
using c2d::capi::give_text;
using c2d::capi::give_transaction;
using c2d::capi::guard;
using c2d::json::list_of;

extern "C" {

c2d_status c2d_chain_post_receipt(const c2d_chain* chain, const c2d_key* owner, uint64_t job, const char* dt,
                                  c2d_receipt_outcome outcome, const uint8_t* digest, uint8_t* out_transaction,
                                  c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, owner, dt, digest);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        c2d::Bytes32 value;
        std::copy_n(digest, value.data.size(), value.data.begin());
        // A number outside the list is the contract's to refuse.
        const auto kept = c2d::ReceiptOutcome(std::clamp(int(outcome), 0, 255));
        c2d::Chain shared = chain->value;
        return give_transaction(shared.post_receipt(*owner->signer, job, id, kept, value), out_transaction);
    });
}

c2d_status c2d_chain_receipts_of(const c2d_chain* chain, uint64_t job, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, out);
        C2D_TRY(const auto receipts, chain->value.receipts_of(job));
        return give_json(list_of(receipts), out);
    });
}

c2d_status c2d_receipt_read(const char* document, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(document, out);
        C2D_TRY(const c2d::JobReceipt receipt, c2d::read_receipt(document));
        return give_text(receipt.to_json(), out);
    });
}

c2d_status c2d_receipt_open_member(const char* document, const char* member, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(document, member, out);
        C2D_TRY(const std::string shown, c2d::open_receipt_member(document, member));
        return give_text(shown, out);
    });
}

c2d_status c2d_receipt_read_member(const char* opened, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(opened, out);
        C2D_TRY(const c2d::OpenedMember member, c2d::read_opened_member(opened));
        return give_text(member.to_json(), out);
    });
}

c2d_status c2d_receipt_confirm_member(const char* opened, const c2d_chain* chain, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(opened, chain, out);
        C2D_TRY(const c2d::OpenedMember member, c2d::read_opened_member(opened));
        C2D_TRY(const auto posted, c2d::confirm_opened_member(member, chain->value));
        return give_json(list_of(posted), out);
    });
}

c2d_status c2d_receipt_confirm(const char* document, const c2d_chain* chain, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(document, chain);
        C2D_TRY(const c2d::JobReceipt receipt, c2d::read_receipt(document));
        return c2d::confirm_receipt(receipt, chain->value);
    });
}

c2d_status c2d_origin_confirm(const char* origin, const char* owner, const c2d_chain* chain, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(origin, owner, chain);
        C2D_TRY(const c2d::ArtifactOrigin named, c2d::read_origin(origin));
        C2D_TRY(const c2d::Address by, c2d::parse_address(owner));
        return c2d::confirm_origin(named, by, chain->value);
    });
}

}  // extern "C"
