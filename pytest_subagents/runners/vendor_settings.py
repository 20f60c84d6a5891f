"""Which of a subagent's `vendors` entries applies."""

from __future__ import annotations

from pytest_subagents.model.spec import Subagent, VendorSettings


def settings_of(subagent: Subagent) -> VendorSettings:
    """The entry of the vendor that runs it; empty settings where there is none. No other entry ever applies."""
    vendor = subagent.vendor or ""
    return next((entry for entry in subagent.vendors if entry.vendor == vendor), VendorSettings(vendor=vendor))
