"""A tiny package in place of the real one: installed by the real pip, from a folder."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest

SERVER = """
import http.server, os, sys

def main():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
        def log_message(self, *_):
            pass
    address = (os.environ["BIND_HOST"], int(os.environ["GATEWAY_PORT"]))
    http.server.HTTPServer(address, Handler).serve_forever()
"""


def _wheel(folder: Path, version: str) -> Path:
    name = f"ministack-{version}"
    info = f"{name}.dist-info"
    files = {
        "ministack.py": SERVER,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: ministack\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nministack = ministack:main\n",
    }
    record = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
    wheel = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,"]))
    return wheel


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Index:
    """A folder of packages, and pip told to know no other."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "pip.log"
        self._packages = folder / "packages"
        self._packages.mkdir()
        self.environment = {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self._packages),
            "PIP_LOG": str(self.log),
        }

    def requirements(self, version: str = "1.0") -> Path:
        """Requirements of a version, which is there."""
        digest = hashlib.sha256(_wheel(self._packages, version).read_bytes()).hexdigest()
        file = self._packages.with_name(f"requirements-{version}.txt")
        file.write_text(f"ministack=={version} --hash=sha256:{digest}\n")
        return file

    @property
    def installs(self) -> int:
        """How many times pip installed something of ours."""
        said = self.log.read_text() if self.log.exists() else ""
        return said.count("Successfully installed ministack")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    index = Index(tmp_path)
    for name, value in index.environment.items():
        monkeypatch.setenv(name, value)
    return index
