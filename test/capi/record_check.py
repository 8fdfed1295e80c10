"""Holds what methods return against their annotations: members of dicts and their types (c2d.records)."""

import functools
import importlib
import typing
import unittest

import c2d


class Watch:
    """Checks every call of the package's methods whose annotations speak of records, until `end`."""

    def __init__(self, modules):
        self.seen, self.methods, self._undo = set(), set(), []
        for name in modules:
            module = importlib.import_module("c2d." + name)
            for kind in [
                it for it in vars(module).values() if isinstance(it, type) and it.__module__ == module.__name__
            ]:
                for member, value in list(vars(kind).items()):
                    self._wrap(kind, member, value)

    def _wrap(self, kind, member, value):
        function = getattr(value, "__func__", getattr(value, "fget", value))
        if not hasattr(function, "__annotations__") or "return" not in function.__annotations__:
            return
        hint = typing.get_type_hints(function)["return"]
        if not speaks_of_records(hint) or typing.get_origin(hint) is typing.get_origin(typing.Iterator[int]):
            return
        label = "%s.%s" % (kind.__name__, member)
        self.methods.add(label)

        @functools.wraps(function)
        def checked(*arguments, **named):
            result = function(*arguments, **named)
            check(result, hint, label)
            self.seen.add(label)
            return result

        wrapped = (
            property(checked)
            if isinstance(value, property)
            else type(value)(checked)
            if hasattr(value, "__func__")
            else checked
        )
        setattr(kind, member, wrapped)
        self._undo.append((kind, member, value))

    def end(self):
        for kind, member, value in self._undo:
            setattr(kind, member, value)


def watch_module():
    """As `setUpModule`: whatever the tests of a module call, dicts hold what their types say."""
    watch = Watch(sorted(set(c2d._ON_DEMAND.values()) - {"job_receipt"}))
    unittest.addModuleCleanup(watch.end)


def is_record(hint):
    return hasattr(hint, "__required_keys__")


def speaks_of_records(hint):
    return is_record(hint) or any(map(speaks_of_records, typing.get_args(hint)))


def check(value, hint, where):
    """Raises AssertionError unless the value is what the annotation says."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint is typing.Any:
        return
    if is_record(hint):
        hints = typing.get_type_hints(hint)
        assert isinstance(value, dict), "%s: expected %s, found %r" % (where, hint.__name__, value)
        missing, more = hint.__required_keys__ - value.keys(), value.keys() - hints.keys()
        assert not missing and not more, "%s: %s lacks %s, has %s" % (where, hint.__name__, missing, more)
        for name, member in value.items():
            check(member, hints[name], "%s[%r]" % (where, name))
    elif origin is list:
        assert isinstance(value, list), "%s: expected a list, found %r" % (where, value)
        for item in value:
            check(item, parts[0], where + "[]")
    elif origin is dict:
        for item in value.values():
            check(item, parts[1], where + "{}")
    elif origin is tuple:
        for item, part in zip(value, parts):
            check(item, part, where)
    elif origin is typing.Union:
        fitting = [part for part in parts if (value is None) == (part is type(None))]
        assert fitting, "%s: expected %s, found %r" % (where, hint, value)
        check(value, fitting[0], where)
    else:
        assert type(value) is hint or isinstance(value, hint) and hint is not int, "%s: expected %s, found %r" % (
            where,
            hint,
            value,
        )
