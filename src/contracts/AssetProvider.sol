// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";
import "./Identity.sol";
import "./RoleController.sol";
import "./Utf8.sol";

/// @title Organisations
/// @notice An enterprise may compose and ask for computations, a provider may grant. Who owns data is both.
contract AssetProvider {
    struct Enterprise {
        bool known;
        string name;
        string desc;
        string legalId;
    }

    uint256 private constant LEGAL_ID_MIN = 3;
    uint256 private constant LEGAL_ID_MAX = 64;

    RoleController public immutable roleController;
    /// @notice Which key speaks for whom. Made by this contract, so that five deployments stay five.
    Identity public immutable identity;

    mapping(address => Enterprise) private _enterprises;
    mapping(address => bool) private _providers;

    event EnterpriseRegistered(address indexed _id, string indexed _name, string _desc, uint256 indexed _code);
    event ProviderAdded(address indexed _id, uint256 indexed _code);

    constructor(RoleController _roleController) {
        roleController = _roleController;
        identity = new Identity(_roleController);
    }

    function registerEnterprise(address _id, string calldata _name, string calldata _desc) external {
        _finish(_id, _name, _desc, _registerCode(_id, _name, _desc));
    }

    /// @notice Replaces name and description. The same event as registering.
    function updateEnterprise(address _id, string calldata _name, string calldata _desc) external {
        _finish(_id, _name, _desc, _updateCode(_id, _name, _desc));
    }

    /// @notice With the organisation's name in law, which several addresses may share: an LEI or COUNTRY:NUMBER.
    /// Empty: none.
    function registerEnterprise(
        address _id,
        string calldata _name,
        string calldata _desc,
        string calldata _legalId
    ) external {
        uint256 code = _withLegalId(_registerCode(_id, _name, _desc), _id, _legalId);
        _finish(_id, _name, _desc, code);
    }

    function updateEnterprise(
        address _id,
        string calldata _name,
        string calldata _desc,
        string calldata _legalId
    ) external {
        uint256 code = _withLegalId(_updateCode(_id, _name, _desc), _id, _legalId);
        _finish(_id, _name, _desc, code);
    }

    function addProvider(address _id) external {
        uint256 code = _addProviderCode(_id);
        if (code == SUCCESS) {
            _ensureRole(_id, ROLE_PROVIDER);
            _providers[_id] = true;
        }
        emit ProviderAdded(_id, code);
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

    /// @notice Empty where there is none.
    function getLegalId(address _id) external view returns (string memory) {
        return _enterprises[_id].legalId;
    }

    /// @notice What counts as one organisation: the hash of the legal id; without one, the address.
    function organisationOf(address _id) external view returns (bytes32) {
        bytes memory legalId = bytes(_enterprises[_id].legalId);
        return legalId.length == 0 ? bytes32(uint256(uint160(_id))) : keccak256(legalId);
    }

    function _registerCode(address _id, string calldata _name, string calldata _desc) private view returns (uint256) {
        if (!_may(MODIFY_ENTERPRISE)) return NO_PERMISSION;
        if (_tooLong(_name, _desc)) return TEXT_TOO_LONG;
        // The zero address counts as taken: it may neither be registered nor get a role.
        if (isEnterprise(_id) || _id == address(0)) return ENTERPRISE_EXISTS;
        return identity.everActed(_id) ? KEY_TAKEN : SUCCESS;
    }

    function _updateCode(address _id, string calldata _name, string calldata _desc) private view returns (uint256) {
        if (!_may(MODIFY_ENTERPRISE)) return NO_PERMISSION;
        if (_tooLong(_name, _desc)) return TEXT_TOO_LONG;
        return isEnterprise(_id) ? SUCCESS : ENTERPRISE_UNKNOWN;
    }

    /// The last check of those calls that name a legal id, which is stored if nothing refuses it.
    function _withLegalId(uint256 _code, address _id, string calldata _legalId) private returns (uint256) {
        Utf8.check(_legalId);
        if (_code != SUCCESS) return _code;
        if (!_isLegalId(bytes(_legalId))) return LEGAL_ID_MALFORMED;
        _enterprises[_id].legalId = _legalId;
        return SUCCESS;
    }

    /// Stores the organisation if nothing refuses it, and says what became of it.
    function _finish(address _id, string calldata _name, string calldata _desc, uint256 _code) private {
        Utf8.check(_name);
        Utf8.check(_desc);
        if (_code == SUCCESS) {
            Enterprise storage enterprise = _enterprises[_id];
            if (!enterprise.known) _ensureRole(_id, ROLE_ENTERPRISE);
            enterprise.known = true;
            enterprise.name = _name;
            enterprise.desc = _desc;
        }
        emit EnterpriseRegistered(_id, _name, _desc, _code);
    }

    function _addProviderCode(address _id) private view returns (uint256) {
        if (!_may(MODIFY_PROVIDER)) return NO_PERMISSION;
        if (isProvider(_id) || _id == address(0)) return PROVIDER_EXISTS;
        return identity.everActed(_id) ? KEY_TAKEN : SUCCESS;
    }

    function _tooLong(string calldata _name, string calldata _desc) private pure returns (bool) {
        return bytes(_name).length > NAME_MAX || bytes(_desc).length > TEXT_MAX;
    }

    function _isLegalId(bytes calldata _text) private pure returns (bool) {
        if (_text.length == 0) return true;
        if (_text.length < LEGAL_ID_MIN || _text.length > LEGAL_ID_MAX) return false;
        for (uint256 i = 0; i < _text.length; ++i) {
            bytes1 letter = _text[i];
            bool upper = letter >= "A" && letter <= "Z";
            // The characters from "-" to ":" are - . / 0 to 9 and :.
            if (!upper && (letter < "-" || letter > ":")) return false;
        }
        return true;
    }

    /// Gives `_id` the role if it lacks it, as this contract.
    function _ensureRole(address _id, uint256 _role) private {
        if (!roleController.checkRole(_id, _role)) roleController.addRole(_id, _role);
    }

    /// Whether an admin's own key calls.
    function _may(uint256 _operation) private view returns (bool may) {
        (, may) = roleController.permitted(msg.sender, OWNER, _operation);
    }
}
