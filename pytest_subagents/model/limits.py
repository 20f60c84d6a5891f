"""The limits on what is read from people, agents and vendors, and on what is shown of it.

One file, so that a reviewer sees every bound at once. Sizes are bytes unless a name says otherwise.
"""

from __future__ import annotations

from typing import Final

# What people write.
WORKFLOW_BYTES: Final = 16 * 1024 * 1024
"""A workflow file. Ten thousand agents with long instructions stay far below it."""
WORKFLOW_DEPTH: Final = 64
"""Nesting of a workflow file; PyYAML's C composer dies of a stack overflow at about 26,000."""
CONTRACT_BYTES: Final = 256 * 1024
CONTRACT_DEPTH: Final = 64
CONTRACT_NODES: Final = 100_000
"""Schema nodes after every `$ref` in place is followed once for each way that leads to it."""
CONTRACT_REFS: Final = 100
"""The longest chain of `$ref` to `$ref`."""
INTEGER_MAX: Final = 2**63 - 1
"""Integers beyond this (either sign) are refused wherever a file or an answer is read."""

# What agents and vendors write.
ANSWER_BYTES: Final = 4 * 1024 * 1024
ANSWER_DEPTH: Final = 100
META_BYTES: Final = 1024 * 1024
LINE_BYTES: Final = 64 * 1024 * 1024
"""A transcript line longer than this is counted as unreadable and not held; the longest real one seen had 1 MB."""
WHOLE_FILE_BYTES: Final = 64 * 1024 * 1024
"""A transcript without a protocol line is tried as one JSON value up to this size."""
STDERR_TAIL_CHARS: Final = 4_000

# Names.
PATH_BYTES: Final = 1_000
ID_BYTES: Final = 400
ID_SEGMENT_BYTES: Final = 120
FILE_NAME_BYTES: Final = 200

# What is shown.
MESSAGE_CHARS: Final = 500
"""One reason, violation or title in a report."""
VIOLATIONS_SHOWN: Final = 100
"""Violations listed for one answer; all are counted."""
FINDINGS_SHOWN: Final = 1_000
"""Findings of one answer rendered in text formats; all are counted and all are in report.json."""
EXCERPT_CHARS: Final = 400
UNREADABLE_LINES_SHOWN: Final = 20

# Time.
VALIDATION_SECONDS: Final = 5.0
"""One validation by a schema whose cost has no static bound (it runs in a child that can be killed)."""
