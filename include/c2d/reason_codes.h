/* The one table of reason codes: why a verifier or a provider said no.
 *
 * Shared by C++, C, Python, the HTTP answers and docs/errors.md. Names are stable.
 * X(name, http, "what it means, for people") */
#ifndef C2D_REASON_CODES_H
#define C2D_REASON_CODES_H

#define C2D_REASON_LIST(X)                                                                                   \
    X(accepted, 200, "every check passed")                                                                   \
    /* said before the signature holds */                                                                    \
    X(body_too_large, 413, "the body is larger than the provider reads")                                     \
    X(malformed, 400, "the request is not JSON of the documented form")                                      \
    X(wrong_audience, 401, "the request is signed for another provider")                                     \
    X(request_expired, 401, "the request expired, or expires too far ahead")                                 \
    X(signature_invalid, 401, "the signature does not fit the request")                                      \
    X(replayed, 409, "this nonce was used before")                                                           \
    /* identity and state on the ledger */                                                                   \
    X(dt_unknown, 404, "no such data token on the ledger")                                                   \
    X(dt_not_ours, 404, "the data token is not offered by this provider")                                    \
    X(cdt_unknown, 404, "no such composed token on the ledger")                                              \
    X(cdt_not_composed, 403, "the token is a leaf, not a composition")                                       \
    X(cdt_not_active, 403, "the composition is not activated on the ledger")                                 \
    X(not_algorithm, 403, "a job needs a token of type Algorithm with exactly one service")                  \
    X(wrong_signer, 403, "signed by another than the owner or solver on the ledger")                         \
    X(job_unknown, 404, "no such job on the ledger")                                                         \
    X(job_wrong_cdt, 403, "the job is registered for another composed token")                                \
    X(job_wrong_solver, 403, "the job is registered by another solver")                                      \
    X(grant_missing, 403, "the ledger holds no grant from a child to its composition")                       \
    X(links_broken, 403, "the children on the ledger are not those of the document")                         \
    X(owner_unregistered, 403, "an owner has no organisation record, or its role was taken")                 \
    X(party_not_accepted, 403, "this provider does not compute with that party")                             \
    /* documents */                                                                                          \
    X(document_unavailable, 503, "a document could not be read from the store")                              \
    X(document_mismatch, 403, "a document differs from what the ledger says of it")                          \
    X(document_invalid, 403, "a document is not of the documented form")                                     \
    X(template_unknown, 403, "no such operator template on the ledger")                                      \
    X(template_mismatch, 403, "operator code differs from what the ledger says of it")                       \
    X(template_changed, 403, "the template was updated after the terms were published")                      \
    X(template_unpinned, 403, "the terms do not pin the checksum of their template")                         \
    /* terms */                                                                                              \
    X(service_unknown, 403, "the composition names a service that the child does not offer")                 \
    X(workflow_mismatch, 403, "workflow and children do not name the same tokens")                           \
    X(argument_missing, 403, "an argument that the terms name is absent")                                    \
    X(argument_unexpected, 403, "an argument that the terms do not name is present")                         \
    X(argument_refused, 403, "an argument differs from what the terms allow")                                \
    X(argument_free, 403, "an Algorithm leaves an argument open")                                            \
    X(schema_unsupported, 403, "a $schema uses a keyword outside the supported subset")                      \
    X(terms_too_deep, 403, "terms are nested deeper, or cost more to check, than is allowed")                \
    /* parties */                                                                                            \
    X(parties_disagree, 403, "the children do not agree on an argument")                                     \
    X(parties_incomplete, 403, "the children do not name every party, each by one owner")                    \
    X(collusion, 403, "one organisation would control more parties than the protocol bears")                 \
    X(peer_endpoint_refused, 403, "a party's endpoint is outside what this provider allows")                 \
    /* the provider */                                                                                       \
    X(path_not_allowed, 403, "the path is not one that this provider may register")                          \
    X(data_unavailable, 503, "the data behind the token cannot be opened")                                   \
    X(not_found, 404, "no such route or resource")                                                           \
    X(not_permitted, 403, "the signer may not see this")                                                     \
    X(state_conflict, 409, "the job is not in a state that allows this")                                     \
    X(result_too_large, 413, "the released outputs are larger than a provider hands out")                    \
    X(busy, 429, "the provider's queue is full")                                                             \
    X(ledger_unavailable, 503, "the ledger did not answer")                                                  \
    X(internal, 503, "the provider failed; its log says why")                                                \
    X(ledger_rolled_back, 503, "the ledger lacks blocks that the provider had seen before")                  \
    X(ledger_ahead, 503, "the ledger's last block is ahead of the provider's clock; ask again later")        \
    X(ledger_replaced, 503, "the ledger file was deleted or replaced while the provider used it")            \
    X(clock_jumped, 503, "the provider's clock jumped; it writes nothing until its owner has looked")        \
    X(starting, 503, "the provider is starting; ask again in a moment")                                      \
    X(too_many_requests, 429, "the signer has too many live requests; wait until some expire")               \
    X(grant_needs_owner, 403, "only the owner may give this grant; one that is asked for waits for that")    \
    X(token_closed, 403, "the owner closed the data token: no grants, no new jobs")                          \
    X(peer_version, 409, "a peer speaks no protocol of this provider; the older of the two must be updated") \
    X(not_final, 503, "the ledger has it, but not in a block that is final here; ask again later")           \
    X(model_mismatch, 409, "the model tokens are not of one run, or not of the parties that use them")       \
    X(origin_invalid, 403, "the ledger has no receipt of the artifact that a model token names")             \
    X(models_spent, 403, "as many different models scored over this table as its owner allows")              \
    X(runtime_not_accepted, 409, "a party shows its operator another c2d than an owner's terms accept")      \
    X(budget_spent, 403, "as much was opened of this table as its owner allows")                             \
    X(attempt_refused, 403, "the terms allow no such attempt at the job")                                    \
    X(input_changed, 409, "a party's input is not the one of an earlier job under the same grant")

#endif
