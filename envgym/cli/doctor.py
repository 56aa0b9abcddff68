"""``envgym doctor``: what is here, what is missing, and the command that installs it."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from envgym.cli import screen

PROBE_SECONDS = 10
"""How long another program may take to answer."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    name: str
    """What was looked for."""
    state: Literal["ok", "missing", "broken"]
    """"broken": there, but it did not work."""
    detail: str
    """Versions, or why it does not work."""
    fix: str | None = None
    """The command that installs or starts it; None where nothing is to be done."""


def doctor(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON list of {name, state, detail, fix}.")
    ] = False,
) -> None:
    """Report versions, extras, Docker, Chromium, bubblewrap and GPU, and how to install the rest.

    Only Python and the core packages are needed; everything else belongs to an extra. The exit
    code is 1 if one of the core packages is missing or broken.
    """
    checks = list(diagnose())
    if as_json:
        screen.print_json([asdict(check) for check in checks])
    else:
        styles = {"ok": "green", "missing": "yellow", "broken": "red"}
        rows = [(c.name, Text(c.state, styles[c.state]), c.detail) for c in checks]
        out = screen.console()
        out.print(screen.table(("what", "state", "found"), rows))
        fixes = [check for check in checks if check.fix]
        if fixes:
            out.print("\nTo install what is missing:")
            for check in fixes:
                out.print(f"  {check.name}:  {check.fix}", soft_wrap=True)
    if any(check.state != "ok" for check in checks if check.name in ("python", "envgym", "core")):
        raise typer.Exit(1)


def diagnose() -> Iterator[Check]:
    """Yield every check, cheapest first. Loads torch if it is installed."""
    yield Check("python", "ok", f"{platform.python_version()} on {platform.system()}")
    yield Check("envgym", "ok", version("envgym"))
    for extra, names in packages().items():
        yield _packages(extra, names)
    yield docker()
    yield chromium()
    yield bubblewrap()
    yield gpu()


def packages() -> dict[str, list[str]]:
    """Return the distributions that the core and each extra need, from envgym's own metadata."""
    found: dict[str, list[str]] = {"core": []}
    for line in requires("envgym") or []:
        named = re.match(r"[A-Za-z0-9._-]+", line)
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", line)
        if named and named.group().lower() != "envgym":
            found.setdefault(extra.group(1) if extra else "core", []).append(named.group())
    return found


def _packages(extra: str, names: list[str]) -> Check:
    have, lack = [], []
    for name in names:
        try:
            have.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lack.append(name)
    title = "core" if extra == "core" else f"extra {extra}"
    if not lack:
        return Check(title, "ok", ", ".join(have))
    wanted = "envgym" if extra == "core" else f"envgym[{extra}]"
    detail = f"lacks {', '.join(lack)}" + (f"; has {', '.join(have)}" if have else "")
    return Check(title, "missing", detail, f"{_python()} -m pip install '{wanted}'")


def docker() -> Check:
    """Return whether the Docker daemon answers and which images of envgym it has."""
    if shutil.which("docker") is None:
        return Check("docker", "missing", "no docker command", _system("docker.io", "docker"))
    code, said = _ask("docker", "info", "--format", "{{.ServerVersion}}")
    if code != 0 or not said:
        reason = said.splitlines()[-1] if said else "it did not answer"
        return Check("docker", "broken", f"no daemon: {reason}", _start_docker())
    _, listed = _ask("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "envgym/*")
    images = ", ".join(listed.split()) or "no envgym/ image; none of the installed ids needs one"
    return Check("docker", "ok", f"daemon {said}; {images}")


def chromium() -> Check:
    """Return whether a Chromium is on the path or in Playwright's folder."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if shutil.which(name):
            code, said = _ask(name, "--version")
            state: Literal["ok", "broken"] = "ok" if code == 0 else "broken"
            return Check("chromium", state, said or name)
    folders = {
        "Darwin": Path.home() / "Library/Caches/ms-playwright",
        "Windows": Path.home() / "AppData/Local/ms-playwright",
    }
    default = folders.get(platform.system(), Path.home() / ".cache/ms-playwright")
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default)
    bundled = sorted(root.glob("chromium*-*")) if root.is_dir() else []
    if bundled:
        return Check("chromium", "ok", f"Playwright's {bundled[-1].name}")
    fix = f"{_python()} -m pip install 'envgym[web]' && {_python()} -m playwright install chromium"
    return Check("chromium", "missing", "not on the path, none of Playwright's", fix)


def bubblewrap() -> Check:
    """Return whether bubblewrap can start a process; some kernels forbid user namespaces."""
    if shutil.which("bwrap") is None:
        if platform.system() != "Linux":
            return Check("bubblewrap", "missing", "Linux only; Docker is the sandbox here")
        return Check("bubblewrap", "missing", "no bwrap command", _system("bubblewrap"))
    _, said = _ask("bwrap", "--version")
    code, why = _ask("bwrap", "--ro-bind", "/", "/", "--unshare-all", "true")
    if code != 0:
        fix = "sysctl -w kernel.unprivileged_userns_clone=1"
        return Check("bubblewrap", "broken", f"{said}: {why or 'cannot make a namespace'}", fix)
    return Check("bubblewrap", "ok", said)


def gpu() -> Check:
    """Return the GPUs that the driver lists and whether torch can use them."""
    code, listed = 1, ""
    if shutil.which("nvidia-smi"):
        code, listed = _ask("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
    names = "; ".join(listed.splitlines()) if code == 0 else ""
    try:
        import torch
    except ImportError:
        seen = names or "no GPU"
        fix = f"{_python()} -m pip install 'envgym[train]'" if names else None
        return Check("gpu", "missing", f"{seen}; torch is not installed", fix)
    if torch.cuda.is_available():
        return Check(
            "gpu", "ok", f"{names or torch.cuda.get_device_name(0)}; CUDA {torch.version.cuda}"
        )
    if names:
        fix = f"{_python()} -m pip install --force-reinstall torch"
        return Check("gpu", "broken", f"{names}, but torch {torch.__version__} cannot use it", fix)
    mps = torch.backends.mps.is_available()
    detail = "Apple GPU (mps)" if mps else f"none; torch {torch.__version__} runs on the CPU"
    return Check("gpu", "ok" if mps else "missing", detail)


def _python() -> str:
    """Return the interpreter as a shell can call it; the path only where 'python' is another."""
    found = shutil.which("python")
    same = found is not None and Path(found).resolve() == Path(sys.executable).resolve()
    return "python" if same else sys.executable


def _system(apt: str, brew: str | None = None) -> str:
    """Return the command that installs a system package here."""
    if platform.system() == "Darwin":
        return f"brew install {brew or apt}"
    return f"{'' if _is_root() else 'sudo '}apt-get install -y {apt}"


def _start_docker() -> str:
    if platform.system() != "Linux":
        return "open -a Docker"
    return f"{'' if _is_root() else 'sudo '}systemctl start docker"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _ask(*command: str) -> tuple[int, str]:
    """Return the exit code and the text of a program; 124 if it did not answer in time."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return 124, f"no answer in {PROBE_SECONDS} seconds"
    except OSError as error:
        return 127, str(error)
    return done.returncode, (done.stdout.strip() or done.stderr.strip())
