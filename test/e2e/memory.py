"""Looking for secrets in the memory of a program."""

import re

# Its own memory may then be read by whoever may trace it: these tests.
DEBUGGER = {"C2D_ALLOW_DEBUGGER": "1"}


def mappings(pid):
    """(first, last, flags) of each mapping that can be read."""
    found, place = [], None
    with open("/proc/%d/smaps" % pid) as file:
        for line in file:
            place = re.match(r"([0-9a-f]+)-([0-9a-f]+) (.)", line) or place
            if line.startswith("VmFlags:") and place[3] == "r":
                found.append((int(place[1], 16), int(place[2], 16), line.split()[1:]))
    return found


def places(pid, secret):
    """The flags of the mappings of a process that hold the bytes."""
    found = []
    with open("/proc/%d/mem" % pid, "rb", buffering=0) as memory:
        for first, last, flags in mappings(pid):
            try:
                memory.seek(first)
                content = memory.read(last - first)
            except (OSError, ValueError, OverflowError):
                continue  # what the kernel shows of itself
            if content and secret in content:
                found.append(flags)
    return found
