/// The contract interface of dt-contracts as data: functions, events, codes, roles.
///
/// Both sides of the wall use it: the native rules to decode calls and emit events, `Chain` to make
/// calls and read events. A declaration gives signature, selector and encoding; a function that returns nothing
/// changes the state, and the last value of its event is a code. Our additions to the public interface are marked.
#pragma once

#include "contracts/function.hpp"

namespace c2d::contracts {

using abi::Indexed;
using abi::Uint256;

enum Code : std::uint64_t {
    kSuccess = 0,
    kNoPermission = 10000,
    kTextTooLong = 10001,  // edition 2
    kRoleExists = 1001,
    kEditionNotNext = 1002,  // edition 2
    kRoleMissing = 1003,     // edition 2
    kLastAdmin = 1004,       // edition 2
    kEnterpriseExists = 2001,
    kEnterpriseUnknown = 2002,
    kProviderExists = 2003,
    kProviderUnknown = 2004,
    kLegalIdMalformed = 2005,  // edition 2
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
    kGrantNeedsOwner = 4009,  // edition 2, and the next three
    kTokenClosed = 4010,
    kTokenNotClosed = 4011,
    kModeUnknown = 4012,
    kTaskUnavailable = 5001,
    kJobTokenInactive = 5002,
    kJobTokenForeign = 5003,
    kTaskForeign = 5004,
    kJobUnknown = 6001,
    kTokenNotInJob = 6002,
    kReceiptExists = 6003,
    kReceiptMalformed = 6004,
    kIdentityUnknown = 7001,  // edition 2, and the rest
    kKeyTaken = 7002,
    kDelegateTypeUnknown = 7003,
    kValidityOutOfRange = 7004,
    kDelegateMissing = 7005,
};
/// The stable name of a code, for example "granted_already".
std::string_view code_name(std::uint64_t code);
/// What a code means and what to do, one clause for people.
std::string_view code_text(std::uint64_t code);

/// In bytes, from edition 2 on: of names; of descriptions and the places of documents.
inline constexpr std::size_t kNameMax = 256, kDescriptionMax = 4096;

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

namespace role_controller {
template <abi::Text kName, class Shape>
inline constexpr Method<Contract::role_controller, kName, Shape> kFunction;

inline constexpr auto kCheckPermission = kFunction<"checkPermission", bool(Address, std::uint64_t)>;
inline constexpr auto kCheckRole = kFunction<"checkRole", bool(Address, std::uint64_t)>;
inline constexpr auto kAddRole = kFunction<"addRole", void(Address, Uint256)>;
/// Ours, of edition 2: taking a role back; all administrators, in the order of their arrival, but that the last one
/// fills the gap of one who left.
inline constexpr auto kRemoveRole = kFunction<"removeRole", void(Address, Uint256)>;
inline constexpr auto kGetAdmins = kFunction<"getAdmins", std::vector<Address>()>;
/// Ours, of edition 2: the rules of that number hold from the block on that carries the call; and which hold now.
inline constexpr auto kStartEdition = kFunction<"startEdition", void(Uint256)>;
inline constexpr auto kEdition = kFunction<"edition", std::uint64_t()>;
inline const abi::EventOf<"RoleAdded", Address, Uint256, Indexed<std::uint64_t>> kRoleAdded;
inline const abi::EventOf<"RoleRemoved", Address, Uint256, Indexed<std::uint64_t>> kRoleRemoved;
inline const abi::EventOf<"EditionStarted", Uint256, Address, Indexed<std::uint64_t>> kEditionStarted;
}  // namespace role_controller

namespace asset_provider {
template <abi::Text kName, class Shape>
inline constexpr Method<Contract::asset_provider, kName, Shape> kFunction;

inline constexpr auto kRegisterEnterprise = kFunction<"registerEnterprise", void(Address, std::string, std::string)>;
inline constexpr auto kUpdateEnterprise = kFunction<"updateEnterprise", void(Address, std::string, std::string)>;
inline constexpr auto kAddProvider = kFunction<"addProvider", void(Address)>;
inline constexpr auto kUpdateProvider = kFunction<"updateProvider", void(Address)>;
inline constexpr auto kIsProvider = kFunction<"isProvider", bool(Address)>;
inline constexpr auto kIsEnterprise = kFunction<"isEnterprise", bool(Address)>;
/// Name and description.
inline constexpr auto kGetEnterprise = kFunction<"getEnterprisebyId", std::tuple<std::string, std::string>(Address)>;
inline constexpr auto kGetIssuerNames = kFunction<"getIssuerNames", std::vector<std::string>(std::vector<Address>)>;
/// Ours, of edition 2: the same with the number under which law knows the organisation, empty where it has none.
inline constexpr auto kRegisterOrganisation =
    kFunction<"registerEnterprise", void(Address, std::string, std::string, std::string)>;
inline constexpr auto kUpdateOrganisation =
    kFunction<"updateEnterprise", void(Address, std::string, std::string, std::string)>;
inline constexpr auto kGetLegalId = kFunction<"getLegalId", std::string(Address)>;
/// Ours, of edition 2: what addresses of one organisation have in common, the Keccak-256 of its legal id; the address
/// itself, padded on its left, where there is none.
inline constexpr auto kOrganisationOf = kFunction<"organisationOf", Bytes32(Address)>;
/// Ours, of edition 2: where Identity stands.
inline constexpr auto kIdentity = kFunction<"identity", Address()>;
/// In bytes.
inline constexpr std::size_t kLegalIdMin = 3, kLegalIdMax = 64;
inline const abi::EventOf<"EnterpriseRegistered", Indexed<Address>, Indexed<std::string>, std::string,
                          Indexed<std::uint64_t>>
    kEnterpriseRegistered;
inline const abi::EventOf<"ProviderAdded", Indexed<Address>, Indexed<std::uint64_t>> kProviderAdded;
}  // namespace asset_provider

namespace op_template {
template <abi::Text kName, class Shape>
inline constexpr Method<Contract::op_template, kName, Shape> kFunction;

inline constexpr auto kPublish = kFunction<"publishTemplate", void(TokenId, std::string, Bytes32, std::string)>;
inline constexpr auto kUpdate = kFunction<"updateTemplate", void(TokenId, std::string, Bytes32, std::string)>;
inline constexpr auto kExists = kFunction<"isTemplateExist", bool(TokenId)>;
inline constexpr auto kBlockUpdated = kFunction<"getBlockNumberUpdated", std::uint64_t(TokenId)>;
/// Name, publisher, checksum, document, block updated.
inline constexpr auto kGet =
    kFunction<"getTemplateById", std::tuple<std::string, Address, Bytes32, std::string, std::uint64_t>(TokenId)>;
inline constexpr auto kCount = kFunction<"getTemplateNum", std::uint64_t()>;
inline constexpr auto kIds = kFunction<"tids", TokenId(std::uint64_t)>;
inline const abi::EventOf<"TemplatePublished", Indexed<TokenId>, Indexed<std::string>, Address, Bytes32, std::string,
                          std::uint64_t, Indexed<std::uint64_t>>
    kTemplatePublished;
}  // namespace op_template

namespace dt_factory {
template <abi::Text kName, class Shape>
inline constexpr Method<Contract::dt_factory, kName, Shape> kFunction;

/// Ids, owners, minters, checksums, which are leaves, documents, blocks updated.
using Columns = std::tuple<std::vector<TokenId>, std::vector<Address>, std::vector<Address>, std::vector<Bytes32>,
                           std::vector<bool>, std::vector<std::string>, std::vector<std::uint64_t>>;

inline constexpr auto kMint = kFunction<"mintDataToken", void(TokenId, Address, bool, Bytes32, std::string)>;
inline constexpr auto kGrant = kFunction<"grantPermission", void(TokenId, TokenId)>;
inline constexpr auto kStartCompose = kFunction<"startComposeDT", void(TokenId, std::vector<TokenId>)>;
inline constexpr auto kLinksCheck = kFunction<"CLinksCheck", bool(TokenId, std::vector<TokenId>)>;
inline constexpr auto kIsAvailable = kFunction<"isDTAvailable", bool(TokenId)>;
inline constexpr auto kIsActive = kFunction<"isCDTAvailable", bool(TokenId)>;
inline constexpr auto kGetPermission = kFunction<"getPermission", bool(TokenId, TokenId)>;
inline constexpr auto kOwner = kFunction<"getDTOwner", Address(TokenId)>;
inline constexpr auto kBlockUpdated = kFunction<"getBlockNumberUpdated", std::uint64_t(TokenId)>;
/// Owner, minter, checksum, whether it is a leaf, document, block updated.
inline constexpr auto kRegister =
    kFunction<"getDTRegister", std::tuple<Address, Address, Bytes32, bool, std::string, std::uint64_t>(TokenId)>;
inline constexpr auto kCount = kFunction<"getDTNum", std::uint64_t()>;
inline constexpr auto kIds = kFunction<"dts", TokenId(std::uint64_t)>;
inline constexpr auto kMap = kFunction<"getDTMap", Columns()>;
/// Ours: the same listing by pages, `start` from 0, at most kPageMax entries.
inline constexpr auto kPage = kFunction<"getDTPage", Columns(std::uint64_t, std::uint64_t)>;
/// Ours: a grant with its last second of block time and the number of jobs it is good for (0: no
/// bound), which leaves the same event; taking a grant back; and what stands: given, expiry, uses,
/// used.
inline constexpr auto kGrantLimited =
    kFunction<"grantPermission", void(TokenId, TokenId, std::uint64_t, std::uint64_t)>;
inline constexpr auto kRevoke = kFunction<"revokePermission", void(TokenId, TokenId)>;
inline constexpr auto kGetGrant =
    kFunction<"getGrant", std::tuple<bool, std::uint64_t, std::uint64_t, std::uint64_t>(TokenId, TokenId)>;
/// Ours: the children that an activation named, and whether a token is among them or, at any
/// depth, among theirs.
inline constexpr auto kChildren = kFunction<"getChildren", std::vector<TokenId>(TokenId)>;
inline constexpr auto kIsBelow = kFunction<"isBelow", bool(TokenId, TokenId)>;
inline constexpr std::uint64_t kPageMax = 256;
/// Ours, of edition 2: a grant with a mode, bits of GrantMode; what stands, as getGrant says it, with mode and how
/// often it was given without the owner's word; and what the owner decided about an organisation: grants given without
/// the owner's word, block time of the last revocation, jobs used, end and bound of the last grant that counts them.
inline constexpr auto kGrantDecided =
    kFunction<"grantPermission", void(TokenId, TokenId, std::uint64_t, std::uint64_t, std::uint64_t)>;
inline constexpr auto kGetGrantTerms =
    kFunction<"getGrantTerms", std::tuple<bool, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                                          std::uint64_t>(TokenId, TokenId)>;
inline constexpr auto kGetDecision =
    kFunction<"getDecision",
              std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>(TokenId, Address)>;
/// `uses` bounds the jobs of the composer's organisation, over all of its compositions; the grant is the owner's own
/// word, not what a program gave by itself.
enum GrantMode : std::uint64_t { kPerComposer = 1, kOwnersWord = 2 };
/// Ours, of edition 2: a closed token takes no grants and no jobs.
inline constexpr auto kClose = kFunction<"closeToken", void(TokenId)>;
inline constexpr auto kOpen = kFunction<"openToken", void(TokenId)>;
inline constexpr auto kIsClosed = kFunction<"isClosed", bool(TokenId)>;
inline const abi::EventOf<"DataTokenMinted", TokenId, Indexed<Address>, Address, bool, Bytes32, std::string,
                          std::uint64_t, Indexed<std::uint64_t>>
    kDataTokenMinted;
inline const abi::EventOf<"CDTMinted", Indexed<TokenId>, Indexed<std::vector<TokenId>>, std::uint64_t> kCdtMinted;
inline const abi::EventOf<"DataTokenGranted", Indexed<TokenId>, Address, Indexed<TokenId>, Indexed<std::uint64_t>>
    kDataTokenGranted;
/// Ours.
inline const abi::EventOf<"DataTokenRevoked", Indexed<TokenId>, Address, Indexed<TokenId>, Indexed<std::uint64_t>>
    kDataTokenRevoked;
inline const abi::EventOf<"DataTokenClosed", Indexed<TokenId>, Address, Indexed<std::uint64_t>> kDataTokenClosed;
inline const abi::EventOf<"DataTokenOpened", Indexed<TokenId>, Address, Indexed<std::uint64_t>> kDataTokenOpened;
}  // namespace dt_factory

namespace task_market {
template <abi::Text kName, class Shape>
inline constexpr Method<Contract::task_market, kName, Shape> kFunction;

inline constexpr auto kCreateTask = kFunction<"createTask", void(std::string, std::string)>;
inline constexpr auto kAddJob = kFunction<"addJob", void(TokenId, Uint256)>;
/// Demander, name, description, status, jobs.
inline constexpr auto kGetTask =
    kFunction<"getTaskbyId",
              std::tuple<Address, std::string, std::string, std::uint64_t, std::vector<std::uint64_t>>(std::uint64_t)>;
/// Task, solver, composition, status.
inline constexpr auto kGetJob =
    kFunction<"getJobbyId", std::tuple<std::uint64_t, Address, TokenId, std::uint64_t>(std::uint64_t)>;
inline constexpr auto kGetTaskNum = kFunction<"getTaskNum", std::uint64_t()>;
inline constexpr auto kGetJobNum = kFunction<"getJobNum", std::uint64_t()>;
inline constexpr auto kTaskNum = kFunction<"taskNum", std::uint64_t()>;
inline constexpr auto kJobNum = kFunction<"jobNum", std::uint64_t()>;
/// Ours: no further jobs; by its demander.
inline constexpr auto kCloseTask = kFunction<"closeTask", void(Uint256)>;
/// Ours: where JobReceipts stands.
inline constexpr auto kJobReceipts = kFunction<"jobReceipts", Address()>;
inline const abi::EventOf<"TaskAdded", Indexed<std::uint64_t>, Address, Indexed<std::string>, std::string,
                          Indexed<std::uint64_t>>
    kTaskAdded;
inline const abi::EventOf<"JobAdded", Uint256, Indexed<std::uint64_t>, Address, Indexed<TokenId>,
                          Indexed<std::uint64_t>>
    kJobAdded;
inline const abi::EventOf<"TaskClosed", Indexed<Uint256>, Indexed<Address>, Indexed<std::uint64_t>> kTaskClosed;
}  // namespace task_market

/// Ours: how each provider's part of a job ended, once per job and data token.
namespace job_receipts {
template <abi::Text kName, class Shape>
inline constexpr Method<Contract::job_receipts, kName, Shape> kFunction;

inline constexpr auto kPost = kFunction<"postReceipt", void(Uint256, TokenId, Uint256, Bytes32)>;
/// Owner, outcome, digest, block number, block time; zeros when there is none.
inline constexpr auto kGet =
    kFunction<"getReceipt",
              std::tuple<Address, std::uint64_t, Bytes32, std::uint64_t, std::uint64_t>(std::uint64_t, TokenId)>;
inline constexpr std::uint64_t kOutcomeMax = 5;
/// Ours, of edition 2: the same with how often the job showed results of each kind, which is added up; and the sums,
/// of the composer's organisation and over all.
inline constexpr auto kPostDisclosed = kFunction<"postReceipt", void(Uint256, TokenId, Uint256, Bytes32,
                                                                     std::vector<Bytes32>, std::vector<std::uint64_t>)>;
inline constexpr auto kGetDisclosures =
    kFunction<"getDisclosures", std::tuple<std::uint64_t, std::uint64_t>(TokenId, Address, Bytes32)>;
inline constexpr std::size_t kKindsMax = 32;
inline constexpr std::uint64_t kCountMax = 1ull << 32;
inline const abi::EventOf<"ReceiptPosted", Indexed<Uint256>, Indexed<TokenId>, Address, Uint256, Bytes32,
                          Indexed<std::uint64_t>>
    kReceiptPosted;
}  // namespace job_receipts

/// Ours, of edition 2: which key speaks for an address that was registered (the shape of ERC-1056,
/// https://eips.ethereum.org/EIPS/eip-1056).
namespace identity {
template <abi::Text kName, class Shape>
inline constexpr Method<Contract::identity, kName, Shape> kFunction;

/// Identity, then its owner key: itself until changed.
inline constexpr auto kOwner = kFunction<"identityOwner", Address(Address)>;
inline constexpr auto kChangeOwner = kFunction<"changeOwner", void(Address, Address)>;
/// Identity, type, delegate, and the seconds that it is good for.
inline constexpr auto kAddDelegate = kFunction<"addDelegate", void(Address, Bytes32, Address, std::uint64_t)>;
inline constexpr auto kRevokeDelegate = kFunction<"revokeDelegate", void(Address, Bytes32, Address)>;
inline constexpr auto kValidDelegate = kFunction<"validDelegate", bool(Address, Bytes32, Address)>;
/// Sender, identity and type: whether it is the owner key, or a delegate of that type; of type zero: the owner key.
inline constexpr auto kActsFor = kFunction<"actsFor", bool(Address, Address, Bytes32)>;
/// Sender and type: the organisation in whose place it stands; zero where it stands for none, not even itself.
inline constexpr auto kPrincipal = kFunction<"principal", Address(Address, Bytes32)>;
/// Block of an identity's last change.
inline constexpr auto kChanged = kFunction<"changed", std::uint64_t(Address)>;

/// Types of delegates: the letters, then zeros.
Bytes32 delegate_type(std::string_view name);
/// Permissions; and requests, answers, receipts, tasks, jobs.
inline constexpr std::string_view kGrantType = "grant", kWorkType = "work";
/// In seconds: how long two administrators have, and a delegate's time at most.
inline constexpr std::uint64_t kProposalSeconds = 604'800, kValidityMax = 31'622'400;

/// Identity, its new owner key, the sender, block of the change before.
inline const abi::EventOf<"IdentityOwnerChanged", Indexed<Address>, Address, Address, std::uint64_t,
                          Indexed<std::uint64_t>>
    kOwnerChanged;
/// The last second in which another administrator may agree comes before the code.
inline const abi::EventOf<"IdentityOwnerProposed", Indexed<Address>, Address, Address, std::uint64_t,
                          Indexed<std::uint64_t>>
    kOwnerProposed;
/// Identity, type, delegate, its last second (0: none), block of the change before.
inline const abi::EventOf<"DelegateChanged", Indexed<Address>, Bytes32, Indexed<Address>, std::uint64_t, std::uint64_t,
                          Indexed<std::uint64_t>>
    kDelegateChanged;
}  // namespace identity

/// All events; the last value of each is a code.
inline const abi::Event* const kEvents[] = {
    &role_controller::kRoleAdded,      &role_controller::kRoleRemoved,
    &role_controller::kEditionStarted, &asset_provider::kEnterpriseRegistered,
    &asset_provider::kProviderAdded,   &op_template::kTemplatePublished,
    &dt_factory::kDataTokenMinted,     &dt_factory::kCdtMinted,
    &dt_factory::kDataTokenGranted,    &dt_factory::kDataTokenRevoked,
    &dt_factory::kDataTokenClosed,     &dt_factory::kDataTokenOpened,
    &task_market::kTaskAdded,          &task_market::kJobAdded,
    &task_market::kTaskClosed,         &job_receipts::kReceiptPosted,
    &identity::kOwnerChanged,          &identity::kOwnerProposed,
    &identity::kDelegateChanged,
};

/// Types of a "T,T,…" list as in Function::returns.
std::vector<abi::Type> types_of(std::string_view list);

}  // namespace c2d::contracts
