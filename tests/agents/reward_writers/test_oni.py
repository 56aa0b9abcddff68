import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.agents.reward_writers import LabelStore, TextModel, label_pending, oni_evidence
from envgym.agents.reward_writers.oni import rank_events
from envgym.rewards import Program, Source, score
from envgym.rewards.fold.count_bonus import count_bonus
from envgym.types import ConfigError
from tests.agents.reward_writers.scripted import TASK, Script

KEY, WALL = "You see a golden key.", "You see a wall."


def yes_for_keys(text):
    return f"I think so.\n**ANSWER: {'yes' if 'key' in text.split('The event:')[1] else 'no'}**"


def test_cookbook_f7():
    store = LabelStore()
    store.note([KEY, WALL, KEY])
    assert store.pending(9) == (KEY, WALL)
    assert store.label(KEY) is None
    assert label_pending(Script(yes_for_keys), store, TASK) == 2
    assert (store.label(KEY), store.label(WALL), store.pending(9)) == (1.0, 0.0, ())
    events = [WALL, KEY, WALL, KEY, KEY, KEY]
    records = [{"observation": event, "end": None} for event in events]
    records[-1]["end"] = "task"
    late = oni_evidence(records, store.frozen().label)
    assert [record["oni.visits"] for record in late] == [1, 1, 2, 2, 3, 4]
    bonus = count_bonus(Source("oni.label", lo=0, hi=1), Source("oni.visits", lo=1))
    found = score([late], Program("oni", bonus))[0]
    assert found.settled == pytest.approx((1.0, 0.0, 0.7071068, 0.5773503, 0.5))


def test_an_unlabelled_event_is_unknown_unless_asked():
    records = [{"observation": WALL}, {"observation": KEY}]
    assert [r["oni.label"] for r in oni_evidence(records, LabelStore().label)] == [None, None]
    assert [r["oni.label"] for r in oni_evidence(records, LabelStore().label, unlabelled=0.0)] == [
        0.0,
        0.0,
    ]
    with pytest.raises(ConfigError, match="must hold the event's text"):
        oni_evidence([{"turn": 1}], LabelStore().label)


def test_the_first_label_stands_and_a_frozen_store_stays():
    store = LabelStore({KEY: 1.0})
    frozen = store.frozen()
    store.put({KEY: 0.0, WALL: 0.0})
    assert store.label(KEY) == 1.0
    assert (len(frozen), len(store)) == (1, 2)
    assert frozen.version != store.version
    assert LabelStore({WALL: 0.0, KEY: 1.0}).version == store.version
    with pytest.raises(ConfigError, match="must be 0 to 1, got 2"):
        store.put({"x": 2.0})


def test_an_answer_that_cannot_be_read_gives_no_label():
    store = LabelStore()
    store.note([KEY])
    assert label_pending(Script(["Perhaps."]), store, TASK) == 0
    assert (store.label(KEY), store.pending(9)) == (None, ())
    assert label_pending(Script([]), store, TASK) == 0


def test_a_store_is_saved_whole_and_read_again(tmp_path):
    path = tmp_path / "labels.json"
    store = LabelStore({KEY: 1.0, "\ud800": 0.0})
    store.save(path)
    assert LabelStore.load(path).version == store.version
    assert [each.name for each in tmp_path.iterdir()] == ["labels.json"]
    for text in ("", "[]", '{"v": 1, "labels": {"a": "x"}}', '{"v": 9}'):
        path.write_text(text)
        with pytest.raises(ConfigError, match="holds no labels|of version 9"):
            LabelStore.load(path)
    with pytest.raises(ConfigError):
        LabelStore.load(tmp_path / "none.json")


def test_the_ranking_model_orders_what_the_policy_ordered():
    events = [
        f"You hold {n} keys of the {c} door."
        for n in ("no", "seven")
        for c in ("red", "blue", "old")
    ]

    def prefers_keys(text):
        first, second = (
            text.split("Event B:")[0].count("seven"),
            text.split("Event B:")[1].count("seven"),
        )
        return "ANSWER: " + ("none" if first == second else "A" if first > second else "B")

    model = rank_events(Script(prefers_keys), events, TASK, pairs=40)
    scores = {event: model.score(event) for event in events}
    assert min(s for e, s in scores.items() if "seven" in e) > max(
        s for e, s in scores.items() if "no" in e
    )
    assert model == rank_events(Script(prefers_keys), events[::-1], TASK, pairs=40)
    with pytest.raises(ConfigError, match="none of the answers"):
        rank_events(Script(lambda text: "?"), events, TASK, pairs=3)
    with pytest.raises(ConfigError, match="two events"):
        rank_events(Script([]), [KEY, KEY], TASK, pairs=3)


def test_the_classifier_labels_what_nobody_labelled():
    store = LabelStore({KEY: 1.0, "A key lies here.": 1.0, WALL: 0.0, "A wall stands here.": 0.0})
    model = store.model()
    assert model.probability("There is a key.") > 0.5 > model.probability("There is a wall.")


texts = st.lists(st.text("abc ", min_size=1, max_size=8), min_size=2, max_size=5)


@settings(max_examples=25, deadline=None)
@given(texts, st.data())
def test_models_ignore_order_and_mirrors(items, data):
    labels = [data.draw(st.floats(0, 1)) for _ in items]
    one = TextModel.fit_labels(items, labels, size=16)
    other = TextModel.fit_labels(items[::-1], labels[::-1], size=16)
    assert one.score("ab c") == pytest.approx(other.score("ab c"), abs=1e-6)
    pairs = list(zip(items, items[::-1], strict=True))
    mirrored = [(b, a) for a, b in pairs]
    ranked = TextModel.fit_pairs(pairs, labels, size=16)
    turned = TextModel.fit_pairs(mirrored, [1 - x for x in labels], size=16)
    assert ranked.score("ab c") == pytest.approx(turned.score("ab c"), abs=1e-6)


def test_targets_and_sizes_are_checked():
    for wrong in (([], []), ([KEY], []), ([KEY], [2.0]), ([KEY], [float("nan")])):
        with pytest.raises(ConfigError):
            TextModel.fit_labels(*wrong)
    with pytest.raises(ConfigError, match="penalty above 0"):
        TextModel.fit_labels([KEY], [1.0], penalty=0)
