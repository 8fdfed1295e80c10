"""What doxygen reads instead of a header: a comment speaks for the whole block that it stands above.

The headers do not repeat themselves. Names that follow a comment without an empty line share it; the
comment that opens a C++ header is also that of the class which bears the file's name; every _INIT macro
does the same. Doxygen wants each name documented by itself, or grouped: this says it so.
"""

import os
import re
import sys

COMMENT = re.compile(r"\s*(///(?!<)|/\*\*(?!<)|\*)")
#: What ends a block beside an empty line.
EDGE = re.compile(
    r"\s*([{}]|#(?!define)|(public|private|protected):|extern|namespace|template|//[^/]|/\*[^*])"
    r"|.*(class|struct|enum|union)\b.*[{]\s*$"
)
#: The first line of a function with a body of several lines.
BODY = re.compile(r".*\)[^;{}]*\{\s*$")
#: A type, and a call that can fail, have comments of their own.
OWN = re.compile(r"C2D_API c2d_status\b|typedef\b")
INIT = re.compile(r"#define C2D_\w+_INIT\b")


def blocks(lines):
    """The lines with @{ … @} around what shares a comment."""
    out, comment, group = [], [], []
    declarations = 0

    def flush():
        nonlocal comment, group, declarations
        out.extend(["///@{\n", *comment, *group, "///@}\n"] if comment and declarations > 1 else comment + group)
        comment, group, declarations = [], [], 0

    lines = iter(lines)
    for line in lines:
        if COMMENT.match(line):
            if group:
                flush()
            comment.append(line)
        elif not line.strip() or EDGE.match(line):
            flush()
            out.append(line)
        else:
            if OWN.match(line) and group:
                flush()
            group.append(line)
            depth = line.count("{") - line.count("}") if BODY.match(line) else 0
            while depth > 0:
                line = next(lines)
                depth += line.count("{") - line.count("}")
                group.append(line)
            declarations += line.rstrip().endswith((";", "}")) or line.startswith("#define")
    flush()
    return out


def with_head(lines, path):
    """The opening comment as the file's and as that of its class."""
    if not path.endswith(".hpp") or not lines or not lines[0].startswith("///"):
        return lines
    head = lines[: next(index for index, line in enumerate(lines) if not line.startswith("///"))]
    stem = os.path.splitext(os.path.basename(path))[0].replace("_", "")
    out = ["/// @file\n"]
    for line in lines:
        found = re.match(r"(?:class|struct) (?:\[\[\w+\]\] )?(\w+)[^;]*\{", line)
        if found and found.group(1).lower() == stem and not out[-1].startswith("///"):
            out.extend(head)
        out.append(line)
    return out


def with_macros(lines):
    """What the top of base.h says of every _INIT macro, said there."""
    for line in lines:
        if INIT.match(line):
            yield "/** Initialises the struct: struct_size is set, zero elsewhere means the default. */\n"
        yield line


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.readlines()
    sys.stdout.writelines(blocks(with_macros(with_head(text, sys.argv[1]))))
