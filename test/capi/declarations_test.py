"""The Python package declares the C interface as the headers do: functions, their parameters, structs.

declarations_test.py --include DIR --layout PROGRAM
"""

import argparse
import ctypes
import subprocess
import sys
import unittest

import c2d
from c2d import (
    _ffi, asset_registry, chain, client, document_store, environment, errors, http, job_receipt, job_verifier, key, provider,
    sandbox, tracer,
)

import headers

OPTIONS = argparse.Namespace()
#: Functions that Python has no use for: its terms are dicts.
UNUSED = {"c2d_environment_set_random", "c2d_job_verifier_verify_job_terms", "c2d_job_terms_destroy"}
SIZES = {"int": 4, "uint16_t": 2, "unsigned": 4, "uint32_t": 4, "c2d_status": 4, "c2d_method": 4,
         "c2d_mpc_backend": 4, "c2d_mpc_sum": 4, "c2d_receipt_outcome": 4, "size_t": 8, "uint64_t": 8, "double": 8}
STRUCTS = {
    "c2d_rpc_options": chain._Rpc, "c2d_chain_options": chain._Options, "c2d_chain_head": chain._Head,
    "c2d_asset_registry_options": asset_registry._Options,
    "c2d_ipfs_options": document_store._IpfsOptions,
    "c2d_operator_draft": asset_registry._Draft, "c2d_request": job_verifier._Request,
    "c2d_job_verifier_options": job_verifier._Options, "c2d_sandbox_options": sandbox._Options,
    "c2d_sandbox_limits": sandbox._Limits, "c2d_mpc_train_options": _ffi.TrainOptions,
    "c2d_mpc_stats": _ffi.Stats, "c2d_http_request": http.RawRequest,
    "c2d_client_options": client._Options, "c2d_save_options": client._SaveOptions,
    "c2d_provider_options": provider._Options,
    "c2d_provider_asset": provider._Asset, "c2d_provider_mount": provider._Mount,
    "c2d_provider_variable": provider._Variable, "c2d_port_range": provider._PortRange,
}


class Declarations(unittest.TestCase):
    def test_functions(self):
        for function in headers.functions(OPTIONS.include):
            if function.name in UNUSED:
                continue
            with self.subTest(function.name):
                declared = getattr(_ffi.lib, function.name)
                self.assertIsNotNone(declared.argtypes, "not declared")
                sizes = [SIZES.get(kind, 8) for kind, _ in function.parameters]
                self.assertEqual([ctypes.sizeof(kind) for kind in declared.argtypes], sizes)
                if function.result == "void":
                    self.assertIsNone(declared.restype)
                else:
                    self.assertEqual(ctypes.sizeof(declared.restype), SIZES.get(function.result, 8))

    def test_structs(self):
        done = subprocess.run([OPTIONS.layout], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen, fields = set(), {}
        for line in done.stdout.splitlines():
            name, number = line.split()
            if not line.startswith(" "):
                current = STRUCTS[name]
                seen.add(name)
                fields[name] = {field for field, _ in current._fields_} - {"struct_size"}
                struct = name
                self.assertEqual(ctypes.sizeof(current), int(number), name)
            else:
                self.assertEqual(getattr(current, name).offset, int(number), struct + "." + name)
                fields[struct].discard(name)
        self.assertEqual(seen, set(STRUCTS))
        self.assertEqual({name: rest for name, rest in fields.items() if rest}, {})

    def test_every_code_has_its_exception(self):
        codes = {}
        for number in range(1, 64):
            name = _ffi.text(_ffi.lib.c2d_status_name(number))
            if name != "internal" or number in errors.BY_CODE:
                codes[number] = name
        self.assertEqual({number: kind.status for number, kind in errors.BY_CODE.items()}, codes)
        for kind in errors.BY_CODE.values():
            self.assertTrue(issubclass(kind, c2d.Error))

    def test_everything_public_is_documented(self):
        for name in c2d.__all__:
            value = getattr(c2d, name)
            self.assertTrue(value.__doc__ or issubclass(value, c2d.Error), name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--include", required=True)
    parser.add_argument("--layout", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
