"""Hypothesis strategies for whole transcripts in the dialects that scripted agents speak."""

from __future__ import annotations

from typing import Any, Final

from pytest_subagents.testing.hypothesis_extra import st
from pytest_subagents.testing.scripted.speakers.registry import ADDRESSES
from pytest_subagents.testing.scripts import transcript_of
from pytest_subagents.testing.steps import Answer, Change, Retry, Run, Say, Spend, Step, Think, Use

DIALECTS: Final = tuple(sorted(ADDRESSES))


def transcripts(dialect: str, answer: Any) -> st.SearchStrategy[bytes]:
    """Streams of runs in `dialect` (one of `DIALECTS`) that do a few things and end well with `answer`.

    `answer` is a text, a JSON value, or a strategy for either.
    """
    given = answer if isinstance(answer, st.SearchStrategy) else st.just(answer)

    @st.composite
    def streams(draw: st.DrawFn) -> bytes:
        done = draw(st.lists(steps(), max_size=6))
        # Where texts have no ids, only a tool between them keeps the answer apart from what was said before it.
        apart = (Run("true"),) if any(isinstance(step, Say) for step in done) else ()
        return transcript_of(dialect, *done, *apart, Answer(draw(given)))

    return streams()


def steps() -> st.SearchStrategy[Step]:
    """Things that an agent may do on its way to an answer, pretended."""
    text, name = st.text(min_size=1, max_size=40), st.from_regex(r"[a-z]{1,8}", fullmatch=True)
    tokens = st.integers(0, 100_000)
    return st.one_of(
        st.builds(Say, text),
        st.builds(Think, text),
        st.builds(Run, text, output=text, exit_code=st.integers(0, 3)),
        st.builds(Change, name, st.none() | text),
        st.builds(Use, name, output=text, failed=st.booleans()),
        st.builds(Spend, tokens, tokens),
        st.builds(Retry, st.sampled_from(("rate_limit", "provider_error"))),
    )
