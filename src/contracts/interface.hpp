/// The contract interface of dt-contracts as data: functions, events, codes, roles.
///
/// Both sides of the wall use it: the native rules to decode calls and emit events, `Chain` to make
/// calls and read events. Our additions to the public interface are marked.
#pragma once

#include "codec/abi.hpp"

#include <c2d/chain_node.hpp>

#include <string_view>

namespace c2d::contracts {

enum Code : std::uint64_t {
    kSuccess = 0,
    kNoPermission = 10000,
    kRoleExists = 1001,
    kEnterpriseExists = 2001,
    kEnterpriseUnknown = 2002,
    kProviderExists = 2003,
    kProviderUnknown = 2004,
    kTemplateExists = 3001,
    kTemplateUnknown = 3002,
    kTokenExists = 4001,
    kTokenUnknown = 4002,
    kCompositeActive = 4003,
    kCompositeUnavailable = 4004,
    kGrantedAlready = 4005,
    kNotGranted = 4006,
    // Ours: the original knows no such grants, and answers 10000 for the rest.
    kGrantExpired = 4007,
    kGrantSpent = 4008,
    kTaskUnavailable = 5001,
    kJobTokenInactive = 5002,
    kJobTokenForeign = 5003,
    kTaskForeign = 5004,
    kJobUnknown = 6001,
    kTokenNotInJob = 6002,
    kReceiptExists = 6003,
    kReceiptMalformed = 6004,
};
/// The stable name of a code, for example "granted_already".
std::string_view code_name(std::uint64_t code);
/// What a code means and what to do, one clause for people.
std::string_view code_text(std::uint64_t code);

enum Role : std::uint64_t { kAdmin = 100, kEnterprise = 101, kProvider = 102 };

enum Permission : std::uint64_t {
    kModifyAdmin = 200,
    kModifyEnterprise = 201,
    kModifyProvider = 202,
    kModifyOperation = 203,
    kModifyAsset = 204,
    kModifyAuthorize = 205,
    kModifyTask = 206,
};

/// One function: "name(types)" and "types" of what it returns.
struct Function {
    std::string_view signature;
    std::string_view returns;
};

namespace role_controller {
inline constexpr Function kCheckPermission{"checkPermission(address,uint256)", "bool"};
inline constexpr Function kCheckRole{"checkRole(address,uint256)", "bool"};
inline constexpr Function kAddRole{"addRole(address,uint256)", ""};
extern const abi::Event kRoleAdded;
}  // namespace role_controller

namespace asset_provider {
inline constexpr Function kRegisterEnterprise{"registerEnterprise(address,string,string)", ""};
inline constexpr Function kUpdateEnterprise{"updateEnterprise(address,string,string)", ""};
inline constexpr Function kAddProvider{"addProvider(address)", ""};
inline constexpr Function kUpdateProvider{"updateProvider(address)", ""};
inline constexpr Function kIsProvider{"isProvider(address)", "bool"};
inline constexpr Function kIsEnterprise{"isEnterprise(address)", "bool"};
inline constexpr Function kGetEnterprise{"getEnterprisebyId(address)", "string,string"};
inline constexpr Function kGetIssuerNames{"getIssuerNames(address[])", "string[]"};
extern const abi::Event kEnterpriseRegistered;
extern const abi::Event kProviderAdded;
}  // namespace asset_provider

namespace op_template {
inline constexpr Function kPublish{"publishTemplate(bytes32,string,bytes32,string)", ""};
inline constexpr Function kUpdate{"updateTemplate(bytes32,string,bytes32,string)", ""};
inline constexpr Function kExists{"isTemplateExist(bytes32)", "bool"};
inline constexpr Function kBlockUpdated{"getBlockNumberUpdated(bytes32)", "uint256"};
inline constexpr Function kGet{"getTemplateById(bytes32)", "string,address,bytes32,string,uint256"};
inline constexpr Function kCount{"getTemplateNum()", "uint256"};
inline constexpr Function kIds{"tids(uint256)", "bytes32"};
extern const abi::Event kTemplatePublished;
}  // namespace op_template

namespace dt_factory {
inline constexpr Function kMint{"mintDataToken(bytes32,address,bool,bytes32,string)", ""};
inline constexpr Function kGrant{"grantPermission(bytes32,bytes32)", ""};
inline constexpr Function kStartCompose{"startComposeDT(bytes32,bytes32[])", ""};
inline constexpr Function kLinksCheck{"CLinksCheck(bytes32,bytes32[])", "bool"};
inline constexpr Function kIsAvailable{"isDTAvailable(bytes32)", "bool"};
inline constexpr Function kIsActive{"isCDTAvailable(bytes32)", "bool"};
inline constexpr Function kGetPermission{"getPermission(bytes32,bytes32)", "bool"};
inline constexpr Function kOwner{"getDTOwner(bytes32)", "address"};
inline constexpr Function kBlockUpdated{"getBlockNumberUpdated(bytes32)", "uint256"};
inline constexpr Function kRegister{"getDTRegister(bytes32)", "address,address,bytes32,bool,string,uint256"};
inline constexpr Function kCount{"getDTNum()", "uint256"};
inline constexpr Function kIds{"dts(uint256)", "bytes32"};
inline constexpr Function kMap{"getDTMap()", "bytes32[],address[],address[],bytes32[],bool[],string[],uint256[]"};
/// Ours: the same listing by pages, `start` from 0, at most kPageMax entries.
inline constexpr Function kPage{"getDTPage(uint256,uint256)",
                                "bytes32[],address[],address[],bytes32[],bool[],string[],uint256[]"};
/// Ours: a grant with its last second of block time and the number of jobs it is good for (0: no
/// bound), which leaves the same event; taking a grant back; and what stands: given, expiry, uses,
/// used.
inline constexpr Function kGrantLimited{"grantPermission(bytes32,bytes32,uint256,uint256)", ""};
inline constexpr Function kRevoke{"revokePermission(bytes32,bytes32)", ""};
inline constexpr Function kGetGrant{"getGrant(bytes32,bytes32)", "bool,uint256,uint256,uint256"};
/// Ours: the children that an activation named, and whether a token is among them or, at any
/// depth, among theirs.
inline constexpr Function kChildren{"getChildren(bytes32)", "bytes32[]"};
inline constexpr Function kIsBelow{"isBelow(bytes32,bytes32)", "bool"};
inline constexpr std::uint64_t kPageMax = 256;
extern const abi::Event kDataTokenMinted;
extern const abi::Event kCdtMinted;
extern const abi::Event kDataTokenGranted;
/// Ours.
extern const abi::Event kDataTokenRevoked;
}  // namespace dt_factory

namespace task_market {
inline constexpr Function kCreateTask{"createTask(string,string)", ""};
inline constexpr Function kAddJob{"addJob(bytes32,uint256)", ""};
inline constexpr Function kGetTask{"getTaskbyId(uint256)", "address,string,string,uint256,uint256[]"};
inline constexpr Function kGetJob{"getJobbyId(uint256)", "uint256,address,bytes32,uint256"};
inline constexpr Function kGetTaskNum{"getTaskNum()", "uint256"};
inline constexpr Function kGetJobNum{"getJobNum()", "uint256"};
inline constexpr Function kTaskNum{"taskNum()", "uint256"};
inline constexpr Function kJobNum{"jobNum()", "uint256"};
/// Ours: no further jobs; by its demander.
inline constexpr Function kCloseTask{"closeTask(uint256)", ""};
/// Ours: where JobReceipts stands.
inline constexpr Function kJobReceipts{"jobReceipts()", "address"};
extern const abi::Event kTaskAdded;
extern const abi::Event kJobAdded;
extern const abi::Event kTaskClosed;
}  // namespace task_market

/// Ours: how each provider's part of a job ended, once per job and data token.
namespace job_receipts {
inline constexpr Function kPost{"postReceipt(uint256,bytes32,uint256,bytes32)", ""};
/// Owner, outcome, digest, block number, block time; zeros when there is none.
inline constexpr Function kGet{"getReceipt(uint256,bytes32)", "address,uint256,bytes32,uint256,uint256"};
inline constexpr std::uint64_t kOutcomeMax = 5;
extern const abi::Event kReceiptPosted;
}  // namespace job_receipts

/// Types of a "T,T,…" list as in Function::returns.
std::vector<abi::Type> types_of(std::string_view list);

}  // namespace c2d::contracts
