import pickle

import pytest

from envgym.rewards import (
    Clip,
    Gate,
    Mean,
    OnInvalid,
    Program,
    ProgressDelta,
    ReduceSum,
    Scale,
    Source,
    Sum,
    standard_presets,
)
from envgym.rewards.books import Books
from envgym.types import Entry, EvidenceError, Record

OUTCOME = Source("outcome", "episode", 0, 1)
DENSE = standard_presets(turn_cost=0.125)["dense"]


def run(program, records):
    books = program.open(records[0])
    return books, [books.step(record) for record in records[1:]]


def record(progress, turn, end=None, **more):
    return Record(progress=progress, turn=turn, errors=0, end=end, **more)


def test_online_parts_pay_at_once_and_the_outcome_with_the_last_step():
    records = [record(0, 0), record(0.5, 1), record(0.5, 2), record(1.0, 3, "task", outcome=1)]
    books, steps = run(DENSE, records)
    assert steps == [
        (0.375, {"progress": 0.5, "turn_cost": -0.125}),
        (-0.125, {"progress": 0.0, "turn_cost": -0.125}),
        (1.375, {"progress": 0.5, "turn_cost": -0.125, "outcome": 1.0}),
    ]
    assert books.ledger == (
        Entry("agent", "progress", 0, 0, 0.5),
        Entry("agent", "turn_cost", 0, 0, -0.125),
        Entry("agent", "turn_cost", 1, 1, -0.125),
        Entry("agent", "progress", 2, 2, 0.5),
        Entry("agent", "turn_cost", 2, 2, -0.125),
        Entry("agent", "outcome", 2, 2, 1.0),
    )
    assert books.settled == (0.375, -0.125, 1.375)
    assert (books.total, books.valid, books.reason) == (1.625, True, None)


def test_a_lump_is_paid_last_and_earned_where_it_arose():
    program = Program("p", ReduceSum(Source("bonus", lo=0, hi=1)))
    records = [{"bonus": b, "end": e} for b, e in ((0, None), (0.5, None), (0.25, "budget"))]
    books, steps = run(program, records)
    assert [amount for amount, _ in steps] == [0.0, 0.75]
    assert books.settled == (0.5, 0.25)
    assert [(e.earned, e.paid) for e in books.ledger] == [(0, 1), (1, 1)]


def test_a_cut_from_outside_voids_terminal_parts_and_retracts_nothing():
    books, _ = run(DENSE, [record(0, 0), record(0.5, 1)])
    before = books.ledger
    books.void()
    assert books.ledger == before != ()
    assert (books.total, books.valid, books.ended) == (None, True, False)
    with pytest.raises(RuntimeError, match="closed"):
        books.step(record(1, 2))


def test_an_invalid_outcome_gives_no_lump_and_no_number():
    books, steps = run(DENSE, [record(0, 0), record(0.5, 1, "task", outcome=None)])
    assert steps[-1][0] == 0.375
    assert (books.total, books.valid, books.reason) == (None, False, "reward:outcome")
    assert books.settled == (0.375,)


def test_an_invalid_online_signal_names_its_source_and_voids_the_lump():
    books, steps = run(DENSE, [record(0, 0), record(None, 1), record(1, 2, "task", outcome=1)])
    assert [amount for amount, _ in steps] == [-0.125, 0.875]
    assert (books.total, books.reason) == (None, "reward:progress")


def test_a_product_that_overflows_is_invalid_not_infinite():
    huge = Source("x", "episode")
    books, steps = run(Program("p", huge * huge), [{}, {"x": 1e300, "end": "task"}])
    assert steps == [(0.0, {})]
    assert books.reason == "reward:x*x"


@pytest.mark.parametrize(("policy", "paid"), [("floor", -1.0), ("neutral", 0.0)])
def test_a_replacement_is_logged(policy, paid):
    judge = OnInvalid(Source("judge", "episode", -1, 1), policy)
    books, steps = run(Program("p", judge), [{}, {"judge": None, "end": "task"}])
    assert steps == [(paid, {"judge": paid})]
    assert books.notes == ((0, "judge", policy),)
    assert books.valid
    (entry,) = books.ledger  # also where what stands in is worth 0
    assert (entry.value, entry.note) == (paid, {"invalid": {"judge": policy}})


def test_an_online_replacement_is_logged_at_its_event():
    program = Program("p", OnInvalid(Source("judge", lo=-1, hi=1)))
    rows = [{"judge": j, "end": e} for j, e in ((0, None), (None, None), (0.5, "task"))]
    books, _ = run(program, rows)
    assert [e.note for e in books.ledger] == [{"invalid": {"judge": "floor"}}, None]
    assert books.notes == ((0, "judge", "floor"),)


def test_a_dropped_channel_is_logged():
    mean = Mean((OnInvalid(Source("a", "episode", 0, 1), "drop"), Source("b", "episode", 0, 1)))
    books, steps = run(Program("p", mean), [{}, {"a": None, "b": 0.5, "end": "task"}])
    assert steps[0][0] == 0.5
    assert books.ledger[0].note == {"invalid": {"a": "drop"}}


def test_a_gate_marks_its_entries_and_tells_its_state():
    program = Program("p", Gate(OUTCOME > 0.5, ReduceSum(Source("bonus")), name="won"))
    books, _ = run(program, [{"bonus": 0}, {"bonus": 0.5, "outcome": 1, "end": "task"}])
    assert books.gates == {"won": True}
    assert books.ledger == (Entry("agent", "bonus", 0, 0, 0.5, "won"),)
    books, _ = run(program, [{"bonus": 0}, {"bonus": 0.5, "outcome": 0, "end": "task"}])
    assert (books.gates, books.ledger, books.total) == ({"won": False}, (), 0.0)


def test_the_outermost_name_books_everything_below_it():
    steps = Sum((ProgressDelta(Source("progress")), Source("bonus")), name="steps")
    records = [{"progress": 0, "bonus": 0}, {"progress": 0.5, "bonus": 0.25, "end": "task"}]
    _, paid = run(Program("p", Scale(steps, 2.0)), records)
    assert paid == [(1.5, {"steps": 1.5})]
    _, paid = run(Program("p", Clip(ReduceSum(steps), hi=9)), records)
    assert paid == [(0.75, {"steps": 0.75})]


def test_missing_keys_are_named():
    with pytest.raises(EvidenceError, match="'progress'"):
        DENSE.open({"turn": 0})
    with pytest.raises(EvidenceError, match="lacks 'end'"):
        DENSE.open(record(0, 0)).step({"progress": 0, "turn": 0})


def test_books_pickle_in_the_middle_of_an_episode_and_stay_small():
    books, _ = run(DENSE, [record(0, 0), record(0.5, 1)])
    again = pickle.loads(pickle.dumps(books))
    last = record(1.0, 2, "task", outcome=1)
    assert again.step(last) == books.step(last)
    assert again.ledger == books.ledger


def test_a_replaced_signal_is_in_the_ledger_even_where_it_pays_nothing():
    online = OnInvalid(Source("a", lo=0, hi=1), "floor", name="a")
    final = OnInvalid(Source("j", "episode", lo=-1, hi=1), "neutral", name="j")
    books = Program("p", online + final).open({"a": 0, "end": None})
    books.step({"a": None, "end": None})
    books.step({"a": 0.0, "j": None, "end": "task"})
    assert [(e.component, e.earned, e.value, e.note) for e in books.ledger] == [
        ("a", 0, 0.0, {"invalid": {"a": "floor"}}),
        ("j", 1, 0.0, {"invalid": {"j": "neutral"}}),
    ]
    assert books.total == 0.0


def test_books_belong_to_one_agent_and_a_void_closes_them():
    assert Books(DENSE, record(0, 0)).agent == DENSE.open(record(0, 0)).agent == "agent"
    books = DENSE.open(record(0, 0), "buyer")
    books.step(record(0.5, 1))
    assert {entry.agent for entry in books.ledger} == {"buyer"}
    books.void()
    assert books.open is False


def test_the_reason_names_the_source_or_else_the_node_where_the_answer_is_missing():
    capped = Program("p", Clip(Source("judge"), -1, 1, name="capped"))
    books, _ = run(capped, [{"judge": 0}, {"judge": None, "end": None}])
    assert books.reason == "reward:judge"
    # At this record the source did answer: the difference has nothing to start from.
    steps = Program("p", ProgressDelta(Source("progress"), name="steps"))
    books, _ = run(steps, [{"progress": None}, {"progress": 0.5, "end": None}])
    assert books.reason == "reward:steps"


def test_an_online_overflow_is_invalid_by_its_label_and_the_others_are_paid():
    huge = Source("x")
    rows = [{"x": 0, "y": 0}, {"x": 1e300, "y": 0.5, "end": None}]
    books, steps = run(Program("p", huge * huge + Source("y")), rows)
    assert steps == [(0.5, {"y": 0.5})]
    assert books.reason == "reward:x*x"


def test_the_notes_of_all_summands_are_kept_in_their_order():
    online = OnInvalid(Source("a", lo=0, hi=1))
    finals = [OnInvalid(Source(key, "episode", 0, 1), "neutral") for key in "jk"]
    row = {"a": None, "j": None, "k": None, "end": "task"}
    books, _ = run(Program("p", Sum((online, *finals))), [{"a": 0}, {"a": 0.5, "end": None}, row])
    assert books.notes == ((1, "a", "floor"), (1, "j", "neutral"), (1, "k", "neutral"))
    assert [(e.component, e.value) for e in books.ledger] == [
        ("a", 0.5),
        ("a", 0.0),
        ("j", 0.5),
        ("k", 0.5),
    ]


def test_a_name_above_a_lump_books_every_part_of_it():
    bonus = Scale(ReduceSum(Source("bonus")), 2.0, name="extra")
    both = Clip(Sum((ReduceSum(Source("bonus")), OUTCOME)), hi=9)
    rows = [{"bonus": 0}, {"bonus": 0.5, "outcome": 1, "end": "task"}]
    _, named = run(Program("p", bonus), rows)
    assert named == [(1.0, {"extra": 1.0})]
    _, parts = run(Program("p", both), rows)
    assert parts == [(1.5, {"bonus": 0.5, "outcome": 1.0})]


def test_a_snapshot_leaves_out_what_the_program_knows():
    books, _ = run(DENSE, [record(0, 0), record(0.5, 1)])
    state = books.__getstate__()
    assert set(Books.__slots__) - set(state) == {"_online"}


def test_the_end_closes_the_books_and_what_is_refused_is_said_in_one_sentence():
    books, _ = run(DENSE, [record(0, 0), record(0.5, 1, "task", outcome=1)])
    assert (books.open, books.ended) == (False, True)
    with pytest.raises(RuntimeError) as closed:
        books.step(record(1, 2))
    assert str(closed.value) == "these books are closed; open new ones for the next episode"
    with pytest.raises(EvidenceError) as lacking:
        DENSE.open(record(0, 0)).step({"progress": 0})
    assert str(lacking.value) == "the record lacks 'end', which every record holds."


def test_a_lump_that_no_float_holds_is_invalid_by_the_last_label_and_pays_nothing():
    finals = [Source(key, "episode") for key in "abc"]
    row = {"a": 1e308, "b": 1e308, "c": 1e308, "end": "task"}
    books, steps = run(Program("p", Sum(tuple(finals))), [{}, row])
    assert steps == [(0.0, {})]
    assert (books.total, books.reason, books.ledger) == (None, "reward:c", ())
