"""reviewbot holds to what every vendor must, and its stream is understood."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

from pytest_subagents.testing.conformance import VendorConformance
from pytest_subagents.vendors.reading import read_transcript


class TestReviewbot(VendorConformance):
    vendor = "reviewbot"
    writing_words: ClassVar[tuple[str, ...]] = ("--allow-writes",)


def test_what_it_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1  # TODO: name it\n", encoding="utf-8")
    stream = tmp_path / "stream.jsonl"
    command = [sys.executable, "-m", "reviewbot_vendor.bot", "--session=s1", "--model=large"]
    with stream.open("wb") as output:
        subprocess.run(command, cwd=tmp_path, input=b"Find work to do.", stdout=output, check=True)
    outcome = read_transcript(stream)
    assert outcome.dialects == ("reviewbot_stream",)
    assert (outcome.vendor, outcome.model) == ("reviewbot", "large")
    assert outcome.final is not None
    assert json.loads(outcome.final.text)["findings"][0]["line"] == 1
    assert (7, "rate_limit") in outcome.exit_meanings
