#include "sandbox/operators.hpp"

namespace c2d::test {

const char* const kHostilePrelude = R"(
import ctypes, errno, json, os, signal, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.mmap.restype = ctypes.c_void_p
def call(number, *arguments):
    got = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if got < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got
def in_child(body):
    pid = os.fork()
    if pid == 0:
        try: body(); os._exit(0)
        except BaseException: os._exit(1)
    status = os.waitpid(pid, 0)[1]
    assert status == 0, status
def private():  # so that nothing done outside reaches the machine's own mounts
    call(165, 0, b'/', 0, 0x44000, 0)
def machine_code(code):
    at = libc.mmap(None, 4096, 7, 0x22, -1, 0)
    assert at not in (None, 2**64 - 1)
    ctypes.memmove(at, code, len(code))
    return ctypes.CFUNCTYPE(ctypes.c_long)(at)()
V = json.loads(os.environ['C2D_TEST_VICTIM'])
)";

namespace {
using Who = HostileOperator::Outside;
constexpr auto anybody = Who::anybody, root = Who::root, some = Who::some;

constexpr HostileOperator kOperators[] = {
    // files of the host
    {"read a file of the host", anybody, "assert open(V['secret']).read() == 'secret'"},
    {"reach the root that was left", anybody,
     "assert open(('/.host' if os.path.exists('/.host') else '/..') + V['secret']).read() == 'secret'"},
    {"learn who owns the host's files", anybody, "assert os.stat('/usr').st_uid == 0"},
    {"read the host's accounts", anybody, "assert 'root:' in open('/etc/passwd').read()"},
    {"read the host's password hashes", root, "open('/etc/shadow').read()"},
    {"list the host's var", anybody, "assert os.listdir('/var')"},
    {"list the host's etc", anybody, "assert 'hostname' in os.listdir('/etc')"},
    {"list the machine", anybody, "assert os.listdir('/sys/class')"},
    {"write the runtime", root, "open('/usr/lib/.c2d-hostile', 'w'); os.unlink('/usr/lib/.c2d-hostile')"},
    {"write the root", root, "open('/.c2d-hostile', 'w'); os.unlink('/.c2d-hostile')"},
    {"reach the root of another process", anybody, "assert os.listdir(f\"/proc/{V['pid']}/root/var\")"},
    {"reach the root of process 1", some, "assert os.listdir('/proc/1/root/var')"},
    {"open by handle", root, R"(
handle = ctypes.create_string_buffer(struct.pack('Ii', 120, 0) + bytes(120)); mount = ctypes.c_int()
call(303, -100, b'/usr', handle, ctypes.byref(mount), 0)
call(304, os.open('/', os.O_RDONLY), handle, 0))"},
    {"name a handle", anybody, R"(
handle = ctypes.create_string_buffer(struct.pack('Ii', 120, 0) + bytes(120)); mount = ctypes.c_int()
call(303, -100, b'/usr', handle, ctypes.byref(mount), 0))"},
    {"make a device", root, "os.mknod(V['tmp'] + '/device', 0o60600, os.makedev(254, 0))"},
    {"change the root folder", root, "in_child(lambda: os.chroot(V['tmp']))"},
    {"mount", root,
     "in_child(lambda: (call(272, 0x20000), private(), call(165, b'none', V['tmp'].encode(), b'tmpfs', 0, 0)))"},
    {"remount the root", root,
     "in_child(lambda: (call(272, 0x20000), private(), call(165, 0, b'/', 0, 32 | 4096, 0)))"},
    {"unmount", root, "in_child(lambda: (call(272, 0x20000), private(), call(166, b'/dev/shm', 2)))"},
    {"open a file system", root, "call(430, b'tmpfs', 0)"},
    {"clone a mount", root, "call(428, -100, b'/usr', 1)"},
    // inputs, code and outputs
    {"write an input", anybody, "open(V['input'], 'a').write('x')"},
    {"make an input writable", anybody, "os.chmod(V['input'], 0o666)"},
    {"replace an input", anybody, "os.rename(V['input'], V['input'] + '.x'); os.rename(V['input'] + '.x', V['input'])"},
    {"link an input into the outputs", anybody,
     "os.link(V['input'], V['outputs'] + '/linked'); os.unlink(V['outputs'] + '/linked')"},
    {"write the code", anybody, "open(V['code'], 'a').write('#')"},
    {"leave a link in the outputs", anybody,
     "os.symlink('/etc/shadow', V['outputs'] + '/link'); os.unlink(V['outputs'] + '/link')"},
    {"leave a pipe in the outputs", anybody, "os.mkfifo(V['outputs'] + '/pipe'); os.unlink(V['outputs'] + '/pipe')"},
    {"leave a folder in the outputs", anybody,
     "os.mkdir(V['outputs'] + '/folder'); os.rmdir(V['outputs'] + '/folder')"},
    {"fill the scratch folder", anybody, R"(
try: open(V['tmp'] + '/fill', 'wb').write(bytes(8 << 20)); assert os.path.getsize(V['tmp'] + '/fill') == 8 << 20
finally: os.unlink(V['tmp'] + '/fill'))"},
    {"fill the outputs", anybody, R"(
try:
    for i in range(6): open(V['outputs'] + f'/fill{i}', 'wb').write(bytes(1 << 19))
finally:
    for i in range(6): os.path.exists(V['outputs'] + f'/fill{i}') and os.unlink(V['outputs'] + f'/fill{i}'))"},
    {"fill the outputs with names", anybody, R"(
try:
    for i in range(100): open(V['outputs'] + f'/name{i}', 'w')
finally:
    for i in range(100): os.path.exists(V['outputs'] + f'/name{i}') and os.unlink(V['outputs'] + f'/name{i}'))"},
    {"execute what was written", anybody, R"(
import shutil
shutil.copy('/bin/true', V['tmp'] + '/true'); os.chmod(V['tmp'] + '/true', 0o755)
pid = os.posix_spawn(V['tmp'] + '/true', ['true'], {}); assert os.waitpid(pid, 0)[1] == 0)"},
    {"map what was written as code", anybody, R"(
import mmap
open(V['tmp'] + '/code', 'wb').write(bytes(4096))
mmap.mmap(os.open(V['tmp'] + '/code', os.O_RDONLY), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC))"},
    {"attach attributes to a file", some,
     "open(V['tmp'] + '/a', 'w'); os.setxattr(V['tmp'] + '/a', 'user.hidden', b'x' * 100)"},
    // other processes
    {"signal a process of the host", anybody, "os.kill(V['pid'], 0)"},
    {"see a process of the host", anybody, "assert open(f\"/proc/{V['pid']}/cmdline\").read()"},
    {"learn that a process of the host exists", anybody, R"(
try: os.kill(V['pid'], 0)
except PermissionError: pass)"},
    {"wait for a process of the host", anybody, "call(434, V['pid'], 0)"},
    {"see process 1", anybody, "assert open('/proc/1/status').read()"},
    {"signal process 1", root, "os.kill(1, 0)"},
    {"be traced", anybody, "in_child(lambda: call(101, 0, 0, 0, 0))"},
    {"read another process's memory", anybody, R"(
block = ctypes.create_string_buffer(b'12345678'); copy = ctypes.create_string_buffer(8)
local = struct.pack('QQ', ctypes.addressof(copy), 8); remote = struct.pack('QQ', ctypes.addressof(block), 8)
call(310, os.getpid(), local, 1, remote, 1, 0))"},
    {"take another process's descriptor", some, "call(438, call(434, os.getpid(), 0), 0, 0)"},
    {"compare processes", some, "call(312, os.getpid(), os.getpid(), 0, 0, 0)"},
    {"make forty processes", anybody, R"(
children = []
try:
    for _ in range(40):
        pid = os.fork()
        if pid == 0: time.sleep(30); os._exit(0)
        children.append(pid)
finally:
    for pid in children: os.kill(pid, 9); os.waitpid(pid, 0))"},
    {"make forty threads", anybody, R"(
import threading
go = threading.Event()
try:
    for _ in range(40): threading.Thread(target=go.wait).start()
finally: go.set())"},
    {"hold more memory than allowed", anybody, "held = b'x' * (400 << 20); time.sleep(1.5)"},
    {"reserve a lot of address space", anybody,
     "assert libc.mmap(None, ctypes.c_size_t(1 << 36), 0, 0x4022, -1, 0) not in (None, 2**64 - 1)"},
    {"open three hundred files", anybody, "files = [os.open('/dev/null', os.O_RDONLY) for _ in range(300)]"},
    {"raise the own priority", root, "os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0) - 1)"},
    {"become real-time", root, "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))"},
    {"become the orphans' parent", anybody, "call(157, 36, 1, 0, 0, 0)"},
    {"hold open a thousand files", root, "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (5000, 5000))"},
    {"lock memory", root, "assert libc.mlockall(1) == 0"},
    // identity and privilege
    {"become another user", root, "in_child(lambda: os.setuid(1234))"},
    {"change groups", root, "in_child(lambda: os.setgroups([4]))"},
    {"hold capabilities", root, R"(
held = ctypes.create_string_buffer(24)
call(125, struct.pack('Ii', 0x20080522, 0), held)
assert any(held.raw))"},
    {"keep a bounding set", anybody, "assert any(call(157, 23, number, 0, 0, 0) for number in range(40))"},
    {"gain privileges at exec", anybody, "assert call(157, 39, 0, 0, 0, 0) == 0"},
    {"enter a user namespace", anybody, "in_child(lambda: call(272, 0x10000000))"},
    {"enter a mount namespace", root, "in_child(lambda: call(272, 0x20000))"},
    {"clone into a user namespace", anybody, R"(
pid = call(56, 0x10000000 | 17, 0, 0, 0, 0)
if pid == 0: os._exit(0)
os.waitpid(pid, 0))"},
    {"clone3", anybody, R"(
pid = call(435, struct.pack('8Q', 0, 0, 0, 0, 17, 0, 0, 0), 64)
if pid == 0: os._exit(0)
os.waitpid(pid, 0))"},
    {"enter another namespace", root, "in_child(lambda: call(308, os.open('/proc/self/ns/net', os.O_RDONLY), 0))"},
    {"rename the machine", root, "call(170, socket.gethostname().encode(), len(socket.gethostname()))"},
    {"switch off address randomisation", anybody, "in_child(lambda: call(135, 0x0040000))"},
    {"use the 32-bit system calls", some,
     "in_child(lambda: machine_code(b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3') > 0 or os._exit(1))"},
    {"use the x32 system calls", some, "in_child(lambda: call(0x40000000 | 39))"},
    // sockets
    {"a UNIX socket", anybody, "socket.socket(socket.AF_UNIX)"},
    {"a TCP socket", anybody, "socket.socket(socket.AF_INET)"},
    {"a TCP socket over IPv6", some, "socket.socket(socket.AF_INET6)"},
    {"a UDP socket", anybody, "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"},
    {"a multipath TCP socket", some, "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)"},
    {"a raw socket", root, "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)"},
    {"a ping socket", some, "socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1)"},
    {"a packet socket", root, "socket.socket(17, socket.SOCK_RAW, 0)"},
    {"a netlink socket", anybody, "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)"},
    {"a crypto socket (Copy Fail)", some, "socket.socket(38, socket.SOCK_SEQPACKET).bind(('hash', 'sha256'))"},
    {"a VM socket", some, "socket.socket(40, socket.SOCK_STREAM)"},
    {"any other family", anybody, R"(
for family in range(64):
    for kind in (1, 2, 3, 5):
        try: socket.socket(family, kind); break
        except OSError: pass
    else: continue
    break
else: raise OSError('none'))"},
    {"reach the host by TCP", anybody, "socket.create_connection(('127.0.0.1', V['port']), 2)"},
    {"reach the host by an abstract socket", anybody,
     "s = socket.socket(socket.AF_UNIX); s.connect('\\0' + V['abstract'])"},
    {"reach the host by a socket file", anybody, "s = socket.socket(socket.AF_UNIX); s.connect(V['socket'])"},
    {"turn a datagram socketpair", anybody, R"(
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a.bind(V['tmp'] + '/named'); os.unlink(V['tmp'] + '/named'))"},
    {"list the host's sockets", anybody, "assert V['abstract'] in open('/proc/self/net/unix').read()"},
    {"see network devices", anybody,
     "assert len(open('/proc/net/dev').readlines()) > 3 or os.listdir('/sys/class/net')"},
    // doors of the kernel
    {"bpf", root, "call(321, 0, struct.pack('IIIII', 2, 4, 8, 1, 0) + bytes(100), 48)"},
    {"performance counters", some, "call(298, struct.pack('IIQ', 1, 112, 0) + bytes(96), 0, -1, -1, 0)"},
    {"userfaultfd", some, "call(323, 1)"},
    {"io_uring", some, "call(425, 4, ctypes.create_string_buffer(120))"},
    {"add a key", some, "call(248, b'user', b'c2d', b'x', 1, -2)"},
    {"read a keyring", some, "call(250, 0, -3, 0)"},
    {"System V shared memory", anybody, "libc.shmctl(call(29, 0, 4096, 0o1600), 0, None)"},
    {"read the host's shared memory", anybody, R"(
libc.shmat.restype = ctypes.c_void_p
at = libc.shmat(V['shared'], None, 0o10000)
assert at not in (None, 2**64 - 1) and ctypes.string_at(at, 6) == b'secret')"},
    {"System V messages", anybody, "libc.msgctl(call(68, 0, 0o1600), 0, None)"},
    {"POSIX messages", some, "call(240, b'c2d-hostile', 0o102, 0o600, 0); call(241, b'c2d-hostile')"},
    {"secret memory", some, "call(447, 0)"},
    {"watch files", anybody, "call(294, 0)"},
    {"watch all files", root, "call(300, 0, 0)"},
    {"read the kernel's log", root, "call(103, 10, 0, 0)"},
    {"read the clock's discipline", anybody, "call(159, bytes(208))"},
    {"read descriptor tables of segments", anybody, "call(154, 0, bytes(64), 64)"},
    {"splice", anybody, R"(
r, w = os.pipe()
call(275, os.open(sys.executable, os.O_RDONLY), 0, w, 0, 100, 0))"},
    {"vmsplice", anybody, R"(
r, w = os.pipe(); page = ctypes.create_string_buffer(4096)
call(278, w, struct.pack('QQ', ctypes.addressof(page), 4096), 1, 0))"},
    {"probe the page cache", anybody, R"(
at = libc.mmap(None, 4096, 1, 2, os.open(sys.executable, os.O_RDONLY), 0)
call(27, at, 4096, ctypes.create_string_buffer(1)))"},
    {"move memory between nodes", some, "call(279, 0, 0, 0, 0, 0, 0)"},
    {"ask a file system by ioctl", some,
     "import fcntl; fcntl.ioctl(os.open('/usr', os.O_RDONLY), 0x80086601, bytes(8))"},
    {"read about processors", anybody, "open('/proc/cpuinfo').read()"},
    {"read the kernel's settings", anybody, "open('/proc/sys/kernel/hostname').read()"},
    {"set the kernel's settings", root, "open('/proc/sys/kernel/core_pattern', 'r+')"},
    {"trigger the kernel's keys", some, "os.open('/proc/sysrq-trigger', os.O_WRONLY)"},
    {"load a module", some, R"(
try: call(175, 0, 0, b'')
except OSError as error: assert error.errno in (errno.ENOEXEC, errno.EFAULT, errno.EINVAL), error)"},
    // marks on what all runs and the host share: the inodes of the runtime, inputs and devices
    {"lock a file of the runtime", anybody,
     "import fcntl; fcntl.flock(os.open('/usr/bin/env', os.O_RDONLY), fcntl.LOCK_SH)"},
    {"lock bytes of the runtime", anybody,
     "import fcntl; fcntl.lockf(os.open('/usr/bin/env', os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)"},
    {"ask who holds a lock", anybody,
     "call(72, os.open('/usr/bin/env', os.O_RDONLY), 5, ctypes.create_string_buffer(struct.pack('hhqqi4x', 1, 0, 0, 0, "
     "0)))"},
    {"lock bytes for an open file", anybody,
     "call(72, os.open('/usr/bin/env', os.O_RDONLY), 37, struct.pack('hhqqi4x', 0, 0, 0, 0, 0))"},
    {"lease an input", anybody, "call(72, os.open(V['input'], os.O_RDONLY), 1024, 0)"},
    {"watch a folder by fcntl", anybody,
     "signal.signal(signal.SIGIO, signal.SIG_IGN); call(72, os.open('/usr/lib', os.O_RDONLY), 1026, 1)"},
    {"leave a hint at an input", anybody, "call(72, os.open(V['input'], os.O_RDONLY), 1036, struct.pack('Q', 2))"},
    {"read a hint at the runtime", anybody,
     "call(72, os.open('/usr/bin/env', os.O_RDONLY), 1035, ctypes.create_string_buffer(8))"},
    {"be signalled by a descriptor", anybody, "call(72, os.pipe()[0], 8, os.getpid())"},
    {"grow a pipe", anybody, "call(72, os.pipe()[1], 1031, 1 << 17)"},
    {"change the times of a device", anybody, "os.utime('/dev/null')"},
    // the page cache
    {"ask the page cache for a file", some, R"(
page = ctypes.create_string_buffer(4096)
try: call(327, os.open('/usr/bin/env', os.O_RDONLY), struct.pack('QQ', ctypes.addressof(page), 4096), 1, 0, 0, 8)
except BlockingIOError: pass)"},
    {"ask the directory cache for a path", some, R"(
try: call(437, -100, b'/usr/bin/env', struct.pack('QQQ', 0, 0, 0x20), 24)
except BlockingIOError: pass)"},
    {"evict a file from the page cache", anybody,
     "os.posix_fadvise(os.open('/usr/bin/env', os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED)"},
    {"read statistics of the page cache", some,
     "call(451, os.open(V['input'], os.O_RDONLY), bytes(16), ctypes.create_string_buffer(40), 0)"},
    {"page memory out", anybody, "import mmap; m = mmap.mmap(-1, 4096); m.madvise(21)"},
    {"merge memory with other processes'", some,
     "import mmap; m = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); m.madvise(12)"},
    {"take huge pages of the machine", some,
     "at = libc.mmap(None, 2 << 20, 3, 0x40022, -1, 0); assert at not in (None, 2**64 - 1)"},
    {"take huge pages as a file", some, "call(319, b'c2d', 4)"},
    // numbers that count for the whole machine
    {"learn the machine's load", anybody, "call(99, ctypes.create_string_buffer(128))"},
    {"number processes by a descriptor", anybody, "call(434, os.getpid(), 0)"},
    {"number processes by clone", anybody, R"(
number = ctypes.c_int()
pid = call(56, 0x1000 | 17, 0, ctypes.byref(number), 0, 0)
if pid == 0: os._exit(0)
os.waitpid(pid, 0))"},
    {"number sockets", anybody, "socket.socketpair()[0].getsockopt(socket.SOL_SOCKET, 57, 8)"},
    {"number network namespaces", some, "socket.socketpair()[0].getsockopt(socket.SOL_SOCKET, 71, 8)"},
    {"number processes by a socket", some, "socket.socketpair()[0].getsockopt(socket.SOL_SOCKET, 77, 4)"},
    {"send a byte out of band", some, "a, b = socket.socketpair(); a.send(b'x', socket.MSG_OOB)"},
    {"read how much memory is shared", anybody, "assert 'Shared_Clean' in open('/proc/self/smaps').read()"},
    {"read the own page table", anybody, "open('/proc/self/pagemap', 'rb').read(0)"},
    {"read the own counters", anybody, "assert open('/proc/self/stat').read()"},
    {"read how long one waited for a processor", some, "assert open('/proc/self/schedstat').read()"},
    {"read how much was read from the disk", some, "assert open('/proc/self/io').read()"},
    {"read the number of an event descriptor", anybody,
     "assert 'eventfd' in open(f'/proc/self/fdinfo/{call(290, 0, 0)}').read()"},
    {"read where the host mounts from", anybody, "assert open('/proc/self/mountinfo').read()"},
    {"leave a core dump to the host's handler", anybody,
     "import resource; assert resource.getrlimit(resource.RLIMIT_CORE)[1] != 1"},
    // what the host leaves lying about
    {"use a descriptor of the host", anybody, "assert os.pread(V['descriptor'], 6, 0) == b'secret'"},
    {"find any open file", anybody, R"(
links = [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') if os.path.islink(f'/proc/self/fd/{n}')]
assert [l for l in links if l.startswith('/') and l != '/dev/null' and not l.startswith('/proc/')], links)"},
    {"read the host's environment", anybody, "assert os.environ['C2D_TEST_SECRET'] == 'secret'"},
    {"read standard input", anybody, "assert os.read(0, 6) == b'secret'"},
    {"see the host's cgroup", some,
     "assert '/c2d' in open('/proc/self/cgroup').read() or len(set(l.split(':')[2] for l in "
     "open('/proc/self/cgroup'))) > 1"},
    {"know the machine's name", anybody, "assert socket.gethostname() == V['host']"},
};

}  // namespace

std::span<const HostileOperator> hostile_operators() { return kOperators; }

}  // namespace c2d::test
