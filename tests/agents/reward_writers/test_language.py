import pytest

from envgym.agents.reward_writers import History, language_to_reward
from envgym.agents.reward_writers.language import program_ranking
from envgym.rewards import ProgressDelta, Source
from envgym.rewards.generated.terms import FixedTerms, Term
from tests.agents.reward_writers.scripted import TASK, Script

TERMS = FixedTerms(
    (
        Term(
            "progress",
            ProgressDelta(Source("progress", "step", 0, 1)),
            "share of the range ruled out",
            -1,
            1,
        ),
        Term("errors", ProgressDelta(Source("errors", "step", 0)), "mistakes", -1, 1),
    )
)


def fitness(episodes):
    return program_ranking(episodes, [records[-1]["outcome"] for records in episodes])


def test_the_best_parameters_win(episodes, tmp_path):
    path = tmp_path / "l2r.jsonl"
    script = Script(
        ['{"progress": -1}', 'So: {"progress": 1.0}', '{"errors": -0.5, "progress": 0}']
    )
    wishes = ["Begin.", "It runs away.", "Try errors."]
    settings = {"task": TASK, "terms": TERMS, "wishes": wishes, "fitness": fitness(episodes)}
    done = language_to_reward(script, **settings, history=History(path))
    assert done.best.body == '{"errors": 0.0, "progress": 1.0}'
    assert done.best.fitness == 1.0
    assert (
        "progress: -1 to 1, default 0; weight of: share of the range"
        in script.asked[0].messages[1].content
    )
    assert "The last answer's fitness: 0.000" in script.asked[1].messages[1].content
    assert '-{"errors": 0.0, "progress": -1.0}' in done.history.diffs()[1]
    assert language_to_reward(Script([]), **settings, history=History(path)).best == done.best


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("none", "no JSON object"),
        ('{"progres": 1}', "Did you mean 'progress'"),
        ('{"progress": 7}', "must be a number from -1 to 1, got 7"),
    ],
)
def test_a_refused_answer_changes_nothing_and_is_told(answer, says):
    script = Script([answer, '{"progress": 0.5}'])
    done = language_to_reward(script, task=TASK, terms=TERMS, wishes=["a", "b"])
    assert done.best.body == '{"errors": 0.0, "progress": 0.5}'
    assert says in script.asked[1].messages[1].content
    assert language_to_reward(Script([answer]), task=TASK, terms=TERMS, wishes=["a"]).best is None
