"""The merge in the clear beside `c2d-bench align`: align_pandas.py ROWS prints seconds.

The ids are those of align_bench.cpp: 18 characters, half of them common, in another order.
"""

import sys
import time

import pandas


def main():
    rows = int(sys.argv[1])
    one = pandas.DataFrame({"id": ["ID%016d" % row for row in range(rows)], "a": range(rows)})
    other = pandas.DataFrame(
        {"id": ["ID%016d" % ((row * 0x9E3779B1 + 12345) % rows + rows // 2) for row in range(rows)], "b": range(rows)}
    )
    start = time.perf_counter()
    common = one.merge(other, on="id")
    spent = time.perf_counter() - start
    if len(common) != rows - rows // 2:
        sys.exit("other rows were found than are common")
    print("%.9f" % spent)


if __name__ == "__main__":
    main()
