// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";
import "./DTFactory.sol";
import "./Names.sol";
import "./RoleController.sol";
import "./TaskMarket.sol";
import "./WordSet.sol";

/// @title How jobs ended
/// @notice The owner of each part of a job says once how that part ended, by the digest of a document that
/// says the rest. Nobody else can say it, and nobody, the owner included, can change it.
contract JobReceipts {
    using WordSets for WordSet;

    struct Posted {
        address owner; // never zero in a receipt that exists
        uint64 outcome;
        uint256 blockNumber;
        uint256 blockTime;
        bytes32 digest;
    }

    uint256 private constant OUTCOME_MAX = 5;
    uint256 private constant KINDS_MAX = 32;
    uint256 private constant COUNT_MAX = 1 << 32;

    RoleController public immutable roleController;
    DTFactory public immutable dtFactory;
    /// @notice The contract that made this one.
    TaskMarket public immutable taskMarket;

    mapping(uint256 => mapping(bytes32 => Posted)) private _receipts;
    /// What was disclosed: by token, name of the organisation that composed (see Names) and kind; and to all of them.
    mapping(bytes32 => mapping(bytes32 => mapping(bytes32 => uint256))) private _disclosed;
    mapping(bytes32 => mapping(bytes32 => uint256)) private _disclosedToAll;

    event ReceiptPosted(
        uint256 indexed _jobId,
        bytes32 indexed _dt,
        address _owner,
        uint256 _outcome,
        bytes32 _digest,
        uint256 indexed _code
    );

    constructor(RoleController _roleController, DTFactory _dtFactory) {
        roleController = _roleController;
        dtFactory = _dtFactory;
        taskMarket = TaskMarket(msg.sender);
    }

    /// @param _dt below the job's composition, at any depth
    /// @param _outcome how the run ended, 1 to 5
    /// @param _digest of the receipt's document; not zero
    function postReceipt(uint256 _jobId, bytes32 _dt, uint256 _outcome, bytes32 _digest) external {
        _post(_jobId, _dt, _outcome, _digest, true);
    }

    /// @notice The same, and counts what was disclosed of the token, by kind, to whom the job belongs.
    /// @param _kinds at most 32, each once, none zero
    /// @param _counts of each kind; at most 2^32
    function postReceipt(
        uint256 _jobId,
        bytes32 _dt,
        uint256 _outcome,
        bytes32 _digest,
        bytes32[] calldata _kinds,
        uint256[] calldata _counts
    ) external {
        if (_post(_jobId, _dt, _outcome, _digest, _areCounts(_kinds, _counts)) != SUCCESS) return;
        (, address solver,,) = taskMarket.getJobbyId(_jobId);
        (bytes32 own, bytes32 organisation) = Names.both(roleController, solver);
        for (uint256 i = 0; i < _kinds.length; ++i) _count(_dt, own, organisation, _kinds[i], _counts[i]);
    }

    /// @notice What was disclosed of a token in this kind: to the organisation of `_composer`, and to all.
    function getDisclosures(bytes32 _dt, address _composer, bytes32 _kind)
        external
        view
        returns (uint256 ofOrganisation, uint256 total)
    {
        (bytes32 own, bytes32 organisation) = Names.both(roleController, _composer);
        return (_disclosedTo(_dt, own, organisation, _kind), _disclosedToAll[_dt][_kind]);
    }

    /// @notice Zeros when there is none.
    function getReceipt(uint256 _jobId, bytes32 _dt)
        external
        view
        returns (address owner, uint256 outcome, bytes32 digest, uint256 blockNumber, uint256 blockTime)
    {
        Posted storage r = _receipts[_jobId][_dt];
        return (r.owner, r.outcome, r.digest, r.blockNumber, r.blockTime);
    }

    function _post(uint256 _jobId, bytes32 _dt, uint256 _outcome, bytes32 _digest, bool _areCounted)
        private
        returns (uint256 code)
    {
        address by = roleController.principal(msg.sender, WORK);
        code = _postCode(by, _jobId, _dt);
        if (code == SUCCESS && (_outcome == 0 || _outcome > OUTCOME_MAX || _digest == 0 || !_areCounted))
            code = RECEIPT_MALFORMED;
        if (code == SUCCESS) {
            _receipts[_jobId][_dt] = Posted(by, uint64(_outcome), block.number, block.timestamp, _digest);
        }
        emit ReceiptPosted(_jobId, _dt, by, _outcome, _digest, code);
    }

    function _postCode(address _by, uint256 _jobId, bytes32 _dt) private view returns (uint256) {
        (, address solver, bytes32 cdt,) = taskMarket.getJobbyId(_jobId);
        if (solver == address(0)) return JOB_UNKNOWN;
        if (!dtFactory.isBelow(cdt, _dt)) return TOKEN_NOT_IN_JOB;
        if (dtFactory.getDTOwner(_dt) != _by) return NO_PERMISSION;
        return _receipts[_jobId][_dt].owner == address(0) ? SUCCESS : RECEIPT_EXISTS;
    }

    function _areCounts(bytes32[] calldata _kinds, uint256[] calldata _counts) private pure returns (bool) {
        if (_kinds.length != _counts.length || _kinds.length > KINDS_MAX) return false;
        WordSet memory seen;
        for (uint256 i = 0; i < _kinds.length; ++i)
            if (_kinds[i] == 0 || _counts[i] > COUNT_MAX || !seen.add(_kinds[i])) return false;
        return true;
    }

    function _count(bytes32 _dt, bytes32 _own, bytes32 _organisation, bytes32 _kind, uint256 _number) private {
        uint256 sum = _disclosedTo(_dt, _own, _organisation, _kind) + _number;
        _disclosed[_dt][_own][_kind] = sum;
        _disclosed[_dt][_organisation][_kind] = sum;
        _disclosedToAll[_dt][_kind] += _number;
    }

    /// The larger count of both names: what stands under the address came before the legal id.
    function _disclosedTo(bytes32 _dt, bytes32 _own, bytes32 _organisation, bytes32 _kind)
        private
        view
        returns (uint256)
    {
        uint256 toAddress = _disclosed[_dt][_own][_kind];
        uint256 toOrganisation = _disclosed[_dt][_organisation][_kind];
        return toAddress > toOrganisation ? toAddress : toOrganisation;
    }
}
