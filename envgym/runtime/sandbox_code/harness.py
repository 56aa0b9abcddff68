"""The program inside the box: limits itself, runs the code, answers on its own pipe.

It is read as text and run as ``python -I -S -c TEXT FD UID`` by the interpreter of the box, so it
imports nothing of envgym. Lines on pipe FD start with a nonce that came with the job:

    NONCE ready              the limits hold, the code starts now
    NONCE 0 {"x": 1.0}       the answer to input 0, as JSON
    NONCE error KIND "text"  KIND: error, memory
    NONCE end                every input was answered

The code runs in this very process, so code that searches it can find the nonce: it can then
answer in its own name, as it may anyway, and nothing else.
"""

import json
import os
import resource
import sys
import time


def main() -> None:
    """Read the job from standard input, run it and leave."""
    fd, uid = int(sys.argv[1]), int(sys.argv[2])
    own = os.getpid()
    if uid >= 0:  # started as root: become a user that nobody else is, before anything is read
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    with open(0, "rb", closefd=False) as stream:  # a descriptor, not a path
        job = json.loads(stream.read())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    nonce = job["nonce"].encode()
    encode = json.dumps
    write, pid, leave = os.write, os.getpid, os._exit
    text, base, floods = str, BaseException, (MemoryError,)
    # The code gets modules of its own: what it does to them does not reach this encoder.
    for name in [each for each in sys.modules if each.partition(".")[0] == "json"]:
        del sys.modules[name]
    sys.argv = [""]

    def say(line: bytes) -> None:
        data = nonce + b" " + line + b"\n"
        while data:
            data = data[write(fd, data) :]

    def fail(error: BaseException) -> None:
        kind = "memory" if isinstance(error, floods) else "error"
        try:
            shown = f"{type(error).__name__}: {error}"
        except base:
            shown = type(error).__name__
        say(f"error {kind} ".encode() + encode(text(shown)[:500]).encode())

    for limit, value in job["limits"]:
        _limit(getattr(resource, limit), value)
    say(b"ready")
    space = {"__name__": "generated", "__builtins__": __builtins__}
    index = -1
    try:
        exec(compile(job["source"], "<generated>", "exec"), space)  # noqa: S102
        function = space.get(job["function"])
        if not callable(function):
            raise NameError(f"the code defines no function '{job['function']}'")
        for index, given in enumerate(job["inputs"]):  # read below
            answer = encode(function(**given), allow_nan=False)
            if pid() != own:  # a copy of this process that the code forked
                leave(0)
            say(f"{index} {answer}".encode())
    except base as error:
        if pid() != own:
            leave(0)
        _trace(index)
        _flush()
        fail(error)
    else:
        _flush()
        say(b"end")
    leave(0)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: BLE001  # the code may have put anything there
            continue


def _limit(which: int, value: int) -> None:
    """Set a limit that can only be lowered again."""
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def _trace(index: int) -> None:
    """Write the traceback to standard error, where the author of the code can read it."""
    try:
        import traceback

        if index >= 0:
            sys.stderr.write(f"input {index}:\n")
        traceback.print_exc(limit=-5)
    except BaseException:  # noqa: BLE001  # the code may have broken anything
        time.sleep(0)


if __name__ == "__main__":
    main()
