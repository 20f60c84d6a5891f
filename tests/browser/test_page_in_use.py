"""The page under somebody's hands: keys, filter, order, links into what is folded, paper, and no script at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.conftest import Look, Picture
from browser.window import Window

HERE = "document.activeElement.id || document.activeElement.textContent.trim().slice(0, 40)"


def rows(window: Window) -> list[str]:
    """The names in the table, from top to bottom."""
    found = "[...document.querySelectorAll('#subagents-table tbody tr')].filter(e => !e.hidden).map(e => %s)"
    return list(window.run(found % "e.querySelector('.name').textContent.trim()"))


def test_the_filter_is_in_the_address(look: Look, team: Path) -> None:
    window = look(team)
    everybody = rows(window)
    window.press("/")
    assert window.run(HERE) == "filter"
    window.page.keyboard.type("s:failed")
    failed = rows(window)
    assert 0 < len(failed) < len(everybody)
    assert window.run("location.hash") == "#?q=s%3Afailed"
    assert f"{len(failed)} of {len(everybody)}" in window.run("document.querySelector('[role=status]').textContent")
    again = look(team, fragment="#?q=s%3Afailed")
    assert rows(again) == failed
    again.run("document.querySelector('#clear').click()")
    assert rows(again) == everybody
    assert again.run("location.hash") == ""
    assert again.run(HERE) == "filter"
    assert window.complaints + again.complaints == []


def test_the_order_is_in_the_address(look: Look, team: Path) -> None:
    window = look(team)
    first = rows(window)
    window.page.locator("#subagents-table th button").nth(1).click()
    assert rows(window) == sorted(first)
    sorting = window.run("location.hash")
    assert sorting.startswith("#?sort=")
    assert window.run("document.querySelectorAll('[aria-sort]').length") == 1
    assert rows(look(team, fragment=sorting)) == sorted(first)
    window.page.locator("#subagents-table th button").nth(1).click()
    assert rows(window) == sorted(first, reverse=True)
    window.page.locator("#subagents-table th button").nth(1).click()
    assert rows(window) == first


def test_a_status_is_filtered_by_a_button_too(look: Look, team: Path) -> None:
    window = look(team)
    everybody = rows(window)
    buttons = window.page.locator(".quick button")
    buttons.nth(0).click()
    failed = rows(window)
    assert window.run("document.querySelector('#filter').value") == "s:failed"
    assert 0 < len(failed) < len(everybody)
    buttons.nth(1).click()
    assert len(failed) < len(rows(window)) < len(everybody)
    assert window.run("document.querySelectorAll('[aria-pressed=true]').length") == 2
    buttons.nth(0).click()
    buttons.nth(1).click()
    assert rows(window) == everybody


def test_findings_are_grouped_anew_and_as_they_were(look: Look, team: Path) -> None:
    window = look(team)
    shown = "[...document.querySelectorAll('.findings li')].filter(e => e.checkVisibility()).map(e => e.id)"
    heads = "[...document.querySelectorAll('#regrouped h3')].map(e => e.textContent)"
    by_file = window.run(shown)
    window.page.select_option("#group", "severity")
    assert window.run(heads) == ["High", "Low"]
    assert sorted(window.run(shown)) == sorted(by_file)
    assert "src/app.py" in window.run("getComputedStyle(document.querySelector('#regrouped .by'), '::before').content")
    window.page.select_option("#group", "agent")
    assert "service" in window.run(heads)
    window.page.select_option("#group", "file")
    assert window.run(shown) == by_file


def test_keys_go_from_problem_to_problem_and_never_while_somebody_types(look: Look, team: Path) -> None:
    window = look(team)
    problems = "[...document.querySelectorAll('.problem')].indexOf(document.activeElement.closest('.problem'))"
    window.press("j")
    assert window.run(problems) == 0
    window.press("j")
    assert window.run(problems) == 1
    window.press("k")
    assert window.run(problems) == 0
    window.press("/")
    window.page.keyboard.type("j?k")
    assert window.run("document.querySelector('#filter').value") == "j?k"
    assert not window.run("document.querySelector('dialog').open")


def test_the_keys_are_told_and_focus_comes_back(look: Look, team: Path) -> None:
    window = look(team)
    window.run("document.querySelector('#theme').focus()")
    window.page.keyboard.press("Tab")
    opener = window.run(HERE)
    window.press("?")
    assert window.run("document.querySelector('dialog').open")
    window.press("Escape")
    assert not window.run("document.querySelector('dialog').open")
    assert window.run(HERE) == opener


def test_tab_reaches_all_that_can_be_used(look: Look, team: Path) -> None:
    window = look(team)
    usable = "a[href], button, input, select, summary, [tabindex='0']"
    wanted = window.run(
        """
        usable => {
          const seen = [...document.querySelectorAll(usable)].filter(e => e.checkVisibility() && !e.closest('dialog'));
          seen.forEach((e, number) => { e.dataset.wanted = number + 1; });
          return seen.length;
        }
        """,
        usable,
    )
    window.run(
        """
        (() => {
          window.reached = [];
          addEventListener('focusin', event => window.reached.push(event.target.dataset.wanted));
        })()
        """
    )
    window.press(*["Tab"] * wanted)
    assert window.run("window.reached") == [str(number + 1) for number in range(wanted)]
    outline = "getComputedStyle(document.activeElement).outlineWidth"
    assert window.run(outline) == "3px"


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_link_into_what_is_folded_opens_it(look: Look, team: Path, javascript: bool) -> None:
    window = look(team, javascript=javascript)
    folded = "[...document.querySelectorAll('details:not([open]) [id]')].filter(e => !e.closest('svg')).map(e => e.id)"
    ids = window.run(folded)
    assert ids
    window.go(f"#{ids[-1]}")
    assert window.run("id => document.getElementById(id).checkVisibility()", ids[-1])
    assert window.run("scrollY") > 0


def test_every_link_leads_somewhere(look: Look, team: Path) -> None:
    ids: dict[Path, set[str]] = {}
    links: dict[Path, set[str]] = {}
    for path in (team, *sorted(team.parent.glob("page-data/*.html"))):
        window = look(path, javascript=False)
        ids[path] = set(window.run("[...document.querySelectorAll('[id]')].map(e => e.id)"))
        links[path] = set(window.run("[...document.querySelectorAll('a')].map(e => e.getAttribute('href'))"))
    for path, found in links.items():
        for link in found:
            name, _, fragment = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            assert target in ids, link
            assert not fragment or fragment in ids[target], link


def test_without_script_all_the_words_are_there(look: Look, team: Path) -> None:
    """But for those of the controls that need it."""
    words = """
    (() => {
      for (const d of document.querySelectorAll('details')) d.open = true;
      for (const e of document.querySelectorAll('.js, dialog')) e.remove();
      return document.body.innerText.replace(/\\s+/g, ' ');
    })()
    """
    assert look(team, javascript=False).run(words) == look(team).run(words)


def test_on_paper_is_what_explains_and_no_transcript(look: Look, picture: Picture, team: Path) -> None:
    window = look(team)
    window.page.emulate_media(media="print")
    seen = window.run("""(() => {
      const all = selector => [...document.querySelectorAll(selector)];
      const seen = e => e.checkVisibility();
      return {
        answers: all('pre.answer, pre.diff').every(seen),
        steps: all('.transcript .step').some(seen),
        controls: all('button, input, select, nav.parts').some(e => seen(e) && !e.closest('th')),
      };
    })()""")
    assert seen == {"answers": True, "steps": False, "controls": False}
    picture(window, "team print", whole=True)
