"""c2d: let others compute on data that never leaves its owner.

The package stands on the library's C interface (ctypes) and needs nothing beside Python itself.
Functions raise subclasses of `c2d.Error`.
"""

from . import errors
from .errors import (
    Cancelled,
    Conflict,
    Corrupt,
    DomainViolation,
    Error,
    Internal,
    InvalidArgument,
    IoFailure,
    LayerUnavailable,
    LimitReached,
    NotFound,
    PeerFailure,
    Refused,
    Timeout,
    Unavailable,
    Unsupported,
)
from . import mpc
from ._ffi import lib as _lib

#: Classes of an organisation's side by their module: loaded when first asked for, so that operators
#: start fast.
_ON_DEMAND = {
    "Chain": "chain",
    "RpcOptions": "chain",
    "Key": "key",
    "recover_signer": "key",
    "DocumentStore": "document_store",
    "AssetRegistry": "asset_registry",
    "JobVerifier": "job_verifier",
    "NonceStore": "job_verifier",
    "Envelope": "job_verifier",
    "Verdict": "job_verifier",
    "sign_request": "job_verifier",
    "sign_authorization": "job_verifier",
    "Tracer": "tracer",
    "Trace": "tracer",
    "Sandbox": "sandbox",
    "SandboxJob": "sandbox",
    "Report": "sandbox",
    "Run": "sandbox",
    "Environment": "environment",
    "Provider": "provider",
    "Client": "client",
    "read_receipt": "job_receipt",
    "confirm_receipt": "job_receipt",
    "ReleasedFile": "client",
    "open_receipt_member": "job_receipt",
    "read_opened_member": "job_receipt",
    "confirm_opened_member": "job_receipt",
    "confirm_origin": "job_receipt",
    "Schema": "table",
    "Table": "table",
    "PreprocessingRule": "table",
    "Prepared": "table",
    "check_csv": "table",
    "check_table": "table",
    "ExportedModel": "exported_model",
    "ArtifactStore": "artifact",
    "artifact_folder": "artifact",
    "read_tombstone": "artifact",
    "HttpRequest": "http",
    "HttpResponse": "http",
}

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:  # `as` says that the name is ours to give on
    from .artifact import (
        ArtifactStore as ArtifactStore,
        artifact_folder as artifact_folder,
        read_tombstone as read_tombstone,
    )
    from .asset_registry import AssetRegistry as AssetRegistry
    from .chain import Chain as Chain, RpcOptions as RpcOptions
    from .client import Client as Client, ReleasedFile as ReleasedFile
    from .document_store import DocumentStore as DocumentStore
    from .environment import Environment as Environment
    from .exported_model import ExportedModel as ExportedModel
    from .http import HttpRequest as HttpRequest, HttpResponse as HttpResponse
    from .job_verifier import (
        Envelope as Envelope,
        JobVerifier as JobVerifier,
        NonceStore as NonceStore,
        Verdict as Verdict,
        sign_authorization as sign_authorization,
        sign_request as sign_request,
    )
    from .job_receipt import (
        confirm_opened_member as confirm_opened_member,
        confirm_origin as confirm_origin,
        confirm_receipt as confirm_receipt,
        open_receipt_member as open_receipt_member,
        read_opened_member as read_opened_member,
        read_receipt as read_receipt,
    )
    from .key import Key as Key, recover_signer as recover_signer
    from .provider import Provider as Provider
    from .sandbox import Report as Report, Run as Run, Sandbox as Sandbox, SandboxJob as SandboxJob
    from .table import (
        PreprocessingRule as PreprocessingRule,
        Prepared as Prepared,
        Schema as Schema,
        Table as Table,
        check_csv as check_csv,
        check_table as check_table,
    )
    from .tracer import Trace as Trace, Tracer as Tracer

__version__: str = _lib.c2d_version().decode()

__all__ = [
    "mpc",
    "errors",
    "Error",
    "Cancelled",
    "Conflict",
    "Corrupt",
    "DomainViolation",
    "Internal",
    "InvalidArgument",
    "IoFailure",
    "LayerUnavailable",
    "LimitReached",
    "NotFound",
    "PeerFailure",
    "Refused",
    "Timeout",
    "Unavailable",
    "Unsupported",
    *_ON_DEMAND,
]


def __getattr__(name):
    if name not in _ON_DEMAND:
        raise AttributeError("module 'c2d' has no attribute %r" % name)
    import importlib

    value = getattr(importlib.import_module("." + _ON_DEMAND[name], __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(set(globals()) | set(_ON_DEMAND))
