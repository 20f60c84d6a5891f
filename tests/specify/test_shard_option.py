"""`--subagents-shard=I/N` as a value."""

from __future__ import annotations

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.shard import Shard
from pytest_subagents.specify.shard import read_shard


def test_it_says_which_of_how_many() -> None:
    assert read_shard(" 2/3 ", "here") == Shard(number=2, count=3)
    assert read_shard("1/1", "here").file_name == "shard-1-of-1.json"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2", "no shard"), ("a/b", "no shard"), ("1/2/3", "no shard"), ("-1/2", "no shard"), ("²/3", "no shard"),
        ("0/3", "numbered from 1 to 3"), ("4/3", "numbered from 1 to 3"),
        ("1/0", "from 1 to 1,000"), ("1/1001", "from 1 to 1,000"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text: str, why: str) -> None:
    with pytest.raises(BadUsage, match=why) as caught:
        read_shard(text, "--subagents-shard")
    assert "1/3, 2/3 and 3/3" in str(caught.value)
