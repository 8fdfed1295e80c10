// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

// What the contracts answer with. A refused call does not revert: it leaves the state as it is and
// one event whose code says why. The same list stands in interface.hpp.

uint256 constant SUCCESS = 0;
uint256 constant NO_PERMISSION = 10000;
uint256 constant TEXT_TOO_LONG = 10001;
uint256 constant ROLE_EXISTS = 1001;
uint256 constant EDITION_NOT_NEXT = 1002;
uint256 constant ROLE_MISSING = 1003;
uint256 constant LAST_ADMIN = 1004;
uint256 constant ENTERPRISE_EXISTS = 2001;
uint256 constant ENTERPRISE_UNKNOWN = 2002;
uint256 constant PROVIDER_EXISTS = 2003;
uint256 constant PROVIDER_UNKNOWN = 2004;
uint256 constant LEGAL_ID_MALFORMED = 2005;
uint256 constant TEMPLATE_EXISTS = 3001;
uint256 constant TEMPLATE_UNKNOWN = 3002;
uint256 constant TOKEN_EXISTS = 4001;
uint256 constant TOKEN_UNKNOWN = 4002;
uint256 constant COMPOSITE_ACTIVE = 4003;
uint256 constant COMPOSITE_UNAVAILABLE = 4004;
uint256 constant GRANTED_ALREADY = 4005;
uint256 constant NOT_GRANTED = 4006;
uint256 constant GRANT_EXPIRED = 4007;
uint256 constant GRANT_SPENT = 4008;
uint256 constant GRANT_NEEDS_OWNER = 4009;
uint256 constant TOKEN_CLOSED = 4010;
uint256 constant TOKEN_NOT_CLOSED = 4011;
uint256 constant MODE_UNKNOWN = 4012;
uint256 constant TASK_UNAVAILABLE = 5001;
uint256 constant JOB_TOKEN_INACTIVE = 5002;
uint256 constant JOB_TOKEN_FOREIGN = 5003;
uint256 constant TASK_FOREIGN = 5004;
uint256 constant JOB_UNKNOWN = 6001;
uint256 constant TOKEN_NOT_IN_JOB = 6002;
uint256 constant RECEIPT_EXISTS = 6003;
uint256 constant RECEIPT_MALFORMED = 6004;
uint256 constant IDENTITY_UNKNOWN = 7001;
uint256 constant KEY_TAKEN = 7002;
uint256 constant DELEGATE_TYPE_UNKNOWN = 7003;
uint256 constant VALIDITY_OUT_OF_RANGE = 7004;
uint256 constant DELEGATE_MISSING = 7005;

// Texts of records, in bytes.

uint256 constant NAME_MAX = 256;
uint256 constant TEXT_MAX = 4096;

// What a delegate may do in its organisation's place. What takes the owner's key itself has type zero.

bytes32 constant GRANT = "grant";
bytes32 constant WORK = "work";
bytes32 constant OWNER = 0;

// Roles, and what they may do.

uint256 constant ROLE_ADMIN = 100;
uint256 constant ROLE_ENTERPRISE = 101;
uint256 constant ROLE_PROVIDER = 102;

uint256 constant MODIFY_ADMIN = 200;
uint256 constant MODIFY_ENTERPRISE = 201;
uint256 constant MODIFY_PROVIDER = 202;
uint256 constant MODIFY_OPERATION = 203;
uint256 constant MODIFY_ASSET = 204;
uint256 constant MODIFY_AUTHORIZE = 205;
uint256 constant MODIFY_TASK = 206;
