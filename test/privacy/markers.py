"""Marker values of bank B, and the byte patterns that would betray them.

Two groups of neighbouring rows hold values that nothing else holds: one among the rows that train,
one among the rows that test. A pattern is either one value that is long enough by itself (16 decimal
digits, a double) or, for the shorter encodings, RUN values that follow each other: along a row, or
down a column (a transposed matrix).

How likely a chance hit is, for 2^34 bytes searched (a run of the test reads less):
  double   2^-64 per position in random bytes, 1008 patterns: 2^-20. In memory filled with nothing but
           random doubles of the markers' range (2^52 values each): 2^31 places * 504 / 2^53 = 2^-13.
  text     14 digits behind "1." to "2.": 10^-14 * 504 per number of 16 digits; the data around them
           have numbers of 4 decimals, so that no other such number exists.
  float    24 bits each, 6 in a row: 2^34 * 1056 / 2^144 = 2^-100.
  fixed    2^18 different words (magnitude 1 to 3, signed), 6 in a row, even if all memory were filled
           with words of the markers' range alone: 2^34 * 1056 / 2^108 = 2^-64. `decoded` alike.
"""

import random
import struct

COLUMNS = 42
RUN = 6
GROUPS = (range(100, 106), range(450, 456))  # rows; the data set has 600, of which 400 train
TEXT_DIGITS = 14

# Encodings of one value, by name; integers are scaled by 2^bits and two's complement.
# The engine works with fixed16 (kFractionBits in c2d/mpc.hpp); the others are precaution.
FIXED = {"fixed16": (16, "q"), "fixed16_32": (16, "i"), "fixed24": (24, "q")}
ORDERS = {"le": "<", "be": ">"}
# What each form of search is called; the self-test plants and finds every one. `decoded` are the
# doubles that come back from the engine's fixed point, rounded to 2^-16.
ENCODINGS = ["double", "decoded", "float"] + list(FIXED)
FORMS = ["text"] + ["%s_%s" % (encoding, order) for encoding in ENCODINGS for order in ORDERS]


def marker_rows(seed=1):
    """{row: [text of COLUMNS values]}, all different, of magnitude 1 to 3, 15 decimals."""
    rng = random.Random(seed)
    texts = set()
    rows = {}
    for group in GROUPS:
        for row in group:
            rows[row] = []
            while len(rows[row]) < COLUMNS:
                digits = "%d.%015d" % (rng.randrange(1, 3), rng.randrange(10**15))
                if digits in texts or digits.endswith("0"):
                    continue
                texts.add(digits)
                rows[row].append(rng.choice(["", "-"]) + digits)
    return rows


def encode(form, values):
    """The bytes of consecutive values (decimal texts) in one form."""
    if form == "text":
        return ",".join(values).encode()
    encoding, order = form.rsplit("_", 1)
    numbers = [float(value) for value in values]
    if encoding in FIXED:
        bits, letter = FIXED[encoding]
        numbers = [round(number * 2**bits) for number in numbers]
    else:
        letter = "f" if encoding == "float" else "d"
        if encoding == "decoded":
            numbers = [round(number * 65536) / 65536 for number in numbers]
    return struct.pack(ORDERS[order] + letter * len(numbers), *numbers)


def windows(rows):
    """(name, RUN consecutive values): along every row, and down every column of each group."""
    for row, values in rows.items():
        for start in range(COLUMNS - RUN + 1):
            yield "r%dc%d" % (row, start), values[start : start + RUN]
    for group in GROUPS:
        for column in range(COLUMNS):
            for start in range(len(group) - RUN + 1):
                yield "r%dc%d_down" % (group[start], column), [rows[row][column] for row in group[start : start + RUN]]


def patterns(rows):
    """(label, bytes) of everything to be searched for; the label begins with the form."""
    for row, values in rows.items():
        for column, value in enumerate(values):
            where = "r%dc%d" % (row, column)
            text = value.lstrip("-")[: 2 + TEXT_DIGITS]  # also when printed with fewer digits
            yield "text:" + where, text.encode()
            for order in ORDERS:
                yield "double_%s:%s" % (order, where), encode("double_" + order, [value])
    for where, values in windows(rows):
        for form in FORMS:
            if form != "text" and not form.startswith("double"):
                yield "%s:%s" % (form, where), encode(form, values)


def write_patterns(path, rows):
    with open(path, "w", encoding="ascii") as file:
        for label, value in patterns(rows):
            file.write("%s %s\n" % (label, value.hex()))
