"""Two subagents that are Python functions. Each is called with a `FunctionCall` and returns its answer."""

import asyncio
import re

TODO = re.compile(r"#\s*TODO(?!\(\w+-\d+\))[:\s]*(.*)")


def find_todos(call):
    """Looks only at what its scope lets it read."""
    findings = []
    for folder in call.scope.read:
        for path in sorted((call.workspace / folder).rglob("*.py")):
            name = path.relative_to(call.workspace).as_posix()
            call.emit.tool("read", arguments={"path": name})
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if found := TODO.search(line):
                    findings.append({"severity": "low", "file": name, "line": number, "title": found[1]})
    call.emit.message(f"{len(findings)} comments name no ticket")
    return {"status": "success", "summary": f"{len(findings)} TODO comments name no ticket.", "findings": findings}


async def summarise(call):
    """Needs the other one, and gets what it came to."""
    await asyncio.sleep(0)  # where a real one would ask a service
    found = call.results["todos"]
    files = sorted({finding["file"] for finding in found["findings"]})
    summary = f"Comments without a ticket are in {', '.join(files)}." if files else "Every TODO has its ticket."
    return {"status": found["status"], "summary": summary, "findings": []}
