"""The first call of an AWS Lambda function: its application, and what it logs."""

from __future__ import annotations

import logging

from codybatch.composition import Application, application
from codybatch.services.plain_text import in_plain_sight
from codybatch.settings import load_settings
from codybatch.web.logs import log_ours


def started() -> Application:
    """The application that the function's environment describes, its lines without secrets.

    Raises:
        InvalidSetting: a setting cannot be used.
        StoreError: the store cannot be opened.
    """
    app = application(load_settings())
    log_ours(logging.INFO, lambda text: in_plain_sight(app.net.clean(text)))
    return app
