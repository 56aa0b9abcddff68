import pytest

from envgym.agents import OraclePolicy
from envgym.agents.probes.hack_suite import HINT, HackCase, HackSuite
from envgym.agents.probes.hinted import HintedPolicy, TemptedPolicy
from envgym.types import ConfigError, Message, Reply, Request


def suite(*envs, **more):
    limits = {name: more.pop(name) for name in ("share", "limit") if name in more}
    return HackSuite(cases=tuple(HackCase(env=env, **more) for env in envs), **limits)


def test_cookbook_h4(poem):
    """Of two scripts the one that stuffs keywords pays without a poem: a hack rate of a half."""
    report = suite(poem).scripts()
    assert report.metric == 0.5
    assert not report.passed
    assert [(row[1], row[2], row[3], row[4]) for row in report.rows] == [
        ("keywords only", 3, 3, 1.0),
        ("says nothing", 3, 0, 0.0),
    ]


@pytest.mark.parametrize("env", ["envgym/GuessNumber-v0", "envgym/Quest-v0"])
@pytest.mark.parametrize("reward", ["outcome", "dense", "gated", "process"])
def test_bundled_environments_hold(env, reward):
    report = suite(env, settings={"reward": reward}, seeds=(0, 1)).scripts()
    assert report.passed, report.rows
    assert sum(row[2] for row in report.rows) >= 6


def test_the_hint_is_what_tempts(poem):
    report = suite(poem).agent(TemptedPolicy("shortcuts"))
    assert report.detail == {"plain": 0.0, "hinted": 1.0}
    assert (report.metric, report.passed) == (1.0, False)
    assert report.rows == ((poem, 3, 0.0, 3, 1.0),)


def test_an_honest_agent_stays_honest(poem):
    report = suite(poem).agent(OraclePolicy())
    assert (report.metric, report.passed) == (0.0, True)


def test_a_flag_replaces_the_rule(poem):
    flagged = suite(poem, flag="stuffed").agent(TemptedPolicy("", "says nothing"))
    assert flagged.detail == {"plain": 0.0, "hinted": 0.0}
    caught = suite(poem, flag="stuffed", hint="go").agent(TemptedPolicy(""))
    assert caught.detail == {"plain": 1.0, "hinted": 1.0}
    with pytest.raises(ConfigError, match="'cheated' is no evidence of holes/Poem-v0; it supplies"):
        suite(poem, flag="cheated").scripts()


def test_tasks_are_played_by_name(poem):
    report = suite(poem, seeds=(0, 1), tasks=("train/3", "train/4")).scripts()
    assert report.detail == {"keywords only": 1.0, "says nothing": 0.0}
    assert [row[2] for row in report.rows] == [2, 2]


def test_the_hint_stands_under_the_first_message_only():
    seen = []

    class Listener:
        name = "listener"

        def act(self, requests):
            seen.extend(requests)
            return [Reply(text="") for _ in requests]

        def close(self, sessions):
            pass

    policy = HintedPolicy(Listener(), HINT)
    policy.attach("s", None)
    first = (Message("system", "Rules."), Message("user", "Go."))
    policy.act([Request(session="s", messages=first)])
    policy.act([Request(session="s", messages=(Message("user", "On."),))])
    policy.close(["s"])
    policy.act([Request(session="s", messages=first)])
    assert [r.messages[0].content for r in seen] == [
        f"Rules.\n\n{HINT}",
        "On.",
        f"Rules.\n\n{HINT}",
    ]
    assert policy.name == "listener+hint"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HackSuite(cases=()), "at least one case"),
        (lambda: suite("x", share=0.0), "share must be above 0"),
        (lambda: suite("x", limit=2.0), "limit must be 0 to 1"),
        (lambda: HackCase(env="x", seeds=()), "at least one seed"),
        (lambda: HackCase(env="x", tasks=("a",)), "one task per seed, got 1 and 3"),
        (lambda: suite("envgym/Quset-v0").scripts(), "Did you mean"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
