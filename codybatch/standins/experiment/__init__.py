"""The demonstration's experiment: its prompts, what is right for its repositories, and who judges.

What lives here: three prompts, the patch that a careful hand would write, and raters that are
scripts and say so.
What never does: how an experiment is run or judged; the real commands do that.
"""

from __future__ import annotations

from codybatch.standins.experiment.files import NAME, write_files
from codybatch.standins.experiment.prompts import PROMPTS, prompt_text
from codybatch.standins.experiment.raters import RATERS, Opinion, Rater, Work
from codybatch.standins.experiment.references import REPOSITORIES, is_necessary, reference_patch

__all__ = [
    "NAME",
    "PROMPTS",
    "RATERS",
    "REPOSITORIES",
    "Opinion",
    "Rater",
    "Work",
    "is_necessary",
    "prompt_text",
    "reference_patch",
    "write_files",
]
