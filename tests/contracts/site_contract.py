"""The contract of the site: files that are replaced whole, and an address to look at them."""

from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.domain.errors import StoreError
from codybatch.ports.site import Site

FILES = {
    "index.html": b"<!doctype html><title>A report</title>",
    "report.json": b'{"a": 1}',
    "cells.parquet": b"PAR1\x00\xff",
}


class SiteContract:
    @staticmethod
    def make_site(place: Path) -> Site:
        """Open the site of a place; opened twice it is the same site."""
        raise NotImplementedError

    @staticmethod
    def there(place: Path) -> dict[str, bytes]:
        """All that is on the site, by path from its root."""
        raise NotImplementedError

    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "store"

    @pytest.fixture
    def site(self, place: Path) -> Site:
        return self.make_site(place)

    def test_files_are_found_under_the_report(self, site: Site, place: Path) -> None:
        address = site.publish("e-1", FILES)

        assert address.endswith("/reports/e-1/index.html")
        assert self.there(place) == {f"reports/e-1/{name}": FILES[name] for name in FILES}

    def test_a_report_takes_the_place_of_an_earlier_one(self, site: Site, place: Path) -> None:
        site.publish("e-1", FILES)
        newer = {**FILES, "index.html": b"newer"}

        address = site.publish("e-1", newer)

        assert address == self.make_site(place).publish("e-1", newer)
        assert self.there(place)["reports/e-1/index.html"] == b"newer"

    def test_other_files_and_other_reports_stay(self, site: Site, place: Path) -> None:
        site.publish("e-1", FILES)
        site.publish("e-2", FILES)

        address = site.publish("e-1", {"report.json": b"{}"})

        assert address.rstrip("/").endswith("/reports/e-1")
        assert len(self.there(place)) == 6
        assert self.there(place)["reports/e-1/report.json"] == b"{}"

    @pytest.mark.parametrize("name", ["..", "a/b", "", "a b", "ü", "x" * 300, "\x00"])
    def test_what_is_no_name_is_refused_before_anything_is_written(
        self, site: Site, place: Path, name: str
    ) -> None:
        with pytest.raises(StoreError):
            site.publish("e-1", {**FILES, name: b"x"})
        with pytest.raises(StoreError):
            site.publish(name, FILES)

        assert not self.there(place)
