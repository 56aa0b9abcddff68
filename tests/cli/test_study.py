"""``envgym study``: tables, JSON, figures, resuming, bad input, Ctrl-C."""

import json
import signal
import time

import pytest

from envgym.cli.study.speeds import figure_speeds

FAIR = ("study", "fair-threshold", "--workers", 1, "--horizon", 60, "--seeds", 3)
LEAN = ("study", "coverage", "--workers", 1, "--seeds", 3, "--agents", "ucb,random,oracle")
SMALL = (*FAIR, "--agents", "ofs,random,oracle")


def test_json_has_rows_pairs_and_intervals(envgym):
    done = envgym(*SMALL, "--json")
    assert done.code == 0, done.err
    found = done.json
    assert found["study"] == "fair-threshold" and found["files"] == []
    assert [row["agent"] for row in found["rows"]] == ["ofs", "random", "oracle"]
    for row in found["rows"]:
        assert row["regime"] == "synthetic-aligned" and row["horizon"] == 60 and row["seeds"] == 3
        for name in ("reward", "violation", "gap"):
            low, high = row[f"{name}_interval"]
            assert low - 1e-12 <= row[name] <= high + 1e-12 and row[f"{name}_sd"] >= 0
    oracle = found["rows"][2]
    assert oracle["violation"] == 0.0 and oracle["share_below"] == 1.0 and oracle["errors"] == 0
    assert [(p["agent"], p["other"]) for p in found["pairs"]] == [
        ("ofs", "random"), ("ofs", "oracle"), ("random", "oracle"),
    ]  # fmt: skip
    rewards = {row["agent"]: row["reward"] for row in found["rows"]}
    assert found["pairs"][0]["reward"] == pytest.approx(rewards["ofs"] - rewards["random"])
    assert found["settings"][0]["params"]["applicants"] == 100


def test_a_person_sees_a_table_per_variant(envgym):
    done = envgym(*SMALL, "--regime", "synthetic-aligned,compas", "--arg", "applicants=200")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].strip() == "fair-threshold, synthetic-aligned: 3 seeds, 60 rounds"
    assert lines[1].split()[:4] == ["agent", "reward", "±", "sd"]
    assert "fair-threshold, compas: 3 seeds, 60 rounds" in done.out
    assert "ofs - oracle" in done.out and "random - oracle" not in done.out


def test_without_constraints_nothing_is_said_of_violations(envgym):
    done = envgym("study", "coverage", "--workers", 1, "--seeds", 2, "--agents", "random,oracle")
    assert done.code == 0, done.err
    assert "violation" not in done.out


@pytest.mark.parametrize(
    ("args", "figures"),
    [
        (
            (*FAIR, "--regime", "synthetic-tension", "--agents", "ofs:c=0.1,ofs,ofs:c=1"),
            {"plane", "regret", "reward", "violation", "thresholds", "population", "gap-bias",
             "radius"},
        ),
        (
            ("study", "online-allocation", "--horizons", "40,80,160", "--seeds", 2, "--workers", 1,
             "--agents", "mirror-descent,random"),
            {"regret", "sqrt", "reward-40", "reward-80", "reward-160"},
        ),
        (
            ("study", "payment-bandit", "--horizon", 90, "--arg", "batch=30", "--seeds", 2,
             "--workers", 1, "--agents", "squarecb,random"),
            {"regret", "reward", "generations"},
        ),
        (
            ("study", "disengage", "--horizon", 20, "--seeds", 2, "--workers", 1),
            {"regret", "reward", "friction"},
        ),
        (
            ("study", "feedback-hack", "--horizon", 20, "--seeds", 1, "--workers", 1),
            {"regret", "reward", "frontier"},
        ),
    ],
    ids=["fair", "allocation", "payment", "disengage", "feedback"],
)  # fmt: skip
def test_each_study_draws_what_it_has_data_for(envgym, tmp_path, args, figures):
    done = envgym(*args, "--out", tmp_path, "--json")
    assert done.code == 0, done.err
    drawn = {path.stem: path for path in tmp_path.rglob("*.svg")}
    assert set(drawn) == figures
    assert all(path.read_text().startswith("<?xml") for path in drawn.values())
    (results,) = tmp_path.rglob("results.json")
    assert sorted(done.json["files"]) == sorted(str(path) for path in (results, *drawn.values()))
    kept = json.loads(results.read_text())
    assert kept["rows"] == done.json["rows"]


def test_the_same_command_gives_the_same_bytes_and_plays_nothing(envgym, tmp_path):
    assert envgym(*LEAN, "--out", tmp_path).code == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")}
    assert envgym(*LEAN, "--out", tmp_path).code == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")} == times
    assert len(times) == 3
    other = envgym(*LEAN, "--out", tmp_path, "--arg", "sets=8", "--no-figures")
    assert (
        other.code == 0
        and before.items()
        <= {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}.items()
    )
    assert len(list(tmp_path.rglob("results.json"))) == 2
    assert len(list(tmp_path.rglob("regret.svg"))) == 1


def test_without_matplotlib_there_are_tables_and_a_word(envgym, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    done = envgym(*SMALL, "--out", tmp_path)
    assert done.code == 0 and "no figures" in done.err and "envgym[report]" in done.err
    assert [path.name for path in tmp_path.rglob("*.json")] == ["results.json"]
    assert not list(tmp_path.rglob("*.svg"))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("fair-treshold",), "Did you mean 'fair-threshold'"),
        (("fair-threshold", "--agents", "osf"), "Did you mean 'ofs'"),
        (("fair-threshold", "--agents", "ofs,ofs"), "twice"),
        (("fair-threshold", "--agents", "ofs:c=x"), "must be a number"),
        (("fair-threshold", "--regime", "aligned"), "unknown regime 'aligned'"),
        (("fair-threshold", "--regime", "compas,compas"), "--regime"),
        (("fair-threshold", "--horizon", "0"), "horizon must be an integer from 1"),
        (("fair-threshold", "--horizon", "-3"), "--horizon"),
        (("fair-threshold", "--arg", "kappa"), "--arg must be NAME=VALUE"),
        (("fair-threshold", "--arg", "kappa=1", "--arg", "kappa=2"), "twice"),
        (("fair-threshold", "--arg", "kappa=99"), "kappa must be a number from 0 to 10"),
        (("fair-threshold", "--arg", "horizon=9", "--horizon", "9"), "give one of them"),
        (("coverage", "--regime", "compas"), "unknown argument 'regime'"),
        (("black-box", "--agents", "ofs"), "numbered"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_bad_input_is_one_sentence(envgym, args, said):
    done = envgym("study", *args, "--workers", 1)
    assert done.code == 2 and said in done.err
    assert len(done.err.strip().splitlines()) == 1 and done.out == ""


@pytest.mark.parametrize("option", ["--seeds", "--workers"])
def test_zero_is_refused(envgym, option):
    assert envgym("study", "fair-threshold", option, 0).code == 2


def test_ctrl_c_keeps_what_is_done(start, tmp_path):
    args = ("study", "fair-threshold", "--agents", "random,ofs", "--seeds", 10, "--workers", 2,
            "--horizon", "100,1000000", "--out", tmp_path)  # fmt: skip
    process = start(*args)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.rglob("*.npz"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in err and out == ""
    assert len([path for path in tmp_path.rglob("*.npz") if path.name[0] != "."]) == 2


def test_recorded_runs_become_learning_curves(envgym, tmp_path):
    folders = []
    for agent in ("random", "ofs"):
        folders += [tmp_path / agent]
        done = envgym("run", "envgym/FairThreshold-v0", "--agent", f"learner:{agent}", "--episodes",
                      2, "--arg", "horizon=8", "--out", folders[-1])  # fmt: skip
        assert done.code == 0, done.err
    curves = [word for folder in folders for word in ("--curves", folder)]
    done = envgym("study", "fair-threshold", *curves, "--out", tmp_path / "drawn", "--json")
    assert done.code == 0, done.err
    assert done.json["env"] == "envgym/FairThresholdText-v0"
    assert [row["agent"] for row in done.json["rows"]] == ["random", "ofs"]
    assert all(row["lost"] == 0 and row["episodes"] == 2 for row in done.json["rows"])
    (file,) = (tmp_path / "drawn").iterdir()
    assert file.name == "learning-curves.svg" and done.json["files"] == [str(file)]
    told = envgym("study", "fair-threshold", *curves)
    assert told.code == 0 and "2 equal seeds" in told.out
    bad = envgym("study", "coverage", *curves)
    assert bad.code == 2 and "no finished episode of envgym/CoverageText-v0" in bad.err


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_speeds_are_drawn_with_the_same_bytes(tmp_path, kind):
    rows = [
        {"name": name, "batch": batch, "steps_per_second": batch * 1e4}
        for name in ("binomial", "gaussian")
        for batch in (64, 1, 1024)
    ]
    files = [tmp_path / f"{name}.{kind}" for name in "ab"]
    for file in files:
        figure_speeds(rows, file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_figure_that_cannot_be_written_is_ours(tmp_path):
    from envgym.types import InfraError

    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InfraError, match="cannot write"):
        figure_speeds(
            [{"name": "a", "batch": 1, "steps_per_second": 1.0}], tmp_path / "file" / "x.svg"
        )
