/** @file
 * Publishing, composing, granting and resolving data tokens and operator templates.
 *
 * A token is a record on the ledger and a JSON document in the store; every read checks the bytes
 * against the CID and the document against the checksum on the ledger. Terms that do not hold are
 * C2D_ERROR_REFUSED with the reason's name ("argument_refused"), and nothing is written. A const
 * registry may be shared between threads. Texts put out end with c2d_string_destroy. */
#ifndef C2D_CAPI_ASSET_REGISTRY_H
#define C2D_CAPI_ASSET_REGISTRY_H

#include <c2d/capi/chain.h>
#include <c2d/capi/document_store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Tokens and templates on one chain and in one store. */
typedef struct c2d_asset_registry c2d_asset_registry;

/** What c2d_asset_registry_open takes. */
typedef struct c2d_asset_registry_options {
    size_t struct_size;
    const c2d_document_store* documents; /**< required */
    const c2d_environment* environment;  /**< NULL: the default world */
    int accept_legacy_checksum;          /**< 1: read the original SDK's documents; its checksum is
                                          * blind to spaces, so never for operator code */
} c2d_asset_registry_options;
#define C2D_ASSET_REGISTRY_OPTIONS_INIT \
    { sizeof(c2d_asset_registry_options), 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_asset_registry_options_init(c2d_asset_registry_options* options);

/** Stands on the chain and the store, and keeps both. */
C2D_API c2d_status c2d_asset_registry_open(const c2d_chain* chain, const c2d_asset_registry_options* options,
                                           c2d_asset_registry** out, c2d_error** error);

/** Opens the chain and the documents that a configuration file names, as dt-cli does: section [keeper] of `path`, or,
 * if that is NULL, of the file that the environment's CONFIG_FILE names, else of ./config.ini; C2D_NETWORK_URL and
 * C2D_TRUST_DIR win over it. `environment` may be NULL. C2D_ERROR_NOT_FOUND: there is no such file, key or ledger;
 * C2D_ERROR_INVALID_ARGUMENT names the line or the key. */
C2D_API c2d_status c2d_asset_registry_open_config(const char* path, const c2d_environment* environment,
                                                  c2d_asset_registry** out, c2d_error** error);
/** What it stands on: a handle of its own, to be ended by the caller. */
C2D_API c2d_status c2d_asset_registry_chain(const c2d_asset_registry* registry, c2d_chain** out, c2d_error** error);
/** The same of the documents. */
C2D_API c2d_status c2d_asset_registry_documents(const c2d_asset_registry* registry, c2d_document_store** out,
                                                c2d_error** error);

/** An operator template: trusted code that may run next to data. */
typedef struct c2d_operator_draft {
    size_t struct_size;
    const char* metadata_json; /**< one JSON object; main.type must be "Operation" */
    const char* operation;     /**< the program text */
    const char* params_json;   /**< the parameters: a JSON object */
    const char* id;            /**< NULL: a random one */
} c2d_operator_draft;
#define C2D_OPERATOR_DRAFT_INIT \
    { sizeof(c2d_operator_draft), 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_operator_draft_init(c2d_operator_draft* draft);

/** Publishes reviewed code in an administrator's name; *out is its id. */
C2D_API c2d_status c2d_asset_registry_publish_operator(const c2d_asset_registry* registry, const c2d_key* admin,
                                                       const c2d_operator_draft* draft, char** out, c2d_error** error);
/** Replaces the template draft->id; terms that pinned the old code are refused from now on. */
C2D_API c2d_status c2d_asset_registry_update_operator(const c2d_asset_registry* registry, const c2d_key* admin,
                                                      const c2d_operator_draft* draft, c2d_error** error);
/** Publishes a token from its attributes, a JSON object with `metadata`, `services`, `child_dts` and
 * perhaps `id`: a leaf without children, else a composition. `id` wins over the attributes' and may
 * be NULL. *out is the token. */
C2D_API c2d_status c2d_asset_registry_publish(const c2d_asset_registry* registry, const c2d_key* owner,
                                              const char* attributes_json, const char* id, char** out,
                                              c2d_error** error);
/** Lets `cdt` use `dt`, which `owner` owns: its own word, also where it took a grant back and where a provider would
 * not grant by itself. */
C2D_API c2d_status c2d_asset_registry_grant(const c2d_asset_registry* registry, const c2d_key* owner, const char* dt,
                                            const char* cdt, c2d_error** error);
/** The same with bounds instead of those that the token's document names: how long from now, how many jobs; 0: none. */
C2D_API c2d_status c2d_asset_registry_grant_bounded(const c2d_asset_registry* registry, const c2d_key* owner,
                                                    const char* dt, const char* cdt, uint64_t seconds, uint64_t jobs,
                                                    c2d_error** error);
/** Activates a composition; every child must have been granted to it. */
C2D_API c2d_status c2d_asset_registry_activate(const c2d_asset_registry* registry, const c2d_key* owner,
                                               const char* cdt, c2d_error** error);

/** The schema of a token's table as its document publishes it (`attributes.schema`), JSON as c2d_schema_normalise gives
 * it. C2D_ERROR_NOT_FOUND: the document states none. */
C2D_API c2d_status c2d_asset_registry_schema(const c2d_asset_registry* registry, const char* dt, char** out,
                                             c2d_error** error);

/** {"dt","name","type","owner","active","is_leaf","checksum","cid","block","children":[…],
 * "services":[{"index","endpoint","template"}…],"free":[{"service","argument","allows"}…],
 * "document":{…}}, read and checked. "free": the arguments that nothing in its terms bounds, the
 * first 256; "allows" is the JSON text of the terms there. */
C2D_API c2d_status c2d_asset_registry_resolve(const c2d_asset_registry* registry, const char* dt, char** out,
                                              c2d_error** error);
/** {"tid","name","publisher","checksum","cid","block","operation","params":{…},"document":{…}}. */
C2D_API c2d_status c2d_asset_registry_resolve_operator(const c2d_asset_registry* registry, const char* tid, char** out,
                                                       c2d_error** error);
/** [resolved tokens…] of the public list, without their documents: at most `count` (256 a call) from
 * `start`. A token whose document cannot be read is there with an empty type. */
C2D_API c2d_status c2d_asset_registry_list(const c2d_asset_registry* registry, uint64_t start, uint64_t count,
                                           char** out, c2d_error** error);
/** [{"dt","endpoint","args":{…}}…]: what an Algorithm would run where, with which arguments. */
C2D_API c2d_status c2d_asset_registry_plan(const c2d_asset_registry* registry, const char* algorithm, char** out,
                                           c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_asset_registry_destroy(c2d_asset_registry* registry);

#ifdef __cplusplus
}
#endif

#endif
