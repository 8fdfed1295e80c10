"""Every function of the C interface with NULL where it may not be: an error or nothing, no crash.

First all pointers of a call at once, for each function that the headers declare. Then one pointer at
a time among good arguments: C2D_ERROR_INVALID_ARGUMENT must name the parameter, and no output may
have been touched. OPTIONAL below is the list of parameters that may be NULL.

null_arguments_test.py --include DIR   (C2D_LIBRARY names the library, PYTHONPATH the package)
"""

import argparse
import ctypes
import pathlib
import struct
import sys
import tempfile
import unittest

import c2d
from c2d import _ffi, _generated, _text, asset_registry, chain, http

sys.path[:0] = [
    str(pathlib.Path(__file__).resolve().parents[2] / folder) for folder in ("src/tools/codegen", "test/support")
]
import headers
from world import World

FUNCTIONS = []
INVALID_ARGUMENT, NOT_FOUND, UNSUPPORTED = 1, 2, 9
NUMBERS = {
    "int": ctypes.c_int,
    "unsigned": ctypes.c_uint,
    "size_t": ctypes.c_size_t,
    "uint64_t": ctypes.c_uint64,
    "uint32_t": ctypes.c_uint32,
    "double": ctypes.c_double,
    "c2d_status": ctypes.c_int,
    "c2d_method": ctypes.c_int,
    "c2d_mpc_backend": ctypes.c_int,
    "c2d_mpc_sum": ctypes.c_int,
    "c2d_receipt_outcome": ctypes.c_int,
    "c2d_log_level": ctypes.c_int,
}
RESULTS = dict(NUMBERS, void=None)

#: Parameters that may be NULL, by name, and those of single functions.
OPTIONAL = {"error", "user_data", "destroy", "progress", "out_transaction"}
OPTIONAL_HERE = {
    "c2d_key_generate": {"environment"},
    "c2d_key_from_pkcs11": {"pin"},
    "c2d_chain_change_owner": {"out_proposed_until"},
    "c2d_chain_verify": {"out"},
    "c2d_asset_registry_open_config": {"path", "environment"},
    "c2d_asset_registry_publish": {"id"},
    "c2d_client_publish": {"id"},
    "c2d_client_compose": {"id"},
    "c2d_client_waiting_grants": {"dt"},
    "c2d_client_provider_queue": {"dt"},
    "c2d_client_hold_queue": {"dt"},
    "c2d_client_drain_queue": {"dt"},
    "c2d_client_save_results": {"options"},
    "c2d_http_response_create": {"body"},  # only with size 0
    "c2d_job_verifier_verify_job": {"out_terms"},
    "c2d_sandbox_open": {"options"},
    "c2d_sandbox_try_parties": {"options"},
    "c2d_document_store_put": {"document"},  # only with size 0, which is a test of its own in C
    "c2d_tracer_walk": {"roots"},  # likewise
    "c2d_artifact_store_open": {"key_file"},
    "c2d_artifact_store_rewrap": {"out_count"},
    "c2d_artifact_store_rewrap_to": {"out_count"},
    "c2d_age_identity_create": {"environment"},
    "c2d_age_encrypt_file": {"environment"},
    "c2d_table_read_csv": {"options"},
    "c2d_table_parse_csv": {"options"},
    "c2d_table_check_csv": {"options"},
    "c2d_table_read": {"options"},
    "c2d_table_check": {"options"},
    "c2d_table_query": {"options"},
    "c2d_preprocessing_rule_fit": {"plan"},
}


def is_pointer(kind):
    return kind.endswith("*") or kind.endswith(("_function", "_progress"))


def raw_function(function):
    """The function on a handle of its own, so that the package's declarations stay as they are."""
    out = ctypes.CDLL(_ffi.lib._name)[function.name]
    out.restype = RESULTS.get(function.result, ctypes.c_void_p)
    out.argtypes = [ctypes.c_void_p if is_pointer(kind) else NUMBERS[kind] for kind, _ in function.parameters]
    return out


class GoodValues:
    """One for each kind of parameter."""

    def __init__(self, folder):
        world = World()
        key, ledger, registry = world.bank, world.chain, world.registry
        nonces = c2d.NonceStore.memory()
        verifier = world.verifier(nonces)
        self.token = world.children[0]
        body = c2d.sign_request(
            ledger, key, "status", audience=key.address, dt=self.token, environment=world.environment
        )
        _, envelope = verifier.check_body("status", body)
        tracer = c2d.Tracer(registry)
        box = c2d.Sandbox()
        job = c2d.SandboxJob("pass", folder + "/out", argv=["/bin/true"])
        run = box.start(job)
        bank = c2d.Provider(registry, key, exec_dirpath=folder + "/exec")
        company = c2d.Client(registry, key, http=lambda request: bank.handle(*request))
        report = ctypes.c_void_p(_ffi.call_out("c2d_run_wait", run.raw))
        verdict = ctypes.c_void_p(_ffi.call_out("c2d_job_verifier_verify_grant", verifier.raw, envelope.raw))
        table = c2d.Table.of({"x": [1, 2, 3]})
        rule = c2d.PreprocessingRule.fit(table)
        prepared = rule.apply(table)
        artifacts = c2d.ArtifactStore(folder + "/artifacts")
        self.alive = [
            artifacts,
            table,
            rule,
            prepared,
            key,
            ledger,
            registry,
            nonces,
            verifier,
            envelope,
            tracer,
            box,
            job,
            run,
            report,
            verdict,
            bank,
            company,
        ]
        self.handles = {
            "c2d_artifact_store": artifacts.raw,
            "c2d_environment": c2d.Environment().raw,
            "c2d_key": key.raw,
            "c2d_chain": ledger.raw,
            "c2d_document_store": registry.documents.raw,
            "c2d_asset_registry": registry.raw,
            "c2d_nonce_store": nonces.raw,
            "c2d_job_verifier": verifier.raw,
            "c2d_envelope": envelope.raw,
            "c2d_verdict": verdict.value,
            "c2d_tracer": tracer.raw,
            "c2d_trace": tracer.walk([]).raw,
            "c2d_sandbox": box.raw,
            "c2d_sandbox_job": job.raw,
            "c2d_run": run.raw,
            "c2d_report": report.value,
            "c2d_sandbox_limits": _generated.SandboxLimits(ctypes.sizeof(_generated.SandboxLimits)),
            "c2d_chain_options": chain._options("ledger::memory:", None),
            "c2d_asset_registry_options": _generated.AssetRegistryOptions(
                ctypes.sizeof(_generated.AssetRegistryOptions), registry.documents.raw
            ),
            "c2d_ipfs_options": self.ipfs_options(),
            "c2d_operator_draft": asset_registry._draft({}, "", {}, self.token),
            "c2d_job_verifier_options": self.verifier_options(key, nonces),
            "c2d_request": self.request(key),
            "c2d_provider": bank.raw,
            "c2d_client": company.raw,
            "c2d_provider_options": self.with_key(_generated.ProviderOptions, key),
            "c2d_client_options": self.with_key(_generated.ClientOptions, key),
            "c2d_save_options": _generated.SaveOptions(ctypes.sizeof(_generated.SaveOptions)),
            "c2d_table": table.raw,
            "c2d_preprocessing_rule": rule.raw,
            "c2d_prepared": prepared.raw,
            "c2d_table_options": _generated.TableOptions(ctypes.sizeof(_generated.TableOptions)),
            "c2d_http_request": http.to_raw(http.HttpRequest("GET", "/healthz")),
        }
        self.alive += [c2d.Environment]

    @staticmethod
    def ipfs_options():
        options = _generated.IpfsOptions(ctypes.sizeof(_generated.IpfsOptions))
        options.endpoint = b"http://127.0.0.1:5001"
        return options

    @staticmethod
    def with_key(kind, key):
        options = kind(ctypes.sizeof(kind))
        options.key = key.raw
        return options

    @staticmethod
    def verifier_options(key, nonces):
        options = _generated.JobVerifierOptions(ctypes.sizeof(_generated.JobVerifierOptions))
        options.self, options.nonces = key.address.encode(), nonces.raw
        return options

    def request(self, key):
        request = _generated.Request(ctypes.sizeof(_generated.Request))
        request.audience, request.dt = key.address.encode(), self.token.encode()
        return request

    def good(self, kind, name):
        base = kind.replace("const ", "").replace("*", "").strip()
        if base in NUMBERS and not is_pointer(kind):
            return 1
        if base in self.handles:
            value = self.handles[base]
            return ctypes.addressof(value) if isinstance(value, ctypes.Structure) else value
        return self.buffer(kind, name)

    def buffer(self, kind, name):
        if name in ("dt", "cdt", "tid", "algorithm", "id"):
            data = ctypes.create_string_buffer(self.token.encode())
        elif name == "address":
            data = ctypes.create_string_buffer(b"0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f")
        elif name == "source":
            data = ctypes.create_string_buffer(b'{"sqlite": "/nowhere/bank.db", "query": "SELECT 1"}')
        elif kind.endswith("_function"):
            data = _generated.ProgressFunction(lambda *_: 0)
            self.alive.append(data)
            return ctypes.cast(data, ctypes.c_void_p).value
        else:
            data = ctypes.create_string_buffer(b"{}", 256)
        self.alive.append(data)
        return ctypes.addressof(data)


class AllNull(unittest.TestCase):
    def test_every_function(self):
        for function in FUNCTIONS:
            with self.subTest(function.name):
                arguments = [None if is_pointer(kind) else 0 for kind, _ in function.parameters]
                answer = raw_function(function)(*arguments)
                if function.result == "c2d_status" and function.parameters[-1][0] == "c2d_error**":
                    self.assertEqual(answer, INVALID_ARGUMENT)


def call_with(values, function, index, value):
    """Calls with good arguments but for one: (status, message, outputs that were touched)."""
    marker = 0x5A5A5A5A
    outputs, arguments = [], []
    error = ctypes.c_void_p()
    for place, (kind, name) in enumerate(function.parameters):
        if place == index:
            arguments.append(value)
        elif name == "error":
            arguments.append(ctypes.addressof(error))
        elif name.startswith("out") and kind.endswith("*"):
            out = ctypes.c_uint64(marker)
            outputs.append((name, out))
            arguments.append(ctypes.addressof(out))
        else:
            arguments.append(values.good(kind, name))
    status = raw_function(function)(*arguments)
    message = _ffi.text(_ffi.lib.c2d_error_message(error))
    _ffi.lib.c2d_error_destroy(error)
    return status, message, [name for name, out in outputs if out.value != marker]


class OneNull(unittest.TestCase):
    def test_every_parameter(self):
        checked = 0
        with tempfile.TemporaryDirectory() as folder:
            values = GoodValues(folder)
            for function in FUNCTIONS:
                if function.result != "c2d_status" or function.header in ("base.h", "mpc.h", "align.h"):
                    continue
                for index, (kind, name) in enumerate(function.parameters):
                    optional = OPTIONAL | OPTIONAL_HERE.get(function.name, set())
                    if not is_pointer(kind) or name in optional:
                        continue
                    with self.subTest(function=function.name, parameter=name):
                        self.refuses(values, function, index, name)
                        checked += 1
        self.assertGreater(checked, 150)

    def refuses(self, values, function, null_index, null_name):
        status, message, touched = call_with(values, function, null_index, None)
        self.assertEqual((status, message), (INVALID_ARGUMENT, null_name + " must not be NULL"))
        self.assertEqual(touched, [])


class Structs(unittest.TestCase):
    """Options of callers that know less or more of them than this library."""

    def test_every_struct(self):
        checked = set()
        with tempfile.TemporaryDirectory() as folder:
            values = GoodValues(folder)
            for function in FUNCTIONS:
                for index, (kind, _) in enumerate(function.parameters):
                    name = kind.replace("const ", "").rstrip("*")
                    good = values.handles.get(name)
                    if function.result != "c2d_status" or not isinstance(good, ctypes.Structure):
                        continue
                    with self.subTest(function=function.name, struct=name):
                        self.check_status(values, function, index, bytes(good))
                    checked.add(name)
        self.assertEqual(
            checked, {name for name, value in values.handles.items() if isinstance(value, ctypes.Structure)}
        )

    def check_status(self, values, function, index, good):
        def call(size, tail=b""):
            data = ctypes.create_string_buffer(struct.pack("=Q", size) + good[8:] + tail, len(good) + len(tail))
            return call_with(values, function, index, ctypes.addressof(data))

        for size in (0, 7, 1 << 20, (1 << 64) - 1):  # not set
            status, message, touched = call(size)
            self.assertEqual((status, touched), (INVALID_ARGUMENT, []), message)
            self.assertIn("struct_size", message)
        status, message, touched = call(len(good) + 8, struct.pack("=Q", 1))  # a newer field, in use
        self.assertEqual((status, touched), (UNSUPPORTED, []), message)
        self.assertIn("newer", message)
        # Of the oldest caller: nothing but the size. What is required is missing, or all is default (and
        # there is no such job).
        status, message, touched = call(8)
        if status not in (0, NOT_FOUND):
            self.assertEqual((status, touched), (INVALID_ARGUMENT, []), message)
            self.assertIn("must not be NULL", message)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--include", required=True)
    options, rest = parser.parse_known_args()
    FUNCTIONS[:] = headers.functions(options.include)
    unittest.main(argv=[sys.argv[0]] + rest)
