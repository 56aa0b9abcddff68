"""``envgym doctor`` on this machine, whatever it has."""

import importlib.metadata
import os
import stat
import subprocess

import pytest

from envgym.cli import doctor


def test_every_missing_thing_has_its_command(envgym):
    done = envgym("doctor", "--json")
    assert done.code == 0, done.err
    checks = {check["name"]: check for check in done.json}
    assert {"python", "envgym", "core", "docker", "chromium", "bubblewrap", "gpu"} <= set(checks)
    assert checks["envgym"]["detail"] == importlib.metadata.version("envgym")
    for name, check in checks.items():
        assert check["state"] in ("ok", "missing", "broken")
        if name.startswith("extra ") and check["state"] != "ok":
            assert check["fix"].endswith(f"pip install 'envgym[{name.removeprefix('extra ')}]'")
        if check["state"] == "ok":
            assert check["fix"] is None


def test_extras_are_read_from_the_metadata():
    found = doctor.packages()
    assert {"gymnasium", "numpy", "pydantic", "rich", "typer"} == set(found["core"])
    declared = set(importlib.metadata.metadata("envgym").get_all("Provides-Extra") or [])
    assert set(found) - {"core"} == declared - {"all"}


def test_the_table_repeats_the_commands(envgym):
    done = envgym("doctor")
    assert done.code == 0
    for check in envgym("doctor", "--json").json:
        assert check["name"] in done.out
        if check["fix"]:
            assert check["fix"] in done.out


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """Return a function that puts a program with a given script first on the path."""
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + "/usr/bin" + os.pathsep + "/bin")

    def put(name: str, body: str) -> None:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return put


def test_a_stopped_daemon_is_broken_not_missing(on_path):
    on_path("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    found = doctor.docker()
    assert (found.state, "Cannot connect" in found.detail) == ("broken", True)
    assert found.fix


def test_a_running_daemon_lists_our_images(on_path):
    on_path("docker", 'case "$1" in info) echo 28.0.1;; image) echo envgym/base:1;; esac')
    found = doctor.docker()
    assert (found.state, found.fix) == ("ok", None)
    assert found.detail == "daemon 28.0.1; envgym/base:1"


def test_a_program_that_hangs_is_given_up(on_path, monkeypatch):
    on_path("docker", "exec sleep 30")
    monkeypatch.setattr(doctor, "PROBE_SECONDS", 0.2)
    assert doctor.docker().state == "broken"


def test_bubblewrap_that_may_not_make_namespaces_is_broken(on_path):
    on_path("bwrap", '[ "$1" = --version ] && echo "bubblewrap 0.8.0" || { echo no >&2; exit 1; }')
    found = doctor.bubblewrap()
    assert found.state == "broken"
    assert found.detail == "bubblewrap 0.8.0: no"


def test_playwrights_chromium_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    assert doctor.chromium().state == "missing"
    (tmp_path / "browsers" / "chromium-1234").mkdir(parents=True)
    assert doctor.chromium().state == "ok"


def test_the_report_survives_a_closed_pipe(script):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [script, "list"], stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(writer)
    assert "Traceback" not in done.stderr
