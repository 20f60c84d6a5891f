"""No text of an agent's is more than text on a page: nothing runs, nothing leaves, nothing of ours is hidden."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from browser.conftest import Look, Picture
from browser.faults import faults, shape, unnamed, unseen
from browser.hostile_team import HostileTeam
from browser.page_payloads import page_payloads, pieces, tame
from browser.projects import hostile_transcripts

PAYLOADS = MappingProxyType(page_payloads())
PARTS = 4
"""Pages for all of them, so that none is so long that parts of it would stand on further pages."""


@pytest.mark.parametrize("part", range(PARTS))
def test_text_is_text_and_has_the_elements_of_any_other(
    look: Look, picture: Picture, tmp_path: Path, part: int
) -> None:
    """Every payload in every field at once; a benign team of the same shape gives the same page."""
    texts = {name: PAYLOADS[name][:600] for name in sorted(PAYLOADS)[part::PARTS]}
    hostile = look(HostileTeam(texts).page(tmp_path / "hostile.html"))
    assert faults(hostile) == []
    assert unnamed(hostile) == set()
    benign = look(HostileTeam({name: tame(text) for name, text in texts.items()}).page(tmp_path / "benign.html"))
    assert faults(benign) == []
    assert shape(hostile) == shape(benign)
    sections = hostile.run("[...document.querySelectorAll('.agent')].map(e => e.textContent)")
    assert len(sections) == len(texts)
    for name, text in texts.items():
        assert any(all(piece in section for piece in pieces(text)) for section in sections), name
    assert unseen(hostile) == []
    picture(hostile, f"hostile {part}")


def test_what_gets_in_is_seen_here_and_stopped_by_the_policy(look: Look, tmp_path: Path) -> None:
    """The tests of this file can fail; and were text to become markup some day, the policy would still hold."""
    page = HostileTeam({"one": "fine"}).page(tmp_path / "page.html")
    text = page.read_text(encoding="utf-8")
    raw = (
        "<script>window.pwned=1</script><img src='x' onerror='window.pwned=1'><svg onload='window.pwned=1'></svg>"
        "<iframe src='https://evil.example/'></iframe><style>h1{display:none}</style>"
    )
    policy = text[text.index("<meta http-equiv") :].split(">")[0] + ">"
    page.write_text(text.replace("</main>", raw + "</main>", 1), encoding="utf-8")
    stopped = look(page)
    assert stopped.run_in_page("typeof window.pwned") == "undefined"
    assert [url for url in stopped.asked_for if url.startswith("https")] == []
    assert stopped.complaints
    assert any(fault.startswith("element <img") for fault in faults(stopped))
    page.write_text(page.read_text(encoding="utf-8").replace(policy, "", 1), encoding="utf-8")
    open_to_all = look(page)
    found = faults(open_to_all)
    assert "a script ran" in found
    assert "asked for https://evil.example/" in found
    assert any(line.startswith("hidden: h1") for line in unseen(open_to_all))


def test_nor_is_it_through_the_whole_of_a_run(look: Look, tmp_path: Path) -> None:
    """Transcripts, their metadata and file names, as pytest finds them; and every further page that it writes."""
    page = hostile_transcripts(tmp_path, PAYLOADS)
    for path in [page, *sorted(page.parent.glob("page-data/**/*.html"))]:
        window = look(path)
        assert faults(window) == [], path
        assert unnamed(window) == set(), path


@pytest.mark.parametrize("text", ["<b>x</b>", "x\u202ey", "\x1b[2J"])
def test_the_tamed_text_has_the_shape_of_the_other(text: str) -> None:
    """Else the test above would compare nothing."""
    assert len(tame(text)) == len(text)
    assert "<" not in tame(text)
