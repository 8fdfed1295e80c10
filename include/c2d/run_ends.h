/* The one table of how a provider's run may end.
 *
 * Shared by C++, C, Python, the provider's state file, the receipts and docs/errors.md. Names are
 * stable. `outcome` is what the ledger says of it (ReceiptOutcome in c2d/chain.hpp): 1 succeeded,
 * 2 failed, 3 cancelled, 4 refused, 5 aborted; 0: the outcome is the one that the end names.
 * X(name, outcome, "what it means, for people") */
#ifndef C2D_RUN_ENDS_H
#define C2D_RUN_ENDS_H

#define C2D_RUN_END_LIST(X)                                                                          \
    X(succeeded, 1, "the operator ended by itself with status 0, its outputs were collected")        \
    /* what the operator did, or its data: told to the solver as `failed` unless the terms say so */ \
    X(exited, 2, "the operator ended by itself with another status, which is named")                 \
    X(signaled, 2, "it was ended by a signal that is not one of the sandbox's")                      \
    X(wall_timeout, 2, "it ran longer than the limit")                                               \
    X(cpu_limit, 2, "it used more processor time than the limit")                                    \
    X(memory_limit, 2, "it used more memory than the limit")                                         \
    X(file_size_limit, 2, "it wrote a file past the limit")                                          \
    X(process_limit, 2, "it failed after the kernel had refused it another process")                 \
    X(outputs_rejected, 2, "an output is not a plain, named file within the limits")                 \
    X(outputs_not_kept, 2, "an output that was to stay here could not be sealed and stored")         \
    X(input_unusable, 2, "the operator says that its input cannot be used (exit status 65)")         \
    X(domain, 2, "a value left the range in which the computation is exact (exit status 33)")        \
    X(limit, 2, "the operator says that this takes more than a run may have (exit status 12)")       \
    /* somebody's will */                                                                            \
    X(cancelled, 3, "the solver or the owner cancelled")                                             \
    X(revoked, 3, "a grant it rests on was taken back, or its data closed: nothing is released")     \
    /* the checks right before the launch */                                                         \
    X(refused, 4, "the checks right before the launch refused; the reason is named")                 \
    /* nobody's will */                                                                              \
    X(peer_missing, 5, "a party was not reached in time, or is not who it must be; it is named")     \
    X(peer_lost, 5, "a party was lost or fell silent while the operator ran; it is named")           \
    X(peer_failed, 5, "another party's operator ended, and ours could not go on; it is named")       \
    X(interrupted, 5, "the provider stopped while this ran")                                         \
    X(incomplete, 5, "the other data sets of the run were not asked for in time")                    \
    X(data_unavailable, 5, "the data behind a token cannot be opened")                               \
    X(data_changed, 5, "a data file changed while the operator could read it")                       \
    X(ledger_unavailable, 5, "the ledger did not answer right before the launch")                    \
    X(document_unavailable, 5, "a document could not be read right before the launch")               \
    X(not_prepared, 5, "the run could not be prepared; the status is named")                         \
    X(setup_failed, 5, "the sandbox was ended from outside, not by the operator or a limit")         \
    /* the ledger knows more than the state file */                                                  \
    X(recorded, 0, "a signed receipt of this run stood already; its outcome is named")

#endif
