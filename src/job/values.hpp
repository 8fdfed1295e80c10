/// The one field list of each of a job's records, for receipts and reports, the C interface and the command line.
#pragma once

#include "codec/json.hpp"

#include <c2d/job_receipt.hpp>
#include <c2d/job_verifier.hpp>

namespace c2d {

json::Value to_value(const Party& party);
json::Value to_value(const ArtifactOrigin& origin);
json::Value to_value(const JobInput& input);
json::Value to_value(const JobGrant& grant);
json::Value to_value(const JobTerms& terms);
json::Value to_value(const ReceiptFile& file);
json::Value to_value(const ReceiptArtifact& artifact);
json::Value to_value(const ReceiptRuntime& runtime);
json::Value to_value(const ReceiptInputDigest& input);
json::Value to_value(const ReceiptAlignment& alignment);
/// Sets a member of `object` for each detail.
void set_members(json::Value& object, const ReceiptDetails& details);
/// What a receipt says, without the part for people and auditors.
json::Value to_value(const JobReceipt& receipt);
json::Value to_value(const OpenedMember& member);
json::Value to_value(const PostedReceipt& receipt);
json::Value to_value(const WaitingGrant& request);

}  // namespace c2d
