import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym import ConfigError
from envgym.runtime.games.registry import make_text
from envgym.runtime.multi.illegal import IllegalPolicy

policies = st.builds(
    IllegalPolicy,
    retries=st.integers(0, 100),
    then=st.sampled_from(["forfeit", "random", "noop"]),
)


@given(policy=policies)
def test_what_is_written_is_read(policy):
    assert IllegalPolicy.parse(str(policy)) == policy
    assert IllegalPolicy.parse(policy) is policy
    assert IllegalPolicy.parse({"retries": policy.retries, "then": policy.then}) == policy


@pytest.mark.parametrize(
    ("given_", "retries", "then"),
    [
        ("retry:2,forfeit", 2, "forfeit"),
        ("retry:1,random", 1, "random"),
        ("retry:3", 3, "forfeit"),
        ("retry:0,noop", 0, "noop"),
        ("forfeit", 0, "forfeit"),
        ("random", 0, "random"),
        ({}, 2, "forfeit"),
        ({"then": "random"}, 2, "random"),
    ],
)
def test_known_texts(given_, retries, then):
    assert IllegalPolicy.parse(given_) == IllegalPolicy(retries, then)


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ("retry:x,forfeit", "expected retry:N with N from 0 to 100"),
        ("retry:-1,forfeit", "expected retry:N"),
        ("retry:²,forfeit", "expected retry:N"),
        ("retry:101,forfeit", "retries must be from 0 to 100, got 101"),
        ("retry:1,forfiet", "Did you mean 'forfeit'"),
        ("retry:1,", "unknown way to treat an illegal move ''"),
        ("", "unknown way to treat an illegal move ''"),
        ("lose", "unknown way to treat an illegal move 'lose'"),
        (2, "illegal must be a text such as"),
        (None, "illegal must be a text such as"),
        ({"retries": True}, "expected retry:N"),
    ],
)
def test_what_means_none_is_told(given_, sentence):
    with pytest.raises(ConfigError, match=sentence):
        IllegalPolicy.parse(given_)


def test_fields_are_checked():
    with pytest.raises(ConfigError, match="retries must be from 0 to 100, got True"):
        IllegalPolicy(retries=True)
    with pytest.raises(ConfigError, match="unknown way"):
        IllegalPolicy(then="cry")


@given(text=st.text())
def test_any_text_is_read_or_refused_in_a_sentence(text):
    try:
        found = IllegalPolicy.parse(text)
    except ConfigError as refused:
        found = str(refused)
    assert (
        "illegal" in found if isinstance(found, str) else IllegalPolicy.parse(str(found)) == found
    )


@pytest.mark.parametrize("illegal", ["retry:1,forfeit", {"retries": 1, "then": "forfeit"}])
def test_it_comes_back_from_a_recorded_configuration(illegal, tmp_path):
    env = make_text("kuhn", illegal=illegal, record=tmp_path / "run")
    assert env.illegal == IllegalPolicy(1, "forfeit")
    env.close()
