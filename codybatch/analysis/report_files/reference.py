"""The page of reference on reports: what their files hold, and every column of the cells."""

from __future__ import annotations

from codybatch.analysis.report_files.cells_table import CELLS

PAGE = """\
`codybatch experiments report NAME` writes what an experiment came to. The same records give the
same bytes: no clock and no chance is in them, and the hash of all they were made from stands at
their end.

- `index.html` is for reading: one page that needs no other file, no network and no script. It
  prints, and follows the reader's light or dark.
- `report.md` is the same for a repository or a pull request.
- `report.json` is for programs: everything that the report holds, names in camelCase. Money is a
  string, and what cannot be said is `{"cannotBeSaid": why}`.
- `cells.csv` and `cells.parquet` are for your own analysis: a row for each repetition of each arm
  on each repository.
- `manifest.json` has the size and the SHA-256 of each file.

```sh
codybatch experiments report hints -o report        # a folder; -o report.zip for one file
codybatch experiments report hints --format html,csv --no-diffs
codybatch experiments report hints --workbench-url http://127.0.0.1:8501   # links to jobs
codybatch experiments report hints --publish
```

In a notebook, `cb.experiment("hints").report("out.html")` writes one of these files, and
`cb.compare(a, b).report("out.html")` that of two prompts which were never an experiment.

The page holds, in this order: which arm is better and how sure that is, the set-up with what
differs between the prompts, failures by their cause, differences with their intervals, each arm's
numbers, a matrix of every repetition, the patches where arms disagree side by side with what
raters said, cost and time, agreement between raters and between repetitions, and how it was
computed. What the numbers mean stands in [statistics.md](statistics.md).

Of one patch 240 lines are shown, of one file 80, of one arm at most 40 disagreements (of many arms
fewer of each); the page says how much more there is. Secrets are taken out of every text, and
characters that hide or reorder stand there as their escapes.

## Publish

`--publish` keeps every version of a report among the blobs, under `reports/ID/` and its digest,
and puts the newest where browsers find it: on one machine at `/reports/ID/` of the workbench,
behind the same token as its pages; in the cloud on the report site, behind its password
([aws.md](aws.md#publish-a-report)).

## Columns

`cells.csv` and `cells.parquet` have the same columns and rows, in the order of the matrix. Money is
in US dollars. In the CSV a text that a spreadsheet would take for a formula begins with `'`.

| column | type | what it is |
|---|---|---|
"""


def reports_page(made: str) -> str:
    """The page.

    Args:
        made: the line that says how it is made.
    """
    rows = [f"| `{one.name}` | {one.dtype.words} | {one.meaning} |" for one in CELLS.columns]
    return "\n".join(["# Reports\n", made + "\n", PAGE + "\n".join(rows), ""])
