// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";
import "./DTFactory.sol";
import "./TaskMarket.sol";

/// @title How jobs ended
/// @notice The owner of each part of a job says once how that part ended, by the digest of a document that
/// says the rest. Nobody else can say it, and nobody, the owner included, can change it.
contract JobReceipts {
    struct Posted {
        address owner; // never zero in a receipt that exists
        uint64 outcome;
        uint256 blockNumber;
        uint256 blockTime;
        bytes32 digest;
    }

    uint256 private constant OUTCOME_MAX = 5;

    DTFactory public immutable dtFactory;
    /// @notice The contract that made this one.
    TaskMarket public immutable taskMarket;

    mapping(uint256 => mapping(bytes32 => Posted)) private _receipts;

    event ReceiptPosted(
        uint256 indexed _jobId,
        bytes32 indexed _dt,
        address _owner,
        uint256 _outcome,
        bytes32 _digest,
        uint256 indexed _code
    );

    constructor(DTFactory _dtFactory) {
        dtFactory = _dtFactory;
        taskMarket = TaskMarket(msg.sender);
    }

    /// @param _dt below the job's composition, at any depth
    /// @param _outcome how the run ended, 1 to 5
    /// @param _digest of the receipt's document; not zero
    function postReceipt(uint256 _jobId, bytes32 _dt, uint256 _outcome, bytes32 _digest) external {
        uint256 code = _postCode(_jobId, _dt, _outcome, _digest);
        if (code == SUCCESS) {
            _receipts[_jobId][_dt] = Posted(msg.sender, uint64(_outcome), block.number, block.timestamp, _digest);
        }
        emit ReceiptPosted(_jobId, _dt, msg.sender, _outcome, _digest, code);
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

    function _postCode(uint256 _jobId, bytes32 _dt, uint256 _outcome, bytes32 _digest)
        private
        view
        returns (uint256)
    {
        (, address solver, bytes32 cdt,) = taskMarket.getJobbyId(_jobId);
        if (solver == address(0)) return JOB_UNKNOWN;
        if (!dtFactory.isBelow(cdt, _dt)) return TOKEN_NOT_IN_JOB;
        if (dtFactory.getDTOwner(_dt) != msg.sender) return NO_PERMISSION;
        if (_receipts[_jobId][_dt].owner != address(0)) return RECEIPT_EXISTS;
        if (_outcome == 0 || _outcome > OUTCOME_MAX || _digest == 0) return RECEIPT_MALFORMED;
        return SUCCESS;
    }
}
