"""A filter of system calls: what no reward function has any business with."""

import os
import platform
import struct
from typing import NamedTuple

_EPERM, _EACCES, _ENOSYS = 1, 13, 38
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_NEW_USER_NAMESPACE = 0x10000000
_UNIX_SOCKETS = 1

_CLONE3 = 435
_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 447)
"""io_uring, the new mount calls, pidfd_getfd and memfd_secret have one number on every
architecture."""
_UNKNOWN = 457
"""From here on calls do not exist: statmount tells the host's paths, later ones are not known
to be harmless."""


class _Table(NamedTuple):
    """System call numbers of one architecture."""

    arch: int
    clone: int
    socket: int
    denied: tuple[int, ...]
    """shmget semget msgget memfd_create, whose memory no limit of a process counts; ptrace mount
    umount2 pivot_root chroot unshare setns bpf userfaultfd perf_event_open keyctl add_key
    request_key kexec_load kexec_file_load init_module finit_module delete_module process_vm_readv
    process_vm_writev open_by_handle_at name_to_handle_at personality swapon acct reboot quotactl
    syslog vhangup, and on x86_64 iopl and ioperm."""


_TABLES = {
    "x86_64": _Table(
        0xC000003E, 56, 41,
        (29, 64, 68, 319,
         101, 165, 166, 155, 161, 272, 308, 321, 323, 298, 250, 248, 249, 246, 320, 175, 313, 176,
         310, 311, 304, 303, 135, 167, 163, 169, 179, 103, 153, 172, 173),
    ),
    "aarch64": _Table(
        0xC00000B7, 220, 198,
        (194, 190, 186, 279,
         117, 40, 39, 41, 51, 97, 268, 280, 282, 241, 219, 217, 218, 104, 294, 105, 273, 106, 270,
         271, 265, 264, 92, 224, 89, 142, 60, 116, 58),
    ),
}  # fmt: skip
"""Those of x86_64 were run, those of aarch64 never."""


def program(machine: str = "") -> bytes:
    """Return the filter as classic BPF for ``machine``; empty where we know no numbers.

    Another architecture's calls (x32 on x86_64) are refused whole, newer calls and ``clone3`` do
    not exist (the arguments of the latter cannot be read), ``clone`` makes no user namespace, and
    sockets are local ones.

    >>> len(program("x86_64")) % 8
    0
    """
    table = _TABLES.get(machine or platform.machine())
    if table is None:
        return b""
    lines = [
        _line(_LOAD, _ARCH),
        _line(_EQUAL, table.arch, 1, 0),
        _line(_RETURN, _KILL),
        _line(_LOAD, _NUMBER),
        *_when(_AT_LEAST, _UNKNOWN, _ENOSYS),
        *_when(_EQUAL, _CLONE3, _ENOSYS),
    ]
    for number in (*table.denied, *_EVERYWHERE):
        lines += _when(_EQUAL, number, _EPERM)
    lines += [
        _line(_EQUAL, table.clone, 0, 4),
        _line(_LOAD, _FIRST_ARGUMENT),
        *_when(_ANY_BIT, _NEW_USER_NAMESPACE, _EPERM),
        _line(_RETURN, _ALLOW),
        _line(_EQUAL, table.socket, 0, 3),
        _line(_LOAD, _FIRST_ARGUMENT),
        _line(_EQUAL, _UNIX_SOCKETS, 1, 0),
        _line(_RETURN, _ERRNO | _EACCES),
        _line(_RETURN, _ALLOW),
    ]
    return b"".join(lines)


def opened() -> int | None:
    """Return a descriptor that holds the filter, for ``bwrap --seccomp``; None without one."""
    data = program()
    if not data:
        return None
    read, write = os.pipe()
    os.write(write, data)  # under a kilobyte: fits the pipe
    os.close(write)
    return read


def _line(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _when(test: int, value: int, errno: int) -> tuple[bytes, bytes]:
    """Return two lines: if the test holds, fail with ``errno``."""
    return _line(test, value, 0, 1), _line(_RETURN, _ERRNO | errno)
