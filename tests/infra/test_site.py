"""The report site: private files, a password at the door, and caches that learn of new pages."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from infra.site import DOOR, INDEX
from tests.infra_kit import Deployment, text

PASSWORD = "correct horse battery staple"
# Where the machine has none, importing `infra` has named the one of a Python package.
NODE = shutil.which("node") or os.environ["JSII_NODE"]


def behaviour(deployment: Deployment) -> dict[str, Any]:
    front = deployment.only("AWS::CloudFront::Distribution", "site").properties
    found = front["DistributionConfig"]["DefaultCacheBehavior"]
    assert isinstance(found, dict)
    return found


def test_cloudfront_signs_its_requests_and_only_it_reads_the_bucket(
    deployment: Deployment,
) -> None:
    front = deployment.only("AWS::CloudFront::Distribution", "site")
    (origin,) = front.properties["DistributionConfig"]["Origins"]
    control = deployment.only("AWS::CloudFront::OriginAccessControl").properties

    assert "OriginAccessControlId" in origin
    assert control["OriginAccessControlConfig"]["SigningBehavior"] == "always"
    (policy,) = (
        one.properties["PolicyDocument"]["Statement"]
        for one in deployment.of_kind("AWS::S3::BucketPolicy", "site")
        if one.properties["Bucket"]["Ref"].startswith("Reports")
    )
    readers = [
        one for one in policy if one["Effect"] == "Allow" and one["Action"] == "s3:GetObject"
    ]
    (reader,) = readers
    assert reader["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert front.name in text(reader["Condition"]["StringEquals"]["AWS:SourceArn"])


def test_what_is_deployed_is_seen_at_once_and_reports_stay(deployment: Deployment) -> None:
    copied = deployment.only("Custom::CDKBucketDeployment").properties
    front = deployment.only("AWS::CloudFront::Distribution", "site")

    assert copied["DistributionId"] == {"Ref": front.name}
    assert copied["DistributionPaths"] == ["/*"]
    assert copied["Prune"] is False


def test_pages_are_sent_with_headers_that_let_no_script_of_others_run(
    deployment: Deployment,
) -> None:
    policy = deployment.only("AWS::CloudFront::ResponseHeadersPolicy", "site")
    headers = policy.properties["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]

    written = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "default-src 'none'" in written
    assert "script-src 'self'" in written
    assert "frame-ancestors 'none'" in written
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    assert headers["ContentTypeOptions"] == {"Override": True}
    assert behaviour(deployment)["ResponseHeadersPolicyId"] == {"Ref": policy.name}
    assert behaviour(deployment)["ViewerProtocolPolicy"] == "redirect-to-https"


def test_the_door_stands_before_every_page(deployment: Deployment) -> None:
    (association,) = behaviour(deployment)["FunctionAssociations"]
    door = deployment.only("AWS::CloudFront::Function", "site")

    assert association["EventType"] == "viewer-request"
    assert association["FunctionARN"] == {"Fn::GetAtt": [door.name, "FunctionARN"]}
    assert "DIGEST_OF_THE_PASSWORD" not in door.properties["FunctionCode"]


def answer(digest: str, authorization: str | None, uri: str = "/") -> dict[str, Any]:
    """What the door answers, run by Node as CloudFront runs it."""
    headers = {} if authorization is None else {"authorization": {"value": authorization}}
    event = json.dumps({"request": {"uri": uri, "headers": headers}})
    code = DOOR.read_text().replace("DIGEST_OF_THE_PASSWORD", digest)
    finished = subprocess.run(
        [NODE, "-e", f"{code}\nconsole.log(JSON.stringify(handler({event})))"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    answered = json.loads(finished.stdout)
    assert isinstance(answered, dict)
    return answered


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


def digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def test_the_right_password_opens_and_a_folder_shows_its_index() -> None:
    let_in = answer(digest(PASSWORD), basic(PASSWORD), "/2026/")

    assert let_in["uri"] == "/2026/index.html"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        basic("wrong"),
        basic(""),
        f"Bearer {digest(PASSWORD)}",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
    ],
)
def test_whoever_has_not_the_password_gets_nothing(authorization: str | None) -> None:
    refused = answer(digest(PASSWORD), authorization)

    assert refused["statusCode"] == 401
    assert refused["headers"]["cache-control"]["value"] == "no-store"


@pytest.mark.parametrize("authorization", [None, basic(""), basic("anything")])
def test_without_a_password_set_nobody_gets_in(authorization: str | None) -> None:
    assert answer("", authorization)["statusCode"] == 401


def test_the_index_loads_nothing_from_elsewhere() -> None:
    page = (INDEX / "index.html").read_text()

    assert "://" not in page
    assert "<script" not in page
