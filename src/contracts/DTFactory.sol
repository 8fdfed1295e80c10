// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./Codes.sol";
import "./Names.sol";
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
        bool closed; // no grants and no jobs until its owner opens it
        bytes32 checksum;
        string ipfsPath;
        bytes32[] children;
    }

    struct Grant {
        bool given;
        bool perComposer; // `uses` bounds the jobs of the composer's decision, not those of this grant
        uint64 expiry; // last second of block time in which it holds; 0: no end
        uint64 uses; // jobs that it is good for; 0: any number
        uint64 used;
        uint32 times; // how often it was given without the owner's word, ever
    }

    /// What an owner decided of one token for one organisation (see Names), over all its compositions.
    struct Decision {
        uint32 grants; // given without the owner's word
        uint48 revokedAt; // block time of the last revocation, for good; 0: never
        uint40 used; // jobs, each once for every link
        bool perComposer; // expiry and uses are those of some grant
        uint64 expiry;
        uint64 uses;
    }

    /// Links below a composition, each once.
    struct Links {
        WordSet names;
        bytes32[] children;
        bytes32[] parents;
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
    // Bits of a grant's mode.
    uint256 private constant PER_COMPOSER = 1;
    uint256 private constant OWNERS_WORD = 2;

    RoleController public immutable roleController;
    /// @notice The one contract that may count jobs on grants. It is deployed after this one; its address is
    /// known before, from the deployer's nonce.
    address public immutable taskMarket;

    /// @notice What is listed: leaves as they are minted, compositions as they are activated.
    bytes32[] public dts;
    mapping(bytes32 => DataToken) private _tokens;
    /// By link: see _link.
    mapping(bytes32 => Grant) private _grants;
    /// By token and name of the organisation.
    mapping(bytes32 => mapping(bytes32 => Decision)) private _decisions;

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
    event DataTokenClosed(bytes32 indexed _dt, address _owner, uint256 indexed _code);
    event DataTokenOpened(bytes32 indexed _dt, address _owner, uint256 indexed _code);

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
        (address by, uint256 code) = _sender(WORK, MODIFY_ASSET);
        if (code == SUCCESS) code = _mintCode(by, _dt, _owner, _isLeaf, bytes(_ipfsPath).length);
        if (code == SUCCESS) {
            DataToken storage token = _tokens[_dt];
            token.owner = _owner;
            token.blockUpdated = uint64(block.number);
            token.isLeaf = _isLeaf;
            token.checksum = _checksum;
            token.ipfsPath = _ipfsPath;
            if (_isLeaf) dts.push(_dt);
        }
        emit DataTokenMinted(_dt, _owner, by, _isLeaf, _checksum, _ipfsPath, block.number, code);
    }

    function _mintCode(address _by, bytes32 _dt, address _owner, bool _isLeaf, uint256 _pathLength)
        private
        view
        returns (uint256)
    {
        // Nobody mints in another's name: the caller must be the owner, or act for it.
        if (_by != _owner) return NO_PERMISSION;
        if (_pathLength > TEXT_MAX) return TEXT_TOO_LONG;
        if (isDTAvailable(_dt) || _dt == 0) return TOKEN_EXISTS;
        if (!roleController.checkRole(_owner, ROLE_PROVIDER)) return NO_PERMISSION;
        if (!_isLeaf && !roleController.checkRole(_owner, ROLE_ENTERPRISE)) return NO_PERMISSION;
        return SUCCESS;
    }

    // Granting ------------------------------------------------------------------------------------

    function grantPermission(bytes32 _dt, bytes32 _grantee) external {
        _grant(_dt, _grantee, _terms(0, 0, 0), 0);
    }

    /// @notice A grant with bounds. What does not fit 64 bits is as good as no bound.
    /// @param _expiry last second of block time in which it holds; 0: no end
    /// @param _uses number of jobs that it is good for; 0: any number
    function grantPermission(bytes32 _dt, bytes32 _grantee, uint256 _expiry, uint256 _uses) external {
        _grant(_dt, _grantee, _terms(_expiry, _uses, 0), 0);
    }

    /// @notice The same, and says what the bound counts and who decided.
    /// @param _mode 1: `_uses` bounds all jobs of the composition's organisation, over all its grants; 2: it is the
    /// owner's word, without which nothing is granted after a revocation; 3: both
    function grantPermission(bytes32 _dt, bytes32 _grantee, uint256 _expiry, uint256 _uses, uint256 _mode) external {
        _grant(_dt, _grantee, _terms(_expiry, _uses, _mode), _mode);
    }

    /// @notice Takes a grant back: no further job is taken on it, and only the owner's word gives it again, or
    /// another one to the same organisation.
    function revokePermission(bytes32 _dt, bytes32 _grantee) external {
        (address by, uint256 code) = _ownerOf(_dt);
        if (code == SUCCESS && !_grants[_link(_dt, _grantee)].given) code = NOT_GRANTED;
        if (code == SUCCESS) {
            _grants[_link(_dt, _grantee)].given = false;
            (bytes32 own, bytes32 organisation) = _composer(_grantee);
            Decision memory decision = _decision(_dt, own, organisation);
            decision.revokedAt = uint48(block.timestamp);
            _decide(_dt, own, organisation, decision);
        }
        emit DataTokenRevoked(_dt, by, _grantee, code);
    }

    /// @notice No grants of the token and no jobs on it until it is opened again. Grants that stand stay.
    function closeToken(bytes32 _dt) external {
        (address by, uint256 code) = _ownerOf(_dt);
        if (code == SUCCESS && _tokens[_dt].closed) code = TOKEN_CLOSED;
        if (code == SUCCESS) _tokens[_dt].closed = true;
        emit DataTokenClosed(_dt, by, code);
    }

    function openToken(bytes32 _dt) external {
        (address by, uint256 code) = _ownerOf(_dt);
        if (code == SUCCESS && !_tokens[_dt].closed) code = TOKEN_NOT_CLOSED;
        if (code == SUCCESS) _tokens[_dt].closed = false;
        emit DataTokenOpened(_dt, by, code);
    }

    function _grant(bytes32 _dt, bytes32 _grantee, Grant memory _new, uint256 _mode) private {
        (address by, uint256 code) = _sender(GRANT, MODIFY_AUTHORIZE);
        if (code == SUCCESS) code = _grantCode(by, _dt, _grantee, _new, _mode);
        if (code == SUCCESS) _store(_dt, _grantee, _new, _mode);
        emit DataTokenGranted(_dt, by, _grantee, code);
    }

    /// Existence, ownership, then granted already: an outsider learns nothing of the grants.
    function _grantCode(address _by, bytes32 _dt, bytes32 _grantee, Grant memory _new, uint256 _mode)
        private
        view
        returns (uint256)
    {
        if (!isDTAvailable(_dt) || !isDTAvailable(_grantee)) return TOKEN_UNKNOWN;
        if (_tokens[_dt].owner != _by) return NO_PERMISSION;
        if (_mode > (PER_COMPOSER | OWNERS_WORD)) return MODE_UNKNOWN;
        Decision memory decision = _decisionOf(_dt, _grantee);
        Grant memory before = _grants[_link(_dt, _grantee)];
        if (_stands(before) && !_spent(before, decision)) return GRANTED_ALREADY;
        if (_tokens[_dt].closed) return TOKEN_CLOSED;
        if (decision.revokedAt != 0 && _mode & OWNERS_WORD == 0) return GRANT_NEEDS_OWNER;
        if (!_usable(_dt) || _tokens[_grantee].isLeaf) return COMPOSITE_UNAVAILABLE;
        return _stands(_new) ? SUCCESS : GRANT_EXPIRED;
    }

    /// Writes the grant, and what it says of the decision.
    function _store(bytes32 _dt, bytes32 _grantee, Grant memory _new, uint256 _mode) private {
        (bytes32 own, bytes32 organisation) = _composer(_grantee);
        Decision memory decision = _decision(_dt, own, organisation);
        _new.times = _grants[_link(_dt, _grantee)].times;
        if (_mode & OWNERS_WORD == 0) {
            ++_new.times;
            // A second composition under the same allowance is no further one.
            if (!_new.perComposer || !_isAllowance(decision, _new)) ++decision.grants;
        }
        if (_new.perComposer) {
            decision.perComposer = true;
            decision.expiry = _new.expiry;
            decision.uses = _new.uses;
        }
        _grants[_link(_dt, _grantee)] = _new;
        _decide(_dt, own, organisation, decision);
    }

    // Composing -----------------------------------------------------------------------------------

    /// @notice Names the children of a composition for good and lists it.
    function startComposeDT(bytes32 _cdt, bytes32[] calldata _childDTs) external {
        (address by, uint256 code) = _sender(WORK, MODIFY_ASSET);
        if (code == SUCCESS) code = _composeCode(by, _cdt, _childDTs);
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

    function _composeCode(address _by, bytes32 _cdt, bytes32[] calldata _childDTs) private view returns (uint256) {
        DataToken storage token = _tokens[_cdt];
        if (!isDTAvailable(_cdt) || token.isLeaf) return NO_PERMISSION;
        if (token.active) return COMPOSITE_ACTIVE;
        if (token.owner != _by || _childDTs.length == 0) return NO_PERMISSION;
        return CLinksCheck(_cdt, _childDTs) ? SUCCESS : NO_PERMISSION;
    }

    // Jobs ----------------------------------------------------------------------------------------

    /// @notice Counts a job of `_cdt` on every grant below it, through all compositions, each grant once, and on
    /// the decisions that they stand on; a code, and nothing is counted, when one of them does not stand or is spent,
    /// or a token is closed.
    function useGrants(bytes32 _cdt) external returns (uint256 code) {
        require(msg.sender == taskMarket, "only TaskMarket counts jobs");
        if (_tokens[_cdt].closed) return TOKEN_CLOSED;
        (Links memory links,) = _linksBelow(_cdt, 0);
        // All of them before any is counted: a refused job uses nothing up.
        for (uint256 i = 0; i < links.names.count; ++i) {
            code = _useCode(links.children[i], links.parents[i], _grants[links.names.words[i]]);
            if (code != SUCCESS) return code;
        }
        _countJob(links);
    }

    /// One job more on each grant and on its decision, which several links may share.
    function _countJob(Links memory _links) private {
        bytes32 parent;
        bytes32 own;
        bytes32 organisation;
        for (uint256 i = 0; i < _links.names.count; ++i) {
            Grant storage grant = _grants[_links.names.words[i]];
            if (grant.uses != 0 && !grant.perComposer) ++grant.used;
            // The links of one composition follow each other.
            if (_links.parents[i] != parent) {
                parent = _links.parents[i];
                (own, organisation) = _composer(parent);
            }
            Decision memory decision = _decision(_links.children[i], own, organisation);
            ++decision.used;
            _decide(_links.children[i], own, organisation, decision);
        }
    }

    function _useCode(bytes32 _child, bytes32 _parent, Grant memory _given) private view returns (uint256) {
        if (_tokens[_child].closed) return TOKEN_CLOSED;
        if (!_given.given) return NOT_GRANTED;
        if (!_stands(_given)) return GRANT_EXPIRED;
        Decision memory decision;
        if (_given.perComposer) decision = _decisionOf(_child, _parent);
        return _spent(_given, decision) ? GRANT_SPENT : SUCCESS;
    }

    /// Every link below a composition, breadth first: each composition once, each link once, whatever
    /// diamonds there are. Also whether `_sought` is a child in one of them.
    function _linksBelow(bytes32 _cdt, bytes32 _sought) private view returns (Links memory links, bool found) {
        WordSet memory composites;
        composites.add(_cdt);
        for (uint256 next = 0; next < composites.count; ++next) {
            bytes32 parent = composites.words[next];
            bytes32[] memory children = _tokens[parent].children;
            for (uint256 i = 0; i < children.length; ++i) {
                bytes32 child = children[i];
                if (!_add(links, child, parent)) continue;
                require(links.names.count <= LINKS_PER_JOB_MAX, "the composition has too many children");
                if (child == _sought) found = true;
                if (_tokens[child].active) composites.add(child);
            }
        }
    }

    function _add(Links memory _links, bytes32 _child, bytes32 _parent) private pure returns (bool fresh) {
        uint256 place = _links.names.count;
        fresh = _links.names.add(_link(_child, _parent));
        if (!fresh) return false;
        if (place == _links.children.length) {
            _links.children = _grown(_links.children);
            _links.parents = _grown(_links.parents);
        }
        _links.children[place] = _child;
        _links.parents[place] = _parent;
    }

    function _grown(bytes32[] memory _list) private pure returns (bytes32[] memory grown) {
        grown = new bytes32[](_list.length == 0 ? 8 : 2 * _list.length);
        for (uint256 i = 0; i < _list.length; ++i) grown[i] = _list[i];
    }

    // Decisions -----------------------------------------------------------------------------------

    /// The names of the organisation that owns a composition.
    function _composer(bytes32 _cdt) private view returns (bytes32 own, bytes32 organisation) {
        return Names.both(roleController, _tokens[_cdt].owner);
    }

    function _decisionOf(bytes32 _dt, bytes32 _cdt) private view returns (Decision memory) {
        (bytes32 own, bytes32 organisation) = _composer(_cdt);
        return _decision(_dt, own, organisation);
    }

    /// What both names say together.
    function _decision(bytes32 _dt, bytes32 _own, bytes32 _organisation) private view returns (Decision memory said) {
        said = _decisions[_dt][_organisation];
        if (_own == _organisation) return said;
        Decision memory before = _decisions[_dt][_own];
        if (before.grants > said.grants) said.grants = before.grants;
        if (before.revokedAt > said.revokedAt) said.revokedAt = before.revokedAt;
        if (before.used > said.used) said.used = before.used;
        if (said.perComposer) return said;
        (said.perComposer, said.expiry, said.uses) = (before.perComposer, before.expiry, before.uses);
    }

    function _decide(bytes32 _dt, bytes32 _own, bytes32 _organisation, Decision memory _new) private {
        _decisions[_dt][_organisation] = _new;
        if (_own != _organisation) _decisions[_dt][_own] = _new;
    }

    function _isAllowance(Decision memory _before, Grant memory _new) private pure returns (bool) {
        return _before.perComposer && _before.expiry == _new.expiry && _before.uses == _new.uses;
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
        (given, expiry, uses, used,,) = getGrantTerms(_dt, _grantee);
    }

    /// @param mode 1: `uses` and `used` are of all jobs of the composition's organisation
    /// @param times how often it was given without the owner's word
    function getGrantTerms(bytes32 _dt, bytes32 _grantee)
        public
        view
        returns (bool given, uint256 expiry, uint256 uses, uint256 used, uint256 mode, uint256 times)
    {
        Grant memory grant = _grants[_link(_dt, _grantee)];
        (given, expiry, uses, used, times) = (grant.given, grant.expiry, grant.uses, grant.used, grant.times);
        if (grant.perComposer) (mode, used) = (PER_COMPOSER, _decisionOf(_dt, _grantee).used);
    }

    /// @notice What was decided of a token for the organisation of `_composer`; zeros where nothing was.
    function getDecision(bytes32 _dt, address _composerOf)
        external
        view
        returns (uint256 grants, uint256 revokedAt, uint256 used, uint256 expiry, uint256 uses)
    {
        (bytes32 own, bytes32 organisation) = Names.both(roleController, _composerOf);
        Decision memory said = _decision(_dt, own, organisation);
        return (said.grants, said.revokedAt, said.used, said.expiry, said.uses);
    }

    function isClosed(bytes32 _dt) external view returns (bool) {
        return _tokens[_dt].closed;
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
    function _stands(Grant memory _given) private view returns (bool) {
        return _given.given && (_given.expiry == 0 || block.timestamp <= _given.expiry);
    }

    function _spent(Grant memory _given, Decision memory _under) private pure returns (bool) {
        return _given.uses != 0 && (_given.perComposer ? _under.used : _given.used) >= _given.uses;
    }

    function _terms(uint256 _expiry, uint256 _uses, uint256 _mode) private pure returns (Grant memory) {
        return Grant(true, _mode & PER_COMPOSER != 0, _bounded(_expiry), _bounded(_uses), 0, 0);
    }

    /// A leaf, or a composition that is active.
    function _usable(bytes32 _dt) private view returns (bool) {
        return _tokens[_dt].isLeaf || _tokens[_dt].active;
    }

    function _required(bytes32 _dt) private view returns (DataToken storage) {
        require(isDTAvailable(_dt), "no such data token");
        return _tokens[_dt];
    }

    /// In whose place the caller stands, and whether that one has the right.
    function _sender(bytes32 _delegateType, uint256 _operation) private view returns (address by, uint256 code) {
        bool may;
        (by, may) = roleController.permitted(msg.sender, _delegateType, _operation);
        code = may ? SUCCESS : NO_PERMISSION;
    }

    /// The same of what a token's owner says of it.
    function _ownerOf(bytes32 _dt) private view returns (address by, uint256 code) {
        (by, code) = _sender(GRANT, MODIFY_AUTHORIZE);
        if (code != SUCCESS) return (by, code);
        if (!isDTAvailable(_dt)) return (by, TOKEN_UNKNOWN);
        if (_tokens[_dt].owner != by) code = NO_PERMISSION;
    }

    function _bounded(uint256 _number) private pure returns (uint64) {
        return uint64(_min(_number, type(uint64).max));
    }

    function _min(uint256 _a, uint256 _b) private pure returns (uint256) {
        return _a < _b ? _a : _b;
    }
}
