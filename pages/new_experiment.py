"""A new experiment: what is compared, where, how it is decided, and what it may cost."""

from codybatch.ui.components import Crumb, page_header
from codybatch.ui.experiments.composing import show_form
from codybatch.ui.experiments.drafting import ask_to_clear, begin, show_notes
from codybatch.ui.navigation import EXPERIMENTS
from codybatch.ui.workbench import page

with page("The form for a new experiment", area="experiments") as app:
    written = begin(app)
    with page_header("New experiment", Crumb("Experiments", EXPERIMENTS)):
        ask_to_clear(written)
    show_notes(app)
    show_form(app, written)
