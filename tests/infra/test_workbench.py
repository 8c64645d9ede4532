"""The workbench: over HTTPS alone, sticky, patient with websockets, never without a token."""

from __future__ import annotations

from typing import Any

from codybatch.ui.server.access import SESSION_SECONDS
from codybatch.ui.server.sign_in import SIGN_IN
from tests.infra_kit import Deployment, text


def container(deployment: Deployment) -> dict[str, Any]:
    definition = deployment.only("AWS::ECS::TaskDefinition").properties
    (only,) = definition["ContainerDefinitions"]
    assert isinstance(only, dict)
    return only


def variables(deployment: Deployment) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in container(deployment)["Environment"]}


def attributes(found: list[dict[str, str]]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in found}


def test_no_load_balancer_faces_the_internet(deployment: Deployment) -> None:
    balancer = deployment.only("AWS::ElasticLoadBalancingV2::LoadBalancer").properties

    assert balancer["Scheme"] == "internal"
    assert all("inner" in text(subnet) for subnet in balancer["Subnets"])
    group = deployment.only("AWS::EC2::SecurityGroup", "workbench", "Balancer").properties
    (rule,) = group["SecurityGroupIngress"]
    assert rule["CidrIp"] == "10.64.0.0/16"


def test_browsers_are_led_to_https(deployment: Deployment) -> None:
    front = deployment.only("AWS::CloudFront::Distribution", "workbench").properties
    behaviour = front["DistributionConfig"]["DefaultCacheBehavior"]

    assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
    assert "CacheBehaviors" not in front["DistributionConfig"]
    headers = deployment.only("AWS::CloudFront::ResponseHeadersPolicy", "workbench").properties
    written = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert written["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000


def test_cloudfront_reaches_the_balancer_inside_of_the_network(deployment: Deployment) -> None:
    front = deployment.only("AWS::CloudFront::Distribution", "workbench").properties
    (origin,) = front["DistributionConfig"]["Origins"]

    assert "VpcOriginConfig" in origin
    assert deployment.only("AWS::CloudFront::VpcOrigin")


def test_nothing_of_the_workbench_is_cached_and_all_that_was_asked_arrives(
    deployment: Deployment,
) -> None:
    front = deployment.only("AWS::CloudFront::Distribution", "workbench").properties
    behaviour = front["DistributionConfig"]["DefaultCacheBehavior"]

    # Managed policies, by their published ids: CachingDisabled and AllViewerAndCloudFrontHeaders.
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behaviour["OriginRequestPolicyId"] == "33f36d7e-f396-46d9-90e0-52428a34d9dc"


def test_a_browser_stays_with_its_process(deployment: Deployment) -> None:
    group = deployment.only("AWS::ElasticLoadBalancingV2::TargetGroup").properties
    told = attributes(group["TargetGroupAttributes"])

    assert told["stickiness.enabled"] == "true"
    assert told["stickiness.type"] == "lb_cookie"
    assert int(told["stickiness.lb_cookie.duration_seconds"]) == SESSION_SECONDS


def test_a_silent_websocket_is_not_cut_for_an_hour(deployment: Deployment) -> None:
    balancer = deployment.only("AWS::ElasticLoadBalancingV2::LoadBalancer").properties

    told = attributes(balancer["LoadBalancerAttributes"])
    assert told["idle_timeout.timeout_seconds"] == "3600"
    assert told["routing.http.drop_invalid_header_fields.enabled"] == "true"


def test_health_is_asked_at_the_one_page_that_needs_no_token(deployment: Deployment) -> None:
    group = deployment.only("AWS::ElasticLoadBalancingV2::TargetGroup").properties

    assert group["HealthCheckPath"] == SIGN_IN
    assert group["Matcher"] == {"HttpCode": "200"}


def test_it_listens_for_others_and_so_has_a_token_and_knows_its_name(
    deployment: Deployment,
) -> None:
    page = container(deployment)

    assert page["Command"] == ["up", "--host", "0.0.0.0", "--port", "8501"]
    assert "CODYBATCH_ACCESS_TOKEN" in {each["Name"] for each in page["Secrets"]}
    assert "DomainName" in text(variables(deployment)["CODYBATCH_ACCESS_NAMES"])


def test_who_asks_is_believed_from_inside_of_the_network_alone(deployment: Deployment) -> None:
    assert variables(deployment)["CODYBATCH_ACCESS_PROXIES"] == "10.64.0.0/16"


def test_it_runs_as_nobody_on_a_read_only_disk(deployment: Deployment) -> None:
    page = container(deployment)

    assert page["User"] == "10001:10001"
    assert page["ReadonlyRootFilesystem"] is True
    assert [mount["ContainerPath"] for mount in page["MountPoints"]] == ["/scratch"]


def test_a_deployment_that_fails_goes_back(deployment: Deployment) -> None:
    service = deployment.only("AWS::ECS::Service").properties

    breaker = service["DeploymentConfiguration"]["DeploymentCircuitBreaker"]
    assert breaker == {"Enable": True, "Rollback": True}
    assert service["DeploymentConfiguration"]["MinimumHealthyPercent"] == 100


def test_it_knows_where_reports_are_published(deployment: Deployment) -> None:
    told = variables(deployment)

    assert "Reports" in text(told["CODYBATCH_SITE_BUCKET"])
    assert "https://" in text(told["CODYBATCH_SITE_URL"])
