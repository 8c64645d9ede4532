"""One prompt: its versions, what changed between them, what became of each; or its editor."""

import streamlit as st

from codybatch.ui.components import empty_state
from codybatch.ui.live import current
from codybatch.ui.navigation import PROMPTS, seen
from codybatch.ui.prompts.editor import show_editor
from codybatch.ui.prompts.sections import show_head, show_prompt
from codybatch.ui.prompts.view import PromptView, prompt_view
from codybatch.ui.workbench import page, time_zone

with page("This prompt", area="prompts") as app:
    name = st.query_params.get("name", "")
    written = st.query_params.get("v", "")
    number = int(written) if written.isdecimal() else None
    edit = st.query_params.get("edit", "")
    zone = time_zone()

    def read() -> PromptView:
        """The prompt as it stands at this moment."""
        return prompt_view(app.prompts, app.net.clean, app.clock.now(), name, number, zone)

    if edit:
        show_editor(app, "" if edit == "new" else name, number)
    elif name:
        view = current(app, ("prompt", name, number, zone), read)
        show_head(app, view)
        show_prompt(app, view)
    else:
        with empty_state("no-prompt", "No prompt was named", "Choose one from the library."):
            st.page_link(
                PROMPTS, label="Prompts", icon=":material/edit_note:", query_params=seen(PROMPTS)
            )
