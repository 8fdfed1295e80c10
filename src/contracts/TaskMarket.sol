// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";
import "./DTFactory.sol";
import "./JobReceipts.sol";
import "./RoleController.sol";
import "./Utf8.sol";

/// @title Tasks and jobs
/// @notice Somebody opens a task; owners of compositions that compute it submit jobs. A job is taken only if
/// every grant below its composition stands, and is counted on each.
contract TaskMarket {
    struct Task {
        address demander;
        uint64 status;
        string name;
        string desc;
        uint256[] jobIds;
    }

    struct Job {
        address solver;
        uint64 status;
        uint256 taskId;
        bytes32 cdt;
    }

    uint64 private constant OPEN = 1;
    uint64 private constant CLOSED = 2;

    RoleController public immutable roleController;
    DTFactory public immutable dtFactory;
    /// @notice Where receipts of jobs are posted. Made by this contract, so that five deployments stay five.
    JobReceipts public immutable jobReceipts;

    /// @notice Numbers given so far; the first is 1.
    uint256 public taskNum;
    uint256 public jobNum;
    mapping(uint256 => Task) private _tasks;
    mapping(uint256 => Job) private _jobs;

    event TaskAdded(
        uint256 indexed _taskId, address _demander, string indexed _name, string _desc, uint256 indexed _code
    );
    event JobAdded(
        uint256 _taskId, uint256 indexed _jobId, address _solver, bytes32 indexed _cdt, uint256 indexed _code
    );
    event TaskClosed(uint256 indexed _taskId, address indexed _demander, uint256 indexed _code);

    constructor(RoleController _roleController, DTFactory _dtFactory) {
        roleController = _roleController;
        dtFactory = _dtFactory;
        jobReceipts = new JobReceipts(_roleController, _dtFactory);
    }

    function createTask(string calldata _name, string calldata _desc) external {
        Utf8.check(_name);
        Utf8.check(_desc);
        (address by, uint256 code) = _mayModify();
        if (code == SUCCESS && (bytes(_name).length > NAME_MAX || bytes(_desc).length > TEXT_MAX)) code = TEXT_TOO_LONG;
        // A refused call names the number that the task would have had, as the original does.
        uint256 id = taskNum + 1;
        if (code == SUCCESS) {
            Task storage task = _tasks[id];
            task.demander = by;
            task.status = OPEN;
            task.name = _name;
            task.desc = _desc;
            taskNum = id;
        }
        emit TaskAdded(id, by, _name, _desc, code);
    }

    function addJob(bytes32 _cdt, uint256 _taskId) external {
        (address by, uint256 code) = _mayModify();
        if (code == SUCCESS) code = _jobCode(by, _cdt, _taskId);
        uint256 id = jobNum + 1;
        if (code == SUCCESS) {
            _jobs[id] = Job(by, OPEN, _taskId, _cdt);
            _tasks[_taskId].jobIds.push(id);
            jobNum = id;
        }
        emit JobAdded(_taskId, id, by, _cdt, code);
    }

    /// @notice No further jobs for the task. Those that stand go on.
    function closeTask(uint256 _taskId) external {
        (address by, uint256 code) = _mayModify();
        if (code == SUCCESS) code = _closeCode(by, _taskId);
        if (code == SUCCESS) _tasks[_taskId].status = CLOSED;
        emit TaskClosed(_taskId, by, code);
    }

    function getTaskNum() external view returns (uint256) {
        return taskNum;
    }

    function getJobNum() external view returns (uint256) {
        return jobNum;
    }

    /// @notice Zeros and empty texts for an unknown number.
    function getTaskbyId(uint256 _taskId)
        external
        view
        returns (address demander, string memory name, string memory desc, uint256 status, uint256[] memory jobIds)
    {
        Task storage t = _tasks[_taskId];
        return (t.demander, t.name, t.desc, t.status, t.jobIds);
    }

    /// @notice Zeros for an unknown number.
    function getJobbyId(uint256 _jobId)
        external
        view
        returns (uint256 taskId, address solver, bytes32 cdt, uint256 status)
    {
        Job storage j = _jobs[_jobId];
        return (j.taskId, j.solver, j.cdt, j.status);
    }

    /// The last check also counts the job on the grants: whoever adds a check puts it before.
    function _jobCode(address _by, bytes32 _cdt, uint256 _taskId) private returns (uint256) {
        if (_tasks[_taskId].status != OPEN) return TASK_UNAVAILABLE;
        if (!dtFactory.isCDTAvailable(_cdt)) return JOB_TOKEN_INACTIVE;
        if (dtFactory.getDTOwner(_cdt) != _by) return JOB_TOKEN_FOREIGN;
        return dtFactory.useGrants(_cdt);
    }

    function _closeCode(address _by, uint256 _taskId) private view returns (uint256) {
        if (_tasks[_taskId].status != OPEN) return TASK_UNAVAILABLE;
        return _tasks[_taskId].demander == _by ? SUCCESS : TASK_FOREIGN;
    }

    /// In whose place the caller stands, and whether that one may open and use tasks.
    function _mayModify() private view returns (address by, uint256 code) {
        bool may;
        (by, may) = roleController.permitted(msg.sender, WORK, MODIFY_TASK);
        code = may ? SUCCESS : NO_PERMISSION;
    }
}
