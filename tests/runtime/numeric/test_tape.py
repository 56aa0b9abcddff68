"""The tape: digests that depend on what a row did alone, cuts that lose nothing."""

import struct
from hashlib import blake2b

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.random import PCG64

from envgym.runtime.numeric.tape import Cut, Segment, Tape, seal

PINNED = 2859802035333482301
"""The digest of ``test_the_digest_by_hand``: files that were written must stay verifiable."""


def run(size, steps, seed, *, done=None, cuts=(), rows=None, waits=None):
    """Play random numbers on a tape, for some of the rows alone if asked; return its cuts."""
    rng = np.random.default_rng(seed)
    rows = np.arange(size) if rows is None else np.asarray(rows)
    tape = Tape(len(rows))
    seen = rng.random((steps + 1, size, 3))
    paid = rng.random((steps, size))
    acts = rng.integers(300, size=(steps, size))
    ends = np.zeros((steps, size), bool) if done is None else done
    tape.begin(np.arange(len(rows)), {"obs": seen[0, rows]})
    found = []
    for t in range(steps):
        waiting = None if waits is None else waits[t, rows]
        tape.step(acts[t, rows], {"obs": seen[t + 1, rows]}, paid[t, rows], ends[t, rows], waiting)
        if t + 1 in cuts:
            found.append(tape.cut())
    tape.finish()
    found.append(tape.cut())
    return found, paid, acts


def parts(cuts: list[Cut]) -> dict[int, list[Segment]]:
    found: dict[int, list[Segment]] = {}
    for cut in cuts:
        for segment in cut.segments:
            found.setdefault(segment.number, []).append(segment)
    return found


def by_hand(seen: list[list[float]], paid: list[float], done: list[bool]) -> int:
    """Return the digest of one row in plain Python integers."""
    wrap = (1 << 64) - 1

    def mix(word: int) -> int:
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & wrap
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB & wrap
        return word ^ (word >> 31)

    def mixed(obs: list[float], reward: float, ended: bool) -> int:
        words = [int.from_bytes(struct.pack(">d", x)) for x in (*obs, reward)] + [int(ended)]
        keys = PCG64(len(words)).random_raw(len(words)).tolist()
        return sum(mix(word ^ key) for word, key in zip(words, keys, strict=True)) & wrap

    state = mixed(seen[0], 0.0, False)
    for obs, reward, ended in zip(seen[1:], paid, done, strict=True):
        state = mix((mixed(obs, reward, ended) + state) & wrap)
    return state


def test_the_digest_by_hand():
    seen, paid, done = [[0.5, -1.0], [0.25, 3.0], [1e-9, 7.0]], [1.5, -0.0], [False, True]
    tape = Tape(1)
    tape.begin(np.arange(1), {"obs": np.array([seen[0]])})
    for t in range(2):
        obs = {"obs": np.array([seen[t + 1]])}
        tape.step(np.zeros(1, int), obs, np.array([paid[t]]), np.array([done[t]]), None)
    cut = tape.cut()
    (segment,) = cut.segments
    assert segment.digest == by_hand(seen, paid, done) == PINNED
    assert cut.marks[-1, 0] == PINNED & 0xFFFF
    bytes_ = segment.digest.to_bytes(8, "little")
    assert seal([segment]) == blake2b(bytes_, digest_size=16).hexdigest()
    other = segment._replace(row=1, digest=5)
    assert seal([segment, other]) == seal([other, segment]) != seal([segment])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    size=st.integers(2, 6),
    steps=st.integers(1, 12),
    cuts=st.sets(st.integers(1, 12), max_size=4),
    data=st.data(),
)
def test_rows_do_not_depend_on_each_other_nor_on_cuts(seed, size, steps, cuts, data):
    """What a row did has one digest, whatever the batch, and wherever the tape was cut."""
    ends = np.random.default_rng(seed + 1).random((steps, size)) < 0.1
    row = data.draw(st.integers(0, size - 1))
    whole, paid, acts = run(size, steps, seed, done=ends)
    apart, _, _ = run(size, steps, seed, done=ends, cuts=cuts)
    alone, _, _ = run(size, steps, seed, done=ends, rows=[row])
    (only,) = (each for each in whole[0].segments if each.row == row)
    assert only[2:] == alone[0].segments[0][2:]
    pieces = parts(apart)[only.number]
    kept = [piece for piece in pieces if piece.n]
    assert kept[-1].digest == only.digest
    assert sum(piece.n for piece in kept) == only.n
    assert [piece.e0 for piece in kept] == np.cumsum([0, *(p.n for p in kept[:-1])]).tolist()
    assert pieces[-1].end == only.end == ("task" if ends[:, row].any() else "external")
    assert only.total == pytest.approx(paid[: only.n, row].sum())
    assert np.array_equal(np.concatenate([c.actions for c in apart if c.steps]), acts)
    assert np.array_equal(np.concatenate([c.marks for c in apart]), whole[0].marks)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    step=st.integers(0, 4),
    row=st.integers(0, 2),
    kind=st.sampled_from(["obs", "trade", "reward", "done"]),
)
def test_any_change_changes_the_row_from_there_on(seed, step, row, kind):
    rng = np.random.default_rng(seed)
    seen, paid, done = rng.random((6, 3, 2)), rng.random((5, 3)), np.zeros((5, 3), bool)
    marks = []
    for changed in (False, True):
        if changed and kind == "obs":
            seen[step + 1, row, 0] += 1e-15 + np.spacing(seen[step + 1, row, 0])
        elif changed and kind == "trade":
            seen[step + 1, row] = seen[step + 1, row, ::-1]
        elif changed and kind == "reward":
            paid[step, row] = -paid[step, row]
        elif changed:
            done[step, row] = True
        tape = Tape(3)
        tape.begin(np.arange(3), {"obs": seen[0]})
        for t in range(5):
            tape.step(np.zeros(3, int), {"obs": seen[t + 1]}, paid[t], done[t], None)
        tape.finish()
        marks.append((tape.cut(), seen.copy()))
    (one, _), (other, _) = marks
    differ = one.marks != other.marks
    assert not np.delete(differ, row, axis=1).any()
    assert not differ[:step, row].any()
    digests = [{s.row: s.digest for s in cut.segments} for cut in (one, other)]
    assert digests[0][row] != digests[1][row]


def test_a_waiting_row_has_no_event():
    waits = np.zeros((4, 2), bool)
    waits[1, 0] = True
    (cut,), paid, _ = run(2, 4, 0, waits=waits)
    first, second = cut.segments
    assert cut.marks[0, 0] == cut.marks[1, 0]
    assert first.total == pytest.approx(paid[[0, 2, 3], 0].sum())
    assert second.total == pytest.approx(paid[:, 1].sum())


def test_beginning_again_closes_what_ran_and_may_skip_a_step():
    tape = Tape(2)
    obs, zero, no = {"obs": np.zeros((2, 1))}, np.zeros(2), np.zeros(2, bool)
    tape.begin(np.arange(2), obs)
    tape.step(np.zeros(2, int), obs, zero, no, None)
    tape.begin(np.array([1]), obs, skipped=True)
    assert tape.cut().segments == [
        Segment(1, 1, 0, 1, 0, tape_digest := tape._row["digest"][0], "external", 0.0),
        Segment(0, 0, 0, 1, 0, tape_digest, "", 0.0),
    ]
    tape.step(np.zeros(2, int), obs, zero, no, np.array([False, True]))
    tape.step(np.zeros(2, int), obs, zero, no, None)
    tape.finish()
    found = {segment.number: segment[1:5] for segment in tape.cut().segments}
    assert found == {0: (0, 0, 2, 1), 2: (1, 1, 1, 0)}
    assert (tape.steps, tape.count) == (3, 3)


@pytest.mark.parametrize(
    ("actions", "kind"),
    [
        ([0, 255], "uint8"),
        ([-1, 300], "int16"),
        ([-1, 70_000], "int32"),
        ([0, 1 << 40], "int64"),
        ([0.5, 1.5], "float64"),
    ],
)
def test_actions_take_the_smallest_type(actions, kind):
    tape = Tape(2)
    tape.begin(np.arange(2), {"obs": np.zeros(2)})
    given_ = np.asarray(actions)
    tape.step(given_, {"obs": np.zeros(2)}, np.zeros(2), np.zeros(2, bool), None)
    given_[:] = 7  # the caller's array is not the tape's
    found = tape.cut().actions
    assert (found.dtype, found.tolist()) == (np.dtype(kind), [actions])
