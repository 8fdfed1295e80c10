// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";

/// @title Who may do what
/// @notice Admins are made by admins; enterprises and providers only by AssetProvider, so that a role and
/// its record cannot disagree.
contract RoleController {
    /// @notice The one contract that may make enterprises and providers. It is deployed after this one; its
    /// address is known before, from the deployer's nonce, so no call has to tell it later.
    address public immutable assetProvider;

    mapping(address => mapping(uint256 => bool)) private _roles;

    event RoleAdded(address _id, uint256 _role, uint256 indexed _code);

    /// @notice The deployer becomes the first admin.
    constructor(address _assetProvider) {
        assetProvider = _assetProvider;
        _roles[msg.sender][ROLE_ADMIN] = true;
    }

    function addRole(address _id, uint256 _role) external {
        uint256 code = _addCode(_id, _role);
        if (code == SUCCESS) _roles[_id][_role] = true;
        emit RoleAdded(_id, _role, code);
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

    function _addCode(address _id, uint256 _role) private view returns (uint256) {
        if (!_mayAdd(_role) || _id == address(0)) return NO_PERMISSION;
        return checkRole(_id, _role) ? ROLE_EXISTS : SUCCESS;
    }

    /// The caller decides, never the origin of the transaction: an admin who is lured into calling a
    /// stranger's contract gives away nothing.
    function _mayAdd(uint256 _role) private view returns (bool) {
        if (_role == ROLE_ADMIN) return checkPermission(msg.sender, MODIFY_ADMIN);
        return (_role == ROLE_ENTERPRISE || _role == ROLE_PROVIDER) && msg.sender == assetProvider;
    }
}
