"""The loader of a user's own files, on made-up tables: real ones are no part of the tests."""

from hashlib import sha256

import numpy as np
import pytest

from envgym.envs.bandits.fair import derive, tables
from envgym.envs.bandits.fair.core import FairThresholdCore
from envgym.envs.bandits.fair.population import BINS, parse, render, shipped
from envgym.types import ConfigError

REGIMES = ("german-sex", "german-age", "compas")


def german_rows():
    """Return 1000 invented rows with the true table's counts of groups and classes."""
    rows = []
    plan = ((True, True, 60, 45), (True, False, 141, 64), (False, True, 50, 35))
    groups = [
        (female, young, good)
        for female, young, wins, losses in (*plan, (False, False, 449, 156))
        for good, count in ((True, wins), (False, losses))
        for _ in range(count)
    ]
    order = np.random.default_rng(1).permutation(len(groups))
    for i in order.tolist():
        female, young, good = groups[i]
        row = [f"A{place + 1}{(i + place) % 3 + 1}" for place in range(20)]
        for place in tables.NUMBERS:
            row[place] = str((i * (place + 1)) % 17 + 3 * good)
        row[tables.STATUS] = "A92" if female else "A93"
        row[tables.AGE] = str(25 if young else 26 + i % 30)  # either side of the limit
        rows.append([*row, "1" if good else "2"])
    return rows


def text_of(rows, separator=" ", end="\n"):
    return "".join(separator.join(row) + end for row in rows)


@pytest.fixture
def german(tmp_path, monkeypatch):
    rows = german_rows()
    digest = sha256(text_of(rows).encode()).hexdigest()
    monkeypatch.setattr(tables, "GERMAN_SHA256", digest)
    (tmp_path / "german.data").write_text(text_of(rows))
    return tmp_path


def compas_text():
    lines = ["race,sex,age_cat,priors,charge_degree,two_year_recid,count"]
    for race, counts in (("African-American", (1514, 1661)), ("Caucasian", (1281, 822))):
        for again, total in enumerate(counts):
            for part, priors in enumerate(("0", "7+")):
                share = total // 3 if part == again else total - total // 3
                lines.append(f"{race},Male,25 - 45,{priors},F,{again},{share}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def compas(tmp_path, monkeypatch):
    text = compas_text()
    monkeypatch.setattr(tables, "COMPAS_SHA256", sha256(text.encode()).hexdigest())
    (tmp_path / "compas_cells.csv").write_text(text)
    return tmp_path


def test_german_groups_and_features(german):
    by_sex, by_age = (tables.german(german, name) for name in ("german-sex", "german-age"))
    assert by_sex.good.sum() == 700
    assert by_sex.group.sum() == 310
    assert round(by_sex.good[by_sex.group == 1].mean(), 4) == 0.6484
    assert by_age.group.sum() == 190
    assert round(by_age.good[by_age.group == 1].mean(), 4) == 0.5789
    # 6 or 7 numbers; 12 categories of three levels without personal status and sex.
    assert by_sex.features.shape == (1000, 7 + 2 * 12)
    assert by_age.features.shape == (1000, 6 + 2 * 12)


def test_numbers_are_standardised_and_categories_lose_their_first_level(german):
    rows, found = german_rows(), tables.german(german, "german-sex").features
    column = 0
    for place in range(20):
        if place == tables.STATUS:
            continue
        if place in tables.NUMBERS:
            even = found[::2, column]
            assert (even.mean(), even.std()) == pytest.approx((0.0, 1.0), abs=1e-12)
            raw = np.array([float(row[place]) for row in rows])
            assert np.corrcoef(raw, found[:, column])[0, 1] == pytest.approx(1.0)
            column += 1
        else:
            for level in ("2", "3"):
                has = [row[place] == f"A{place + 1}{level}" for row in rows]
                np.testing.assert_array_equal(found[:, column], has)
                column += 1
    assert column == found.shape[1]


def test_the_group_is_no_feature(german, monkeypatch):
    rows = german_rows()
    for row in rows:  # the same groups in other words
        row[tables.STATUS] = {"A92": "A95", "A93": "A91"}[row[tables.STATUS]]
    text = text_of(rows)
    before = tables.german(german, "german-sex").features
    monkeypatch.setattr(tables, "GERMAN_SHA256", sha256(text.encode()).hexdigest())
    (german / "german.data").write_text(text)
    np.testing.assert_array_equal(before, tables.german(german, "german-sex").features)


@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (" ", "\r\n"), ("  ", "\n")])
def test_other_separators_are_understood(german, separator, end):
    plain = tables.german(german, "german-age")
    (german / "german.data").write_bytes(text_of(german_rows(), separator, end).encode())
    again = tables.german(german, "german-age")
    np.testing.assert_array_equal(plain.features, again.features)


def test_a_missing_file_is_named_with_its_checksum(tmp_path):
    (tmp_path / "german.dat").write_text("")
    message = rf"no file german.data \(sha256 {tables.GERMAN_SHA256}\). Did you mean"
    with pytest.raises(ConfigError, match=message):
        FairThresholdCore(regime="german-sex", data=str(tmp_path))
    with pytest.raises(ConfigError, match="no file compas_cells.csv"):
        FairThresholdCore(regime="compas", data=str(tmp_path))


def shorten(rows):
    return rows[:-1]


def widen(rows):
    return [[*rows[0], "1"], *rows[1:]]


def flip(rows):
    return [[*rows[0][:-1], {"1": "2", "2": "1"}[rows[0][-1]]], *rows[1:]]


def swap(rows):
    return [[*rows[0][:1], "99", *rows[0][2:]], *rows[1:]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (shorten, "rows, fewest and most columns"),
        (widen, "rows, fewest and most columns"),
        (flip, "good, women, good women"),
        (swap, "sha256 must be"),
    ],
)
def test_an_altered_file_is_refused_by_its_checksum(german, change, message):
    (german / "german.data").write_text(text_of(change(german_rows())))
    with pytest.raises(ConfigError, match=message) as caught:
        FairThresholdCore(regime="german-age", data=str(german))
    assert tables.GERMAN_SHA256 in str(caught.value)
    assert "A93" not in str(caught.value)  # no row


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("two_year_recid", "recid", "missing columns"),
        (",0,504\n", ",0,nan\n", "African-American, good of them"),
        (",0,504\n", ",0,504²\n", "African-American, good of them"),
        (",0,504\n", f",0,{9**300}\n", "African-American, good of them"),
        ("25 - 45", "under 45", "sha256 must be"),
    ],
    ids=["column", "nan", "superscript", "huge", "category"],
)
def test_altered_counts_are_refused(compas, old, new, message):
    changed = compas_text().replace(old, new)
    assert changed != compas_text()
    (compas / "compas_cells.csv").write_text(changed)
    with pytest.raises(ConfigError, match=message):
        FairThresholdCore(regime="compas", data=str(compas))


def test_compas_cells_become_rows_in_order(compas):
    found = tables.compas(compas)
    assert found.features.shape == (5278, 1)  # priors alone vary here
    assert (found.group == 1).sum() == 3175
    assert round(1 - found.good[found.group == 1].mean(), 4) == 0.5231
    assert round(1 - found.good[found.group == 0].mean(), 4) == 0.3909


def test_even_rows_fit_and_odd_rows_are_scored_and_counted():
    rng = np.random.default_rng(4)
    table = tables.Table(
        rng.standard_normal((80, 3)), rng.integers(2, size=80), rng.integers(2, size=80)
    )
    before, counted = derive.scores(table), derive.counts(table)
    assert before.shape == (40,)
    np.testing.assert_array_equal(
        counted.sum(1),
        [
            [((table.group[1::2] == g) & (table.good[1::2] == y)).sum() for y in (0, 1)]
            for g in (0, 1)
        ],
    )
    odd, even = table.good.copy(), table.good.copy()
    odd[1::2] = 1 - odd[1::2]
    even[::2] = 1 - even[::2]
    np.testing.assert_array_equal(derive.scores(table._replace(good=odd)), before)
    np.testing.assert_array_equal(derive.counts(table._replace(good=odd)), counted[:, :, ::-1])
    assert (derive.scores(table._replace(good=even)) != before).all()


@pytest.mark.parametrize("regime", ["german-sex", "german-age"])
def test_a_folder_rebuilds_the_population(german, regime):
    core = FairThresholdCore(regime=regime, data=str(german))
    counts = derive.histogram(regime, german)
    assert counts.shape == (2, BINS, 2)
    assert counts.sum() == 500
    odd = tables.german(german, regime).group[1::2]
    assert counts[1].sum() == odd.sum()
    assert core.people.accepted[0, 0] == 1.0
    assert core.people.good[1, 0] == counts[1, :, 1].sum() / counts[1].sum()
    assert not np.array_equal(counts, shipped(regime))


def test_the_command_writes_what_it_would_ship(german, compas, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    assert derive.main([str(tmp_path), str(out)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    for name in REGIMES:
        text = (out / f"{name}.csv").read_bytes().decode()
        np.testing.assert_array_equal(parse(text), derive.histogram(name, tmp_path))
    assert derive.main([]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("regime", REGIMES)
def test_shipped_files_are_in_the_written_form(regime):
    from importlib.resources import files

    text = (files("envgym.envs.bandits.fair") / "data" / f"{regime}.csv").read_bytes()
    assert render(shipped(regime)).encode() == text


def test_logistic_regression_is_at_its_optimum():
    """The gradient vanishes, and an independent minimiser finds no lower loss."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(3)
    x = rng.standard_normal((60, 4))
    y = (x[:, 0] + rng.standard_normal(60) > 0).astype(float)
    weights = derive.logistic(x, y)

    def loss(w):
        z = derive.with_intercept(x) @ w
        return np.logaddexp(0, z).sum() - y @ z + 0.5 * (w[1:] ** 2).sum()

    other = minimize(loss, np.zeros(5), tol=1e-12)
    np.testing.assert_allclose(weights, other.x, atol=1e-5)
    assert loss(weights) <= other.fun + 1e-10
