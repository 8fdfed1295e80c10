"""What the C headers declare, for ctypes: structs, callbacks, functions.

Made by src/tools/codegen/generate.py; change the headers and run it again.
"""

from ctypes import (
    CFUNCTYPE, POINTER, c_char_p, c_double, c_int, c_size_t, c_ubyte, c_uint, c_uint16, c_uint32, c_uint64, c_void_p,
)

from ._struct import Struct

InterruptFunction = CFUNCTYPE(c_int, c_void_p)
DestroyFunction = CFUNCTYPE(None, c_void_p)
ProgressFunction = CFUNCTYPE(c_int, c_uint64, c_uint64, c_char_p, c_void_p)
ClockFunction = CFUNCTYPE(c_uint64, c_void_p)
RandomFunction = CFUNCTYPE(c_int, POINTER(c_ubyte), c_size_t, c_void_p)
LogFunction = CFUNCTYPE(None, c_int, c_char_p, c_void_p)
SignFunction = CFUNCTYPE(c_int, POINTER(c_ubyte), POINTER(c_ubyte), c_void_p)
MpcTrainProgress = CFUNCTYPE(c_int, c_uint64, c_int, c_double, c_void_p)
NonceSeenFunction = CFUNCTYPE(c_int, c_char_p, POINTER(c_ubyte), c_void_p)
NonceRememberFunction = CFUNCTYPE(c_int, c_char_p, POINTER(c_ubyte), c_uint64, c_uint64, c_void_p)
OutputFunction = CFUNCTYPE(None, POINTER(c_ubyte), c_size_t, c_void_p)

class MpcOpeningRules(Struct):
    """c2d_mpc_opening_rules of mpc.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("rows", c_uint64),
        ("positives", c_uint64),
        ("negatives", c_uint64),
        ("weight_share_max", c_double),
        ("reveal_any", c_int),
        ("label_counts", c_uint64),
        ("scores", c_int),
        ("reserved", c_int),
        ("score_rows_max", c_uint64),
        ("reason_codes", c_uint64),
        ("coefficients", c_uint64),
    ]


class MpcPeerKeys(Struct):
    """c2d_mpc_peer_keys of mpc.h."""

    _fields_ = [
        ("party", c_uint),
        ("reserved", c_uint),
        ("session_binding", POINTER(c_ubyte)),
        ("pre_shared", POINTER(c_ubyte)),
        ("pre_shared_size", c_size_t),
    ]


class MpcStats(Struct):
    """c2d_mpc_stats of mpc.h."""

    _fields_ = [
        ("bytes_sent", c_uint64 * 3),
        ("bytes_received", c_uint64 * 3),
        ("rounds", c_uint64),
    ]


class MpcScoreOptions(Struct):
    """c2d_mpc_score_options of mpc.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("kind", c_int),
        ("reserved", c_int),
        ("points", c_double),
        ("odds", c_double),
        ("double_after", c_double),
    ]


class MpcTrainOptions(Struct):
    """c2d_mpc_train_options of mpc.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("lr", c_double),
        ("batch_size", c_uint64),
        ("split", c_uint64),
        ("iterations", c_uint64),
        ("seed", c_uint64),
        ("evaluate_every", c_uint64),
        ("auc_to", c_uint),
        ("precise", c_int),
        ("l2", c_double),
        ("lr_decay", c_double),
        ("lr_decay_every", c_uint64),
        ("wide_area", c_int),
        ("reserved", c_int),
        ("zero_is_zero", c_int),
    ]


class MpcRegressionOptions(Struct):
    """c2d_mpc_regression_options of mpc.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("ridge", c_double),
        ("tolerance", c_double),
        ("steps_max", c_uint64),
        ("curvature_rows", c_uint64),
        ("seed", c_uint64),
        ("sample_weight", c_void_p),
        ("offset", c_void_p),
        ("statistics_to", POINTER(c_uint)),
        ("statistics_to_count", c_size_t),
        ("no_ridge", c_int),
        ("reserved", c_int),
    ]


class MpcRegressionResult(Struct):
    """c2d_mpc_regression_result of mpc.h."""

    _fields_ = [
        ("steps", c_uint64),
        ("converged", c_int),
        ("reserved", c_int),
        ("scale", c_double),
    ]


class MpcAlignOptions(Struct):
    """c2d_mpc_align_options of align.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("mode", c_int),
        ("first_of_duplicates", c_int),
        ("nfkc", c_int),
        ("fold_case", c_int),
        ("keep_space", c_int),
        ("digits_only", c_int),
        ("rows_max", c_uint64),
        ("common_min", c_uint64),
        ("common_share_min", c_double),
        ("job", c_char_p),
        ("schema_a", POINTER(c_ubyte)),
        ("schema_b", POINTER(c_ubyte)),
    ]


class MpcPairOptions(Struct):
    """c2d_mpc_pair_options of align.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("party", c_uint),
        ("port_a", c_uint),
        ("port_b", c_uint),
        ("reserved", c_uint),
        ("host_a", c_char_p),
        ("host_b", c_char_p),
        ("address_a", c_char_p),
        ("address_b", c_char_p),
        ("run", c_uint64),
        ("deadline_ms", c_uint64),
    ]


class RpcOptions(Struct):
    """c2d_rpc_options of chain.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("chain_id", c_uint64),
        ("gas_price", c_uint64),
        ("confirmations", c_uint64),
        ("first_block", c_uint64),
        ("log_blocks_max", c_uint64),
        ("receipt_deadline_ms", c_uint64),
        ("methods", c_char_p),
        ("address_prefix", c_char_p),
        ("fixed_gas_price", c_int),
        ("force_legacy", c_int),
        ("block_time", c_int),
        ("read_block", c_uint64),
    ]


class ChainHead(Struct):
    """c2d_chain_head of chain.h."""

    _fields_ = [
        ("number", c_uint64),
        ("time", c_uint64),
        ("hash", c_ubyte * 32),
    ]


class IpfsOptions(Struct):
    """c2d_ipfs_options of document_store.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("endpoint", c_char_p),
        ("authorization", c_char_p),
        ("find_within_ms", c_uint64),
    ]


class AssetRegistryOptions(Struct):
    """c2d_asset_registry_options of asset_registry.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("documents", c_void_p),
        ("environment", c_void_p),
        ("accept_legacy_checksum", c_int),
    ]


class OperatorDraft(Struct):
    """c2d_operator_draft of asset_registry.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("metadata_json", c_char_p),
        ("operation", c_char_p),
        ("params_json", c_char_p),
        ("id", c_char_p),
    ]


class HttpRequest(Struct):
    """c2d_http_request of http.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("method", c_char_p),
        ("target", c_char_p),
        ("body", c_void_p),
        ("body_size", c_size_t),
        ("authorization", c_char_p),
        ("range", c_char_p),
    ]


class SaveOptions(Struct):
    """c2d_save_options of client.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("replace", c_int),
        ("receipts", POINTER(c_char_p)),
        ("receipts_count", c_size_t),
        ("identity_file", c_char_p),
    ]


class Request(Struct):
    """c2d_request of request.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("method", c_int),
        ("audience", c_char_p),
        ("dt", c_char_p),
        ("algo_dt", c_char_p),
        ("job_id", c_uint64),
        ("store_path", c_char_p),
        ("lifetime_seconds", c_uint64),
        ("environment", c_void_p),
        ("attempt", c_uint64),
    ]


class JobVerifierOptions(Struct):
    """c2d_job_verifier_options of job_verifier.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("self", c_char_p),
        ("nonces", c_void_p),
        ("environment", c_void_p),
        ("accepted_parties", POINTER(c_char_p)),
        ("accepted_parties_count", c_size_t),
        ("allow_collusion", c_int),
        ("accept_legacy_signatures", c_int),
        ("accepted_composers", POINTER(c_char_p)),
        ("accepted_composers_count", c_size_t),
    ]


class JobParty(Struct):
    """c2d_job_party of job_verifier.h."""

    _fields_ = [
        ("number", c_uint32),
        ("reserved", c_uint32),
        ("owner", c_char_p),
        ("organisation", c_char_p),
        ("endpoint", c_char_p),
    ]


class JobInput(Struct):
    """c2d_job_input of job_verifier.h."""

    _fields_ = [
        ("dt", c_char_p),
        ("name", c_char_p),
        ("document_checksum", c_char_p),
    ]


class JobGrant(Struct):
    """c2d_job_grant of job_verifier.h."""

    _fields_ = [
        ("dt", c_char_p),
        ("grantee", c_char_p),
    ]


class SandboxLimits(Struct):
    """c2d_sandbox_limits of sandbox.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("memory_bytes", c_uint64),
        ("tmp_bytes", c_uint64),
        ("output_bytes", c_uint64),
        ("log_bytes", c_uint64),
        ("wall_ms", c_uint64),
        ("cpu_ms", c_uint64),
        ("output_files", c_uint32),
        ("processes", c_uint32),
        ("open_files", c_uint32),
        ("reserved", c_uint32),
    ]


class SandboxOptions(Struct):
    """c2d_sandbox_options of sandbox.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("helper", c_char_p),
        ("cgroup", c_char_p),
        ("environment", c_void_p),
    ]


class ProviderAsset(Struct):
    """c2d_provider_asset of provider.h."""

    _fields_ = [
        ("dt", c_char_p),
        ("path", c_char_p),
    ]


class ProviderSource(Struct):
    """c2d_provider_source of provider.h."""

    _fields_ = [
        ("dt", c_char_p),
        ("source", c_char_p),
    ]


class ProviderMount(Struct):
    """c2d_provider_mount of provider.h."""

    _fields_ = [
        ("host", c_char_p),
        ("inside", c_char_p),
    ]


class ProviderVariable(Struct):
    """c2d_provider_variable of provider.h."""

    _fields_ = [
        ("name", c_char_p),
        ("value", c_char_p),
    ]


class PortRange(Struct):
    """c2d_port_range of provider.h."""

    _fields_ = [
        ("first", c_uint16),
        ("last", c_uint16),
    ]


class ProviderPeerPsk(Struct):
    """c2d_provider_peer_psk of provider.h."""

    _fields_ = [
        ("organisation", c_char_p),
        ("path", c_char_p),
    ]


class ProviderQueueWeight(Struct):
    """c2d_provider_queue_weight of provider.h."""

    _fields_ = [
        ("solver", c_char_p),
        ("weight", c_uint32),
    ]


class TableOptions(Struct):
    """c2d_table_options of table.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("schema", c_char_p),
        ("encoding", c_char_p),
        ("delimiter", c_char_p),
        ("decimal", c_char_p),
        ("id", c_char_p),
        ("label", c_char_p),
        ("problems_max", c_size_t),
        ("bytes_max", c_uint64),
        ("header", c_uint64),
    ]

HttpFunction = CFUNCTYPE(c_int, POINTER(HttpRequest), POINTER(c_void_p), c_void_p)

class MpcSessionOptions(Struct):
    """c2d_mpc_session_options of mpc.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("rules", POINTER(MpcOpeningRules)),
        ("peers", POINTER(MpcPeerKeys)),
        ("peers_count", c_size_t),
        ("kept", c_char_p),
        ("checkpoints", c_char_p),
        ("checkpoint_ms", c_uint64),
        ("attempt", c_uint),
        ("reserved", c_uint),
    ]


class ChainOptions(Struct):
    """c2d_chain_options of chain.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("network_url", c_char_p),
        ("environment", c_void_p),
        ("address_file", c_char_p),
        ("network_name", c_char_p),
        ("trust_dir", c_char_p),
        ("rpc", POINTER(RpcOptions)),
        ("clock_ok", c_int),
        ("reserved", c_int),
    ]


class JobTerms(Struct):
    """c2d_job_terms of job_verifier.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("job_id", c_uint64),
        ("algo_dt", c_char_p),
        ("algo_checksum", c_char_p),
        ("solver", c_char_p),
        ("op_template", c_char_p),
        ("template_checksum", c_char_p),
        ("operation", c_void_p),
        ("operation_size", c_size_t),
        ("args_json", c_char_p),
        ("args_hash", c_char_p),
        ("all_parties", POINTER(JobParty)),
        ("all_parties_count", c_size_t),
        ("inputs", POINTER(JobInput)),
        ("inputs_count", c_size_t),
        ("grants", POINTER(JobGrant)),
        ("grants_count", c_size_t),
        ("outputs", POINTER(c_char_p)),
        ("outputs_count", c_size_t),
        ("release_log", c_char_p),
        ("parties", c_uint32),
        ("party", c_uint32),
        ("release_exit", c_int),
        ("collusion_overridden", c_int),
        ("attempt", c_uint32),
        ("attempts_max", c_uint32),
    ]


class TrialOptions(Struct):
    """c2d_trial_options of sandbox.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("rules", POINTER(MpcOpeningRules)),
        ("kept", c_char_p),
        ("clear", c_int),
        ("reserved", c_int),
    ]


class ProviderOptions(Struct):
    """c2d_provider_options of provider.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("key", c_void_p),
        ("environment", c_void_p),
        ("exec_dirpath", c_char_p),
        ("assets", POINTER(ProviderAsset)),
        ("assets_count", c_size_t),
        ("registrable", POINTER(c_char_p)),
        ("registrable_count", c_size_t),
        ("accepted_parties", POINTER(c_char_p)),
        ("accepted_parties_count", c_size_t),
        ("allow_collusion", c_int),
        ("accept_legacy_signatures", c_int),
        ("peer_bind", c_char_p),
        ("peer_ports", POINTER(PortRange)),
        ("peer_ports_count", c_size_t),
        ("peer_networks", POINTER(c_char_p)),
        ("peer_networks_count", c_size_t),
        ("peer_connect_ms", c_uint64),
        ("sandbox", POINTER(SandboxOptions)),
        ("limits", POINTER(SandboxLimits)),
        ("workers", c_uint32),
        ("queue_max", c_uint32),
        ("python_package", c_char_p),
        ("python_library", c_char_p),
        ("mounts", POINTER(ProviderMount)),
        ("mounts_count", c_size_t),
        ("variables", POINTER(ProviderVariable)),
        ("variables_count", c_size_t),
        ("peer_sources", POINTER(c_char_p)),
        ("peer_sources_count", c_size_t),
        ("peer_sources_only", c_int),
        ("waiting_seconds", c_uint64),
        ("disk_bytes_min", c_uint64),
        ("defer_start", c_int),
        ("accepted_composers", POINTER(c_char_p)),
        ("accepted_composers_count", c_size_t),
        ("organisation", c_char_p),
        ("peer_psk", POINTER(ProviderPeerPsk)),
        ("peer_psk_count", c_size_t),
        ("peer_silence_ms", c_uint64),
        ("peer_port", c_uint16),
        ("queue_weights", POINTER(ProviderQueueWeight)),
        ("queue_weights_count", c_size_t),
        ("queue_share", c_uint32),
        ("artifact_key", c_char_p),
        ("sources", POINTER(ProviderSource)),
        ("sources_count", c_size_t),
        ("release_bytes_max", c_uint64),
        ("attempt_seconds", c_uint64),
        ("checkpoint_seconds", c_uint64),
    ]


class ClientOptions(Struct):
    """c2d_client_options of client.h."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("key", c_void_p),
        ("environment", c_void_p),
        ("http", HttpFunction),
        ("http_user_data", c_void_p),
        ("http_destroy", DestroyFunction),
        ("http_timeout_ms", c_uint64),
        ("result_bytes_max", c_uint64),
    ]


#: Each function: (its result, its parameters…).
FUNCTIONS = {
    "c2d_status_name": (c_char_p, c_int),
    "c2d_status_text": (c_char_p, c_int),
    "c2d_version": (c_char_p,),
    "c2d_abi_version": (c_uint32,),
    "c2d_error_status": (c_int, c_void_p),
    "c2d_error_message": (c_char_p, c_void_p),
    "c2d_error_source": (c_char_p, c_void_p),
    "c2d_error_code": (c_uint64, c_void_p),
    "c2d_error_name": (c_char_p, c_void_p),
    "c2d_error_transaction": (POINTER(c_ubyte), c_void_p),
    "c2d_error_destroy": (None, c_void_p),
    "c2d_string_destroy": (None, c_void_p),
    "c2d_display_text": (c_int, c_char_p, c_size_t, c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_url_without_credentials": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_bytes_data": (POINTER(c_ubyte), c_void_p),
    "c2d_bytes_size": (c_size_t, c_void_p),
    "c2d_bytes_destroy": (None, c_void_p),
    "c2d_set_interrupt": (None, InterruptFunction, c_void_p),
    "c2d_environment_create": (c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_environment_set_clock": (c_int, c_void_p, ClockFunction, c_void_p, DestroyFunction, POINTER(c_void_p)),
    "c2d_environment_set_random": (c_int, c_void_p, RandomFunction, c_void_p, DestroyFunction, POINTER(c_void_p)),
    "c2d_environment_set_log": (c_int, c_void_p, LogFunction, c_void_p, DestroyFunction, POINTER(c_void_p)),
    "c2d_environment_destroy": (None, c_void_p),
    "c2d_age_identity_create": (c_int, c_char_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_age_identity_recipient": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_age_encrypt_file": (c_int, c_char_p, c_char_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_age_decrypt_file": (c_int, c_char_p, c_char_p, c_char_p, POINTER(c_void_p)),
    "c2d_digest_size": (c_size_t,),
    "c2d_signature_size": (c_size_t,),
    "c2d_key_generate": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_key_from_hex": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_key_from_keystore": (c_int, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_key_from_pkcs11": (c_int, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_key_from_signer": (
        c_int, c_char_p, SignFunction, c_void_p, DestroyFunction, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_key_to_keystore": (c_int, c_void_p, c_char_p, c_uint, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_key_address": (c_char_p, c_void_p),
    "c2d_key_sign_digest": (c_int, c_void_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_recover_signer": (c_int, c_char_p, c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_key_destroy": (None, c_void_p),
    "c2d_mpc_matrix_create": (c_int, c_size_t, c_size_t, POINTER(c_double), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_matrix_read_csv": (c_int, c_char_p, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_matrix_rows": (c_size_t, c_void_p),
    "c2d_mpc_matrix_cols": (c_size_t, c_void_p),
    "c2d_mpc_matrix_data": (POINTER(c_double), c_void_p),
    "c2d_mpc_matrix_destroy": (None, c_void_p),
    "c2d_mpc_opening_rules_init": (None, POINTER(MpcOpeningRules)),
    "c2d_mpc_session_options_init": (None, POINTER(MpcSessionOptions)),
    "c2d_mpc_session_from_environment": (c_int, c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_open_fd": (c_int, c_int, c_uint, c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_open_fd_with_rules": (
        c_int, c_int, c_uint, c_int, POINTER(MpcOpeningRules), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_open_fd_with_options": (
        c_int, c_int, c_uint, c_int, POINTER(MpcSessionOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_connect": (
        c_int, c_uint, c_void_p, POINTER(c_char_p), POINTER(c_uint), POINTER(c_char_p), c_char_p, c_char_p, c_uint64,
        c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_connect_with_rules": (
        c_int, c_uint, c_void_p, POINTER(c_char_p), POINTER(c_uint), POINTER(c_char_p), c_char_p, c_char_p, c_uint64,
        c_uint64, POINTER(MpcOpeningRules), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_connect_with_options": (
        c_int, c_uint, c_void_p, POINTER(c_char_p), POINTER(c_uint), POINTER(c_char_p), c_char_p, c_char_p, c_uint64,
        c_uint64, POINTER(MpcSessionOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_destroy": (None, c_void_p),
    "c2d_mpc_session_party": (c_uint, c_void_p),
    "c2d_mpc_session_stats": (None, c_void_p, POINTER(MpcStats)),
    "c2d_mpc_session_disclosures": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_note_rule": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_mpc_session_exchange": (c_int, c_void_p, c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_input": (c_int, c_void_p, c_uint, c_void_p, c_double, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_input_labels": (c_int, c_void_p, c_uint, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_constant": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_add": (c_int, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_sub": (c_int, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_scale": (c_int, c_void_p, c_void_p, c_double, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_mul": (c_int, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_matmul": (c_int, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_transpose": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_rows": (
        c_int, c_void_p, c_void_p, POINTER(c_size_t), c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_hconcat": (c_int, c_void_p, POINTER(c_void_p), c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_vconcat": (c_int, c_void_p, POINTER(c_void_p), c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_less": (c_int, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_select": (c_int, c_void_p, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_sum": (c_int, c_void_p, c_void_p, c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_repeat": (c_int, c_void_p, c_void_p, c_size_t, c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_divide": (c_int, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_reciprocal": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_inverse_sqrt": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_log": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_sigmoid": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_sigmoid_by_comparison": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_keep": (c_int, c_void_p, c_void_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_mpc_session_load": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_save_checkpoint": (c_int, c_void_p, c_uint64, POINTER(c_void_p), c_size_t, POINTER(c_void_p)),
    "c2d_mpc_session_load_checkpoint": (
        c_int, c_void_p, c_size_t, POINTER(c_uint64), POINTER(c_void_p), POINTER(c_size_t), POINTER(c_void_p)),
    "c2d_mpc_score_options_init": (None, POINTER(MpcScoreOptions)),
    "c2d_mpc_session_score": (
        c_int, c_void_p, c_void_p, c_void_p, POINTER(MpcScoreOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_reveal": (
        c_int, c_void_p, c_void_p, POINTER(c_uint), c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_train_options_init": (None, POINTER(MpcTrainOptions)),
    "c2d_mpc_session_train_logistic": (
        c_int, c_void_p, c_void_p, c_void_p, POINTER(MpcTrainOptions), MpcTrainProgress, c_void_p, POINTER(c_void_p),
        POINTER(c_void_p)),
    "c2d_mpc_session_train_linear": (
        c_int, c_void_p, c_void_p, c_void_p, POINTER(MpcTrainOptions), MpcTrainProgress, c_void_p, POINTER(c_void_p),
        POINTER(c_void_p)),
    "c2d_mpc_regression_options_init": (None, POINTER(MpcRegressionOptions)),
    "c2d_mpc_session_fit_logistic": (
        c_int, c_void_p, c_void_p, c_void_p, POINTER(MpcRegressionOptions), POINTER(c_void_p),
        POINTER(MpcRegressionResult), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_fit_linear": (
        c_int, c_void_p, c_void_p, c_void_p, POINTER(MpcRegressionOptions), POINTER(c_void_p),
        POINTER(MpcRegressionResult), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_iterations_per_second": (c_double, c_void_p),
    "c2d_mpc_session_standardise": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_column_statistics": (
        c_int, c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_uint), c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_bin_counts": (
        c_int, c_void_p, c_uint, c_void_p, c_size_t, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_weight_of_evidence": (c_int, c_void_p, c_void_p, c_double, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_information_value": (c_int, c_void_p, c_void_p, c_double, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_correlations": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_variance_inflation": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_bin_points": (c_int, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_contributions": (
        c_int, c_void_p, c_void_p, c_void_p, POINTER(c_size_t), c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_reason_codes": (
        c_int, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_reveal_bin_counts": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_encode_bins": (c_int, c_void_p, c_uint, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_session_auc": (
        c_int, c_void_p, c_void_p, c_void_p, c_uint, POINTER(c_int), POINTER(c_double), POINTER(c_void_p)),
    "c2d_mpc_tensor_rows": (c_size_t, c_void_p),
    "c2d_mpc_tensor_cols": (c_size_t, c_void_p),
    "c2d_mpc_tensor_destroy": (None, c_void_p),
    "c2d_mpc_cost": (
        c_int, c_char_p, c_size_t, c_size_t, c_size_t, c_size_t, c_size_t, c_double, c_double, POINTER(c_void_p),
        POINTER(c_void_p)),
    "c2d_mpc_ids_create": (c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_ids_add_column": (c_int, c_void_p, c_char_p, c_size_t, POINTER(c_uint64), c_size_t, POINTER(c_void_p)),
    "c2d_mpc_ids_destroy": (None, c_void_p),
    "c2d_mpc_align_options_init": (None, POINTER(MpcAlignOptions)),
    "c2d_mpc_alignment_common": (c_size_t, c_void_p),
    "c2d_mpc_alignment_rows": (POINTER(c_uint32), c_void_p),
    "c2d_mpc_alignment_table_rows": (c_uint64, c_void_p, c_uint),
    "c2d_mpc_alignment_column": (c_int, c_void_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_alignment_destroy": (None, c_void_p),
    "c2d_mpc_session_join": (
        c_int, c_void_p, c_void_p, POINTER(c_void_p), c_size_t, POINTER(MpcAlignOptions), POINTER(c_void_p),
        POINTER(c_void_p)),
    "c2d_mpc_session_align": (
        c_int, c_void_p, c_void_p, POINTER(MpcAlignOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_mpc_pair_options_init": (None, POINTER(MpcPairOptions)),
    "c2d_mpc_align_pair": (
        c_int, c_void_p, POINTER(MpcPairOptions), c_void_p, POINTER(MpcAlignOptions), POINTER(c_void_p),
        POINTER(c_void_p)),
    "c2d_artifact_store_open": (c_int, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_artifact_store_destroy": (None, c_void_p),
    "c2d_artifact_folder": (c_int, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_artifact_store_list": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_artifact_store_check": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_artifact_store_wrapped_by": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_artifact_store_rewrap": (c_int, c_void_p, POINTER(c_size_t), POINTER(c_void_p)),
    "c2d_artifact_store_rewrap_to": (c_int, c_void_p, c_char_p, POINTER(c_size_t), POINTER(c_void_p)),
    "c2d_artifact_store_erase": (c_int, c_void_p, c_char_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_tombstone_read": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_rpc_options_init": (None, POINTER(RpcOptions)),
    "c2d_chain_options_init": (None, POINTER(ChainOptions)),
    "c2d_chain_open": (c_int, POINTER(ChainOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_create": (c_int, POINTER(ChainOptions), c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_deploy": (
        c_int, POINTER(ChainOptions), c_void_p, c_int, ProgressFunction, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_cut": (c_int, POINTER(ChainOptions), c_uint64, c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_accept": (c_int, POINTER(ChainOptions), c_uint64, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_info": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_verify": (c_int, c_void_p, ProgressFunction, c_void_p, POINTER(ChainHead), POINTER(c_void_p)),
    "c2d_chain_require_block": (c_int, c_void_p, c_uint64, c_char_p, POINTER(c_void_p)),
    "c2d_chain_add_admin": (c_int, c_void_p, c_void_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_register_enterprise": (
        c_int, c_void_p, c_void_p, c_char_p, c_char_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_update_enterprise": (
        c_int, c_void_p, c_void_p, c_char_p, c_char_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_add_provider": (c_int, c_void_p, c_void_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_create_task": (c_int, c_void_p, c_void_p, c_char_p, c_char_p, POINTER(c_uint64), POINTER(c_void_p)),
    "c2d_chain_add_job": (c_int, c_void_p, c_void_p, c_char_p, c_uint64, POINTER(c_uint64), POINTER(c_void_p)),
    "c2d_chain_close_task": (c_int, c_void_p, c_void_p, c_uint64, c_void_p, POINTER(c_void_p)),
    "c2d_chain_revoke": (c_int, c_void_p, c_void_p, c_char_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_send": (c_int, c_void_p, c_void_p, c_char_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_ask": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_enterprise": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_enterprises": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_is_provider": (c_int, c_void_p, c_char_p, POINTER(c_int), POINTER(c_void_p)),
    "c2d_chain_token": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_token_count": (c_int, c_void_p, POINTER(c_uint64), POINTER(c_void_p)),
    "c2d_chain_has_grant": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_int), POINTER(c_void_p)),
    "c2d_chain_grant_state": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_grants_of": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_grants_to": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_task": (c_int, c_void_p, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_job": (c_int, c_void_p, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_destroy": (None, c_void_p),
    "c2d_document_store_directory": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_ipfs_options_init": (None, POINTER(IpfsOptions)),
    "c2d_document_store_ipfs": (c_int, POINTER(IpfsOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_document_store_memory": (c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_document_store_put": (c_int, c_void_p, c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_document_store_get": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_document_store_destroy": (None, c_void_p),
    "c2d_asset_registry_options_init": (None, POINTER(AssetRegistryOptions)),
    "c2d_asset_registry_open": (c_int, c_void_p, POINTER(AssetRegistryOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_open_config": (c_int, c_char_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_chain": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_documents": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_operator_draft_init": (None, POINTER(OperatorDraft)),
    "c2d_asset_registry_publish_operator": (
        c_int, c_void_p, c_void_p, POINTER(OperatorDraft), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_update_operator": (c_int, c_void_p, c_void_p, POINTER(OperatorDraft), POINTER(c_void_p)),
    "c2d_asset_registry_publish": (
        c_int, c_void_p, c_void_p, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_grant": (c_int, c_void_p, c_void_p, c_char_p, c_char_p, POINTER(c_void_p)),
    "c2d_asset_registry_grant_bounded": (
        c_int, c_void_p, c_void_p, c_char_p, c_char_p, c_uint64, c_uint64, POINTER(c_void_p)),
    "c2d_asset_registry_activate": (c_int, c_void_p, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_asset_registry_schema": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_resolve": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_resolve_operator": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_list": (c_int, c_void_p, c_uint64, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_plan": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_asset_registry_destroy": (None, c_void_p),
    "c2d_chain_start_edition": (c_int, c_void_p, c_void_p, c_uint64, c_void_p, POINTER(c_void_p)),
    "c2d_chain_register_organisation": (
        c_int, c_void_p, c_void_p, c_char_p, c_char_p, c_char_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_update_organisation": (
        c_int, c_void_p, c_void_p, c_char_p, c_char_p, c_char_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_remove_role": (c_int, c_void_p, c_void_p, c_char_p, c_int, c_void_p, POINTER(c_void_p)),
    "c2d_chain_restore_role": (c_int, c_void_p, c_void_p, c_char_p, c_int, c_void_p, POINTER(c_void_p)),
    "c2d_chain_admins": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_change_owner": (
        c_int, c_void_p, c_void_p, c_char_p, c_char_p, POINTER(c_uint64), c_void_p, POINTER(c_void_p)),
    "c2d_chain_add_delegate": (
        c_int, c_void_p, c_void_p, c_char_p, c_int, c_char_p, c_uint64, c_void_p, POINTER(c_void_p)),
    "c2d_chain_revoke_delegate": (c_int, c_void_p, c_void_p, c_char_p, c_int, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_keys": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_acts_for": (c_int, c_void_p, c_char_p, c_char_p, c_int, POINTER(c_int), POINTER(c_void_p)),
    "c2d_chain_close_token": (c_int, c_void_p, c_void_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_open_token": (c_int, c_void_p, c_void_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_is_closed": (c_int, c_void_p, c_char_p, POINTER(c_int), POINTER(c_void_p)),
    "c2d_chain_decision": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_chain_disclosures": (c_int, c_void_p, c_char_p, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_http_request_init": (None, POINTER(HttpRequest)),
    "c2d_http_response_create": (c_int, c_int, c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_http_response_add_header": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p)),
    "c2d_http_response_header_count": (c_size_t, c_void_p),
    "c2d_http_response_header_name": (c_char_p, c_void_p, c_size_t),
    "c2d_http_response_header_value": (c_char_p, c_void_p, c_size_t),
    "c2d_http_response_status": (c_int, c_void_p),
    "c2d_http_response_content_type": (c_char_p, c_void_p),
    "c2d_http_response_body": (c_void_p, c_void_p),
    "c2d_http_response_body_size": (c_size_t, c_void_p),
    "c2d_http_response_destroy": (None, c_void_p),
    "c2d_client_options_init": (None, POINTER(ClientOptions)),
    "c2d_client_open": (c_int, c_void_p, POINTER(ClientOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_publish": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_request_grant": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p)),
    "c2d_client_compose": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_insert_dt_store": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p)),
    "c2d_client_waiting_grants": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_artifacts": (c_int, c_void_p, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_origin": (c_int, c_void_p, c_uint64, c_char_p, c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_renew_grant": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p)),
    "c2d_client_close_token": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_client_open_token": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_client_provider_queue": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_hold_queue": (c_int, c_void_p, c_char_p, c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_drain_queue": (
        c_int, c_void_p, c_char_p, ProgressFunction, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_cancel_own_runs": (c_int, c_void_p, c_uint64, POINTER(c_void_p)),
    "c2d_client_create_task": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_uint64), POINTER(c_void_p)),
    "c2d_client_register_job": (c_int, c_void_p, c_uint64, c_char_p, POINTER(c_uint64), POINTER(c_void_p)),
    "c2d_client_execute": (c_int, c_void_p, c_uint64, c_char_p, POINTER(c_uint64), POINTER(c_void_p)),
    "c2d_client_verify": (c_int, c_void_p, c_uint64, c_char_p, POINTER(c_void_p)),
    "c2d_client_start": (c_int, c_void_p, c_uint64, c_char_p, POINTER(c_void_p)),
    "c2d_client_start_attempt": (c_int, c_void_p, c_uint64, POINTER(c_uint64), POINTER(c_void_p)),
    "c2d_client_status": (c_int, c_void_p, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_wait": (c_int, c_void_p, c_uint64, ProgressFunction, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_wait_with_attempts": (
        c_int, c_void_p, c_uint64, ProgressFunction, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_logs": (c_int, c_void_p, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_client_cancel": (c_int, c_void_p, c_uint64, POINTER(c_void_p)),
    "c2d_client_results": (c_int, c_void_p, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_save_options_init": (None, POINTER(SaveOptions)),
    "c2d_client_save_results": (
        c_int, c_void_p, c_uint64, c_char_p, POINTER(SaveOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_released_files_count": (c_size_t, c_void_p),
    "c2d_released_files_name": (c_char_p, c_void_p, c_size_t),
    "c2d_released_files_dt": (c_char_p, c_void_p, c_size_t),
    "c2d_released_files_data": (POINTER(c_ubyte), c_void_p, c_size_t),
    "c2d_released_files_size": (c_size_t, c_void_p, c_size_t),
    "c2d_released_files_destroy": (None, c_void_p),
    "c2d_client_destroy": (None, c_void_p),
    "c2d_chain_post_receipt": (
        c_int, c_void_p, c_void_p, c_uint64, c_char_p, c_int, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_chain_receipts_of": (c_int, c_void_p, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_receipt_read": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_receipt_open_member": (c_int, c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_receipt_read_member": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_receipt_confirm_member": (c_int, c_char_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_receipt_confirm": (c_int, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_origin_confirm": (c_int, c_char_p, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_method_name": (c_char_p, c_int),
    "c2d_request_init": (None, POINTER(Request)),
    "c2d_request_sign_body": (c_int, POINTER(Request), c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_request_sign_authorization": (
        c_int, POINTER(Request), c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_nonce_store_memory": (c_int, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_nonce_store_from_functions": (
        c_int, NonceSeenFunction, NonceRememberFunction, c_void_p, DestroyFunction, POINTER(c_void_p),
        POINTER(c_void_p)),
    "c2d_nonce_store_destroy": (None, c_void_p),
    "c2d_verdict_accepted": (c_int, c_void_p),
    "c2d_verdict_reason": (c_char_p, c_void_p),
    "c2d_verdict_text": (c_char_p, c_void_p),
    "c2d_verdict_http_status": (c_int, c_void_p),
    "c2d_verdict_path": (c_char_p, c_void_p),
    "c2d_verdict_expected": (c_char_p, c_void_p),
    "c2d_verdict_actual": (c_char_p, c_void_p),
    "c2d_verdict_destroy": (None, c_void_p),
    "c2d_envelope_method": (c_int, c_void_p),
    "c2d_envelope_signer": (c_char_p, c_void_p),
    "c2d_envelope_dt": (c_char_p, c_void_p),
    "c2d_envelope_algo_dt": (c_char_p, c_void_p),
    "c2d_envelope_job_id": (c_uint64, c_void_p),
    "c2d_envelope_store_path": (c_char_p, c_void_p),
    "c2d_envelope_destroy": (None, c_void_p),
    "c2d_job_verifier_options_init": (None, POINTER(JobVerifierOptions)),
    "c2d_job_verifier_open": (c_int, c_void_p, POINTER(JobVerifierOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_job_verifier_verify": (c_int, c_void_p, c_int, c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_job_verifier_check_body": (
        c_int, c_void_p, c_int, c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_job_verifier_check_authorization": (
        c_int, c_void_p, c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_job_verifier_verify_grant": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_job_verifier_verify_job_terms": (
        c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_job_terms_destroy": (None, POINTER(JobTerms)),
    "c2d_job_verifier_verify_job": (
        c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_job_verifier_admit": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_job_verifier_destroy": (None, c_void_p),
    "c2d_sandbox_limits_init": (None, POINTER(SandboxLimits)),
    "c2d_sandbox_job_create": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_sandbox_job_set_args": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_sandbox_job_add_argument": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_sandbox_job_add_input": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p)),
    "c2d_sandbox_job_add_mount": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p)),
    "c2d_sandbox_job_add_variable": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p)),
    "c2d_sandbox_job_set_peer_fd": (c_int, c_void_p, c_int, POINTER(c_void_p)),
    "c2d_sandbox_job_set_outputs": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_sandbox_job_add_output_name": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_sandbox_job_set_limits": (c_int, c_void_p, POINTER(SandboxLimits), POINTER(c_void_p)),
    "c2d_sandbox_job_set_log": (c_int, c_void_p, OutputFunction, c_void_p, DestroyFunction, POINTER(c_void_p)),
    "c2d_sandbox_job_waive_layer": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_sandbox_job_destroy": (None, c_void_p),
    "c2d_report_succeeded": (c_int, c_void_p),
    "c2d_report_outcome": (c_char_p, c_void_p),
    "c2d_report_detail": (c_char_p, c_void_p),
    "c2d_report_exit_code": (c_int, c_void_p),
    "c2d_report_log_data": (POINTER(c_ubyte), c_void_p),
    "c2d_report_log_size": (c_size_t, c_void_p),
    "c2d_report_log_text": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_report_to_json": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_report_destroy": (None, c_void_p),
    "c2d_sandbox_options_init": (None, POINTER(SandboxOptions)),
    "c2d_sandbox_open": (c_int, POINTER(SandboxOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_sandbox_probe": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_sandbox_run": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_sandbox_start": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_sandbox_destroy": (None, c_void_p),
    "c2d_trial_options_init": (None, POINTER(TrialOptions)),
    "c2d_sandbox_try_parties": (
        c_int, c_void_p, POINTER(c_void_p), c_size_t, POINTER(TrialOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_run_wait": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_run_cancel": (None, c_void_p),
    "c2d_run_destroy": (None, c_void_p),
    "c2d_provider_options_init": (None, POINTER(ProviderOptions)),
    "c2d_provider_open": (c_int, c_void_p, POINTER(ProviderOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_provider_start": (c_int, c_void_p, POINTER(c_void_p)),
    "c2d_provider_handle": (c_int, c_void_p, POINTER(HttpRequest), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_provider_body_bytes_max": (c_size_t,),
    "c2d_provider_address": (c_char_p, c_void_p),
    "c2d_provider_runs": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_provider_runs_of": (c_int, c_void_p, c_uint64, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_provider_cancel": (c_int, c_void_p, c_uint64, POINTER(c_void_p)),
    "c2d_provider_waiting_grants": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_provider_close_token": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_provider_open_token": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_provider_drain": (c_int, c_void_p, POINTER(c_void_p)),
    "c2d_provider_hold": (c_int, c_void_p, c_int, POINTER(c_void_p)),
    "c2d_provider_destroy": (None, c_void_p),
    "c2d_schema_normalise": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_schema_read": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_schema_digest": (c_int, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_schema_export_arrow": (c_int, c_char_p, c_void_p, POINTER(c_void_p)),
    "c2d_table_options_init": (None, POINTER(TableOptions)),
    "c2d_table_read_csv": (
        c_int, c_char_p, POINTER(TableOptions), ProgressFunction, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_parse_csv": (
        c_int, c_char_p, c_size_t, c_char_p, POINTER(TableOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_check_csv": (
        c_int, c_char_p, POINTER(TableOptions), ProgressFunction, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_read": (
        c_int, c_char_p, POINTER(TableOptions), ProgressFunction, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_check": (
        c_int, c_char_p, POINTER(TableOptions), ProgressFunction, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_write": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "c2d_table_query": (c_int, c_char_p, POINTER(TableOptions), POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_rows": (c_size_t, c_void_p),
    "c2d_table_cols": (c_size_t, c_void_p),
    "c2d_table_schema": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_cell": (c_int, c_void_p, c_size_t, c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_select": (c_int, c_void_p, POINTER(c_char_p), c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_take": (c_int, c_void_p, POINTER(c_uint64), c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_conform": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_numbers": (c_int, c_void_p, POINTER(c_double), c_size_t, POINTER(c_void_p)),
    "c2d_table_destroy": (None, c_void_p),
    "c2d_table_import_arrow": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_import_arrow_array": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_table_export_arrow": (c_int, c_void_p, c_void_p, POINTER(c_void_p)),
    "c2d_preprocessing_plan": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_preprocessing_rule_fit": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_preprocessing_rule_parse": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_preprocessing_rule_to_json": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_preprocessing_rule_digest": (c_int, c_void_p, c_void_p, POINTER(c_void_p)),
    "c2d_preprocessing_rule_apply": (c_int, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_preprocessing_rule_destroy": (None, c_void_p),
    "c2d_prepared_rows": (c_size_t, c_void_p),
    "c2d_prepared_cols": (c_size_t, c_void_p),
    "c2d_prepared_data": (POINTER(c_double), c_void_p),
    "c2d_prepared_to_json": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_prepared_destroy": (None, c_void_p),
    "c2d_exported_model_parse": (c_int, c_char_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_exported_model_to_json": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_exported_model_to_pmml": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_exported_model_score": (c_int, c_void_p, POINTER(c_void_p), c_size_t, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_exported_model_destroy": (None, c_void_p),
    "c2d_tracer_create": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_tracer_walk": (
        c_int, c_void_p, POINTER(c_char_p), c_size_t, ProgressFunction, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_tracer_destroy": (None, c_void_p),
    "c2d_trace_to_text": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_trace_to_json": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_void_p)),
    "c2d_trace_destroy": (None, c_void_p),
}
