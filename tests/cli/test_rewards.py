"""``envgym rewards``: lists, trees, checks, tournaments and pages."""

import json
import re
from xml.etree import ElementTree

import pytest

from envgym.agents import NoisyOraclePolicy
from envgym.rewards import Program, ReduceSum, Source
from envgym.rewards.cookbook import items
from envgym.runtime.groups import member_arguments
from envgym.runtime.registry import make
from envgym.runtime.rollout import Job, rollout

QUEST = "envgym/Quest-v0"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Eight rollouts of one Quest task, some better than others."""
    folder = tmp_path_factory.mktemp("quest") / "run"
    _, settings = member_arguments(QUEST, {"reward": "gated", "max_turns": 12})
    jobs = [Job(seed=3, group="one", index=i) for i in range(8)]
    played = rollout(
        lambda: make(QUEST, disable_env_checker=True, record=folder, **settings),
        NoisyOraclePolicy(noise=0.5),
        jobs,
        batch=1,
    )
    assert len({one.total for _, one in played}) > 1
    return folder


def test_list_shows_every_entry(envgym):
    done = envgym("rewards", "list")
    assert done.code == 0
    for item in items():
        assert re.search(rf"^{item.id} ", done.out, re.MULTILINE), item.id
    listed = envgym("rewards", "list", "--json").json
    assert [each["id"] for each in listed] == [item.id for item in items()]
    assert all(each["tests"] and each["tag"] for each in listed)
    only = envgym("rewards", "list", "--group", "h", "--json").json
    assert {each["id"][0] for each in only} == {"H"}
    assert envgym("rewards", "list", "--group", "Z").code == 2


def test_show_an_entry(envgym):
    done = envgym("rewards", "show", "c2")
    assert done.code == 0
    assert "2508.10548" in done.out
    assert "docs/rewards/" in done.out
    missing = envgym("rewards", "show", "C77")
    assert missing.code == 2
    assert "unknown cookbook entry 'C77'" in missing.err


def test_show_a_program_with_live_values(envgym, recorded):
    done = envgym("rewards", "show", "gated", "--episodes", recorded, "--step", 1)
    assert done.code == 0
    assert "delta(progress)" in done.out
    assert re.search(r"gate\b.*(open|closed)", done.out)
    found = envgym("rewards", "show", "gated", "--episodes", recorded, "--json").json
    assert found["nodes"][0]["depth"] == 0
    assert found["nodes"][0]["whole"] is not None


def test_show_names_what_is_wrong(envgym, recorded):
    assert "a preset needs --env ID" in envgym("rewards", "show", "gated").err
    late = envgym("rewards", "show", "gated", "--episodes", recorded, "--step", 99)
    assert late.code == 2
    assert "event must be from 0 to" in late.err


def test_check_a_file(envgym, tmp_path):
    file = tmp_path / "mine.json"
    program = Program("mine", ReduceSum(Source("turn", lo=0)) + Source("outcome", "episode", 0, 1))
    file.write_text(json.dumps(program.spec()))
    done = envgym("rewards", "check", file)
    assert done.code == 0
    assert "fits       envgym/Quest-v0" in done.out
    assert "no bound" in done.out
    assert envgym("rewards", "check", file, "--json").json["needs"] == ["outcome", "turn"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "not JSON"),
        ('{"program": "p", "root": {"node": "gatte"}}', "unknown node 'gatte'.*Did you mean"),
        (
            '{"v": 9, "program": "p", "root": {"node": "constant"}}',
            "schema version 9, which is newer",
        ),
        ('{"program": "p", "root": {"node": "source"}}', "needs the field 'key'"),
    ],
)
def test_check_refuses_in_one_sentence(envgym, tmp_path, text, complaint):
    file = tmp_path / "bad.json"
    file.write_text(text)
    done = envgym("rewards", "check", file)
    assert done.code == 2
    assert re.search(complaint, done.err)
    assert len(done.err.strip().splitlines()) == 1


def test_check_against_one_environment(envgym, tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(Program("p", Source("utility_ratio", "episode")).spec()))
    assert envgym("rewards", "check", file, "--env", "envgym/TravelPlan-v0").code == 0
    done = envgym("rewards", "check", file, "--env", QUEST)
    assert done.code == 2
    assert "needs evidence 'utility_ratio'" in done.err


def test_a_tournament_exact_and_noisy(envgym, recorded, tmp_path):
    exact = envgym("rewards", "tournament", recorded, "--by", "dense", "--json").json["one"]
    assert exact["comparisons"] == 14
    assert exact["calls"] == 0
    log = tmp_path / "matches.jsonl"
    options = ["--by", "dense", "--noise", 1, "--bias", 0.5, "--log", log, "--json"]
    noisy = envgym("rewards", "tournament", recorded, *options).json["one"]
    assert noisy["calls"] > 0
    lines = log.read_text().splitlines()
    again = envgym("rewards", "tournament", recorded, *options).json["one"]
    assert again["ranks"] == noisy["ranks"]
    assert log.read_text().splitlines() == lines
    shown = envgym("rewards", "tournament", recorded, "--by", "progress", "--format", "swiss")
    assert shown.code == 0
    assert "comparisons" in shown.out


def test_a_tournament_page_opens_without_a_network(envgym, recorded, tmp_path):
    page = tmp_path / "cup.html"
    done = envgym("rewards", "tournament", recorded, "--by", "dense", "--html", page)
    assert done.code == 0
    text = page.read_text(encoding="utf-8")
    assert "14 comparisons" in text
    check_page(text)
    assert envgym("rewards", "tournament", recorded, "--html", page).code == 2
    assert page.read_text(encoding="utf-8") == text


def test_tournament_names_what_is_wrong(envgym, recorded):
    done = envgym("rewards", "tournament", recorded, "--by", "utlity")
    assert done.code == 2
    assert "neither evidence" in done.err
    both = envgym("rewards", "tournament", recorded, "--judge", "fake:", "--noise", 1)
    assert "not both" in both.err


def test_a_report_of_a_run(envgym, recorded, tmp_path):
    pages = [tmp_path / f"{n}.html" for n in range(2)]
    for page in pages:
        assert envgym("rewards", "report", recorded, "--out", page).code == 0
    first, second = (page.read_text(encoding="utf-8") for page in pages)
    assert first == second  # no clock, no draw
    check_page(first)
    for heading in ("Reward over turns", "Components", "Gates", "Returns", "Episodes"):
        assert f"<h2>{heading}</h2>" in first
    assert envgym("rewards", "report", recorded, "--out", pages[0]).code == 2
    grouped = tmp_path / "grouped.html"
    assert envgym("rewards", "report", recorded, "--reward", "win_rate", "--out", grouped).code == 0
    assert "<h2>Groups</h2>" in grouped.read_text(encoding="utf-8")


def check_page(text):
    """Whatever the page shows is in it, and its charts are sound XML."""
    links = re.findall(r"""(?:src|href|url\()\s*=?\s*["'(]?((?:https?:)?//[^"')\s>]+)""", text)
    assert links == []
    assert "<script" not in text
    charts = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(charts) >= 3
    for chart in charts:
        ElementTree.fromstring(chart)


def test_hostile_names_are_escaped(envgym, tmp_path):
    env = make(
        QUEST,
        record=tmp_path / "run",
        max_turns=1,
        disable_env_checker=True,
        reward=Program("<script>alert(1)</script>", Source("outcome", "episode", 0, 1)),
    )
    env.reset(seed=0)
    env.step("<script>alert(2)</script>")
    env.close()
    page = tmp_path / "page.html"
    assert envgym("rewards", "report", tmp_path / "run", "--out", page).code == 0
    assert "<script>" not in page.read_text(encoding="utf-8")


def test_a_group_program_with_live_values(envgym, recorded):
    done = envgym("rewards", "show", "win_rate", "--episodes", recorded, "--json").json
    scores = envgym("rescore", recorded, "--reward", "win_rate", "--json").json
    assert done["nodes"][0]["whole"] == scores[0]["return"]


def test_ids_lead_back_to_episodes(envgym, recorded):
    found = envgym("rewards", "tournament", recorded, "--by", "dense", "--json").json["one"]
    assert sorted(found["ranks"]) == [f"one#{i}" for i in range(8)] == list(found["episodes"])
    names = {each["episode"] for each in envgym("rescore", recorded, "--json").json}
    assert set(found["episodes"].values()) == names


def test_a_file_without_episodes_says_so(envgym, tmp_path):
    file = tmp_path / "none.jsonl"
    file.write_text("")
    ranked = envgym("rewards", "tournament", file, "--json")
    shown = envgym("rewards", "report", file, "--out", tmp_path / "none.html")
    assert (ranked.code, shown.code) == (1, 1)
    assert ranked.json == {}
    for done in (ranked, shown):
        assert "none.jsonl holds no episode" in done.err


def test_one_rollout_is_no_tournament(envgym, tmp_path):
    envgym("run", QUEST, "--max-turns", 2, "--out", tmp_path / "run")
    done = envgym("rewards", "tournament", tmp_path / "run")
    assert done.code == 1
    assert "no group has two rollouts" in done.err


def test_a_cut_episode_first_hides_no_evidence(envgym, recorded, tmp_path):
    lines = (recorded / "episodes.jsonl").read_text(encoding="utf-8").splitlines()
    file = tmp_path / "cut.jsonl"
    first = [line for line in lines if '-g0-a0"' in line][:3]
    rest = [line for line in lines if '-g0-a0"' not in line]
    file.write_text("\n".join([*first, *rest]) + "\n", encoding="utf-8")
    done = envgym("rewards", "tournament", file, "--by", "outcome", "--json").json["one"]
    assert done["dropped"] == {"one#0": "cut"}
    odd = envgym("rewards", "tournament", file, "--by", "optimal", "--json")
    assert odd.code == 0


def test_logs_and_environments_that_fit_nothing(envgym, recorded, tmp_path):
    cup = ["rewards", "tournament", recorded, "--by", "progress"]
    assert "give --judge or --noise too" in envgym(*cup, "--log", tmp_path / "l").err
    folder = envgym(*cup, "--noise", 1, "--log", tmp_path)
    assert "cannot open" in folder.err
    program = tmp_path / "p.json"
    program.write_text(json.dumps(Program("p", Source("outcome", "episode")).spec()))
    for command in (["check", program], ["show", "gated"]):
        done = envgym("rewards", *command, "--env", "CartPole-v1")
        assert done.code == 2
        assert "no environment of text" in done.err


def test_long_and_foreign_names_fit_the_page(envgym, recorded, tmp_path, recwarn):
    program = tmp_path / "p.json"
    name = "a component with a rather long name \u540d\u524d"
    program.write_text(json.dumps(Program("p", Source("turn", "episode", name=name)).spec()))
    page = tmp_path / "page.html"
    assert envgym("rewards", "report", recorded, "--reward", program, "--out", page).code == 0
    assert not [each for each in recwarn if "Glyph" in str(each.message)]
    text = page.read_text(encoding="utf-8")
    assert f'<th class="c">{name}</th>' in text
    assert all(name not in chart for chart in re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    check_page(text)


def test_a_program_whose_judge_is_missing_is_not_played(envgym, tmp_path):
    node = {"node": "source", "key": "outcome", "scope": "episode"}
    file = tmp_path / "cup.json"
    file.write_text(json.dumps({"node": "group.tournament", "of": node, "comparator": "judge"}))
    done = envgym("run", QUEST, "--reward", file, "--group", 2, "--out", tmp_path / "run")
    assert done.code == 2
    assert "needs a comparator" in done.err
    assert not (tmp_path / "run").exists()


def test_run_with_a_group_program(envgym, tmp_path):
    alone = envgym("run", QUEST, "--reward", "tournament")
    assert alone.code == 2
    assert "add --group N" in alone.err
    options = ["--agent", "oracle:0.5", "--group", 4, "--max-turns", 8, "--out", tmp_path / "run"]
    done = envgym("run", QUEST, "--reward", "rloo", *options, "--json")
    assert done.code == 0
    assert sum(each["return"] for each in done.json["episodes"]) == pytest.approx(0)
    scores = envgym("rescore", tmp_path / "run", "--reward", "rloo", "--json").json
    assert [each["return"] for each in scores] == [each["return"] for each in done.json["episodes"]]
    page = tmp_path / "page.html"
    assert envgym("rewards", "report", tmp_path / "run", "--out", page).code == 0
    assert "rloo.alone, before the groups closed" in page.read_text(encoding="utf-8")
