// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";
import "./RoleController.sol";

/// @title Whose key speaks for whom
/// @notice The address under which an organisation or an administrator was registered is its name for ever. Which
/// key speaks for it stands here, in the shape of ERC-1056. A key acts for at most one identity, ever.
contract Identity {
    struct Keys {
        address owner; // zero: the identity's own key
        uint64 changed;
        /// Delegates are stored under it: a new owner has none.
        uint32 epoch;
    }

    struct Proposal {
        address owner;
        address by;
        uint64 validTo;
    }

    uint256 private constant VALIDITY_MAX = 366 days;
    uint256 private constant PROPOSAL_VALIDITY = 7 days;

    RoleController public immutable roleController;
    /// What a second of block time is: on PlatON and Alaya blocks count in milliseconds.
    uint256 private immutable _second;

    mapping(address => Keys) private _keys;
    /// By key: the one identity that it acts for, or acted for once.
    mapping(address => address) private _identityOf;
    /// By identity.
    mapping(address => Proposal) private _proposals;
    /// By _delegation: the last second in which it holds.
    mapping(bytes32 => uint256) private _validTo;

    event IdentityOwnerChanged(
        address indexed identity, address owner, address by, uint256 previousChange, uint256 indexed code
    );
    event IdentityOwnerProposed(
        address indexed identity, address owner, address by, uint256 validTo, uint256 indexed code
    );
    event DelegateChanged(
        address indexed identity,
        bytes32 delegateType,
        address indexed delegate,
        uint256 validTo,
        uint256 previousChange,
        uint256 indexed code
    );

    constructor(RoleController _roleController) {
        roleController = _roleController;
        _second = block.timestamp < 1e11 ? 1 : 1000;
    }

    /// @notice Hands an identity to another key and ends all its delegates: at once by its owner key, or by two
    /// administrators within seven days, or by the only one that there is beside the identity itself.
    function changeOwner(address identity, address newOwner) external {
        address by = principal(msg.sender, OWNER);
        uint256 code = _changeCode(identity, newOwner, by);
        uint256 previousChange = _keys[identity].changed;
        if (code == SUCCESS && !_mayChangeNow(identity, newOwner, by)) return _propose(identity, newOwner, by);
        if (code == SUCCESS) _change(identity, newOwner);
        emit IdentityOwnerChanged(identity, newOwner, by, previousChange, code);
    }

    /// @notice Lets a key act for the identity. Again for the same key: the new time replaces the old one.
    /// @param delegateType "grant" or "work", padded with zeros
    /// @param validity in seconds, at most 366 days
    function addDelegate(address identity, bytes32 delegateType, address delegate, uint256 validity) external {
        uint256 code = _addCode(identity, delegateType, delegate, validity);
        _finish(identity, delegateType, delegate, code == SUCCESS ? block.timestamp + validity : 0, code);
    }

    function revokeDelegate(address identity, bytes32 delegateType, address delegate) external {
        _finish(identity, delegateType, delegate, 0, _revokeCode(identity, delegateType, delegate));
    }

    /// @notice Itself until changed.
    function identityOwner(address identity) public view returns (address) {
        address owner = _keys[identity].owner;
        return owner == address(0) ? identity : owner;
    }

    function validDelegate(address identity, bytes32 delegateType, address delegate) public view returns (bool) {
        uint256 validTo = _validTo[_delegation(identity, delegateType, delegate)];
        return validTo != 0 && block.timestamp <= validTo;
    }

    /// @notice Whether the word of `sender` is that of `identity`, in what takes this type of delegate.
    function actsFor(address sender, address identity, bytes32 delegateType) public view returns (bool) {
        return sender == identityOwner(identity) || validDelegate(identity, delegateType, sender);
    }

    /// @notice In whose place `sender` stands: zero where its own identity went to another key.
    function principal(address sender, bytes32 delegateType) public view returns (address) {
        address identity = _identityOf[sender];
        if (identity != address(0) && actsFor(sender, identity, delegateType)) return identity;
        return identityOwner(sender) == sender ? sender : address(0);
    }

    /// @notice The block of the last change, as in ERC-1056.
    function changed(address identity) external view returns (uint256) {
        return _keys[identity].changed;
    }

    /// @notice Whether `key` acts for an identity or once did: it can then be no identity of its own.
    function everActed(address key) external view returns (bool) {
        return _identityOf[key] != address(0);
    }

    function _changeCode(address identity, address newOwner, address by) private view returns (uint256) {
        if (!roleController.isKnown(identity)) return IDENTITY_UNKNOWN;
        if (msg.sender != identityOwner(identity) && !roleController.checkRole(by, ROLE_ADMIN)) return NO_PERMISSION;
        return newOwner == identity || _mayActFor(newOwner, identity) ? SUCCESS : KEY_TAKEN;
    }

    function _mayChangeNow(address identity, address newOwner, address by) private view returns (bool) {
        if (msg.sender == identityOwner(identity)) return true;
        // An administrator does not count for itself.
        uint256 self = roleController.checkRole(identity, ROLE_ADMIN) ? 1 : 0;
        if (roleController.adminNum() - self == 1) return true;
        Proposal memory proposal = _proposals[identity];
        return proposal.owner == newOwner && block.timestamp <= proposal.validTo && proposal.by != by
            && roleController.checkRole(proposal.by, ROLE_ADMIN);
    }

    function _propose(address identity, address newOwner, address by) private {
        uint256 validTo = block.timestamp + PROPOSAL_VALIDITY * _second;
        _proposals[identity] = Proposal(newOwner, by, uint64(validTo));
        emit IdentityOwnerProposed(identity, newOwner, by, validTo, SUCCESS);
    }

    function _change(address identity, address newOwner) private {
        Keys storage keys = _keys[identity];
        keys.owner = newOwner == identity ? address(0) : newOwner;
        keys.changed = uint64(block.number);
        ++keys.epoch;
        if (newOwner != identity) _identityOf[newOwner] = identity;
        delete _proposals[identity];
    }

    function _addCode(address identity, bytes32 delegateType, address delegate, uint256 validity)
        private
        view
        returns (uint256)
    {
        if (!roleController.isKnown(identity)) return IDENTITY_UNKNOWN;
        if (msg.sender != identityOwner(identity)) return NO_PERMISSION;
        if (delegateType != GRANT && delegateType != WORK) return DELEGATE_TYPE_UNKNOWN;
        if (validity == 0 || validity > VALIDITY_MAX * _second) return VALIDITY_OUT_OF_RANGE;
        return _mayActFor(delegate, identity) ? SUCCESS : KEY_TAKEN;
    }

    function _revokeCode(address identity, bytes32 delegateType, address delegate) private view returns (uint256) {
        if (!roleController.isKnown(identity)) return IDENTITY_UNKNOWN;
        if (msg.sender != identityOwner(identity)) return NO_PERMISSION;
        return validDelegate(identity, delegateType, delegate) ? SUCCESS : DELEGATE_MISSING;
    }

    /// Stores until when a delegate holds if nothing refuses it, and says what became of it.
    function _finish(address identity, bytes32 delegateType, address delegate, uint256 validTo, uint256 code) private {
        uint256 previousChange = _keys[identity].changed;
        if (code == SUCCESS) {
            _keys[identity].changed = uint64(block.number);
            _identityOf[delegate] = identity;
            _validTo[_delegation(identity, delegateType, delegate)] = validTo;
        }
        emit DelegateChanged(identity, delegateType, delegate, validTo, previousChange, code);
    }

    /// No identity of its own, and none that it acts or acted for but this one.
    function _mayActFor(address key, address identity) private view returns (bool) {
        if (key == address(0) || roleController.isKnown(key)) return false;
        return _identityOf[key] == address(0) || _identityOf[key] == identity;
    }

    /// The name under which a delegate of the present owner is stored.
    function _delegation(address identity, bytes32 delegateType, address delegate) private view returns (bytes32) {
        return keccak256(abi.encode(identity, _keys[identity].epoch, delegateType, delegate));
    }
}
