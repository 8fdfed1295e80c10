"""`python3 -m c2d.operators [NAME [FILE]]`: the operators that are shipped, where one is, or one of its files."""

import os
import sys

from . import folder, names


def main(arguments):
    if not arguments:
        print("\n".join(names()))
    elif len(arguments) == 1:
        print(folder(arguments[0]))
    else:
        with open(os.path.join(folder(arguments[0]), os.path.basename(arguments[1])), encoding="utf-8") as file:
            sys.stdout.write(file.read())
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (LookupError, OSError) as problem:
        sys.exit(str(problem))
