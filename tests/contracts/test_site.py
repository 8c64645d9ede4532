"""A folder and a bucket keep the contract of the site."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from codybatch.domain.errors import StoreError, StoreNotSetUp
from codybatch.ports.site import Site
from codybatch.stores.aws.site import CACHED, S3Site
from codybatch.stores.embedded.site import FolderSite
from tests.contracts.aws import bucket_of, name_of, session
from tests.contracts.site_contract import FILES, SiteContract


class TestFolder(SiteContract):
    @staticmethod
    def make_site(place: Path) -> Site:
        return FolderSite(place)

    @staticmethod
    def there(place: Path) -> dict[str, bytes]:
        found = (path for path in place.rglob("*") if path.is_file())
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in found}

    def test_the_address_opens_the_file(self, site: Site) -> None:
        address = urlsplit(site.publish("e-1", FILES))

        assert address.scheme == "file"
        assert Path(unquote(address.path)).read_bytes() == FILES["index.html"]

    def test_a_file_where_the_folder_would_be_says_so(self, place: Path) -> None:
        place.mkdir()
        (place / "reports").write_text("in the way")

        with pytest.raises(StoreError, match="reports"):
            FolderSite(place).publish("e-1", FILES)


@pytest.mark.usefixtures("aws")
class TestBucket(SiteContract):
    @staticmethod
    def make_site(place: Path) -> Site:
        bucket_of(place).create()
        return S3Site(name_of(place), "https://reports.example/", session())

    @staticmethod
    def there(place: Path) -> dict[str, bytes]:
        bucket = bucket_of(place)
        listed = bucket.client.list_objects_v2(Bucket=bucket.name).get("Contents", [])
        found = {}
        for one in listed:
            stored = bucket.client.get_object(Bucket=bucket.name, Key=one["Key"])
            with closing(stored["Body"]) as body:
                found[one["Key"]] = body.read()
        return found

    def test_browsers_are_told_what_it_is_and_to_look_again_soon(
        self, site: Site, place: Path
    ) -> None:
        address = site.publish("e-1", FILES)

        assert address == "https://reports.example/reports/e-1/index.html"
        bucket = bucket_of(place)
        head = bucket.client.head_object(Bucket=bucket.name, Key="reports/e-1/index.html")
        assert head["ContentType"] == "text/html; charset=utf-8"
        assert head["CacheControl"] == CACHED

    def test_a_missing_bucket_names_its_setting(self, place: Path) -> None:
        site = S3Site(name_of(place / "nowhere"), "", session())

        with pytest.raises(StoreNotSetUp, match="CODYBATCH_SITE_BUCKET"):
            site.publish("e-1", FILES)

    def test_without_an_address_the_bucket_is_named(self, place: Path) -> None:
        self.make_site(place)

        address = S3Site(name_of(place), "", session()).publish("e-1", FILES)

        assert address == f"s3://{name_of(place)}/reports/e-1/index.html"
