"""Records pass through Gymnasium's vector environments whole."""

import pickle
from collections.abc import Mapping

import pytest

from envgym.types import Record
from envgym.types.errors import unknown
from envgym.types.record import adopt


def test_is_a_mapping_but_not_a_dict():
    record = Record({"a": 1, "b": None})
    assert isinstance(record, Mapping) and not isinstance(record, dict)
    assert dict(record) == {"a": 1, "b": None} and list(record) == ["a", "b"] and len(record) == 2
    assert "a" in record and record.get("c", 3) == 3 and {**record} == {"a": 1, "b": None}


def test_equality_returns_a_bool():
    assert Record(a=1) == Record({"a": 1}) == {"a": 1}
    assert (Record(a=1) == [1]) is False and Record(a=1) != Record(a=2)
    assert hash(Record(a=1)) == hash(Record(a=2))


def test_cannot_be_changed():
    with pytest.raises(TypeError):
        Record(a=1)["a"] = 2
    with pytest.raises(AttributeError):
        Record(a=1).b = 2


def test_pickles_and_prints():
    record = Record(a=(1, 2))
    assert pickle.loads(pickle.dumps(record)) == record
    assert repr(record) == "Record({'a': (1, 2)})"


def test_a_copy_is_taken_unless_adopted():
    items = {"a": 1}
    copied, adopted = Record(items), adopt(items)
    items["a"] = 2
    assert copied["a"] == 1 and adopted["a"] == 2


def test_unknown_names_the_nearest():
    assert unknown("split", "trian", ["train", "test"]).endswith("Did you mean 'train'?")
    assert unknown("split", "zzz", []) == "unknown split 'zzz'; allowed: none."
    assert "and 10 more" in unknown("x", "y", [str(i) for i in range(30)])
