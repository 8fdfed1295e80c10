/* The one list of status codes, shared by C, C++ and Python.
 *
 * A status says what the caller can do about a failure; the message beside it says what was
 * expected, what was found and what to do. Numbers are part of the ABI and never change. */
#ifndef C2D_STATUS_CODES_H
#define C2D_STATUS_CODES_H

/* X(NAME, number, "name", "what it means to the caller") */
#define C2D_STATUS_LIST(X)                                                                       \
    X(OK, 0, "ok", "the call did what it says")                                                  \
    X(INVALID_ARGUMENT, 1, "invalid_argument", "an input is not of the documented form")         \
    X(NOT_FOUND, 2, "not_found", "the thing asked for does not exist")                           \
    X(REFUSED, 3, "refused", "a contract or a provider said no; the reason is named")            \
    X(CORRUPT, 4, "corrupt", "stored or received bytes do not verify; do not retry")             \
    X(IO, 5, "io", "the operating system or the disk failed; look at the message")               \
    X(UNAVAILABLE, 6, "unavailable", "a node, store or peer did not answer; retry later")        \
    X(TIMEOUT, 7, "timeout", "a stated time limit ran out; retry later")                         \
    X(LIMIT, 8, "limit", "an input or a queue passed its bound")                                 \
    X(UNSUPPORTED, 9, "unsupported", "this network, kernel or build cannot do it")               \
    X(CANCELLED, 10, "cancelled", "the caller cancelled the operation")                          \
    X(CONFLICT, 11, "conflict", "the state changed, or the name is taken")                       \
    X(LAYER_UNAVAILABLE, 12, "layer_unavailable", "a required sandbox layer cannot be had here") \
    X(PEER, 13, "peer", "a protocol peer failed, vanished or is not who it must be")             \
    X(DOMAIN, 14, "domain", "a value left the range in which the computation is exact")          \
    X(INTERNAL, 15, "internal", "a defect of this library; please report it")

#endif
