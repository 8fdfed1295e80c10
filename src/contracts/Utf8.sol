// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title Texts are UTF-8
/// @notice The ABI lets any bytes pass for a string. A record with such bytes would be stored, and every
/// reader that is strict would then fail on every list that holds it. So they are not let in.
library Utf8 {
    bytes32 private constant HIGH_BITS = hex"8080808080808080808080808080808080808080808080808080808080808080";

    /// @notice Reverts unless the text is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates,
    /// nothing beyond U+10FFFF.
    function check(string calldata _text) internal pure {
        bytes calldata text = bytes(_text);
        uint256 place = 0;
        while (place < text.length) {
            // Nearly all texts are ASCII: 32 bytes at a time.
            if (place + 32 <= text.length && bytes32(text[place:place + 32]) & HIGH_BITS == 0) place += 32;
            else place += _sequence(text[place:]);
        }
    }

    /// The length of the well-formed sequence at the start of `_text`.
    function _sequence(bytes calldata _text) private pure returns (uint256) {
        uint8 lead = uint8(_text[0]);
        if (lead < 0x80) return 1;
        // What the second byte may be: narrower where an overlong form, a surrogate or a number that
        // is too large would start.
        uint8 low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        uint8 high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        uint256 length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        require(lead >= 0xc2 && lead <= 0xf4 && length <= _text.length, "a text is not UTF-8");
        for (uint256 i = 1; i < length; ++i) {
            uint8 next = uint8(_text[i]);
            require(next >= low && next <= high, "a text is not UTF-8");
            (low, high) = (0x80, 0xbf);
        }
        return length;
    }
}
