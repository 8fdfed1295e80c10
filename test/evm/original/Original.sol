// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

// A double of the original contracts: their functions, events and codes as far as the test asks them, and
// the defects that c2d must live with. Written from a description of their interface; none of their code.

contract RoleController {
    mapping(address => mapping(uint256 => bool)) private _roles;

    event RoleAdded(address _id, uint256 _role, uint256 indexed _code);

    constructor() {
        _roles[msg.sender][100] = true;
    }

    function checkRole(address _id, uint256 _role) public view returns (bool) {
        return _roles[_id][_role];
    }

    function checkPermission(address _id, uint256 _operation) public view returns (bool) {
        if (_operation >= 200 && _operation <= 203) return _roles[_id][100];
        if (_operation == 204 || _operation == 206) return _roles[_id][101];
        return _operation == 205 && _roles[_id][102];
    }

    /// Trusts the origin of the transaction, and ends with a refusal although it succeeded.
    function addRole(address _id, uint256 _role) external {
        if (checkPermission(tx.origin, 201)) {
            _roles[_id][_role] = true;
            emit RoleAdded(_id, _role, 0);
        }
        emit RoleAdded(_id, _role, 10000);
    }
}

contract AssetProvider {
    RoleController private _roles;
    mapping(address => string) private _names;
    mapping(address => bool) private _enterprises;
    mapping(address => bool) private _providers;

    event EnterpriseRegistered(address indexed _id, string indexed _name, string _desc, uint256 indexed _code);
    event ProviderAdded(address indexed _id, uint256 indexed _code);

    constructor(RoleController roles) {
        _roles = roles;
    }

    function registerEnterprise(address _id, string calldata _name, string calldata _desc) external {
        uint256 code = !_roles.checkPermission(msg.sender, 201) ? 10000 : isEnterprise(_id) ? 2001 : 0;
        if (code == 0) {
            _roles.addRole(_id, 101);
            _enterprises[_id] = true;
            _names[_id] = _name;
        }
        emit EnterpriseRegistered(_id, _name, _desc, code);
    }

    function addProvider(address _id) external {
        uint256 code = !_roles.checkPermission(msg.sender, 202) ? 10000 : isProvider(_id) ? 2003 : 0;
        if (code == 0) {
            _roles.addRole(_id, 102);
            _providers[_id] = true;
        }
        emit ProviderAdded(_id, code);
    }

    /// The zero address exists.
    function isEnterprise(address _id) public view returns (bool) {
        return _id == address(0) || _enterprises[_id];
    }

    function isProvider(address _id) public view returns (bool) {
        return _id == address(0) || _providers[_id];
    }

    function getEnterprisebyId(address _id) external view returns (string memory, string memory) {
        require(isEnterprise(_id));
        return (_names[_id], "");
    }
}

contract OpTemplate {
    struct Template {
        string name;
        address publisher;
        bytes32 checksum;
        string path;
        uint256 blockUpdated;
    }

    RoleController private _roles;
    mapping(bytes32 => Template) private _templates;
    bytes32[] public tids;

    event TemplatePublished(
        bytes32 indexed _tid, string indexed _name, address _publisher, bytes32 _checksum, string _ipfsPath,
        uint256 _blockUpdated, uint256 indexed _code
    );

    constructor(RoleController roles) {
        _roles = roles;
    }

    function publishTemplate(bytes32 _tid, string calldata _name, bytes32 _checksum, string calldata _path) external {
        uint256 code = !_roles.checkPermission(msg.sender, 203) ? 10000 : isTemplateExist(_tid) ? 3001 : 0;
        if (code == 0) {
            // The record keeps the time under this name.
            _templates[_tid] = Template(_name, msg.sender, _checksum, _path, block.timestamp);
            tids.push(_tid);
        }
        emit TemplatePublished(_tid, _name, msg.sender, _checksum, _path, block.number, code);
    }

    function isTemplateExist(bytes32 _tid) public view returns (bool) {
        return _tid == 0 || _templates[_tid].publisher != address(0);
    }

    function getTemplateNum() external view returns (uint256) {
        return tids.length;
    }

    function getTemplateById(bytes32 _tid)
        external
        view
        returns (string memory, address, bytes32, string memory, uint256)
    {
        require(isTemplateExist(_tid));
        Template storage t = _templates[_tid];
        return (t.name, t.publisher, t.checksum, t.path, t.blockUpdated);
    }
}

contract DTFactory {
    struct Token {
        address owner;
        address minter;
        bytes32 checksum;
        bool isLeaf;
        bool active;
        string path;
        uint256 blockUpdated;
    }

    RoleController private _roles;
    mapping(bytes32 => Token) private _tokens;
    mapping(bytes32 => mapping(bytes32 => bool)) private _grants;
    bytes32[] public dts;

    event DataTokenMinted(
        bytes32 _dt, address indexed _owner, address _minter, bool _isLeaf, bytes32 _checksum, string _ipfsPath,
        uint256 _blockUpdated, uint256 indexed _code
    );
    event CDTMinted(bytes32 indexed _cdt, bytes32[] indexed _childDTs, uint256 _code);
    event DataTokenGranted(bytes32 indexed _dt, address _owner, bytes32 indexed _grantee, uint256 indexed _code);

    constructor(RoleController roles) {
        _roles = roles;
    }

    function mintDataToken(
        bytes32 _dt, address _owner, bool _isLeaf, bytes32 _checksum, string calldata _path
    ) external {
        uint256 code = !_roles.checkPermission(msg.sender, 204) ? 10000 : isDTAvailable(_dt) ? 4001 : 0;
        if (code == 0) {
            _tokens[_dt] = Token(_owner, msg.sender, _checksum, _isLeaf, false, _path, block.number);
            if (_isLeaf) dts.push(_dt);
        }
        emit DataTokenMinted(_dt, _owner, msg.sender, _isLeaf, _checksum, _path, block.number, code);
    }

    /// The zero id exists and is no leaf: a grant to it goes through.
    function grantPermission(bytes32 _dt, bytes32 _grantee) external {
        uint256 code = 0;
        if (!_roles.checkPermission(msg.sender, 205)) code = 10000;
        else if (_grants[_dt][_grantee]) code = 4005;
        else if (!isDTAvailable(_dt) || !isDTAvailable(_grantee)) code = 4002;
        else if (_tokens[_dt].owner != msg.sender) code = 10000;
        else if (!_usable(_dt) || _tokens[_grantee].isLeaf) code = 4004;
        if (code == 0) _grants[_dt][_grantee] = true;
        emit DataTokenGranted(_dt, msg.sender, _grantee, code);
    }

    /// Does not stop after a failed check of the links, and forgets the children.
    function startComposeDT(bytes32 _cdt, bytes32[] calldata _childDTs) external {
        uint256 code = 0;
        if (!_roles.checkPermission(msg.sender, 204) || _tokens[_cdt].isLeaf) code = 10000;
        else if (_tokens[_cdt].active) code = 4003;
        else if (_tokens[_cdt].owner != msg.sender) code = 10000;
        if (code == 0) {
            if (!CLinksCheck(_cdt, _childDTs)) emit CDTMinted(_cdt, _childDTs, 10000);
            _tokens[_cdt].active = true;
            dts.push(_cdt);
        }
        emit CDTMinted(_cdt, _childDTs, code);
    }

    function CLinksCheck(bytes32 _cdt, bytes32[] calldata _childDTs) public view returns (bool) {
        if (!isDTAvailable(_cdt)) return false;
        for (uint256 i = 0; i < _childDTs.length; ++i) {
            bytes32 child = _childDTs[i];
            if (!isDTAvailable(child) || !_usable(child) || !_grants[child][_cdt]) return false;
        }
        return true;
    }

    function isDTAvailable(bytes32 _dt) public view returns (bool) {
        return _dt == 0 || _tokens[_dt].owner != address(0);
    }

    function isCDTAvailable(bytes32 _cdt) external view returns (bool) {
        return _tokens[_cdt].active;
    }

    function getPermission(bytes32 _dt, bytes32 _grantee) external view returns (bool) {
        return _grants[_dt][_grantee];
    }

    function getDTOwner(bytes32 _dt) external view returns (address) {
        require(isDTAvailable(_dt));
        return _tokens[_dt].owner;
    }

    function getDTRegister(bytes32 _dt)
        external
        view
        returns (address, address, bytes32, bool, string memory, uint256)
    {
        require(isDTAvailable(_dt));
        Token storage t = _tokens[_dt];
        return (t.owner, t.minter, t.checksum, t.isLeaf, t.path, t.blockUpdated);
    }

    function getDTNum() external view returns (uint256) {
        return dts.length;
    }

    function _usable(bytes32 _dt) private view returns (bool) {
        return _tokens[_dt].isLeaf || _tokens[_dt].active;
    }
}

contract TaskMarket {
    struct Task {
        address demander;
        string name;
        string desc;
        uint256 status;
        uint256[] jobIds;
    }

    struct Job {
        uint256 taskId;
        address solver;
        bytes32 cdt;
        uint256 status;
    }

    RoleController private _roles;
    DTFactory private _tokens;
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

    constructor(RoleController roles, DTFactory tokens) {
        _roles = roles;
        _tokens = tokens;
    }

    function createTask(string calldata _name, string calldata _desc) external {
        uint256 code = _roles.checkPermission(msg.sender, 206) ? 0 : 10000;
        if (code == 0) {
            Task storage task = _tasks[++taskNum];
            task.demander = msg.sender;
            task.name = _name;
            task.desc = _desc;
            task.status = 1;
        }
        emit TaskAdded(code == 0 ? taskNum : taskNum + 1, msg.sender, _name, _desc, code);
    }

    function addJob(bytes32 _cdt, uint256 _taskId) external {
        bool taken = _roles.checkPermission(msg.sender, 206) && _tasks[_taskId].status == 1
            && _tokens.isCDTAvailable(_cdt) && _tokens.getDTOwner(_cdt) == msg.sender;
        if (taken) {
            _jobs[++jobNum] = Job(_taskId, msg.sender, _cdt, 1);
            _tasks[_taskId].jobIds.push(jobNum);
        }
        emit JobAdded(_taskId, taken ? jobNum : jobNum + 1, msg.sender, _cdt, taken ? 0 : 10000);
    }

    function getTaskbyId(uint256 _taskId)
        external
        view
        returns (address, string memory, string memory, uint256, uint256[] memory)
    {
        Task storage t = _tasks[_taskId];
        return (t.demander, t.name, t.desc, t.status, t.jobIds);
    }

    function getJobbyId(uint256 _jobId) external view returns (uint256, address, bytes32, uint256) {
        Job storage j = _jobs[_jobId];
        return (j.taskId, j.solver, j.cdt, j.status);
    }

    function getTaskNum() external view returns (uint256) {
        return taskNum;
    }

    function getJobNum() external view returns (uint256) {
        return jobNum;
    }
}
