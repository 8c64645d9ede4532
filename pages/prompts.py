"""The library of prompts, and the ones to begin with."""

import streamlit as st

from codybatch.ui.components import page_header
from codybatch.ui.live import current
from codybatch.ui.navigation import PROMPT, PROMPTS, remember, restore
from codybatch.ui.prompts.listing import PromptList, Starter, prompt_list, starters_shown
from codybatch.ui.prompts.rows import NEW, ask, show_empty, show_rows, show_starters
from codybatch.ui.workbench import page, time_zone

with page("The library of prompts", area="prompts") as app:
    with page_header("Prompts"):
        if st.button("New prompt", type="primary", icon=":material/add:"):
            st.switch_page(PROMPT, query_params=NEW)
    restore(PROMPTS, foreign="name")
    asked = ask()
    remember(
        PROMPTS,
        {
            **({"q": asked.words} if asked.words else {}),
            **({"archived": "true"} if asked.archived else {}),
        },
    )
    zone = time_zone()

    def read() -> PromptList:
        """What the library holds at this moment."""
        return prompt_list(app.prompts, app.net.clean, app.clock.now(), asked, zone)

    def read_starters() -> tuple[Starter, ...]:
        """What there is to begin with."""
        return starters_shown(app.prompts, app.net.clean)

    found = current(app, ("prompts", asked, zone), read)
    if found.rows:
        show_rows(found)
    else:
        show_empty(asked)
    if not asked.words and not asked.archived:
        show_starters(app, current(app, ("starters",), read_starters))
