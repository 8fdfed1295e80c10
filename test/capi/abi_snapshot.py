"""The binary interface as the headers declare it, held against the snapshot of the last release.

A stub library is compiled from the headers: every function with an empty body, in C, with debug
information. libabigail reads from it what a caller is compiled against: symbols, parameters, structs,
enums. (That the real library exports just these functions is test symbols_exported.)

    abi_snapshot.py --include DIR --map FILE --snapshot FILE [--cc CC]            compares; ends with 1 on a break
    abi_snapshot.py --include DIR --map FILE --snapshot FILE [--cc CC] --renew    writes the snapshot anew

CC compiles for the architecture that the snapshot's name ends with.

What may come: functions, enumerators, and fields at the end of the structs that begin with struct_size.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src/tools/codegen"))
import headers

#: Bits of abidiff's exit status: an error of its own.
USAGE = 3


def run(*command, ok=(0,)):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode not in ok:
        raise RuntimeError("%s ended with %d:\n%s%s" % (command, done.returncode, done.stdout, done.stderr))
    return done


def soname(include):
    version = re.search(r"#define C2D_ABI_VERSION (\d+)", pathlib.Path(include, "c2d/capi/base.h").read_text()).group(1)
    return "libc2d.so." + version


def compile_stub(include, version_script, folder, cc="cc"):
    """A library of empty functions; returns its path."""
    lines = ["#include <c2d/c2d.h>"]
    for function in headers.functions(include):
        parameters = ", ".join("%s %s" % pair for pair in function.parameters) or "void"
        body = "" if function.result == "void" else "return 0; "
        lines.append("C2D_API %s %s(%s) { %s}" % (function.result, function.name, parameters, body))
    source, library = pathlib.Path(folder, "stub.c"), pathlib.Path(folder, soname(include))
    source.write_text("\n".join(lines) + "\n")
    run(
        cc,
        "-std=c11",
        "-g",
        "-O0",
        "-w",
        "-shared",
        "-fPIC",
        "-fvisibility=hidden",
        "-I",
        include,
        "-Wl,-soname," + library.name,
        "-Wl,--version-script=%s" % version_script,
        source,
        "-o",
        library,
    )
    return library


def write_snapshot(library, path):
    run(
        "abidw",
        "--no-show-locs",
        "--no-comp-dir-path",
        "--no-corpus-path",
        "--no-write-default-sizes",
        "--out-file",
        path,
        library,
    )


def structs(snapshot):
    """{name: (size, [(field, offset)…])} of what begins with struct_size; bits."""
    out = {}
    for declared in xml.etree.ElementTree.parse(snapshot).iter("class-decl"):
        fields = [
            (member.find("var-decl").get("name"), int(member.get("layout-offset-in-bits")))
            for member in declared.findall("data-member")
        ]
        if fields and fields[0][0] == "struct_size":
            out[declared.get("name")] = int(declared.get("size-in-bits")), fields
    return out


def trim(include, known):
    """Cuts from the headers the fields that `known` structs have got at their ends."""
    for path in headers.paths(include):
        text = path.read_text()
        for name, (_, fields) in known.items():
            found = re.search(r"typedef struct %s \{(.*?)\} %s;" % (name, name), text, re.S)
            if found:
                members = re.sub(r"/\*.*?\*/", "", found.group(1), flags=re.S).split(";")[: len(fields)]
                text = text[: found.start(1)] + ";".join(members) + ";" + text[found.end(1) :]
        path.write_text(text)


def grown_into_padding(known, now):
    """An old caller's struct_size reaches over padding: what is in it there is anything."""
    for name, (size, fields) in known.items():
        for field, offset in now.get(name, (0, []))[1][len(fields) :]:
            if offset < size and not field.startswith("reserved"):
                yield "%s.%s lies in what was padding: put a reserved field before it\n" % (name, field)


def compare(snapshot, include, version_script, cc="cc"):
    """(broken, report) of the headers beside the snapshot."""
    with tempfile.TemporaryDirectory() as folder:
        seen, old_part = os.path.join(folder, "seen.abi"), os.path.join(folder, "include")
        write_snapshot(compile_stub(include, version_script, folder, cc), seen)
        known, now = structs(snapshot), structs(seen)
        report = "".join(grown_into_padding(known, now))
        if any(len(now[name][1]) > len(fields) for name, (_, fields) in known.items() if name in now):
            # An old caller sees its part of the structs that say how much of them it knows.
            shutil.copytree(include, old_part)
            trim(old_part, known)
            write_snapshot(compile_stub(old_part, version_script, folder, cc), seen)
        done = run("abidiff", "--no-added-syms", "--no-show-locs", snapshot, seen, ok=range(256))
    if done.returncode & USAGE:
        raise RuntimeError("abidiff failed: " + done.stdout + done.stderr)
    return bool(report or done.returncode), report + done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--include", required=True)
    parser.add_argument("--map", required=True, help="the version script")
    parser.add_argument("--snapshot", required=True)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--renew", action="store_true")
    options = parser.parse_args()
    if options.renew:
        with tempfile.TemporaryDirectory() as folder:
            write_snapshot(compile_stub(options.include, options.map, folder, options.cc), options.snapshot)
        return 0
    broken, report = compare(options.snapshot, options.include, options.map, options.cc)
    if broken:
        print(
            "programs that were compiled against the snapshot would break:\n"
            + report
            + "\nTake the change back. If it must be: a new C2D_ABI_VERSION, SOVERSION and version node,\n"
            "then renew the snapshot (docs/embedding.md, Keeping the ABI)"
        )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
