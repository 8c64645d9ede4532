"""git with every door shut: each call of git in this project goes through `Git.run`.

Repository content is hostile, so a call trusts nothing of it, of this machine and of the person:

- the environment is made from scratch; no system, global or attribute file is read, and HOME is an
  empty folder;
- the git directory stands outside the work tree and both are named in each call, so a planted
  ``.git`` means nothing;
- hooks, fsmonitor, filters, text conversion, submodules, replacement objects and every transport
  are off; a call that is given an access may speak https (or http where that was set), to the
  address in that call, without following redirects;
- a credential exists in files of mode 0600 while the call runs, and nowhere else (`askpass`);
- what git says is redacted before it is raised.

How the program is started, and which parts of GitPython are safe for that: see `processes`.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from codybatch.domain.errors import GitFailed, RepositoryUnsupported, StoreFull
from codybatch.ports.code_host import GitAccess
from codybatch.workspace.askpass import credential
from codybatch.workspace.failures import says_full_disk
from codybatch.workspace.messages import redacted
from codybatch.workspace.processes import Bounds, Sink, run_to_end

MAX_OUTPUT_BYTES = 512 << 20
STALLED_BYTES_A_SECOND = 1_000
STALLED_SECONDS = 60

# git-config(1) says what each means. Some are git's defaults; a later git may have others.
SETTINGS: Mapping[str, str] = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    # Links become text files: nothing in the work tree leads anywhere.
    "core.symlinks": "false",
    "core.autocrlf": "false",
    "core.safecrlf": "false",
    "core.ignoreCase": "false",
    "core.precomposeUnicode": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.quotePath": "true",
    "index.version": "2",
    "core.logAllRefUpdates": "false",
    "core.pager": "cat",
    "credential.helper": "",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    # A workspace outlives no crash of the machine: nothing in it must reach the disk, or be small.
    "core.fsync": "none",
    "core.looseCompression": "0",
    # What is fetched stays one pack, and nothing is collected behind our back.
    "fetch.unpackLimit": "1",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.version": "2",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": str(STALLED_BYTES_A_SECOND),
    "http.lowSpeedTime": str(STALLED_SECONDS),
}

# Where the machine's proxy and certificates are said; only calls to a code host get these.
_NETWORK_VARIABLES = (
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
)
_LOOPBACK = "127.0.0.1,localhost,::1"


class Git:
    """git on one git directory.

    Arguments:
        git_dir: a bare repository's folder, outside ``work_tree``.
        work_tree: the files; None for calls that need none.
        home: an empty folder; credentials live beside it, for the length of a call.
    """

    def __init__(self, git_dir: Path, work_tree: Path | None, home: Path) -> None:
        self.git_dir = git_dir.absolute()
        self.work_tree = work_tree.absolute() if work_tree else None
        self.home = home.absolute()

    def run(
        self,
        *arguments: str,
        given: bytes = b"",
        index: Path | None = None,
        access: GitAccess | None = None,
        variables: Mapping[str, str] | None = None,
        accept: Collection[int] = (0,),
        bounds: Bounds | None = None,
    ) -> bytes:
        """Run one git command and return what it printed, at most 512 MiB.

        Arguments:
            arguments: the command and its arguments, without ``git``.
            given: its input.
            index: another index than the git directory's own.
            access: of a call that speaks with a code host; the address must be in ``arguments``.
            variables: more of the environment, such as who makes a commit.
            accept: the statuses that are an answer.
            bounds: time and call-off.

        Raises:
            GitFailed: git ended with another status; `status` and `said` hold more.
            StoreFull: it found no room on this machine's disk.
            CalledOff: the abort event of the bounds was set.
        """
        output = Collected(MAX_OUTPUT_BYTES, arguments[0])
        self.stream(
            *arguments,
            sink=output.add,
            given=given,
            index=index,
            access=access,
            variables=variables,
            accept=accept,
            bounds=bounds,
        )
        return output.content()

    def stream(
        self,
        *arguments: str,
        sink: Sink,
        given: bytes = b"",
        index: Path | None = None,
        access: GitAccess | None = None,
        variables: Mapping[str, str] | None = None,
        accept: Collection[int] = (0,),
        bounds: Bounds | None = None,
    ) -> None:
        """Run one git command and hand its output to ``sink`` as it comes.

        What ``sink`` raises ends git and is raised here; everything else is as for `run`.
        """
        command = ["git", *_settings(access), *arguments]
        with self._environment(index, access, variables or {}) as environment:
            status, said = run_to_end(
                command,
                environment,
                self.work_tree or self.git_dir.parent,
                given,
                sink,
                bounds or Bounds(),
            )
        if status not in accept:
            raise _failure(arguments[0], status, said, access)

    @contextlib.contextmanager
    def _environment(
        self, index: Path | None, access: GitAccess | None, variables: Mapping[str, str]
    ) -> Iterator[dict[str, str]]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "LANG": "C",
            "LC_ALL": "C",
            "GIT_DIR": str(self.git_dir),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "none",
            **variables,
        }
        if self.work_tree is not None:
            environment["GIT_WORK_TREE"] = str(self.work_tree)
        if index is not None:
            environment["GIT_INDEX_FILE"] = str(index.absolute())
        if access is None:
            yield environment
            return
        environment |= _network_variables()
        environment["GIT_ALLOW_PROTOCOL"] = "http:https" if access.allow_http else "https"
        with credential(access, self.home.parent) as asking:
            yield environment | asking


class Collected:
    """Output kept in memory up to a limit.

    Arguments:
        limit: bytes.
        what: the command's name, for the error.
    """

    def __init__(self, limit: int, what: str) -> None:
        self._blocks: list[bytes] = []
        self._left = limit
        self._limit = limit
        self._what = what

    def add(self, block: bytes) -> None:
        """Keep a block.

        Raises:
            GitFailed: there is more than the limit.
        """
        self._left -= len(block)
        if self._left < 0:
            raise GitFailed(f"git {self._what} printed more than {self._limit:,} bytes.")
        self._blocks.append(block)

    def content(self) -> bytes:
        """All of it."""
        return b"".join(self._blocks)


def checked_url(access: GitAccess) -> str:
    """The access's address, once it is one that may be given to git.

    Raises:
        RepositoryUnsupported: it is not https (or http where that was set), or holds user
            information, a space or a control character.
    """
    schemes = {"http", "https"} if access.allow_http else {"https"}
    parts = urlsplit(access.url)
    odd = re.search(r"[\x00-\x20\x7f]", access.url)
    if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc or odd:
        wanted = " or ".join(sorted(schemes))
        raise RepositoryUnsupported(
            f"{redacted(access.url)!r} is not an address to clone from: it must be "
            f"{wanted}://host/owner/name, without a user or a password in it."
        )
    return access.url


def _settings(access: GitAccess | None) -> list[str]:
    settings = dict(SETTINGS) if access else {**SETTINGS, "protocol.allow": "never"}
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _network_variables() -> dict[str, str]:
    direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    given = {name: os.environ[name] for name in _NETWORK_VARIABLES if name in os.environ}
    return {**given, "no_proxy": ",".join(filter(None, [direct, _LOOPBACK]))}


def _failure(
    command: str, status: int, said: bytes, access: GitAccess | None
) -> GitFailed | StoreFull:
    text = redacted(said.decode("utf-8", "replace"), access)
    if says_full_disk(text):
        return StoreFull()
    reasons = [line for line in text.splitlines() if not line.startswith(("hint:", "warning:"))]
    reason = next((line for line in reasons if line.startswith("fatal:")), "")
    reason = reason or next((line for line in reasons if line.startswith("error:")), "")
    ended = f"was ended by signal {-status}" if status < 0 else f"failed with status {status}"
    return GitFailed(
        f"git {command} {ended}: {reason or (reasons[-1] if reasons else 'it said nothing')}",
        status=status,
        said=text,
    )
