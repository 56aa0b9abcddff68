"""The files of the box: an interpreter, its standard library, and the C libraries they load."""

import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from envgym.types import InfraError

HOME = "/python"
"""Where the interpreter lives in the box, so that no path of the host shows."""
LIBRARIES = f"{HOME}/libs"
_ARROW = re.compile(r"^\s*(\S+) => (/\S+) \(0x", re.MULTILINE)
_LOADER = re.compile(r"^\s*(/\S*ld[-\w.]*\.so\S*|/\S*ld-musl\S*) \(0x", re.MULTILINE)
_UNWANTED = re.compile(r"^(_tkinter|_curses|readline|nis|_dbm|_gdbm|_test|_xx|xx)")
"""Extension modules of terminals, windows and tests, whose libraries stay outside."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Mounts of the box, all read-only."""

    executable: str
    """Path in the box."""
    binds: tuple[tuple[str, str], ...]
    """(path on the host, path in the box)."""
    folders: tuple[str, ...]
    """Folders in the box that hold them, parents first."""
    covered: tuple[str, ...]
    """Folders in the box that an empty one hides: installed packages."""


@cache
def interpreter() -> Interpreter:
    """Return the mounts for the interpreter that runs this process, virtual environments aside.

    Raises:
        InfraError: its libraries cannot be listed (``ldd`` is missing).
    """
    real = Path(os.path.realpath(sys.executable))
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    standard = Path(sysconfig.get_path("stdlib", vars={"base": sys.base_prefix}))
    extensions = Path(sysconfig.get_path("platstdlib", vars={"platbase": sys.base_prefix}))
    inside = f"{HOME}/{sys.platlibdir}/{version}"
    binds = [(str(real), f"{HOME}/bin/{version}"), (str(standard), inside)]
    dynload = extensions / "lib-dynload"
    modules = sorted(dynload.glob("*.so")) if dynload.is_dir() else []
    if dynload.is_dir() and dynload.parent != standard:
        binds.append((str(dynload), f"{inside}/lib-dynload"))
    listed = _ldd([real, *(each for each in modules if not _UNWANTED.match(each.name))])
    libraries = dict(_ARROW.findall(listed))
    binds += [(os.path.realpath(path), f"{LIBRARIES}/{name}") for name, path in libraries.items()]
    binds += [(os.path.realpath(path), path) for path in sorted(set(_LOADER.findall(listed)))]
    hidden = [each for each in ("site-packages", "dist-packages") if (standard / each).is_dir()]
    folders = {str(each) for _, here in binds for each in Path(here).parents[:-1]}
    return Interpreter(
        executable=f"{HOME}/bin/{version}",
        binds=tuple(binds),
        folders=tuple(sorted(folders - {inside})),
        covered=tuple(f"{inside}/{each}" for each in hidden),
    )


def _ldd(files: list[Path]) -> str:
    try:
        done = subprocess.run(
            ["ldd", *map(str, files)], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InfraError("sandbox", f"ldd cannot list the interpreter's libraries: {error}") from (
            error
        )
    return done.stdout
