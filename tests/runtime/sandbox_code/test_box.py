"""What only the box promises: no network, no host, no rights, nothing left."""

import errno
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import envgym
from envgym.runtime.sandbox_code import finding, seccomp, why_no_bubblewrap
from envgym.types import ConfigError, InfraError


def value(box, limits, source, *inputs):
    result = box.call(source, "f", inputs or ({},), limits)
    assert result.status == "ok", result
    return result.values[0]


def outcome(box, limits, body):
    """Return what ``body`` raises in the box, or what it returns."""
    lines = "\n".join(f"  {line}" for line in body.splitlines())
    source = f"def f():\n try:\n{lines}\n except BaseException as e: return type(e).__name__"
    return value(box, limits, source)


@pytest.mark.parametrize(
    "body",
    [
        "import socket; socket.create_connection(('127.0.0.1', 22), 1)\nreturn 'through'",
        "import socket; socket.create_connection(('1.1.1.1', 53), 1)\nreturn 'through'",
        "import socket; socket.socket(40, 1, 0)\nreturn 'vsock'",
        "import socket; socket.getaddrinfo('example.org', 80)\nreturn 'resolved'",
    ],
)
def test_there_is_no_network(box, limits, body):
    assert outcome(box, limits, body) in {"PermissionError", "OSError", "gaierror"}


def test_the_tree_holds_an_interpreter_and_nothing_else(box, limits):
    names = value(box, limits, "import os\ndef f(): return sorted(os.listdir('/'))")
    assert set(names) <= {"python", "dev", "work", "lib", "lib64"}
    source = "import os\ndef f(): return [n for p in ('lib','lib64') if os.path.isdir('/'+p) for _,_,fs in os.walk('/'+p) for n in fs]"
    assert all("ld" in name for name in value(box, limits, source))  # the loader


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/proc/self/environ",
        "/proc/1/root",
        str(Path.home()),
        envgym.__file__,
        __file__,
    ],
)
def test_files_of_the_host_are_not_there(box, limits, path):
    assert (
        value(box, limits, "import os\ndef f(p): return os.path.lexists(p)", {"p": path}) is False
    )


def test_installed_packages_are_not_there(box, limits):
    assert outcome(box, limits, "import numpy\nreturn 'imported'") == "ModuleNotFoundError"
    assert outcome(box, limits, "import envgym\nreturn 'imported'") == "ModuleNotFoundError"


def test_folders_of_installed_packages_are_empty(box, limits):
    body = (
        "import os, sys\nfolder = os.path.dirname(os.__file__)\n"
        "return [n for f in ('site-packages', 'dist-packages')\n"
        "        if os.path.isdir(f'{folder}/{f}') for n in os.listdir(f'{folder}/{f}')]"
    )
    assert outcome(box, limits, body) == []


def test_links_lead_nowhere(box, limits):
    body = "import os\nos.symlink('/etc/shadow', 'a'); os.symlink('../../../../../root', 'b')\nopen('a')"
    assert outcome(box, limits, body) == "FileNotFoundError"
    assert outcome(
        box, limits, "import os\nos.symlink('/..', 'c')\nreturn sorted(os.listdir('c'))"
    ) == sorted(value(box, limits, "import os\ndef f(): return os.listdir('/')"))


@pytest.mark.parametrize("folder", ["/", "/python", "/python/bin", "/dev", "/dev/shm"])
def test_only_the_work_folder_can_be_written(box, limits, folder):
    assert outcome(box, limits, f"open('{folder}/x', 'w')\nreturn 'written'") in {
        "OSError",
        "PermissionError",
    }
    assert outcome(box, limits, "open('x', 'w').write('x')\nreturn 'written'") == "written"


def test_the_work_folder_is_small_and_empty_at_every_start(box, limits):
    assert outcome(box, limits, "import os\nreturn os.listdir('.')") == []
    body = "for i in range(60):\n open(f'{i}', 'wb').write(b'x' * 10**6)\nreturn 'room'"
    assert outcome(box, limits, body) == "OSError"


def test_environment_and_identity_tell_nothing(box, limits):
    os.environ["ENVGYM_SECRET"] = "leak"
    try:
        found = value(
            box,
            limits,
            "import os\ndef f(): return [dict(os.environ), os.getuid(), os.uname().nodename, os.getpid()]",
        )
    finally:
        del os.environ["ENVGYM_SECRET"]
    environment, uid, host, pid = found
    assert set(environment) <= {"HOME", "TMPDIR", "PWD", "LD_LIBRARY_PATH", "LC_CTYPE"}
    assert uid != 0 and host == "box" and pid < 10


@pytest.mark.parametrize(
    "call",
    [
        "os.setuid(0)",
        "os.chroot('/work')",
        "ctypes.CDLL(None, use_errno=True).unshare(0x10000000) and (_ for _ in ()).throw(OSError(ctypes.get_errno(), ''))",
        "ctypes.CDLL(None, use_errno=True).mount(b'none', b'/work', b'tmpfs', 0, None) and (_ for _ in ()).throw(OSError(ctypes.get_errno(), ''))",
        "ctypes.CDLL(None, use_errno=True).ptrace(0, 0, 0, 0) and (_ for _ in ()).throw(OSError(ctypes.get_errno(), ''))",
        "resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6))",
        "os.kill(1, 9); os.listdir('/gone')",
    ],
)
def test_there_are_no_rights(box, limits, call):
    body = f"import os, ctypes, resource\n{call}\nreturn 'done'"
    assert outcome(box, limits, body) in {
        "PermissionError",
        "OSError",
        "ValueError",
        "FileNotFoundError",
    }


@pytest.mark.parametrize(
    "call",
    [
        "libc.shmget(0, 100 << 20, 0o1600)",  # memory that no limit of a process counts
        "libc.semget(0, 32000, 0o1600)",
        "libc.msgget(0, 0o1600)",
        "libc.memfd_create(b'x', 0)",
        "libc.syscall(447, 0)",  # memfd_secret
        "libc.syscall(457, 0, 0, 0, 0)",  # statmount, which tells the host's paths
        "libc.syscall(458, 0, 0, 0, 0)",  # listmount
        "libc.syscall(9999)",
    ],
)
def test_calls_around_the_limits_are_refused(box, limits, call):
    if platform.machine() != "x86_64":
        pytest.skip("the numbers of these system calls are those of x86_64")
    body = f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nreturn [{call}, ctypes.get_errno()]"
    result, code = outcome(box, limits, body)
    assert result == -1
    assert code in (errno.EPERM, errno.ENOSYS)


def test_a_fork_bomb_is_refused_and_ends(box, limits):
    source = "import os\ndef f():\n n = 0\n try:\n  while True:\n   if os.fork() == 0:\n    import time; time.sleep(30); os._exit(0)\n   n += 1\n except OSError: return n"
    began = time.monotonic()
    forked = value(box, limits, source)
    assert 0 < forked < limits.processes
    assert time.monotonic() - began < limits.seconds


def test_a_bomb_of_threads_is_refused(box, limits):
    body = "import threading, time\nn = 0\nwhile n < 100:\n threading.Thread(target=time.sleep, args=(30,), daemon=True).start()\n n += 1\nreturn 'all started'"
    assert outcome(box, limits, body) == "RuntimeError"


DAEMON = """
import os, time
def f(python, name, rest):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(python, [python, "-S", "-c", "import time; time.sleep(60)", name])
        os._exit(0)
    time.sleep(rest)
    return 1
"""


@pytest.mark.parametrize(("rest", "ends"), [(1.5, "ok"), (60, "timeout")])
def test_daemons_are_gone_when_the_call_returns(box, limits, rest, ends):
    name = f"envgym-daemon-{os.getpid()}-{ends}"
    python = f"/python/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    job = [{"python": python, "name": name, "rest": rest}]
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(box.call, DAEMON, "f", job, replace(limits, seconds=3.0))
        assert _wait(lambda: _running(name))  # it did start
        assert call.result().status == ends
    assert _running(name) == []


def _running(name):
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if name.encode() in words.split(b"\0"):
                found.append(folder.name)
    return found


def test_deep_recursion_in_c_kills_the_box_alone(box, limits):
    body = "import sys\nsys.setrecursionlimit(10**8)\nx = []\nfor _ in range(10**6): x = [x]\nreturn repr(x)[:1]"
    result = box.call("def f():\n " + body.replace("\n", "\n "), "f", [{}], limits)
    assert result.status in {"error", "memory", "timeout"}
    assert value(box, limits, "def f(): return 1") == 1


PLAIN_USER = """
from envgym.runtime.sandbox_code import find_runner
from envgym.types import CodeLimits
limits = CodeLimits(seconds=10, memory_mb=256, processes=8)
source = "import os\\ndef f(x): return [x + 1, os.getuid(), os.path.exists('/etc/passwd')]"
print(find_runner().call(source, "f", [{"x": 1}], limits).values)
bomb = "import os, time\\ndef f():\\n n = 0\\n try:\\n  while n < 50:\\n   if os.fork() == 0: time.sleep(9)\\n   n += 1\\n except OSError: pass\\n return n < 8"
print(find_runner().call(bomb, "f", [{}], limits).values)
"""


def test_as_another_user_than_root(box):
    if os.geteuid() != 0:
        pytest.skip("every other test of this file ran as a user that is not root")
    packages = os.pathsep.join(str(Path(each.__file__).parents[1]) for each in (envgym, np))
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1"}
    told = []
    for python in (sys.executable, "/usr/bin/python3"):
        if not _may_run(python):
            told.append(f"{python}: out of its reach")
            continue
        done = subprocess.run(
            [python, "-c", PLAIN_USER],
            user=65533,
            group=65533,
            extra_groups=[],
            env=env,
            cwd="/",
            capture_output=True,
            text=True,
        )
        if "ModuleNotFoundError" not in done.stderr and "ImportError" not in done.stderr:
            assert done.stdout == "([2, 65534, False],)\n(True,)\n", done.stderr
            return
        told.append(f"{python}: {done.stderr.splitlines()[-1]}")
    pytest.skip(f"NOT TESTED AS A PLAIN USER: none of these can import NumPy and envgym: {told}")


def _may_run(python):
    real = Path(python).resolve()
    return real.exists() and all(folder.stat().st_mode & 0o001 for folder in real.parents)


def test_the_network_is_gone_without_the_filter_too(box, limits, monkeypatch):
    monkeypatch.setattr(seccomp, "opened", lambda: None)
    body = "import socket; socket.create_connection(('127.0.0.1', 22), 1)\nreturn 'through'"
    assert outcome(box, limits, body) in {"OSError", "ConnectionRefusedError"}
    names = "import socket\nreturn [name for _, name in socket.if_nameindex()]"
    assert outcome(box, limits, names) == ["lo"]


def test_no_descriptor_of_the_host_is_open(box, limits):
    source = (
        "import os, stat\ndef f():\n found = []\n for fd in range(64):\n  try: mode = os.fstat(fd).st_mode\n"
        "  except OSError: continue\n  found.append([fd, stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)])\n return found"
    )
    found = value(box, limits, source)
    assert all(harmless for _, harmless in found)  # pipes and /dev/null, no file or folder
    assert len(found) <= 5


def test_boxes_run_side_by_side(box, limits):
    source = "import time\ndef f(x):\n time.sleep(0.2)\n return x"

    def one(x):
        return box.call(source, "f", [{"x": x}], limits).values

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(one, range(6))) == [(x,) for x in range(6)]


FORKED = """
import os
from envgym.runtime.sandbox_code import BubblewrapRunner
from envgym.types import CodeLimits
source = "import os, time\\ndef f():\\n n = 0\\n while n < 5:\\n  if os.fork() == 0: time.sleep(9)\\n  n += 1\\n time.sleep(1)\\n return n"
limits = CodeLimits(seconds=20, memory_mb=256, processes=8)
for _ in range(3):
    if os.fork() == 0:
        print(BubblewrapRunner().call(source, "f", [{}], limits).values, flush=True)
        os._exit(0)
for _ in range(3):
    os.wait()
"""


def test_boxes_of_forked_workers_do_not_share_a_limit(box):
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True)
    assert done.stdout == "(5,)\n" * 3, done.stderr


ORPHAN = """
from envgym.runtime.sandbox_code import BubblewrapRunner
from envgym.types import CodeLimits
source = '''import os, time
def f(python, name):
    if os.fork() == 0:
        os.setsid()
        os.execv(python, [python, "-S", "-c", "import time; time.sleep(60)", name])
    time.sleep(60)
'''
BubblewrapRunner().call(source, "f", [{"python": PYTHON, "name": NAME}], CodeLimits(seconds=60))
"""


def test_a_killed_caller_leaves_nothing(box):
    name = f"envgym-orphan-{os.getpid()}"
    python = f"/python/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    script = ORPHAN.replace("PYTHON", repr(python)).replace("NAME", repr(name))
    caller = subprocess.Popen([sys.executable, "-c", script])
    try:
        assert _wait(lambda: _running(name))
    finally:
        caller.kill()
        caller.wait()
    assert _wait(lambda: not _running(name))


def _wait(condition, seconds=20.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


# Finding one.


@pytest.fixture
def fresh():
    why_no_bubblewrap.cache_clear()
    yield
    why_no_bubblewrap.cache_clear()


def test_without_bubblewrap_it_refuses_and_says_how_to_install_it(fresh, monkeypatch):
    monkeypatch.setattr(finding.shutil, "which", lambda name: None)
    for name in ("auto", "bubblewrap"):
        with pytest.raises(InfraError, match="apt-get install bubblewrap.*'unsafe-local'"):
            finding.find_runner(name)
    assert finding.find_runner("unsafe-local").name == "unsafe-local"


def test_a_bubblewrap_that_cannot_make_boxes_is_refused(fresh, monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(InfraError, match="No permissions to create new namespace"):
        finding.find_runner()


@pytest.mark.parametrize("user", [0, 1000])
def test_a_bubblewrap_that_is_no_program_is_refused(fresh, monkeypatch, tmp_path, user):
    (tmp_path / "bwrap").write_bytes(b"\x7fELF nothing")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(InfraError, match="the code runner did not start"):
        finding.find_runner()


def test_a_box_with_holes_is_refused(fresh, monkeypatch):
    monkeypatch.setattr(finding.BubblewrapRunner, "call", finding.UnsafeLocalRunner().call)
    with pytest.raises(InfraError, match="a file of the host can be read"):
        finding.find_runner()


def test_an_unknown_runner_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'bubblewrap'"):
        finding.find_runner("bubblewarp")
