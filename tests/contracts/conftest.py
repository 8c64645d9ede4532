"""The contracts are modules beside the tests: their assertions shall explain themselves too."""

from __future__ import annotations

from pathlib import Path

import pytest

for path in Path(__file__).parent.glob("*_contract.py"):
    pytest.register_assert_rewrite(f"tests.contracts.{path.stem}")
