"""docs/command.md has every command and option, and every command has a page that says what a person needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from pytest_subagents.cli import command_page
from pytest_subagents.cli.main import ADDRESSES, commands

PAGE = Path(__file__).parents[2] / "docs" / "command.md"
CONTEXT = click.Context(commands, info_name="subagents")


def test_the_page_is_up_to_date(tmp_path: Path) -> None:
    """When this fails: python -m pytest_subagents.cli.command_page docs/command.md"""
    page = PAGE.read_text(encoding="utf-8")
    assert command_page.renewed(page) == page
    old = tmp_path / "command.md"
    old.write_text("<!-- commands: begin -->\nold\n<!-- commands: end -->\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "pytest_subagents.cli.command_page", str(old)], check=True)
    assert old.read_text(encoding="utf-8") in page


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_command_says_in_one_line_what_it_does_with_examples_and_exit_codes(name: str) -> None:
    command = commands.get_command(CONTEXT, name)
    assert command is not None
    text = command.get_help(click.Context(command, info_name=name, parent=CONTEXT, terminal_width=80))
    assert "..." not in command.get_short_help_str(60), "the list of all commands has room for 60 characters"
    assert "Exit codes: 0" in text
    assert max(map(len, text.splitlines())) <= 80
    page = PAGE.read_text(encoding="utf-8")
    assert f"### `subagents {name}`" in page
    for option in command.params:
        assert not isinstance(option, click.Option) or option.help, option.name
        assert all(f"`{word}`" in page for word in option.opts if word.startswith("-"))
