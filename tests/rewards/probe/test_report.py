import json
import sys
from xml.etree import ElementTree

import pytest

from envgym.rewards import Dominance, Program, Report, Source
from envgym.rewards.probe.figure import draw
from envgym.rewards.probe.noise import NoiseRobustness
from envgym.types import ConfigError, EpisodeFileError, MissingExtraError

PLAIN = Report(metric=0.5, threshold=1.0, passed=True, detail={"a": 0.5, "解": 0.25}, probe="p")
LINES = Report(
    metric=2.0,
    threshold=1.0,
    passed=False,
    detail={},
    probe="p",
    axes=("d", "score in $"),
    series={"gold": ((0.0, 1.0), (1.0, 2.0)), "gold, log fit": ((0.0, 1.0), (1.0, 1.5))},
)


def test_a_report_is_json():
    found = json.loads(json.dumps(LINES.to_json()))
    assert found["series"]["gold"] == [[0.0, 1.0], [1.0, 2.0]]
    assert (found["metric"], found["passed"], found["rows"]) == (2.0, False, [])


def test_the_former_four_fields_suffice():
    assert Report(metric=0.0, threshold=0.0, passed=True, detail={}).notes == ()


@pytest.mark.parametrize("probe", [Dominance(), NoiseRobustness(draws=2)])
def test_l10_probes_are_silent(probe):
    program = Program("p", Source("a", "episode") + Source("b"))
    episodes = [
        [{"b": 0, "end": None}, {"a": a, "b": a / 2, "end": "task"}] for a in (0.1, 0.5, 0.9)
    ]
    before = [program.replay(records).ledger for records in episodes]
    first = probe.run(program, episodes)
    assert [program.replay(records).ledger for records in episodes] == before
    assert probe.run(program, episodes) == first


@pytest.mark.parametrize("report", [PLAIN, LINES])
def test_a_figure_is_the_same_every_time_and_needs_no_network(tmp_path, report):
    first, second = draw(report, tmp_path / "a.svg"), draw(report, tmp_path / "b.svg")
    assert first.read_bytes() == second.read_bytes()
    text = first.read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert "<dc:date>" not in text
    assert 'href="http' not in text
    assert "@import" not in text


def test_any_script_is_shown(tmp_path):
    assert "解" in draw(PLAIN, tmp_path / "a.svg").read_text(encoding="utf-8")


def test_figures_are_never_overwritten(tmp_path):
    file = tmp_path / "a.svg"
    file.write_text("mine")
    with pytest.raises(EpisodeFileError, match="never overwrites"):
        draw(PLAIN, file)
    assert file.read_text() == "mine"


def test_bad_figures(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"must end in \.svg"):
        draw(PLAIN, tmp_path / "a.png")
    empty = Report(metric=0.0, threshold=0.0, passed=True, detail={}, probe="p")
    with pytest.raises(ConfigError, match="nothing that could be drawn"):
        draw(empty, tmp_path / "a.svg")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match="extra 'report'"):
        draw(PLAIN, tmp_path / "a.svg")
