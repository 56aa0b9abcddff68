"""Every example in a docstring of the installed package runs and prints what it says."""

import doctest
import importlib
import pkgutil

import pytest

import envgym

MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(envgym.__path__, "envgym.")
    if not info.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.testmod(module, optionflags=options).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    with_examples = [
        n for n in MODULES if any(t.examples for t in finder.find(importlib.import_module(n)))
    ]
    assert len(with_examples) > 20
