// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";
import "./RoleController.sol";
import "./Utf8.sol";
import "./WordSet.sol";

/// @title Data tokens, compositions, grants
/// @notice A leaf stands for data at their owner's; a composition stands for a computation over its children,
/// every one of which must have granted itself to it.
contract DTFactory {
    using WordSets for WordSet;

    struct DataToken {
        address owner; // never zero in a token that exists
        uint64 blockUpdated;
        bool isLeaf;
        bool active; // a composition whose children are named
        bytes32 checksum;
        string ipfsPath;
        bytes32[] children;
    }

    struct Grant {
        bool given;
        uint64 expiry; // last second of block time in which it holds; 0: no end
        uint64 uses; // jobs that it is good for; 0: any number
        uint64 used;
    }

    /// The columns of getDTMap.
    struct Listing {
        bytes32[] ids;
        address[] owners;
        address[] minters;
        bytes32[] checksums;
        bool[] isLeafs;
        string[] ipfsPaths;
        uint256[] blockUpdateds;
    }

    /// More than any composition needs, and a bound on what a call costs.
    uint256 private constant LINKS_PER_JOB_MAX = 1024;
    uint256 private constant PAGE_MAX = 256;

    RoleController public immutable roleController;
    /// @notice The one contract that may count jobs on grants. It is deployed after this one; its address is
    /// known before, from the deployer's nonce.
    address public immutable taskMarket;

    /// @notice What is listed: leaves as they are minted, compositions as they are activated.
    bytes32[] public dts;
    mapping(bytes32 => DataToken) private _tokens;
    /// By link: see _link.
    mapping(bytes32 => Grant) private _grants;

    event DataTokenMinted(
        bytes32 _dt,
        address indexed _owner,
        address _minter,
        bool _isLeaf,
        bytes32 _checksum,
        string _ipfsPath,
        uint256 _blockUpdated,
        uint256 indexed _code
    );
    event CDTMinted(bytes32 indexed _cdt, bytes32[] indexed _childDTs, uint256 _code);
    event DataTokenGranted(bytes32 indexed _dt, address _owner, bytes32 indexed _grantee, uint256 indexed _code);
    event DataTokenRevoked(bytes32 indexed _dt, address _owner, bytes32 indexed _grantee, uint256 indexed _code);

    constructor(RoleController _roleController, address _taskMarket) {
        roleController = _roleController;
        taskMarket = _taskMarket;
    }

    // Minting -------------------------------------------------------------------------------------

    function mintDataToken(
        bytes32 _dt,
        address _owner,
        bool _isLeaf,
        bytes32 _checksum,
        string calldata _ipfsPath
    ) external {
        Utf8.check(_ipfsPath);
        uint256 code = _mintCode(_dt, _owner, _isLeaf);
        if (code == SUCCESS) {
            DataToken storage token = _tokens[_dt];
            token.owner = _owner;
            token.blockUpdated = uint64(block.number);
            token.isLeaf = _isLeaf;
            token.checksum = _checksum;
            token.ipfsPath = _ipfsPath;
            if (_isLeaf) dts.push(_dt);
        }
        emit DataTokenMinted(_dt, _owner, msg.sender, _isLeaf, _checksum, _ipfsPath, block.number, code);
    }

    function _mintCode(bytes32 _dt, address _owner, bool _isLeaf) private view returns (uint256) {
        // Nobody mints in another's name: the caller must be the owner.
        if (!_may(MODIFY_ASSET) || msg.sender != _owner) return NO_PERMISSION;
        if (isDTAvailable(_dt) || _dt == 0) return TOKEN_EXISTS;
        // Roles stand for records here: AssetProvider gives the one only together with the other.
        if (!roleController.checkRole(_owner, ROLE_PROVIDER)) return NO_PERMISSION;
        if (!_isLeaf && !roleController.checkRole(_owner, ROLE_ENTERPRISE)) return NO_PERMISSION;
        return SUCCESS;
    }

    // Granting ------------------------------------------------------------------------------------

    function grantPermission(bytes32 _dt, bytes32 _grantee) external {
        _grant(_dt, _grantee, Grant(true, 0, 0, 0));
    }

    /// @notice A grant with bounds. What does not fit 64 bits is as good as no bound.
    /// @param _expiry last second of block time in which it holds; 0: no end
    /// @param _uses number of jobs that it is good for; 0: any number
    function grantPermission(bytes32 _dt, bytes32 _grantee, uint256 _expiry, uint256 _uses) external {
        _grant(_dt, _grantee, Grant(true, _bounded(_expiry), _bounded(_uses), 0));
    }

    /// @notice Takes a grant back: no further job is taken on it. It may be given again.
    function revokePermission(bytes32 _dt, bytes32 _grantee) external {
        uint256 code = _revokeCode(_dt, _grantee);
        if (code == SUCCESS) _grants[_link(_dt, _grantee)].given = false;
        emit DataTokenRevoked(_dt, msg.sender, _grantee, code);
    }

    function _grant(bytes32 _dt, bytes32 _grantee, Grant memory _terms) private {
        uint256 code = _grantCode(_dt, _grantee, _terms);
        if (code == SUCCESS) _grants[_link(_dt, _grantee)] = _terms;
        emit DataTokenGranted(_dt, msg.sender, _grantee, code);
    }

    /// Existence, ownership, then granted already: a stranger learns nothing of the grants.
    function _grantCode(bytes32 _dt, bytes32 _grantee, Grant memory _terms) private view returns (uint256) {
        if (!_may(MODIFY_AUTHORIZE)) return NO_PERMISSION;
        if (!isDTAvailable(_dt) || !isDTAvailable(_grantee)) return TOKEN_UNKNOWN;
        if (_tokens[_dt].owner != msg.sender) return NO_PERMISSION;
        Grant memory before = _grants[_link(_dt, _grantee)];
        if (_stands(before) && !_spent(before)) return GRANTED_ALREADY;
        if (!_usable(_dt) || _tokens[_grantee].isLeaf) return COMPOSITE_UNAVAILABLE;
        if (!_stands(_terms)) return GRANT_EXPIRED;
        return SUCCESS;
    }

    function _revokeCode(bytes32 _dt, bytes32 _grantee) private view returns (uint256) {
        if (!_may(MODIFY_AUTHORIZE)) return NO_PERMISSION;
        if (!isDTAvailable(_dt)) return TOKEN_UNKNOWN;
        if (_tokens[_dt].owner != msg.sender) return NO_PERMISSION;
        return _grants[_link(_dt, _grantee)].given ? SUCCESS : NOT_GRANTED;
    }

    // Composing -----------------------------------------------------------------------------------

    /// @notice Names the children of a composition for good and lists it.
    function startComposeDT(bytes32 _cdt, bytes32[] calldata _childDTs) external {
        uint256 code = _composeCode(_cdt, _childDTs);
        if (code == SUCCESS) {
            _tokens[_cdt].active = true;
            _tokens[_cdt].children = _childDTs;
            dts.push(_cdt);
        }
        emit CDTMinted(_cdt, _childDTs, code);
    }

    /// @notice Every child is known, usable, and has granted itself to the composition.
    function CLinksCheck(bytes32 _cdt, bytes32[] calldata _childDTs) public view returns (bool) {
        if (!isDTAvailable(_cdt)) return false;
        for (uint256 i = 0; i < _childDTs.length; ++i) {
            bytes32 child = _childDTs[i];
            if (!isDTAvailable(child) || !_usable(child) || !getPermission(child, _cdt)) return false;
        }
        return true;
    }

    function _composeCode(bytes32 _cdt, bytes32[] calldata _childDTs) private view returns (uint256) {
        DataToken storage token = _tokens[_cdt];
        if (!_may(MODIFY_ASSET) || !isDTAvailable(_cdt) || token.isLeaf) return NO_PERMISSION;
        if (token.active) return COMPOSITE_ACTIVE;
        if (token.owner != msg.sender || _childDTs.length == 0) return NO_PERMISSION;
        return CLinksCheck(_cdt, _childDTs) ? SUCCESS : NO_PERMISSION;
    }

    // Jobs ----------------------------------------------------------------------------------------

    /// @notice Counts a job of `_cdt` on every grant below it, through all compositions, each grant once;
    /// a code, and nothing is counted, when one of them does not stand or is spent.
    function useGrants(bytes32 _cdt) external returns (uint256 code) {
        require(msg.sender == taskMarket, "only TaskMarket counts jobs");
        (WordSet memory links,) = _linksBelow(_cdt, 0);
        // All of them before any is counted: a refused job uses nothing up.
        for (uint256 i = 0; i < links.count; ++i) {
            Grant memory grant = _grants[links.words[i]];
            if (!grant.given) return NOT_GRANTED;
            if (!_stands(grant)) return GRANT_EXPIRED;
            if (_spent(grant)) return GRANT_SPENT;
        }
        for (uint256 i = 0; i < links.count; ++i) {
            Grant storage grant = _grants[links.words[i]];
            if (grant.uses != 0) ++grant.used;
        }
        return SUCCESS;
    }

    /// Every link below a composition, breadth first: each composition once, each link once, whatever
    /// diamonds there are. Also whether `_sought` is a child in one of them.
    function _linksBelow(bytes32 _cdt, bytes32 _sought) private view returns (WordSet memory links, bool found) {
        WordSet memory composites;
        composites.add(_cdt);
        for (uint256 next = 0; next < composites.count; ++next) {
            bytes32 parent = composites.words[next];
            bytes32[] memory children = _tokens[parent].children;
            for (uint256 i = 0; i < children.length; ++i) {
                bytes32 child = children[i];
                if (!links.add(_link(child, parent))) continue;
                require(links.count <= LINKS_PER_JOB_MAX, "the composition has too many children");
                if (child == _sought) found = true;
                if (_tokens[child].active) composites.add(child);
            }
        }
    }

    // Views ---------------------------------------------------------------------------------------

    /// @notice Minted, active or not.
    function isDTAvailable(bytes32 _dt) public view returns (bool) {
        return _tokens[_dt].owner != address(0);
    }

    /// @notice A composition whose children are named.
    function isCDTAvailable(bytes32 _cdt) external view returns (bool) {
        return _tokens[_cdt].active;
    }

    /// @notice Given, not revoked, and in time. A spent grant stands, for the jobs it was spent on.
    function getPermission(bytes32 _dt, bytes32 _grantee) public view returns (bool) {
        return _stands(_grants[_link(_dt, _grantee)]);
    }

    function getGrant(bytes32 _dt, bytes32 _grantee)
        external
        view
        returns (bool given, uint256 expiry, uint256 uses, uint256 used)
    {
        Grant storage grant = _grants[_link(_dt, _grantee)];
        return (grant.given, grant.expiry, grant.uses, grant.used);
    }

    /// @notice The children that the activation named, in its order.
    function getChildren(bytes32 _cdt) external view returns (bytes32[] memory) {
        return _tokens[_cdt].children;
    }

    /// @notice Whether `_cdt` is composed of `_dt`, directly or through other compositions.
    function isBelow(bytes32 _cdt, bytes32 _dt) external view returns (bool below) {
        (, below) = _linksBelow(_cdt, _dt);
    }

    function getDTOwner(bytes32 _dt) external view returns (address) {
        return _required(_dt).owner;
    }

    function getBlockNumberUpdated(bytes32 _dt) external view returns (uint256) {
        return _required(_dt).blockUpdated;
    }

    function getDTRegister(bytes32 _dt)
        external
        view
        returns (
            address owner,
            address minter,
            bytes32 checksum,
            bool isLeaf,
            string memory ipfsPath,
            uint256 blockUpdated
        )
    {
        DataToken storage t = _required(_dt);
        // Who mints is the owner: there is no second address to store.
        return (t.owner, t.owner, t.checksum, t.isLeaf, t.ipfsPath, t.blockUpdated);
    }

    function getDTNum() external view returns (uint256) {
        return dts.length;
    }

    /// @notice Everything that is listed. Grows past what a node answers: getDTPage does not.
    function getDTMap()
        external
        view
        returns (
            bytes32[] memory ids,
            address[] memory owners,
            address[] memory minters,
            bytes32[] memory checksums,
            bool[] memory isLeafs,
            string[] memory ipfsPaths,
            uint256[] memory blockUpdateds
        )
    {
        Listing memory l = _listing(0, dts.length);
        return (l.ids, l.owners, l.minters, l.checksums, l.isLeafs, l.ipfsPaths, l.blockUpdateds);
    }

    /// @notice At most 256 listed tokens, from number `_start` on.
    function getDTPage(uint256 _start, uint256 _count)
        external
        view
        returns (
            bytes32[] memory ids,
            address[] memory owners,
            address[] memory minters,
            bytes32[] memory checksums,
            bool[] memory isLeafs,
            string[] memory ipfsPaths,
            uint256[] memory blockUpdateds
        )
    {
        uint256 start = _min(_start, dts.length);
        Listing memory l = _listing(start, _min(dts.length, start + _min(_count, PAGE_MAX)));
        return (l.ids, l.owners, l.minters, l.checksums, l.isLeafs, l.ipfsPaths, l.blockUpdateds);
    }

    /// Listed tokens [_start, _end), column by column.
    function _listing(uint256 _start, uint256 _end) private view returns (Listing memory l) {
        uint256 size = _end - _start;
        l.ids = new bytes32[](size);
        l.owners = new address[](size);
        l.minters = new address[](size);
        l.checksums = new bytes32[](size);
        l.isLeafs = new bool[](size);
        l.ipfsPaths = new string[](size);
        l.blockUpdateds = new uint256[](size);
        for (uint256 i = 0; i < size; ++i) {
            bytes32 id = dts[_start + i];
            DataToken storage token = _tokens[id];
            l.ids[i] = id;
            l.owners[i] = token.owner;
            l.minters[i] = token.owner;
            l.checksums[i] = token.checksum;
            l.isLeafs[i] = token.isLeaf;
            l.ipfsPaths[i] = token.ipfsPath;
            l.blockUpdateds[i] = token.blockUpdated;
        }
    }

    // Small questions -----------------------------------------------------------------------------

    /// The name under which the grant of `_dt` to `_grantee` is stored.
    function _link(bytes32 _dt, bytes32 _grantee) private pure returns (bytes32) {
        return keccak256(abi.encode(_dt, _grantee));
    }

    /// Given, not revoked, and in time at this block.
    function _stands(Grant memory _terms) private view returns (bool) {
        return _terms.given && (_terms.expiry == 0 || block.timestamp <= _terms.expiry);
    }

    function _spent(Grant memory _terms) private pure returns (bool) {
        return _terms.uses != 0 && _terms.used >= _terms.uses;
    }

    /// A leaf, or a composition that is active.
    function _usable(bytes32 _dt) private view returns (bool) {
        return _tokens[_dt].isLeaf || _tokens[_dt].active;
    }

    function _required(bytes32 _dt) private view returns (DataToken storage) {
        require(isDTAvailable(_dt), "no such data token");
        return _tokens[_dt];
    }

    function _may(uint256 _operation) private view returns (bool) {
        return roleController.checkPermission(msg.sender, _operation);
    }

    function _bounded(uint256 _number) private pure returns (uint64) {
        return uint64(_min(_number, type(uint64).max));
    }

    function _min(uint256 _a, uint256 _b) private pure returns (uint256) {
        return _a < _b ? _a : _b;
    }
}
