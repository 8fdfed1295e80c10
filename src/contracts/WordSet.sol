// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @notice Words in the order they came, each once, in memory.
/// @param words those that are in; only the first `count` count
/// @param table open addressing: 1 + index into `words`, 0 where free; at most half full
struct WordSet {
    bytes32[] words;
    uint256 count;
    uint256[] table;
}

/// @title Sets for walks over many tokens
/// @notice So that a walk costs what its links cost and no more: looking through a list for each link
/// would cost the square of it. Words are hashed into the table, since token ids are chosen by others.
library WordSets {
    uint256 private constant FIRST_TABLE = 16;

    function add(WordSet memory _set, bytes32 _word) internal pure returns (bool fresh) {
        if (2 * _set.count >= _set.table.length) _grow(_set);
        uint256 slot = _slotOf(_set, _word);
        if (_set.table[slot] != 0) return false;
        _set.words[_set.count] = _word;
        _set.table[slot] = ++_set.count;
        return true;
    }

    /// Where `_word` stands in the table, or where it would go.
    function _slotOf(WordSet memory _set, bytes32 _word) private pure returns (uint256 slot) {
        uint256 mask = _set.table.length - 1;
        slot = uint256(keccak256(abi.encode(_word))) & mask;
        while (_set.table[slot] != 0 && _set.words[_set.table[slot] - 1] != _word) slot = (slot + 1) & mask;
    }

    function _grow(WordSet memory _set) private pure {
        uint256 size = _set.table.length == 0 ? FIRST_TABLE : 2 * _set.table.length;
        bytes32[] memory before = _set.words;
        _set.table = new uint256[](size);
        _set.words = new bytes32[](size / 2);
        for (uint256 i = 0; i < _set.count; ++i) {
            _set.words[i] = before[i];
            _set.table[_slotOf(_set, before[i])] = i + 1;
        }
    }
}
