"""The pages whose commands are run to the letter, and what is not run of the others."""

from __future__ import annotations

from typing import Final

WALKED: Final = (
    "tutorial", "regression-tests", "ci-gate", "parallel-refactor", "best-of-n", "plan", "merging", "review",
)  # fmt: skip
NOT_RUN_HERE: Final = {
    "README.md": ".ci/run runs the two that begin with python3, to the letter; the third needs a vendor's program",
    "docs/baseline.md": "tests/test_examples.py runs the same commands in examples/ci-gate",
    "docs/shards.md": "tests/test_examples.py and tests/glue/test_sharding.py run the same commands",
    "docs/machines.md": "it needs other machines; tests/glue/test_elsewhere.py has some",
    "docs/prompt.md": "tests/prompt/test_prompt_page.py renders its example to the letter",
    "docs/your-vendor.md": "tests/test_vendor_package.py installs and runs it, by the same commands",
    "subagents show auth-module": "it needs a run beyond a scope; tests/glue/test_live_scopes.py has one",
}
"""Pages, and single commands of pages that are run, that are only held against the real options, and why."""
