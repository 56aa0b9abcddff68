"""The family's page says what the code says."""

import re
from pathlib import Path

from envgym.envs.quest import LEVELS, QuestEnv, rules
from envgym.envs.quest.knobs import LIMITS, TURNS

PAGE = (Path(__file__).parents[3] / "docs/envs/quest.md").read_text(encoding="utf-8")


def rows(section):
    """Return the cells of each table row of a section, backquotes removed."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip().replace("`", "") for cell in line.split("|")[1:-1]] for line in lines]


def test_knobs():
    seen = set()
    for names, *values, meaning in rows("Knobs")[1:]:
        columns = [value.split(", ") for value in values]
        for place, name in enumerate(names.split(", ")):
            seen.add(name)
            told = [column[place if len(column) > 1 else 0] for column in columns]
            if name == "max_turns":
                assert told == [str(turns) for turns in TURNS.values()]
            else:
                assert told == [str(getattr(knobs, name)) for knobs in LEVELS.values()]
            limits = re.search(r"(\d+) to (\d+)", meaning)
            if limits:
                assert LIMITS[name] == (int(limits[1]), int(limits[2]))
    assert seen == {"max_turns", *LEVELS["small"].to_json()}


def test_evidence():
    told = {key: kind for key, kind, _ in rows("Evidence")[1:]}
    assert told == {item.key: item.type for item in QuestEnv.declares}


def test_every_verb_is_explained():
    text = " ".join(row[0] for row in rows("Commands"))
    assert [verb for verb in rules.VERBS if verb not in text] == []
