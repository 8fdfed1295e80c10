// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./AssetProvider.sol";
import "./Codes.sol";
import "./Identity.sol";

/// @title Who may do what
/// @notice Admins are made by admins; enterprises and providers only by AssetProvider, so that none has a role
/// without a record. An admin may take a role back, and give it back where the record stands.
contract RoleController {
    /// @notice The one contract that may make enterprises and providers. It is deployed after this one; its
    /// address is known before, from the deployer's nonce, so no call has to tell it later.
    AssetProvider public immutable assetProvider;
    /// @notice Made by AssetProvider as its first deployment, so its address is known before, too.
    Identity public immutable identity;

    mapping(address => mapping(uint256 => bool)) private _roles;
    /// Who has a role or had one.
    mapping(address => bool) private _known;
    address[] private _admins;
    /// Places in _admins, from 1 on.
    mapping(address => uint256) private _adminPlace;

    event RoleAdded(address _id, uint256 _role, uint256 indexed _code);
    event RoleRemoved(address _id, uint256 _role, uint256 indexed _code);
    event EditionStarted(uint256 _edition, address _by, uint256 indexed _code);

    /// @notice The deployer becomes the first admin.
    constructor(AssetProvider _assetProvider) {
        assetProvider = _assetProvider;
        // The address of a contract's first deployment (nonce 1, EIP-161): of RLP [creator, 1].
        bytes32 hash = keccak256(abi.encodePacked(hex"d694", _assetProvider, hex"01"));
        identity = Identity(address(uint160(uint256(hash))));
        _give(msg.sender, ROLE_ADMIN);
    }

    function addRole(address _id, uint256 _role) external {
        uint256 code = _addCode(_id, _role);
        if (code == SUCCESS) _give(_id, _role);
        emit RoleAdded(_id, _role, code);
    }

    /// @notice Takes a role back, never that of the last admin. Records stay, and so does whatever was done.
    function removeRole(address _id, uint256 _role) external {
        uint256 code = _removeCode(_id, _role);
        if (code == SUCCESS) _take(_id, _role);
        emit RoleRemoved(_id, _role, code);
    }

    /// @notice Contracts of an EVM network have one edition; a ledger's blocks may begin the next one.
    function startEdition(uint256 _edition) external {
        (address by, bool may) = permitted(msg.sender, OWNER, MODIFY_ADMIN);
        emit EditionStarted(_edition, by, may ? EDITION_NOT_NEXT : NO_PERMISSION);
    }

    function edition() external pure returns (uint256) {
        return 2;
    }

    /// @notice In order of arrival; a removal moves the last one into the gap.
    function getAdmins() external view returns (address[] memory) {
        return _admins;
    }

    function adminNum() external view returns (uint256) {
        return _admins.length;
    }

    /// @notice Whether `_id` has the right `_operation`; an unknown number is a right that nobody has.
    function checkPermission(address _id, uint256 _operation) public view returns (bool) {
        if (_operation >= MODIFY_ADMIN && _operation <= MODIFY_OPERATION) return checkRole(_id, ROLE_ADMIN);
        if (_operation == MODIFY_ASSET || _operation == MODIFY_TASK) return checkRole(_id, ROLE_ENTERPRISE);
        if (_operation == MODIFY_AUTHORIZE) return checkRole(_id, ROLE_PROVIDER);
        return false;
    }

    function checkRole(address _id, uint256 _role) public view returns (bool) {
        return _roles[_id][_role];
    }

    /// @notice Whether `_id` has a role or had one.
    function isKnown(address _id) external view returns (bool) {
        return _known[_id];
    }

    /// @notice In whose place `_sender` stands, and whether that one has the right: what each contract asks first.
    function permitted(address _sender, bytes32 _delegateType, uint256 _operation)
        public
        view
        returns (address by, bool may)
    {
        by = identity.principal(_sender, _delegateType);
        may = checkPermission(by, _operation);
    }

    /// @notice In whose place `_sender` stands: as Identity says.
    function principal(address _sender, bytes32 _delegateType) external view returns (address) {
        return identity.principal(_sender, _delegateType);
    }

    function _give(address _id, uint256 _role) private {
        _roles[_id][_role] = true;
        _known[_id] = true;
        if (_role != ROLE_ADMIN) return;
        _admins.push(_id);
        _adminPlace[_id] = _admins.length;
    }

    function _take(address _id, uint256 _role) private {
        _roles[_id][_role] = false;
        if (_role != ROLE_ADMIN) return;
        uint256 place = _adminPlace[_id];
        address last = _admins[_admins.length - 1];
        _admins[place - 1] = last;
        _adminPlace[last] = place;
        _admins.pop();
    }

    function _addCode(address _id, uint256 _role) private view returns (uint256) {
        if (!_mayAdd(_id, _role) || _id == address(0)) return NO_PERMISSION;
        if (checkRole(_id, _role)) return ROLE_EXISTS;
        // A key that acts for another is no identity of its own. AssetProvider asks before it registers.
        return _role == ROLE_ADMIN && identity.everActed(_id) ? KEY_TAKEN : SUCCESS;
    }

    /// The caller decides, never the origin of the transaction: an admin who is lured into calling a
    /// outsider's contract gives away nothing.
    function _mayAdd(address _id, uint256 _role) private view returns (bool) {
        if (msg.sender == address(assetProvider)) return _role == ROLE_ENTERPRISE || _role == ROLE_PROVIDER;
        if (!_isAdmin()) return false;
        if (_role == ROLE_ENTERPRISE) return assetProvider.isEnterprise(_id);
        if (_role == ROLE_PROVIDER) return assetProvider.isProvider(_id);
        return _role == ROLE_ADMIN;
    }

    function _removeCode(address _id, uint256 _role) private view returns (uint256) {
        if (!_isAdmin()) return NO_PERMISSION;
        if (!checkRole(_id, _role)) return ROLE_MISSING;
        return _role == ROLE_ADMIN && _admins.length == 1 ? LAST_ADMIN : SUCCESS;
    }

    /// Whether an admin's own key calls.
    function _isAdmin() private view returns (bool may) {
        (, may) = permitted(msg.sender, OWNER, MODIFY_ADMIN);
    }
}
