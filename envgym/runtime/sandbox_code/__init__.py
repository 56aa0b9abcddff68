"""Running untrusted code outside this process: the code runners and how one is found.

Covered by ``bubblewrap``: no network, no host files but the interpreter, its standard library
and the C libraries they load; its own process, IPC, host-name and mount namespaces; no
capabilities, no new user namespaces, no ``ptrace``, ``mount``, ``bpf``, ``io_uring`` or System V
memory; limits on wall clock, CPU time, address space, processes, open files, disk and output;
everything the code started is gone when the call returns.
Not covered: bugs of the kernel; the total memory of all processes together (bounded only by
processes times address space), and what the kernel itself needs for many empty files; what the
code answers, which is its own business. On kernels before 5.14 a plain user's processes outside
count towards the limit too, so a box may start none. In a container whose first process reaps
nobody, one defunct process stays behind per call.
"""

from envgym.runtime.sandbox_code.bubblewrap import BubblewrapRunner
from envgym.runtime.sandbox_code.finding import RUNNERS, find_runner, why_no_bubblewrap
from envgym.runtime.sandbox_code.local import UnsafeLocalRunner

__all__ = [
    "RUNNERS",
    "BubblewrapRunner",
    "UnsafeLocalRunner",
    "find_runner",
    "why_no_bubblewrap",
]
