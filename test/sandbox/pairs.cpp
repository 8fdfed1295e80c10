#include "sandbox/pairs.hpp"

namespace c2d::test {

const char* const kPairPrelude = R"(
import fcntl, mmap, resource
readable = [f'/usr/bin/{n}' for n in sorted(os.listdir('/usr/bin'))]
readable = [p for p in readable if os.path.isfile(p) and not os.path.islink(p) and os.access(p, os.R_OK) and os.path.getsize(p) > 8192]
shared = readable[V['pid'] % len(readable)]  # another one for each test program
lock = lambda kind: struct.pack('hhqqi4x', kind, 0, 0, 0, 0)
def unprivileged():
    if os.getuid() == 0: os.setgid(65533); os.setuid(65533)
)";

const char* const kPairLoop = R"(
    while True:
        order = os.read(3, 1)
        if order not in (b'0', b'1', b'?'): break
        if order == b'?': answer = b'1' if hear() else b'0'
        else: send(order == b'1'); answer = b'+'
        os.write(3, answer)
except BaseException as error:
    print('contained:', repr(error))
    os.write(3, b'!')
)";

namespace {
using Who = HostileOperator::Outside;
using Stays = HostilePair::Stays;

constexpr HostilePair kPairs[] = {
    {"flock on the runtime", Who::anybody, Stays::never, R"(
fd = os.open(shared, os.O_RDONLY)
def send(bit): fcntl.flock(fd, fcntl.LOCK_SH if bit else fcntl.LOCK_UN)
def hear():
    try: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError: return True
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False)"},
    {"read locks on the runtime", Who::anybody, Stays::never, R"(
fd = os.open(shared, os.O_RDONLY)
def send(bit): fcntl.fcntl(fd, fcntl.F_SETLK, lock(fcntl.F_RDLCK if bit else fcntl.F_UNLCK))
def hear(): return struct.unpack('h', fcntl.fcntl(fd, fcntl.F_GETLK, lock(fcntl.F_WRLCK))[:2])[0] != fcntl.F_UNLCK)"},
    {"read locks of an open file", Who::anybody, Stays::never, R"(
fd = os.open(shared, os.O_RDONLY)
def send(bit): fcntl.fcntl(fd, 37, lock(fcntl.F_RDLCK if bit else fcntl.F_UNLCK))
def hear(): return struct.unpack('h', fcntl.fcntl(fd, 36, lock(fcntl.F_WRLCK))[:2])[0] != fcntl.F_UNLCK)"},
    {"write locks on a device", Who::anybody, Stays::never, R"(
fd = os.open('/dev/full', os.O_RDWR)
part = lambda kind: struct.pack('hhqqi4x', kind, 0, V['pid'], 1, 0)
def send(bit): fcntl.fcntl(fd, fcntl.F_SETLK, part(fcntl.F_WRLCK if bit else fcntl.F_UNLCK))
def hear(): return struct.unpack('h', fcntl.fcntl(fd, fcntl.F_GETLK, part(fcntl.F_WRLCK))[:2])[0] != fcntl.F_UNLCK)"},
    {"flock on the inode of all event descriptors", Who::anybody, Stays::never, R"(
fd = call(290, 0, 0)
def send(bit): fcntl.flock(fd, fcntl.LOCK_SH if bit else fcntl.LOCK_UN)
def hear():
    try: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError: return True
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False)"},
    {"the times of a device", Who::anybody, Stays::never, R"(
last = os.stat('/dev/full').st_mtime_ns
def send(bit):
    time.sleep(0.02)  # the clock of files is coarse
    if bit: os.utime('/dev/full')
def hear():
    global last
    before, last = last, os.stat('/dev/full').st_mtime_ns
    return last != before)"},
    {"a hint at an input", Who::anybody, Stays::never, R"(
fd = os.open(V['input'], os.O_RDONLY)
def send(bit): fcntl.fcntl(fd, 1036, struct.pack('Q', 2 if bit else 3))
def hear(): return struct.unpack('Q', fcntl.fcntl(fd, 1035, bytes(8)))[0] == 2)"},
    {"what is in the page cache", Who::some, Stays::never, R"(
fd = os.open(shared, os.O_RDONLY); page = ctypes.create_string_buffer(4096)
vector = struct.pack('QQ', ctypes.addressof(page), 4096)
def send(bit):
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    if bit: os.pread(fd, 4096, 0)
def hear():
    try: call(327, fd, vector, 1, 0, 0, 8)
    except BlockingIOError: return False
    return True)"},
    {"how many map a page", Who::anybody, Stays::never, R"(
fd = os.open(shared, os.O_RDONLY); held = None
def mapped():
    m = mmap.mmap(fd, 4096, mmap.MAP_SHARED, mmap.PROT_READ); m[0]; return m
def send(bit):
    global held
    held = mapped() if bit else None
def hear():
    m = mapped(); entry = ''
    for line in open('/proc/self/smaps'):
        if shared in line: entry = 'found'
        elif entry and line.startswith('Shared_Clean'): return int(line.split()[1]) > 0)"},
    {"descriptors in flight", Who::anybody, Stays::for_a_user, R"(
unprivileged(); a, b = socket.socketpair(); sent = False
def send(bit):
    global sent
    if bit and not sent: socket.send_fds(a, [b'x'], [0] * 30)
    if sent and not bit:
        for fd in socket.recv_fds(b, 1, 64)[1]: os.close(fd)
    sent = bit
def hear():
    resource.setrlimit(resource.RLIMIT_NOFILE, (15, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    try: socket.send_fds(a, [b'x'], [0])
    except OSError as error:
        if error.errno == errno.ETOOMANYREFS: return True
        raise
    for fd in socket.recv_fds(b, 1, 64)[1]: os.close(fd)
    return False)"},
    {"pages of pipes", Who::anybody, Stays::never, R"(
unprivileged(); held = []
def send(bit):
    if bit and not held:
        for _ in range(80):
            held.append(os.pipe())
            try: fcntl.fcntl(held[-1][1], 1031, 1 << 20)
            except PermissionError:
                if len(held) < 20: raise
    if not bit:
        for r, w in held: os.close(r); os.close(w)
        held.clear()
def hear():
    r, w = os.pipe(); size = fcntl.fcntl(w, 1032); os.close(r); os.close(w)
    return size < 65536)"},
    {"pages of many pipes", Who::anybody, Stays::for_a_user, R"(
unprivileged(); held = []
def hold(ready):
    libc.prctl(1, 9); mine = [os.pipe() for _ in range(110)]; os.write(ready, b'x'); signal.pause()
def send(bit):
    if bit and not held:
        r, w = os.pipe()
        for _ in range(12):
            held.append(os.fork())
            if held[-1] == 0: hold(w)
        for _ in range(12): os.read(r, 1)
        os.close(r); os.close(w)
    if not bit:
        for pid in held: os.kill(pid, 9); os.waitpid(pid, 0)
        held.clear()
def hear():
    r, w = os.pipe(); size = fcntl.fcntl(w, 1032); os.close(r); os.close(w)
    return size < 65536)"},
    {"futexes on a page of the runtime", Who::anybody, Stays::for_all, R"(
at = libc.mmap(None, 4096, 1, 2, os.open(shared, os.O_RDONLY), 0)
value = ctypes.c_uint.from_address(at).value
waiter = None
def send(bit):
    global waiter
    if waiter: os.kill(waiter, 9); os.waitpid(waiter, 0); waiter = None
    if bit:
        waiter = os.fork()
        if waiter == 0: libc.prctl(1, 9); call(202, at, 0, value, 0, 0, 0); os._exit(0)
def hear():
    for _ in range(50):
        if call(202, at, 1, 1, 0, 0, 0): return True
        time.sleep(0.002)
    return False)"},
};

}  // namespace

std::span<const HostilePair> hostile_pairs() { return kPairs; }

}  // namespace c2d::test
