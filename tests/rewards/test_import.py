import ast
import doctest
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import envgym.rewards

MODULES = [m.name for m in walk_packages(envgym.rewards.__path__, "envgym.rewards.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    assert doctest.testmod(import_module(name)).failed == 0


def test_every_node_shows_an_example_and_its_source():
    from envgym.rewards.spec import node_kinds

    for cls in node_kinds().values():
        if not cls.__module__.startswith("envgym.rewards."):
            continue  # other tests make nodes of their own
        for part in ("Formula:", "Source:", "Shapes:", "Range:", "Laws:", ">>>"):
            assert part in (cls.__doc__ or "") or cls.kind == "constant", (cls, part)


def test_every_node_class_is_known_to_json():
    from envgym.rewards.node import Node
    from envgym.rewards.spec import node_kinds

    def below(cls):
        return {cls}.union(*(below(child) for child in cls.__subclasses__()))

    named = {c for c in below(Node) if c.kind and c.__module__.startswith("envgym.rewards.")}
    assert named <= set(node_kinds().values())


def test_importing_the_algebra_loads_no_heavy_library():
    code = "import sys, envgym.rewards; print([m for m in %r if m in sys.modules])"
    heavy = ("matplotlib", "pydantic", "rich", "scipy", "torch", "transformers", "typer")
    run = subprocess.run(
        [sys.executable, "-c", code % (heavy,)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_all_is_importable_and_sorted_by_name():
    assert len(set(envgym.rewards.__all__)) == len(envgym.rewards.__all__)
    assert all(hasattr(envgym.rewards, name) for name in envgym.rewards.__all__)


def test_type_checkers_see_the_names_that_are_there():
    tree = ast.parse(Path(envgym.rewards.__file__).read_text(encoding="utf-8"))
    typed = {
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("envgym.rewards")
        for alias in node.names
    }
    assert typed == {(module, name) for name, module in envgym.rewards._HOME.items()}
