"""No misuse of the Python package ends the interpreter: wrong types, closed handles, copies, threads.

Every public callable is found by introspection and called some dozens of times with what nobody should pass
(C2D_SEED=n repeats a run). What it may do is return or raise TypeError, ValueError, c2d.Error and their like; what
it may not do is end this process. Handles are tried closed, copied, from threads and from callbacks.
"""

import array
import collections
import contextlib
import copy
import ctypes
import datetime
import decimal
import faulthandler
import gc
import inspect
import operator
import os
import pickle
import random
import sys
import tempfile
import threading
import unittest

import c2d
from c2d import _ffi, mpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from three_parties import three_parties  # noqa: E402: the folder had to be named first
from world import World  # noqa: E402

ROUNDS = 60
SEED = int(os.environ.get("C2D_SEED", "1"))
HANDLES = [
    c2d.Key,
    c2d.Chain,
    c2d.DocumentStore,
    c2d.AssetRegistry,
    c2d.JobVerifier,
    c2d.NonceStore,
    c2d.Envelope,
    c2d.Tracer,
    c2d.Trace,
    c2d.Sandbox,
    c2d.SandboxJob,
    c2d.Run,
    c2d.Environment,
    c2d.Provider,
    c2d.Client,
    c2d.Table,
    c2d.PreprocessingRule,
    c2d.Prepared,
    mpc.Matrix,
    mpc.Tensor,
    mpc.Session,
]


class Mine(Exception):
    """What hostile objects raise; it comes out as it is."""


#: How a wrong call may end.
HARMLESS = (TypeError, ValueError, LookupError, ArithmeticError, c2d.Error, mpc.PartyFailed, Mine)


class Broken:
    """Raises, or lies, wherever Python asks."""

    def raises(self, *_):
        raise Mine("broken")

    __len__ = __iter__ = __index__ = __float__ = __int__ = __getitem__ = __fspath__ = __bytes__ = raises


class NegativeLength:
    def __len__(self):
        return -1

    def __getitem__(self, index):
        raise IndexError(index)


class Lying:
    """Says that it is an array."""

    shape, dtype, ndim = (3, 10**6), collections.namedtuple("dtype", "kind")("f"), 2

    def astype(self, _):
        return self

    def tobytes(self):
        return b"12345678"


class BadInterface:
    __array_interface__ = {"shape": (10**9,), "typestr": "<f8", "data": (8, False), "version": 3}


class Numberish(int):
    def __index__(self):
        return "seven"


def raising_generator():
    yield [1, 2]
    raise Mine("generator")


def raising_function(*_):
    raise Mine("function")


def deep(depth=3000):
    out = []
    for _ in range(depth):
        out = [out]
    return out


def recursive():
    out = {}
    out["self"] = out
    return out


def numpy_arrays():
    try:
        import numpy
    except ImportError:
        return []
    return [
        numpy.zeros((0, 0)),
        numpy.zeros((2, 2, 2)),
        numpy.array([1j]),
        numpy.array(["a"]),
        numpy.array(None),
        numpy.array([[object()]]),
        numpy.array(["2020-01-01"], dtype="M8[D]"),
        numpy.float64("nan"),
        numpy.ma.masked_array([1.0, 2.0], mask=[0, 1]),
        numpy.int64(-1),
        numpy.zeros((2, 2))[::-1, ::2],
    ]


def hostile_values():
    """Factories of what nobody should pass."""
    plain = [
        None,
        True,
        -1,
        -(2**31),
        2**31,
        2**32,
        2**63,
        2**64,
        2**64 + 1,
        2**200,
        -(2**63),
        1.5,
        1e308,
        float("nan"),
        float("inf"),
        1j,
        "",
        "a\0b",
        "\ud800",
        "x" * 100000,
        "hex",
        "[" * 5000,
        b"",
        b"a\0b",
        b"\xff",
        bytearray(b"ab"),
        memoryview(b"abc")[::2],
        [],
        [[]],
        [None],
        ["a", "b"],
        [[1, 2], [3]],
        [[1, "2"]],
        (),
        {},
        {"a": 1},
        {1: 2},
        {"memory_bytes": -1},
        {"wall_ms": 2**70},
        set(),
        object(),
        raising_function,
        type,
        print,
        range(3),
        Broken(),
        NegativeLength(),
        Lying(),
        BadInterface(),
        Numberish(7),
        decimal.Decimal("NaN"),
        datetime.date(2020, 1, 1),
        array.array("d", [1.0]),
        array.array("i", [1]),
        Ellipsis,
        slice(1, None, -1),
        deep(),
        recursive(),
        *numpy_arrays(),
        *HANDLES,
    ]
    return [lambda value=value: value for value in plain] + [
        raising_generator,
        lambda: iter([1, 2]),
        lambda: iter("ab"),
    ]


class Everything:
    """One live object of each class, another that is closed, and good arguments by name."""

    def __init__(self, session):
        self.closed = self.make(session, "closed")[:-2]
        self.closed += [mpc.Session.__new__(mpc.Session), session.constant([[1.0]])]
        for handle in self.closed:
            handle.close()
        self.live = self.make(session, "exec")
        (
            self.table,
            _,
            _,
            self.key,
            self.chain,
            self.documents,
            self.registry,
            self.nonces,
            self.verifier,
            self.envelope,
            _,
            _,
            _,
            _,
            _,
            self.environment,
            _,
            _,
            _,
            self.tensor,
        ) = self.live
        self.values = self.good_values(self.world)

    def make(self, session, folder):
        self.world = world = World()
        key, registry = world.fintech, world.registry
        nonces = c2d.NonceStore.memory()
        verifier = c2d.JobVerifier(registry, world.bank.address, nonces, environment=world.environment)
        self.body = c2d.sign_request(
            world.chain, key, "status", audience=world.bank.address, dt=world.children[0], environment=world.environment
        )
        bank = c2d.Provider(registry, world.bank, exec_dirpath=folder, environment=world.environment)
        table = c2d.Table.of({"x": [1, 2, 3], "city": ["Bern", "Basel", None]})
        rule = c2d.PreprocessingRule.fit(table)
        return [
            table,
            rule,
            rule.apply(table),
            key,
            world.chain,
            registry.documents,
            registry,
            nonces,
            verifier,
            verifier.check_body("status", self.body)[1],
            c2d.Tracer(registry),
            c2d.Tracer(registry).walk(world.cdt),
            c2d.Sandbox(),
            c2d.SandboxJob("pass", "out"),
            bank,
            world.environment,
            c2d.Client(registry, key, http=self.transport, timeout=5),
            mpc.Matrix.from_rows([[1, 2], [3, 4]]),
            session,
            session.constant([[1.0, 2.0], [3.0, 4.0]]),
        ]

    def good_values(self, world):
        by_kind = {
            "key signer owner": self.key,
            "admin": world.admin,
            "chain": self.chain,
            "registry": self.registry,
            "documents": self.documents,
            "nonces": self.nonces,
            "environment": self.environment,
            "dt": world.children[0],
            "cdt algorithm roots": world.cdt,
            "tid": world.tid,
            "address audience": world.bank.address,
            "method": "status",
            "body": self.body,
            "envelope": self.envelope,
            "a b bit features labels targets scores counts values correlations contributions baseline": self.tensor,
            "to index": [0],
            "rows": [[1, 2]],
            "cols": 2,
            "axis": 0,
            "job task number": 1,
            "hash digest": bytes(32),
            "signature": bytes(65),
            "password": "p",
            "scrypt_log2n": 2,
            "network_url": "ledger::memory:",
            "attributes metadata params": {},
            "operation": "pass",
            "progress on_log": lambda *_: None,
            "document announcement": b"",
            "parts columns": [self.tensor],
            "seen remember sign": raising_function,
            "http": self.transport,
            "timeout": 1.0,
            "fd": -1,
            "program": lambda session, data: session.party,
            "inputs": [1, 2, 3],
            "path": "config.ini",
            "table data": self.table,
            "schema": {"fields": [{"name": "x", "type": "integer"}]},
            "names": ["x"],
            "plan": [{"name": "x"}],
            "text": "a,b\n1,x\n",
            "column": "x",
            "row": 0,
            "header": True,
            "backend": "clear",
            "work": "fit",
            "iterations": 1,
            "factor": 2.0,
            "rule": bytes(32),
            "step": 1,
            "state": [self.tensor],
        }
        return {name: value for names, value in by_kind.items() for name in names.split()}

    @staticmethod
    def transport(request):
        raise Mine("no network")

    def of(self, kind):
        return [handle for handle in self.live + self.closed if type(handle) is kind]


#: Left out: what they do is the point (tested apart), or needs two other processes.
LEFT_OUT = {"close", "__exit__", "__enter__", "from_environment", "drain", "move_to_this_thread"}
OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.matmul,
    operator.truediv,
    operator.pow,
    operator.lt,
    operator.gt,
    operator.le,
    operator.ge,
    operator.eq,
    operator.contains,
    operator.getitem,
]


def public_callables(everything):
    """(label, function that takes arguments, parameters) of all that the package shows."""
    found = []
    for name in sorted(set(c2d.__all__) - {"mpc", "errors"}) + [
        "mpc.Matrix",
        "mpc.Tensor",
        "mpc.Session",
        "mpc.run_local",
        "mpc.cost",
    ]:
        value = operator.attrgetter(name)(c2d)
        if isinstance(value, type) and issubclass(value, Exception):
            continue
        found.append((name, value, parameters_of(value)))
        if isinstance(value, type):
            found += members(name, value, everything)
    for how in OPERATORS:
        for tensor in everything.of(mpc.Tensor):
            found.append(
                ("Tensor " + how.__name__, lambda other, how=how, tensor=tensor: how(tensor, other), ["other"])
            )
            found.append(
                ("Tensor r" + how.__name__, lambda other, how=how, tensor=tensor: how(other, tensor), ["other"])
            )
    return found


def members(name, kind, everything):
    for member in sorted(set(dir(kind)) - LEFT_OUT):
        if member.startswith("_") and member not in (
            "__getitem__",
            "__iter__",
            "__abs__",
            "__repr__",
            "__len__",
            "_repr_html_",
        ):
            continue
        static = inspect.getattr_static(kind, member)
        if isinstance(static, (classmethod, staticmethod)):
            yield name + "." + member, getattr(kind, member), parameters_of(getattr(kind, member))
            continue
        for handle in everything.of(kind):
            if isinstance(static, property):
                yield name + "." + member, lambda handle=handle, member=member: getattr(handle, member), []
            elif callable(static):
                function = getattr(kind, member)
                yield name + "." + member, function.__get__(handle), parameters_of(function)[1:]


def parameters_of(function):
    try:
        return [
            p.name
            for p in inspect.signature(function).parameters.values()
            if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        ] or ["anything"]
    except (TypeError, ValueError):
        return ["anything"]


def keyword_only(function, parameters):
    kinds = {}
    with contextlib.suppress(TypeError, ValueError):
        kinds = {p.name: p.kind for p in inspect.signature(function).parameters.values()}
    return [name for name in parameters if kinds.get(name) == inspect.Parameter.KEYWORD_ONLY]


class InFolder(unittest.TestCase):
    """Some of what is called makes files."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)


class Fuzz(InFolder):
    def test_every_public_callable(self):
        """In the thread of party 0, whose peers have left: what would wait for them fails instead."""

        def program(session):
            if session.party == 0:
                left.acquire()
                left.acquire()
                return self.call_all(Everything(session))
            left.release()  # and the session closes
            return None

        left = threading.Semaphore(0)
        counts = three_parties(program, "clear")[0]
        called = sum(counts.values())
        self.assertGreater(called, 10000)
        for expected in (
            "Key",
            "Chain.task",
            "Tracer.walk",
            "mpc.Session.reveal",
            "mpc.Matrix.from_rows",
            "Provider.handle",
            "sign_request",
            "Tensor add",
            "Client.save_results",
            "mpc.run_local",
            "mpc.cost",
            "AssetRegistry.from_config",
            "DocumentStore.ipfs",
            "Trace._repr_html_",
        ):
            self.assertGreater(counts[expected], 0, expected)

    def call_all(self, everything):
        chance, counts, hostile = random.Random(SEED), collections.Counter(), hostile_values()
        hostile += [lambda handle=handle: handle for handle in everything.live + everything.closed]

        def argument(name):
            if name in everything.values and chance.random() < 0.6:
                return everything.values[name]
            while True:
                value = chance.choice(hostile)()
                if name != "fd" or value is not True:  # true is 1, which is a file that is open here
                    return value

        for label, function, parameters in public_callables(everything):
            keywords = keyword_only(function, parameters)
            for _ in range(ROUNDS if parameters else 2):
                positional = [argument(name) for name in parameters if name not in keywords]
                named = {name: argument(name) for name in keywords}
                counts[label] += 1
                try:
                    result = function(*positional, **named)
                    if isinstance(result, (*HANDLES, c2d.Verdict, c2d.Report)):
                        repr(result)
                    if hasattr(result, "close"):
                        result.close()
                except HARMLESS:
                    pass
                except Exception as problem:
                    raise AssertionError(
                        "%s(%s, %s) raised %r"
                        % (
                            label,
                            ", ".join(map(shown, positional)),
                            {name: shown(value) for name, value in named.items()},
                            problem,
                        )
                    ) from problem
        gc.collect()
        return counts

    def test_callbacks_that_return_nonsense(self):
        world, chance = World(), random.Random(SEED)
        world.grant()
        job, answer = world.job(), [None]
        key = c2d.Key.from_signer(world.bank.address, lambda digest: answer[0])
        nonces = c2d.NonceStore.from_functions(lambda *_: answer[0], lambda *_: answer[0])
        clock = c2d.Environment(clock=lambda: answer[0], log=lambda *_: answer[0])
        verifier = c2d.JobVerifier(world.registry, world.bank.address, nonces, environment=world.environment)
        body = c2d.sign_request(
            world.chain,
            world.fintech,
            "status",
            audience=world.bank.address,
            dt=world.children[0],
            environment=world.environment,
        )
        hostile = hostile_values()
        for value in [make() for make in hostile] + [
            c2d.HttpResponse(
                chance.choice(hostile)(), chance.choice(hostile)(), chance.choice(hostile)(), chance.choice(hostile)()
            )
            for _ in range(200)
        ]:
            answer[0] = value
            for call in (
                lambda: key.sign_digest(bytes(32)),
                lambda: world.chain.add_admin(key, world.bank.address),
                lambda: verifier.verify("status", body),
                lambda: c2d.Chain.create("ledger::memory:", world.admin, environment=clock).info(),
                lambda: c2d.Client(world.registry, world.fintech, http=lambda _: answer[0]).status(job),
            ):
                try:
                    call()
                except HARMLESS:
                    pass


def shown(value):
    try:
        return repr(value)[:60]
    except Exception:
        return object.__repr__(value)


class Made(InFolder):
    def test_only_by_the_library(self):
        """A number or a text in the place of a pointer ends nothing."""
        for kind in HANDLES:
            for arguments in ((), (1,), ("hex",), (object(),), ("a", "b"), (4096, "b")):
                with self.subTest("%s%r" % (kind.__name__, arguments)), contextlib.suppress(HARMLESS):
                    made = kind(*arguments)  # a few mean something
                    self.assertIn(kind, (c2d.DocumentStore, c2d.Sandbox, c2d.SandboxJob, c2d.Environment))
                    made.close()
        for kind in (c2d.Report, c2d.Verdict):
            with self.assertRaisesRegex(TypeError, "comes from"):
                kind(4096)
        with self.assertRaisesRegex(TypeError, "Session.connect"):
            mpc.Session(1)
        with self.assertRaisesRegex(TypeError, "NonceStore.memory"):
            c2d.NonceStore()

    def test_constructors_do_the_obvious(self):
        secret = "11" * 32
        self.assertEqual(c2d.Key(secret).address, c2d.Key.from_hex(secret).address)
        with tempfile.TemporaryDirectory() as folder:
            store = c2d.DocumentStore(os.path.join(folder, "documents"))
            self.assertEqual(store.get(store.put(b"text")), b"text")
            path, admin = "ledger:" + os.path.join(folder, "ledger.c2d"), c2d.Key(secret)
            c2d.Chain.create(path, admin).close()
            with c2d.Chain(path) as chain:
                self.assertEqual(chain.info()["admin"].lower(), admin.address.lower())
        self.assertEqual(mpc.Matrix([[1, 2]]).to_rows(), [[1.0, 2.0]])
        with self.assertRaisesRegex(TypeError, "from_keystore"):
            c2d.Key(7)

    def test_no_handle_is_made_twice(self):
        key = c2d.Key("11" * 32)
        address = key.address
        with self.assertRaisesRegex(TypeError, "made already"):
            key.__init__("22" * 32)
        self.assertEqual(key.address, address)
        environment = c2d.Environment(clock=lambda: 1700000000)
        environment.close()
        with self.assertRaisesRegex(TypeError, "made already"):
            environment.__init__()

    def test_copies(self):
        """A copied pointer would be freed twice."""
        world = World()
        for handle in (world.admin, world.chain, world.registry, world.environment, c2d.Sandbox(), mpc.Matrix([1])):
            for how in (copy.copy, copy.deepcopy, pickle.dumps, lambda it: copy.copy([it, copy.copy(it)])):
                with self.subTest(type(handle).__name__), self.assertRaisesRegex(TypeError, "cannot be copied"):
                    how(handle)
        verdict = c2d.JobVerifier(world.registry, world.bank.address, c2d.NonceStore.memory()).verify("status", "{}")
        for twin in (copy.copy(verdict), pickle.loads(pickle.dumps(verdict))):
            self.assertEqual(twin.reason, verdict.reason)

    def test_numbers_are_not_cut_off(self):
        world = World()
        world.grant()
        number = world.job()
        self.assertEqual(world.chain.job(number)["job_id"], number)
        for wrong in (2**64 + number, -(2**64) + number, -1):
            with self.subTest(wrong), self.assertRaises(c2d.InvalidArgument):
                world.chain.job(wrong)
        for wrong in (1.0, "1", None):
            with self.subTest(wrong), self.assertRaises(TypeError):
                world.chain.job(wrong)
        with self.assertRaises(TypeError):
            world.registry.documents.put(5)  # not five zeros
        with self.assertRaises(c2d.InvalidArgument):
            c2d.DocumentStore("one\0two")


class Closing(InFolder):
    def test_while_another_thread_is_in_a_call(self):
        """The call ends on the object it began on; the next one is told that it is closed."""
        world, inside, go_on, ends = World(), threading.Event(), threading.Event(), []

        def transport(request):
            inside.set()
            go_on.wait(30)
            raise Mine("after the close")

        world.grant()
        job = world.job()
        client = c2d.Client(world.registry, world.fintech, http=transport)

        def ask():
            try:
                client.status(job)
            except Exception as problem:
                ends.append(problem)

        thread = threading.Thread(target=ask)
        thread.start()
        inside.wait(30)
        for handle in (client, world.registry, world.chain, world.fintech):
            handle.close()
        gc.collect()
        go_on.set()
        thread.join()
        self.assertIsInstance(ends[0], (Mine, c2d.Error))
        with self.assertRaisesRegex(c2d.InvalidArgument, "closed"):
            client.status(job)

    def test_within_its_own_callback(self):
        digest = bytes(range(32))
        inner = c2d.Key("11" * 32)

        def sign(asked):
            key.close()
            gc.collect()
            return inner.sign_digest(asked)

        key = c2d.Key.from_signer(inner.address, sign)
        self.assertEqual(key.sign_digest(digest), inner.sign_digest(digest))
        with self.assertRaisesRegex(c2d.InvalidArgument, "closed"):
            key.sign_digest(digest)

    def test_a_provider_within_a_callback(self):
        """Its end waits for its threads, on one of which the callback may be."""
        world, closed = World(), []

        def progress(done, total, line):
            bank.close()
            closed.append(bank.closed)

        with tempfile.TemporaryDirectory() as folder:
            bank = c2d.Provider(world.registry, world.bank, exec_dirpath=folder, environment=world.environment)
            world.chain.verify(progress)
            self.assertTrue(closed and all(closed))
            with self.assertRaisesRegex(c2d.InvalidArgument, "closed"):
                bank.runs()

    def test_what_waits_for_threads_ends_on_one_of_its_own(self):
        """A worker of the library that calls back must not wait for itself."""
        ended, where = threading.Event(), []

        def destroy(value):
            where.append((value, threading.get_ident()))
            ended.set()

        def drop():
            owner[:] = []
            return 0

        function = ctypes.CFUNCTYPE(ctypes.c_int)
        for waits in (False, True):
            ended.clear()
            owner = [_ffi.Object(7, destroy, waits)]
            _ffi.callback(function, drop, None)()
            self.assertTrue(ended.wait(30))
        self.assertEqual([value for value, _ in where], [7, 7])
        self.assertEqual(where[0][1], threading.get_ident())
        self.assertNotEqual(where[1][1], threading.get_ident())

    def test_a_call_holds_what_it_is_given(self):
        """Until it has returned, and no longer, though a traceback keeps its frames."""
        ends = []
        matrix = mpc.Matrix([[1.0]])
        matrix._object = _ffi.Object(matrix.raw, ends.append)
        held = []
        matrix._hold(held)
        matrix.close()
        self.assertEqual(ends, [])
        held.clear()
        self.assertEqual(len(ends), 1)
        chain = c2d.Chain.create("ledger::memory:", c2d.Key.generate())
        chain._object = _ffi.Object(chain.raw, ends.append, keep=(chain._object,))
        try:
            chain.task("not a number")
        except TypeError as problem:
            chain.close()
            self.assertEqual(len(ends), 2)
            self.assertIsNotNone(problem.__traceback__)  # is still there

    def test_many_threads_on_objects_that_close(self):
        """Each thread takes what is there; one replaces and closes it."""
        world, wrong, digest = World(), [], bytes(32)
        now = {"key": c2d.Key.generate(), "matrix": mpc.Matrix([[1.0] * 50] * 50), "chain": self.fresh_chain(world)}
        ended = threading.Event()

        def use():
            while not ended.is_set():
                try:
                    now["key"].sign_digest(digest)
                    now["chain"].info()
                    rows = now["matrix"].to_rows()
                    if rows[49] != [1.0] * 50:
                        wrong.append(rows[49])
                except c2d.InvalidArgument as problem:
                    if "closed" not in str(problem):
                        wrong.append(problem)
                except Exception as problem:
                    wrong.append(problem)

        threads = [threading.Thread(target=use) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(200):
            old = dict(now)
            now.update(key=c2d.Key.generate(), matrix=mpc.Matrix([[1.0] * 50] * 50), chain=self.fresh_chain(world))
            for handle in old.values():
                handle.close()
        ended.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    @staticmethod
    def fresh_chain(world):
        return c2d.Chain.create("ledger::memory:", world.admin, environment=world.environment)

    def test_everything_says_so(self):
        """Every method and property of a closed object, found by introspection."""
        world = World()
        answers = {"close", "closed", "chain", "documents", "network_url", "address", "BODY_BYTES_MAX"}

        def program(session):
            if session.party == 0:
                everything = Everything(session)
                for handle in everything.closed:
                    self.check_closed(handle, everything.values, answers)

        three_parties(program, "clear")
        self.assertTrue(world)

    def check_closed(self, handle, values, answers):
        self.assertTrue(handle.closed)
        handle.close()
        self.assertIn("closed", repr(handle))
        with self.assertRaisesRegex(c2d.InvalidArgument, "closed"), handle:
            pass
        for name in dir(type(handle)):
            static = inspect.getattr_static(type(handle), name)
            if name.startswith("_") or name in answers or isinstance(static, (classmethod, staticmethod)):
                continue
            with self.subTest("%s.%s" % (type(handle).__name__, name)), self.assertRaises(c2d.InvalidArgument):
                value = getattr(handle, name)
                if callable(value):
                    value(
                        **{
                            p.name: values.get(p.name, "x")
                            for p in inspect.signature(value).parameters.values()
                            if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and p.default is p.empty
                        }
                    )


class OneThread(unittest.TestCase):
    """A session's calls must come in the order of the other parties' calls."""

    @staticmethod
    def in_thread(function):
        out = []

        def run():
            try:
                out.append(function())
            except Exception as problem:
                out.append(problem)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return out[0]

    def test_another_thread_is_refused(self):
        def program(s):
            x = s.input(0, [[1.0]] if s.party == 0 else None)
            for wrong in (lambda: s.reveal(x, to=[0]), lambda: x + x, lambda: s.exchange(b""), lambda: s.stats):
                self.assertEqual(getattr(self.in_thread(wrong), "name", None), "wrong_thread")

            def move():
                s.move_to_this_thread()
                return s.reveal(x + x, to=[0, 1, 2]).to_rows()

            moved = self.in_thread(move)
            with self.assertRaises(c2d.InvalidArgument):
                x + x
            return moved

        self.assertEqual(three_parties(program), [[[2.0]]] * 3)

    def test_a_callback_must_not_compute(self):
        def program(s):
            x = s.input(0, [[0.5]] * 20 if s.party == 0 else None)
            y = s.input_labels(0, [1, 0] * 10 if s.party == 0 else None)
            seen = []

            def progress(iteration, auc):
                self.assertGreaterEqual(s.iterations_per_second, 0)
                for wrong in (lambda: x + x, lambda: s.reveal(x, to=[0]), lambda: s.move_to_this_thread()):
                    with self.assertRaises(c2d.InvalidArgument) as caught:
                        wrong()
                    seen.append(caught.exception.name)

            s.train_logistic(x, y, iterations=2, split=16, evaluate_every=1, progress=progress)
            return set(seen)

        self.assertEqual(three_parties(program), [{"in_a_call"}] * 3)

    def test_close_in_a_callback_waits_for_the_call(self):
        def program(s):
            x = s.input(0, [[0.5]] * 20 if s.party == 0 else None)
            y = s.input_labels(0, [1, 0] * 10 if s.party == 0 else None)
            s.train_logistic(x, y, iterations=2, split=16, evaluate_every=1, progress=lambda *_: s.close())
            with self.assertRaisesRegex(c2d.InvalidArgument, "closed"):
                x + x

        three_parties(program)

    def test_tensors_of_another_session_are_refused(self):
        kept = {}

        def first(s):
            kept[s.party] = s.input(0, [[1.0]] if s.party == 0 else None)

        def second(s):
            mine = s.input(0, [[1.0]] if s.party == 0 else None)
            for wrong in (
                lambda: s.add(mine, kept[s.party]),
                lambda: mine + kept[s.party],
                lambda: s.reveal(kept[s.party], to=[0]),
                lambda: s.hconcat([mine, kept[s.party]]),
            ):
                with self.assertRaises(c2d.InvalidArgument) as caught:
                    wrong()
                self.assertEqual(caught.exception.name, "other_session")
            for wrong in (1, None, "x", [[1.0]], mpc.Matrix([1.0]), c2d.Key.generate()):
                with self.assertRaisesRegex(TypeError, "expected a Tensor"):
                    s.add(mine, wrong)

        three_parties(first)
        three_parties(second)


if __name__ == "__main__":
    faulthandler.enable()
    unittest.main()
