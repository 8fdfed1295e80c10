"""Loopback that is slow and loses packets, in a network namespace of one's own.

Everything that is sent to 127.0.0.0/8 goes out through a TUN device to a process that holds each packet back for a
while, loses some, and puts the others in again. It needs no queueing discipline of the kernel (netem), which many
kernels lack."""

import collections
import contextlib
import ctypes
import fcntl
import os
import random
import select
import signal
import struct
import subprocess
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
DEVICE = "wire"
PACKET_MAX = 65536
PR_SET_PDEATHSIG = 1


def own_network():
    """Whether this process has one from now on; nothing of it reaches any other."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return False
    return subprocess.run(["ip", "link", "set", "lo", "up"], stderr=subprocess.DEVNULL).returncode == 0


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def sysctl(name, value):
    with open("/proc/sys/net/ipv4/conf/%s/%s" % (DEVICE, name), "w") as file:
        file.write(value)


def open_device():
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), IFF_TUN | IFF_NO_PI))
    # What comes in has an address of ours as its source, and that of loopback.
    for name, value in (("accept_local", "1"), ("route_localnet", "1"), ("rp_filter", "0")):
        sysctl(name, value)
    ip("link", "set", DEVICE, "up")
    return device


def carry(device, seconds, lost, draws):
    """Until this process is ended. Packets stay in order."""
    held = collections.deque()
    while True:
        wait = max(0.0, held[0][0] - time.monotonic()) if held else None
        if select.select([device], [], [], wait)[0]:
            packet = os.read(device, PACKET_MAX)
            if draws.random() >= lost:
                held.append((time.monotonic() + seconds, packet))
        while held and held[0][0] <= time.monotonic():
            os.write(device, held.popleft()[1])


@contextlib.contextmanager
def lossy_loopback(milliseconds, lost=0.01, seed=1):
    """Each way so late, and this part of all packets never."""
    device = open_device()
    carrier = os.fork()
    if carrier == 0:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        carry(device, milliseconds / 1000, lost, random.Random(seed))
    os.close(device)
    # What this host sends (it comes from "lo" to the rules) takes the wire; what comes out of it is delivered here.
    ip("route", "add", "127.0.0.0/8", "dev", DEVICE, "src", "127.0.0.1", "table", "100")
    ip("rule", "add", "pref", "1", "iif", "lo", "to", "127.0.0.0/8", "lookup", "100")
    ip("rule", "add", "pref", "2", "lookup", "local")
    ip("rule", "del", "pref", "0")
    try:
        yield
    finally:
        ip("rule", "add", "pref", "0", "lookup", "local")
        ip("rule", "del", "pref", "1")
        ip("rule", "del", "pref", "2")
        os.kill(carrier, signal.SIGKILL)
        os.waitpid(carrier, 0)
