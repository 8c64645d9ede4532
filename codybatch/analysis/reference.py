"""The page of reference on notebooks: what there is, and every column of every frame."""

from __future__ import annotations

from typing import Any

from codybatch.analysis.frames.column import Column, Frame
from codybatch.analysis.frames.comparisons import COMPARED, DISAGREEMENTS
from codybatch.analysis.frames.costs import COSTS
from codybatch.analysis.frames.experiments import ARMS, EXPERIMENTS
from codybatch.analysis.frames.findings import FINDINGS
from codybatch.analysis.frames.jobs import JOBS
from codybatch.analysis.frames.requests import REQUESTS
from codybatch.analysis.frames.spending import SPENDING
from codybatch.analysis.frames.tool_calls import TOOL_CALLS
from codybatch.analysis.frames.turns import TURNS
from codybatch.analysis.frames.verdicts import VERDICTS

FRAMES: tuple[Frame[Any], ...] = (
    *(REQUESTS, JOBS, TURNS, TOOL_CALLS),
    *(COSTS, SPENDING, FINDINGS, VERDICTS, EXPERIMENTS),
)
OF_RESULTS: tuple[Frame[Any], ...] = (ARMS, COMPARED, DISAGREEMENTS)
"""Frames that an experiment or a comparison gives."""

INTRODUCTION = """\
```sh
.venv/bin/python -m pip install -e '.[notebooks]'
```

```python
import codybatch

cb = codybatch.connect()  # what is in CODYBATCH_HOME; read-only
cb = codybatch.connect(demo=True)  # what `codybatch demo` left

jobs = cb.jobs(prompt="replace-utcnow", since="30d")  # a plain pandas frame
jobs.groupby("model").cost_usd.median()
cb.tool_calls(job=jobs.job.head(20))  # narrowed by a column of another frame

job = cb.job(jobs.job[0])  # shows its result
job.diff()  # shows its change; job.patch has the bytes
job.thread(errors=True)  # shows the turns in which something went wrong

cb.plot.costs(by="model")  # also: times, turns, outcomes
```

[notebooks/](../notebooks) holds examples that run on the demonstration.

## Frames

All take `columns=[…]`, and fewer columns are there sooner. All but `spending` and `experiments`
take the filters of the command line, which hold all at once: `request`, `repository`, `prompt`,
`requester`, `since`, `until` and `limit`; those of jobs and below also `job` (one id or many),
`state` and `experiment`. `since` and
`until` take `"30d"`, `"6w"`, `"2026-01-31"`, a date or a datetime. `spending` takes `by` (`model`,
`prompt`, `repository`, `person`, `day`) and `since`.

A frame has the same columns and types whatever is in it, also when it is empty.

| type | in pandas | missing is |
|---|---|---|
| text | `str`, backed by Arrow | `nan` |
| whole number | `int64`; `Int64` where it may be missing | `<NA>` |
| number | `float64` | `nan` |
| yes or no | `bool`; `boolean` where it may be missing | `<NA>` |
| moment | `datetime64[us, UTC]` | `NaT` |
| one of a list | ordered `category`, the first the highest | `nan` |

Money is in US dollars, and its columns end in `_usd`. They are `float64`, exact to far below the
millionth of a dollar that prices are kept to; `cb.job(…).record.cost_usd` is the exact `Decimal`.
Times end in `_seconds`. Secrets are taken out of texts, and characters that hide or reorder stand
there as their escapes.

`turns`, `tool_calls` and `costs` look at each job's conversation. Where one is damaged they warn,
`frame.attrs["problems"]` names the job and says why, and the frame has everything else.
`tool_calls` reads whole conversations, so narrow it first.
"""

CHANGES = """\
## Submit from a notebook

A workspace is read-only unless asked: `codybatch.connect(allow_changes=True)`.

```python
draft = cb.draft("replace-utcnow", "Replace every use of datetime.utcnow() …")
cb.estimate(draft, ["my-org/api", "my-org/web"])  # runs nothing, stores nothing
request = cb.submit(draft, ["my-org/api", "my-org/web"], max_cost=5)  # costs money
request.wait()  # a bar; stop it, and the jobs go on
cb.rate(request.jobs[0].id, "accept", rating=5, reasons=["style"], comment="…")
```

A prompt is a saved one (`"name"` or `"name@3"`) or a draft. What `submit` takes is named like the
options of `codybatch submit`. In another session `cb.request(ID).wait()` goes on waiting.

## Compare prompts

```python
compared = cb.compare("hints@1", "hints@2")  # shows which is better, by how much, how surely
compared.sentence  # "hints@2 was accepted 25 points more often than hints@1, 95 % interval …"
compared.cautions  # where the data says little or may mislead
compared.frame  # a row a repository
compared.regressions()  # where the second did worse, with a job of each that shows it
compared.power(delta=0.1)  # what it takes to show a difference of 10 points
compared.plot()
compared.report("compared.html")  # also .md, .json, .csv, .parquet, or a folder for all of them

cb.compare([request_1, request_2], [request_3, request_4], metric="rating", by="owner")

plan = cb.plan_experiment(["hints@1", "hints@2"], ["my-org/api", …], repetitions=3, budget=20)
plan  # shows what it would run and may cost; nothing is stored
experiment = plan.begin().wait()  # costs money; a bar; stop it, and what was submitted goes on

experiment = cb.experiment("Do hints help?")  # by name or id: shows its answer
experiment.arms  # a row an arm, with intervals
experiment.compare("hints@2")  # one arm with the baseline
experiment.contents  # everything: a frozen dataclass, as the report holds it
```

Jobs are paired by repository; several on one repository are its repetitions. What is computed,
and what it rests on: [statistics.md](statistics.md). While jobs run, or results have no verdict,
there is no p-value.

## What is shown

Results, diffs, conversations and estimates show as HTML in a notebook and as plain text elsewhere.
One output is at most about 200 kB; what is left out is counted, and the output says where it is.
Nothing is loaded from another host.

## Columns
"""


def notebooks_page(made: str) -> str:
    """The page.

    Args:
        made: the line that says how it is made.
    """
    sections = [part for frame in FRAMES for part in _section(frame, f"{frame.name}()")]
    sections += [part for frame in OF_RESULTS for part in _section(frame, frame.name)]
    return "\n".join(["# In a notebook\n", made + "\n", INTRODUCTION, CHANGES, *sections])


def _section(frame: Frame[Any], title: str) -> list[str]:
    rows = [_row(column) for column in frame.columns]
    head = ["| column | type | what it is |", "|---|---|---|"]
    return [f"### `{title}`\n", f"{frame.row}\n", *head, *rows, ""]


def _row(column: Column[Any]) -> str:
    return f"| `{column.name}` | {column.dtype.words} | {column.meaning} |"
