import json

import pytest

from envgym.rewards import resolve, standard_presets
from envgym.types import ConfigError

P = standard_presets()


def test_a_name_a_program_its_json_and_a_file_all_resolve(tmp_path):
    path = tmp_path / "dense.json"
    path.write_text(json.dumps(P["dense"].spec()))
    for given in ("dense", P["dense"], P["dense"].spec(), path, str(path)):
        assert resolve(given, P, "envgym/Demo-v0") == P["dense"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("dens", r"Demo: unknown reward preset 'dens'; allowed: .*Did you mean 'dense'\?"),
        (7, "Demo: reward must be a preset name, a Program, its JSON or a .json path, got int"),
        ({"root": {"node": "sourc"}}, r"Demo: root: unknown node 'sourc'"),
        ("none.json", "Demo: cannot read the reward file 'none.json': No such file"),
    ],
)
def test_bad_input_is_one_sentence(given, message):
    with pytest.raises(ConfigError, match=message):
        resolve(given, P, "Demo")


def test_a_broken_file_names_its_line(tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{\n  "root": }')
    with pytest.raises(ConfigError, match=r"bad.json:2: not JSON: Expecting value at column 11"):
        resolve(str(path), P)
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="it is not UTF-8"):
        resolve(path, P)
