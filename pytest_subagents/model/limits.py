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
CONTRACT_FILES: Final = 64
"""The contract itself and the neighbours that it refers to."""
WORKFLOW_NODES: Final = 2_000_000
"""Keys and values of a workflow file; ten thousand agents have some 300,000."""
INTEGER_MAX: Final = 2**63 - 1
"""Integers beyond this (either sign) are refused wherever a file or an answer is read."""

PATTERN_STATES_BYTES: Final = 16 * 1024
"""Few states of a pattern in the linear engine, as its time is at worst their number times the text."""
PATTERN_TEXT_CHARS: Final = 10_000
"""Longer texts are not given to the linear engine, which cannot be stopped."""
PROBED_KEYS: Final = 50
"""Properties of a schema that the sample documents of its check have."""
SCHEMA_ALTERNATIVES: Final = 64
"""Alternatives of a schema that are followed; beyond, nothing is said of it for certain."""

# What agents and vendors write.
FAILURE_CHARS: Final = 2_000
"""Characters of a message that are read for what it means."""
SNIFFED_BYTES: Final = 4_096
"""Of a file without a protocol line: what is looked at to say what it is instead."""
FIRST_READ_BYTES: Final = 16 * 1024
"""Most transcripts are smaller than a block, and to ask for a megabyte costs more than to read such a file."""
LAST_WORDS_CHARS: Final = 200
"""One line of standard error, quoted in a reason."""
ANSWER_BYTES: Final = 4 * 1024 * 1024
ANSWER_DEPTH: Final = 100
META_BYTES: Final = 1024 * 1024
LINE_BYTES: Final = 64 * 1024 * 1024
"""A transcript line longer than this is counted as unreadable and not held; the longest real one seen had 1 MB."""
WHOLE_FILE_BYTES: Final = 64 * 1024 * 1024
"""A transcript without a protocol line is tried as one JSON value up to this size."""
READ_BYTES: Final = 256 * 1024
"""How much of a transcript is read, split and decoded at a time."""
OPEN_CALLS: Final = 4_096
"""Tool calls remembered until their result comes; the oldest are forgotten, as an agent may never answer them."""
CHANGES_KEPT: Final = 20_000
"""Files that one run changed, as its stream tells it."""
SCOPE_PATHS: Final = 1_000
"""Of each kind of path that a run touched (read, searched, written, outside of its workspace), those that are kept."""
COMMAND_CHARS: Final = 64 * 1024
"""A shell command that is read for the files it names; of a longer one, and of more words, nothing is known."""
COMMAND_WORDS: Final = 4_096
COMMAND_DEPTH: Final = 8
"""Shells inside each other (`bash -c "sh -c ..."`) that are looked into."""
AUDIT_LINES: Final = 100_000
"""Lines of one agent in an audit log: of what it did, and as many of what it changed; the others are counted."""
AUDIT_TEXT_CHARS: Final = 4_000
"""A command, a path or the name of a tool in an audit log; a longer one is cut, and the line says so."""
AUDIT_HEAD_BYTES: Final = 64
"""What is looked at to know a file as an audit log, before it is replaced by a new one."""
DENIALS_KEPT: Final = 100
"""Refused tools listed for one run."""
DENIALS_SHOWN: Final = 20
"""Refused tools that become a reason each; one more reason counts the rest."""
STDERR_TAIL_CHARS: Final = 8_000
"""A program that is given a wrong argument says so first, and then prints its usage: up to 4,000 characters."""
STDERR_BYTES: Final = 16 * 1024 * 1024
"""Of one run's standard error: the first and the last half are kept."""
LIVE_OUTPUT_BYTES: Final = 1024 * 1024 * 1024
"""Of one live run's standard output; beyond, the run is stopped."""
PROMPT_BYTES: Final = 4 * 1024 * 1024
"""A rendered prompt."""
TEMPLATE_MEMORY_BYTES: Final = 256 * 1024 * 1024
"""What rendering one template may take, over what the interpreter and the template's data need."""
TEMPLATE_CPU_SECONDS: Final = 2
"""CPU time of one template; real ones take milliseconds."""
TEMPLATE_SECONDS: Final = 60.0
"""The time that may pass until a template is rendered, on however busy a machine."""
TEMPLATE_INDENT: Final = 40
"""Blanks of an indentation that a template asks for."""

APPROVALS_BYTES: Final = 1024 * 1024
"""The approvals of one workflow."""

# Names.
PATH_BYTES: Final = 1_000
ID_BYTES: Final = 400
ID_SEGMENT_BYTES: Final = 120
FILE_NAME_BYTES: Final = 200

# What is shown.
PROGRESS_CHARS: Final = 100
"""The last thing that a running agent did, as people who watch it are shown."""
MESSAGE_CHARS: Final = 500
"""One reason, violation or title in a report."""
VIOLATIONS_SHOWN: Final = 100
"""Violations listed for one answer; all are counted."""
FINDINGS_SHOWN: Final = 1_000
"""Findings of one answer rendered in text formats; all are counted and all are in report.json."""
EXCERPT_CHARS: Final = 400
UNREADABLE_LINES_SHOWN: Final = 20
COMBINING_MARKS: Final = 5
"""Marks shown on one base character; no living script stacks more, and a terminal draws all of them in one cell."""
TERMINAL_ROWS: Final = 20
"""Subagents listed one by one in the terminal, the worst first; of more, those that did well are only counted."""
TERMINAL_UNWELL: Final = 10
"""Of so many, those that are not well that are listed; `subagents show --failed` has all."""
REPORT_ROWS: Final = 1_000
"""Rows of one table of a Markdown report, and failures told in full; the others are counted."""
REPORT_REASONS: Final = 20
"""Reasons of one subagent told in a text format; the others are counted."""
MARKDOWN_BYTES: Final = 1_000_000
"""A Markdown report, which must fit into a job summary of GitHub Actions (1 MiB)."""
STEP_SUMMARY_BYTES: Final = 1024 * 1024
"""The job summary of one step of GitHub Actions; of a larger one the runner shows nothing ("upload aborted")."""
STEP_ANNOTATIONS: Final = 10
"""Errors, and as many warnings, of one step that GitHub Actions shows; all further ones are dropped in silence."""
SARIF_RESULTS: Final = 25_000
"""Results of one run in a SARIF file; GitHub's code scanning refuses a file with more, and shows the 5,000 gravest."""
SARIF_TEXT_CHARS: Final = 10_000_000
"""All messages of a SARIF file together: code scanning refuses one that is compressed larger than 10 MB."""
SARIF_LINE_MAX: Final = 2**31 - 1
"""A larger line number is no place in a file, and many readers of SARIF have 32 bits for it."""
JUNIT_STDERR_CHARS: Final = 2_000
"""The end of one subagent's standard error in JUnit XML: GitLab takes a file of at most 30 MB."""
RATES_SHOWN: Final = 100
"""Pass rates told in a Markdown report; all are in report.json."""
ATTEMPTS_SHOWN: Final = 100
"""Runs of one subagent told in `subagents show`; the others are counted."""
STEP_LINES: Final = 12
"""Lines of one message, or of what a failed command printed, in `subagents logs`."""
STEP_CHARS: Final = 100_000
"""Characters of one line in `subagents logs --full`."""
ANSWER_LINES_SHOWN: Final = 400
"""Lines of an answer in `subagents show`."""
SCOPE_PATHS_SHOWN: Final = 20
"""Paths of one kind in which the scope and the use of a subagent differ, listed; the others are counted."""
SEARCHED_FOLDERS: Final = 50_000
"""Folders that `subagents show --prompt` looks into for workflow files."""
REPORT_BYTES: Final = 2 * 1024 * 1024 * 1024
"""A report.json that is read back; one of 10,000 subagents has about 10 MB."""

SHARDS: Final = 1_000
"""Parts of a run."""
SHARD_FILES: Final = 100_000
"""Files and folders that are looked through for the parts of a run."""
SHARD_NAMES_SHOWN: Final = 3
"""Subagents named in which two parts differ; the others are counted."""

# The HTML report.
HTML_BYTES: Final = 5_000_000
"""The main page, about: what no longer fits stands on pages of its own beside it, in the folder `<name>-data`."""
HTML_ELEMENTS: Final = 30_000
"""Elements of the main page, about."""
HTML_AGENT_BYTES: Final = 1_000_000
"""One subagent on the main page."""
HTML_BODY_CHARS: Final = 16_000
"""One text of a transcript on the main page: its head and its tail."""
HTML_LONG_BODY_CHARS: Final = 200_000
"""The same on a page of its own."""
HTML_SIDE_STEPS: Final = 2_000
"""Steps of a transcript on one page beside the main one."""
HTML_SIDE_BYTES: Final = 8_000_000
"""The size at which a page beside the main one ends after the step that it is at."""
HTML_SIDE_PAGES: Final = 200
"""Pages of one transcript; what comes then is counted."""
HTML_HEAD_LINES: Final = 12
HTML_TAIL_LINES: Final = 8
"""Lines of a text that are shown at once; the others unfold."""
HTML_NAME_CHARS: Final = 200
HTML_REASON_CHARS: Final = 200
"""One reason on the first screen, and in the table."""
HTML_SUMMARY_CHARS: Final = 4_000
"""What a subagent says in a sentence."""
HTML_TASK_CHARS: Final = 20_000
"""A prompt."""
HTML_TEMPLATES: Final = 100
"""Subagents whose prompts are rendered though their instructions are templates; that takes a process for each."""
HTML_ATTENTION: Final = 8
"""Subagents named on the first screen."""
HTML_TABLE_ROWS: Final = 1_000
HTML_LANES: Final = 150
"""Runs drawn in the timeline."""
HTML_NODES: Final = 40
"""Subagents drawn in the graph of dependencies; of more, a list is shown."""
HTML_LISTED_NEEDS: Final = 300
"""Subagents of which a list says whom they need."""
HTML_FINDINGS: Final = 500
"""Findings on the main page; all of them are on a page of their own then."""
HTML_SIDE_FINDINGS: Final = 20_000
HTML_ANSWER_LINES: Final = 1_000
HTML_DIFF_LINES: Final = 400
"""Changed lines of one file that are shown unfolded."""
HTML_DIFF_ALL_LINES: Final = 3_000
"""Lines of the diff of one subagent on the main page; all of it is on a page of its own then."""
HTML_DIFF_MOST_LINES: Final = 50_000
"""The same on that page."""
HTML_ERRORS_LISTED: Final = 5
"""Failed steps of a long transcript that the main page names."""

SNAPSHOT_ROWS: Final = 20
"""Subagents whose rows differ from the snapshot that are shown with their differences."""
SNAPSHOT_LINES: Final = 60
"""Lines of the difference of one row."""

# Time.
VALIDATION_SECONDS: Final = 5.0
"""CPU time of all searches with regular expressions in one answer: what cannot be counted in steps."""

START_SECONDS: Final = 300.0
"""A live agent that has said nothing at all by then is not going to: CLIs need up to 20 s on a busy machine."""
BACKOFF_SECONDS: Final = 5.0
"""Before the first retry of a live run whose vendor gave no hint; it doubles with each."""
BACKOFF_MOST_SECONDS: Final = 600.0
BACKOFF_READ_BYTES: Final = 64 * 1024
"""Of the end of a stream: where a vendor's hint is looked for."""
NOTIFY_SECONDS: Final = 60.0
"""A command that is told of an event."""
NOTIFY_FAILURES: Final = 20
"""Failures listed in one event; the others are counted."""
CHECK_SECONDS: Final = 600.0
"""A `run:` criterion without a timeout of its own."""
CHECK_OUTPUT_BYTES: Final = 16 * 1024 * 1024
CHECK_TAIL_CHARS: Final = 2_000
"""The end of what a `run:` criterion printed that failed, as it is recorded and shown."""
CHECK_LINES_SHOWN: Final = 3
"""Lines of it in a reason."""

# Work, counted rather than timed: the same on every machine.
VALIDATION_STEPS: Final = 1_500_000
"""Keywords that jsonschema may apply to one answer, about 2 microseconds each; 50,000 findings take 975,000."""
DOUBLING_STEPS: Final = 300_000
"""The same for a contract whose work can double with each level of an answer; a step is up to 5 microseconds there."""
NATIVE_STEPS: Final = 50_000_000
"""Keywords that jsonschema-rs might apply to one answer, at most 100 ns each; beyond, jsonschema decides and counts."""
STACK_FRAMES: Final = 6_000
"""Python frames for one validation on top of the caller's; 20,000 fit into the usual 8 MB of stack."""
VALUE_CHARS: Final = 60
"""A value quoted in a violation."""
DURATION_SECONDS: Final = 30 * 24 * 3600
"""The longest timeout (or other duration) that a workflow may ask for."""

# What git and private checkouts may take.
GIT_SECONDS: Final = 600.0
"""One git command; a checkout of a very large repository on a slow disk takes minutes."""
WORKSPACE_ENTRIES: Final = 2_000_000
"""Files, links and folders that are looked at in one private checkout, or in the scope of a digest."""
WORKSPACE_DEPTH: Final = 256
"""Folders inside each other that are looked into; what is deeper is named, not read."""
CHANGED_FILE_BYTES: Final = 64 * 1024 * 1024
"""One changed file that a patch carries; a larger one is named, not kept."""
CHANGED_BYTES: Final = 256 * 1024 * 1024
"""All changed files of one patch together, and the patch itself."""
CHANGED_BACK_BYTES: Final = 1024 * 1024 * 1024
"""A file as it was before, which a binary patch holds, too."""
UNKEPT_SHOWN: Final = 1_000
"""Things in a private checkout that no patch can carry, listed; one more counts the rest."""
SCOPE_FILES: Final = 20_000
"""Files of a scope that are digested; of a larger scope nothing is said."""
SCOPE_BYTES: Final = 512 * 1024 * 1024
"""Bytes of a scope that are digested; of a larger scope nothing is said."""
SENTINEL_FILES: Final = 50_000
"""Tracked files that are looked at before and after an agent worked, and files of one folder that a person listed."""
WORKSPACE_SLOTS: Final = 256
"""Runs of one repository with private checkouts at the same time."""

# The run directory.
RUNS_KEPT: Final = 20
"""Runs that stay in the run directory, the newest; older ones are removed when a new one starts."""
STATE_BYTES: Final = 64 * 1024 * 1024
"""One JSON file of the run directory (`run.json`, `result.json`, `status.json`)."""

# What a vendor's program is given.
ARGUMENT_BYTES: Final = 128 * 1024
"""One argument of a program has fewer bytes than this (MAX_ARG_STRLEN of Linux, which counts the NUL)."""
SCOPE_RULES: Final = 256
"""Rules that a write scope may come to in a vendor's own permissions; beyond, all of the workspace is allowed."""
HOME_BYTES: Final = 256 * 1024 * 1024
"""A person's `home` that is copied for each run, all files together."""
HOME_FILES: Final = 10_000
"""Files, links and folders of it."""
HOME_DEPTH: Final = 64
"""Folders inside each other in it."""
SECRET_CHARS: Final = 8
"""Shorter values cannot be redacted: they would be found everywhere."""
LEFTOVER_SECONDS: Final = 0.5
"""What processes of an agent that outlive it have to end by themselves."""
KILL_SECONDS: Final = 10.0
"""How long processes are killed that do not go: those of another user, or stuck in the kernel."""
WARDEN_SECONDS: Final = 30.0
"""How late a warden may be before it is taken for dead."""
WATCH_SECONDS: Final = 0.05
"""The least between two looks at what an agent said while it runs."""
SUSPICIONS_SHOWN: Final = 20
"""What still looks like a secret after redaction that is told at once."""
SCOPE_REASONS: Final = 100
"""Paths that one subagent changed against its scope, each with a reason of its own; one more counts the rest."""
UNKEPT_RECORDED: Final = 100
"""Things that no patch can carry which the metadata of a recording lists."""

# What people who watch a live run are shown.
PROGRESS_DRAWN_SECONDS: Final = 0.25
"""Between two looks at what to draw on a terminal; what has not changed is drawn once a second."""
PROGRESS_LINE_SECONDS: Final = 30.0
"""Between two lines in a log, where there is no terminal to draw on."""
PROGRESS_KEPT_SECONDS: Final = 1.0
"""Between two writings of `status.json`."""
PROGRESS_ALIVE_SECONDS: Final = 5.0
"""The same while nothing changes, so that it tells when a run was killed."""

# Merging.
MERGE_ORDERED: Final = 6
"""Of a file that at most so many have changed every order is looked at; else that of the plan and its reverse."""
MERGE_PARSED_BYTES: Final = 1024 * 1024
"""A file that is parsed after a merge; larger ones are merged as text alone."""
MERGE_DRIVER_SECONDS: Final = 60.0
"""What an external merge driver may take for all files of one subagent."""
MERGE_KEPT_BYTES: Final = 16 * 1024 * 1024
"""A file of a conflict whose contents are kept."""
MERGE_KEPT_FILES: Final = 1000
"""Conflicts whose contents are kept, of one subagent."""
MERGE_LOOKED_FILES: Final = 1000
"""Python files changed by either side of a merge in which removed definitions are looked for."""

# Plans.
OVERLAP_STEPS: Final = 200_000
"""Steps that the search for a path which two globs both match may take; beyond, they are taken to overlap."""
SIMULATED_WORKERS: Final = 32
"""The most workers that a makespan is predicted for."""
DEFAULT_RUNTIME_MS: Final = 300_000
"""What a subagent is taken to need, in milliseconds, where no recording says what it, or another one, took."""
PLAN_PAIRS: Final = 500_000
"""Pairs of subagents of which one reads what the other writes, or of scopes that begin alike and have to be compared; a
plan of more is refused, as it would not fit."""
PLAN_ROWS: Final = 50
"""Rows of one table of a plan in the terminal; the others are counted."""
READ_TOKENS: Final = 150_000
"""Tokens of a read scope that leave little room in a context window for anything else; four bytes are one."""
MEASURED_MATCHES: Final = 2_000_000
"""Files times read globs that are looked at to measure read scopes; of more, nothing is said."""

# Two reports compared.
COMPARED_ITEMS: Final = 400
"""Items of two lists together that are brought together by what they are; those of longer ones by their position."""
COMPARED_CHANGES: Final = 1_000
"""Changes of one answer that are listed; the others are counted."""
COMPARED_SHOWN: Final = 10
"""Changes of one answer, and findings of each kind, that a terminal shows of one subagent; the others are counted."""
COMPARED_WORDS: Final = 600
"""Words of two texts together, from their first difference to their last, that are compared one by one."""
