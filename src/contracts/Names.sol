// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import "./RoleController.sol";

/// @title Under which names an organisation's decisions and counts are kept
/// @notice Under its address, and under its legal id where it has one, which other addresses may share. What is
/// read is what both say together, and it is written under both: a legal id that comes later loses nothing, and a
/// second address of the same organisation begins where the first one stands.
library Names {
    /// @notice The two names; the same where there is no legal id.
    function both(RoleController _roleController, address _id)
        internal
        view
        returns (bytes32 own, bytes32 organisation)
    {
        own = bytes32(uint256(uint160(_id)));
        organisation = _roleController.assetProvider().organisationOf(_id);
    }
}
