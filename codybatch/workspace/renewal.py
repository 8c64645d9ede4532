"""A second try with another token where the code host refused the first one early."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from codybatch.domain.errors import CodeHostCredentialRefused
from codybatch.ports.code_host import GitAccess

Given = TypeVar("Given")


def renewing(access: GitAccess, act: Callable[[GitAccess], Given]) -> Given:
    """What ``act`` gives, tried once more where its token was refused and there is another.

    A token of a GitHub App's installation may end before its time, when the App's rights or its
    key are changed; the next one is good. Whoever refuses before anything is done is git's server,
    in its first answer (gitprotocol-http(5), "Authentication").

    Arguments:
        access: how to reach the code host at first.
        act: may be called twice.

    Raises:
        CodeHostCredentialRefused: there is no other token, or that one was refused, too.
        What ``act`` and the making of a token raise.
    """
    try:
        return act(access)
    except CodeHostCredentialRefused:
        other = access.renewed() if access.renewed is not None else None
        if other is None:
            raise
        return act(other)
