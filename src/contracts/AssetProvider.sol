// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";
import "./RoleController.sol";
import "./Utf8.sol";

/// @title Organisations
/// @notice An enterprise may compose and ask for computations, a provider may grant. Who owns data is both.
contract AssetProvider {
    struct Enterprise {
        bool known;
        string name;
        string desc;
    }

    RoleController public immutable roleController;

    mapping(address => Enterprise) private _enterprises;
    mapping(address => bool) private _providers;

    event EnterpriseRegistered(address indexed _id, string indexed _name, string _desc, uint256 indexed _code);
    event ProviderAdded(address indexed _id, uint256 indexed _code);

    constructor(RoleController _roleController) {
        roleController = _roleController;
    }

    function registerEnterprise(address _id, string calldata _name, string calldata _desc) external {
        Utf8.check(_name);
        Utf8.check(_desc);
        emit EnterpriseRegistered(_id, _name, _desc, _register(_id, _name, _desc));
    }

    /// @notice Replaces name and description. The same event as registering.
    function updateEnterprise(address _id, string calldata _name, string calldata _desc) external {
        Utf8.check(_name);
        Utf8.check(_desc);
        emit EnterpriseRegistered(_id, _name, _desc, _update(_id, _name, _desc));
    }

    function addProvider(address _id) external {
        emit ProviderAdded(_id, _addProvider(_id));
    }

    /// @notice Confirms a provider. There is nothing to change: the original's reputation, which no call
    /// raises and no view shows, is not kept.
    function updateProvider(address _id) external {
        uint256 code = !_may(MODIFY_PROVIDER) ? NO_PERMISSION : !isProvider(_id) ? PROVIDER_UNKNOWN : SUCCESS;
        emit ProviderAdded(_id, code);
    }

    function isProvider(address _id) public view returns (bool) {
        return _providers[_id];
    }

    function isEnterprise(address _id) public view returns (bool) {
        return _enterprises[_id].known;
    }

    function getEnterprisebyId(address _id) external view returns (string memory name, string memory desc) {
        require(isEnterprise(_id), "no such organisation");
        return (_enterprises[_id].name, _enterprises[_id].desc);
    }

    /// @notice Names, empty for those who are not registered.
    function getIssuerNames(address[] calldata _ids) external view returns (string[] memory names) {
        names = new string[](_ids.length);
        for (uint256 i = 0; i < _ids.length; ++i) names[i] = _enterprises[_ids[i]].name;
    }

    function _register(address _id, string calldata _name, string calldata _desc) private returns (uint256) {
        if (!_may(MODIFY_ENTERPRISE)) return NO_PERMISSION;
        // The zero address counts as taken: it may neither be registered nor get a role.
        if (isEnterprise(_id) || _id == address(0)) return ENTERPRISE_EXISTS;
        _ensureRole(_id, ROLE_ENTERPRISE);
        _enterprises[_id] = Enterprise(true, _name, _desc);
        return SUCCESS;
    }

    function _update(address _id, string calldata _name, string calldata _desc) private returns (uint256) {
        if (!_may(MODIFY_ENTERPRISE)) return NO_PERMISSION;
        if (!isEnterprise(_id)) return ENTERPRISE_UNKNOWN;
        _enterprises[_id] = Enterprise(true, _name, _desc);
        return SUCCESS;
    }

    function _addProvider(address _id) private returns (uint256) {
        if (!_may(MODIFY_PROVIDER)) return NO_PERMISSION;
        if (isProvider(_id) || _id == address(0)) return PROVIDER_EXISTS;
        _ensureRole(_id, ROLE_PROVIDER);
        _providers[_id] = true;
        return SUCCESS;
    }

    /// Gives `_id` the role if it lacks it, as this contract.
    function _ensureRole(address _id, uint256 _role) private {
        if (!roleController.checkRole(_id, _role)) roleController.addRole(_id, _role);
    }

    function _may(uint256 _operation) private view returns (bool) {
        return roleController.checkPermission(msg.sender, _operation);
    }
}
