"""What a whole run may spend while it is live."""

from __future__ import annotations

from pytest_subagents.model.value import Value


class Budget(Value, frozen=True, kw_only=True):
    """Bounds over all subagents of a run; None is no bound."""

    usd: float | None = None
    tokens: int | None = None
    """Input and output together."""
    seconds: float | None = None
    """From the first start."""

    @property
    def text(self) -> str:
        """As a person would type it: `usd=5,tokens=2000000,time=1200s`."""
        parts = (
            ("usd", self.usd, ""),
            ("tokens", self.tokens, ""),
            ("time", self.seconds, "s"),
        )
        return ",".join(f"{name}={value:g}{unit}" for name, value, unit in parts if value is not None)


NO_BUDGET = Budget()
