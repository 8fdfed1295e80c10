// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";
import "./RoleController.sol";
import "./Utf8.sol";

/// @title Operator templates
/// @notice Programs that owners of data allow by name. Only their checksum and the address of their document
/// stand here.
contract OpTemplate {
    struct Template {
        address publisher; // never zero in a template that exists
        uint64 blockUpdated;
        bytes32 checksum;
        string name;
        string ipfsPath;
    }

    RoleController public immutable roleController;

    /// @notice All ids, in the order of their publication.
    bytes32[] public tids;
    mapping(bytes32 => Template) private _templates;

    event TemplatePublished(
        bytes32 indexed _tid,
        string indexed _name,
        address _publisher,
        bytes32 _checksum,
        string _ipfsPath,
        uint256 _blockUpdated,
        uint256 indexed _code
    );

    constructor(RoleController _roleController) {
        roleController = _roleController;
    }

    function publishTemplate(bytes32 _tid, string calldata _name, bytes32 _checksum, string calldata _ipfsPath)
        external
    {
        (address by, uint256 code) = _mayModify(_name, _ipfsPath);
        if (code == SUCCESS && (isTemplateExist(_tid) || _tid == 0)) code = TEMPLATE_EXISTS;
        if (code == SUCCESS) tids.push(_tid);
        _finish(_tid, Template(by, uint64(block.number), _checksum, _name, _ipfsPath), code);
    }

    /// @notice Replaces everything, the publisher too. The same event as publishing.
    function updateTemplate(bytes32 _tid, string calldata _name, bytes32 _checksum, string calldata _ipfsPath)
        external
    {
        (address by, uint256 code) = _mayModify(_name, _ipfsPath);
        if (code == SUCCESS && !isTemplateExist(_tid)) code = TEMPLATE_UNKNOWN;
        _finish(_tid, Template(by, uint64(block.number), _checksum, _name, _ipfsPath), code);
    }

    function isTemplateExist(bytes32 _tid) public view returns (bool) {
        return _templates[_tid].publisher != address(0);
    }

    function getBlockNumberUpdated(bytes32 _tid) external view returns (uint256) {
        return _required(_tid).blockUpdated;
    }

    function getTemplateById(bytes32 _tid)
        external
        view
        returns (string memory name, address publisher, bytes32 checksum, string memory ipfsPath, uint256 blockUpdated)
    {
        Template storage t = _required(_tid);
        return (t.name, t.publisher, t.checksum, t.ipfsPath, t.blockUpdated);
    }

    function getTemplateNum() external view returns (uint256) {
        return tids.length;
    }

    /// Stores the template if nothing refuses it, and says what became of it.
    function _finish(bytes32 _tid, Template memory _new, uint256 _code) private {
        if (_code == SUCCESS) _templates[_tid] = _new;
        emit TemplatePublished(
            _tid, _new.name, _new.publisher, _new.checksum, _new.ipfsPath, _new.blockUpdated, _code
        );
    }

    function _required(bytes32 _tid) private view returns (Template storage) {
        require(isTemplateExist(_tid), "no such template");
        return _templates[_tid];
    }

    /// What every change asks first: an admin's own key, and texts that may be stored.
    function _mayModify(string calldata _name, string calldata _ipfsPath)
        private
        view
        returns (address by, uint256 code)
    {
        Utf8.check(_name);
        Utf8.check(_ipfsPath);
        bool may;
        (by, may) = roleController.permitted(msg.sender, OWNER, MODIFY_OPERATION);
        if (!may) code = NO_PERMISSION;
        else if (bytes(_name).length > NAME_MAX || bytes(_ipfsPath).length > TEXT_MAX) code = TEXT_TOO_LONG;
    }
}
