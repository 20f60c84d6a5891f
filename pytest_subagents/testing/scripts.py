"""Scripts of steps, and the transcripts that they come to without any process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pytest_subagents.testing.scripted.speakers.interface import Setting
from pytest_subagents.testing.scripted.speaking import Teller
from pytest_subagents.testing.steps import Answer, Change, Deny, LongLine, Run, Say, Step, Use

_SETTING: Final = Setting()


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a scripted agent does at one start. Of several, the first is played that the prompt and `times` allow."""

    steps: tuple[Step, ...]
    prompt_has: str = ""
    """It is played for prompts with this text in them only."""
    times: int | None = None
    """How often it is played at most; None for as often as asked."""


def check_script(script: Script, dialect: str) -> None:
    """Raises `ValueError` for steps that this dialect has no way to tell apart."""
    if dialect != "gemini_stream":
        return
    said = False
    for step in script.steps:
        match step:
            case Say() | LongLine(speaks=True):
                said = True
            case Run() | Change() | Use() | Deny():
                said = False
            case Answer() if said:
                raise ValueError(
                    "gemini_stream has no way to tell an answer from the text right before it; "
                    "put a step that uses a tool between Say and Answer"
                )


def transcript_of(
    dialect: str,
    *steps: Step,
    session: str = _SETTING.session,
    model: str = _SETTING.model,
    cwd: str = _SETTING.cwd,
    prompt: str = "",
) -> bytes:
    """The stream of an agent that does `steps`, all of them pretended; nothing is run, written or waited for.

    `dialect` is a key of `pytest_subagents.testing.scripted.speakers.registry.ADDRESSES`. Raises `ValueError` for steps
    that do not speak, and for those that the dialect cannot tell apart.
    """
    check_script(Script(steps=steps), dialect)
    teller = Teller(dialect, Setting(session=session, model=model, cwd=cwd, prompt=prompt))
    lines = [line for step in steps for line in teller.told(step)]
    return "".join(lines).encode("utf-8", "surrogatepass")
