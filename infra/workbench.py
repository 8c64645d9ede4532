"""The workbench: a task behind a load balancer that no internet reaches, and CloudFront before it.

CloudFront gives HTTPS without a domain or a certificate of one's own, and reaches the balancer
inside of the network, websockets included, by a VPC origin:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
So there is no address at which the workbench could be asked without encryption.
"""

from __future__ import annotations

from aws_cdk import (
    CfnOutput,
    Duration,
    Stack,
    aws_certificatemanager,
    aws_cloudfront,
    aws_cloudfront_origins,
    aws_ec2,
    aws_ecs,
    aws_elasticloadbalancingv2,
    aws_iam,
)
from constructs import Construct

from infra import access
from infra.buckets import access_log_bucket
from infra.environment import SCRATCH, Surroundings
from infra.images import image
from infra.lifetimes import log_group
from infra.network import ADDRESSES, Network
from infra.secrets import CREDENTIALS, WORKBENCH, Secrets
from infra.site import Site

PORT = 8501
HEALTH_PATH = "/sign-in"
"""The one page that the guard shows to everybody; it answers once the pages are loaded."""
CPU_UNITS, MEMORY_MIB = 512, 2048
TLS = aws_cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021
"""For a domain of one's own; CloudFront's own name has a policy that nobody can change."""
TASKS = 1
"""Who signed out is known to one process: with two, a stolen session would outlive its end."""
IDLE = Duration.minutes(60)
"""A websocket is pinged more often; what is silent for longer is gone."""
SIGNED_IN = Duration.hours(12)
"""As long as a session of the workbench."""


class Workbench(Stack):
    """The pages, for whoever knows the access token."""

    def __init__(
        self,
        scope: Construct,
        around: Surroundings,
        network: Network,
        secrets: Secrets,
        site: Site,
    ) -> None:
        stage = around.stage
        super().__init__(
            scope, f"{stage.prefix}-workbench", description="Cody Batch: the workbench"
        )
        self._around = around
        self._network = network
        self._secrets = secrets
        self._site = site
        self.balancer = self._balancer()
        self.distribution = self._distribution()
        self.service = self._service()
        self.targets = self._targets()
        CfnOutput(self, "WorkbenchUrl", value=f"https://{self._name}/")
        CfnOutput(self, "WorkbenchCluster", value=self.service.cluster.cluster_name)
        CfnOutput(self, "WorkbenchService", value=self.service.service_name)

    @property
    def _name(self) -> str:
        return self._around.options.domain or self.distribution.distribution_domain_name

    def _balancer(self) -> aws_elasticloadbalancingv2.ApplicationLoadBalancer:
        group = aws_ec2.SecurityGroup(
            self,
            "Balancer",
            vpc=self._network.vpc,
            description="Load balancer of the workbench: from inside of the network alone",
            allow_all_outbound=False,
        )
        # CloudFront's interfaces stand in the same subnets; nothing else there asks.
        group.add_ingress_rule(
            aws_ec2.Peer.ipv4(ADDRESSES),
            aws_ec2.Port.tcp(80),
            "CloudFront, by its VPC origin",
        )
        return aws_elasticloadbalancingv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=self._network.vpc,
            vpc_subnets=self._network.inner,
            internet_facing=False,
            security_group=group,
            idle_timeout=IDLE,
            drop_invalid_header_fields=True,
            deletion_protection=False,
        )

    def _distribution(self) -> aws_cloudfront.Distribution:
        options = self._around.options
        certificate = (
            aws_certificatemanager.Certificate.from_certificate_arn(
                self, "Certificate", options.certificate
            )
            if options.certificate
            else None
        )
        origin = aws_cloudfront_origins.VpcOrigin.with_application_load_balancer(
            self.balancer,
            protocol_policy=aws_cloudfront.OriginProtocolPolicy.HTTP_ONLY,
            read_timeout=Duration.seconds(60),
        )
        return aws_cloudfront.Distribution(
            self,
            "Front",
            comment=f"{self._around.stage.prefix} workbench",
            domain_names=[options.domain] if options.domain else None,
            certificate=certificate,
            minimum_protocol_version=TLS if certificate else None,
            price_class=aws_cloudfront.PriceClass.PRICE_CLASS_100,
            enable_logging=True,
            log_bucket=access_log_bucket(self, self._around.stage, for_cloudfront=True),
            default_behavior=aws_cloudfront.BehaviorOptions(
                origin=origin,
                allowed_methods=aws_cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=aws_cloudfront.CachePolicy.CACHING_DISABLED,
                # The guard compares the name that was asked for with the page's origin.
                origin_request_policy=aws_cloudfront.OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022,
                viewer_protocol_policy=aws_cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                response_headers_policy=self._headers(),
                compress=True,
            ),
        )

    def _headers(self) -> aws_cloudfront.ResponseHeadersPolicy:
        """All but this one are the workbench's own; it does not know that it is behind TLS."""
        return aws_cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            security_headers_behavior=aws_cloudfront.ResponseSecurityHeadersBehavior(
                strict_transport_security=aws_cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(365),
                    include_subdomains=False,
                    override=True,
                )
            ),
        )

    def _service(self) -> aws_ecs.FargateService:
        cluster = aws_ecs.Cluster(
            self,
            "Cluster",
            vpc=self._network.vpc,
            # Of one task ECS's own numbers say enough, and these would cost more than its alarms.
            container_insights_v2=aws_ecs.ContainerInsights.DISABLED,
        )
        group = aws_ec2.SecurityGroup(
            self,
            "Task",
            vpc=self._network.vpc,
            description="The workbench: from its load balancer alone, HTTPS out",
            allow_all_outbound=False,
        )
        group.add_egress_rule(
            aws_ec2.Peer.any_ipv4(), aws_ec2.Port.tcp(443), "Anthropic, GitHub and AWS"
        )
        return aws_ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=self._task(),
            desired_count=TASKS,
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=aws_ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            assign_public_ip=True,
            vpc_subnets=self._network.tasks,
            security_groups=[group],
            health_check_grace_period=Duration.seconds(90),
        )

    def _task(self) -> aws_ecs.FargateTaskDefinition:
        execution, task = self._role("Execution"), self._role("Pages")
        definition = aws_ecs.FargateTaskDefinition(
            self,
            "Definition",
            cpu=CPU_UNITS,
            memory_limit_mib=MEMORY_MIB,
            execution_role=execution,
            task_role=task,
            volumes=[aws_ecs.Volume(name="scratch")],
        )
        container = self._container(definition)
        container.add_mount_points(
            aws_ecs.MountPoint(source_volume="scratch", container_path=SCRATCH, read_only=False)
        )
        access.use_data(task, self._around.data)
        access.look_data_over(task, self._around.data)
        access.run_jobs(task, self, self._around.stage)
        access.publish_reports(task, self._site.reports)
        return definition

    def _container(self, definition: aws_ecs.FargateTaskDefinition) -> aws_ecs.ContainerDefinition:
        stage = self._around.stage
        logs = log_group(self, "Log", stage)
        further = {
            "CODYBATCH_ACCESS_NAMES": self._name,
            # Who asks is told by the load balancer, and through it by CloudFront.
            "CODYBATCH_ACCESS_PROXIES": ADDRESSES,
            "CODYBATCH_SITE_BUCKET": self._site.reports.bucket_name,
            "CODYBATCH_SITE_URL": self._site.url,
        }
        return definition.add_container(
            "workbench",
            image=aws_ecs.ContainerImage.from_docker_image_asset(image(self, "workbench")),
            command=["up", "--host", "0.0.0.0", "--port", str(PORT)],  # noqa: S104 - in its own network
            user="10001:10001",
            readonly_root_filesystem=True,
            linux_parameters=aws_ecs.LinuxParameters(self, "Linux", init_process_enabled=True),
            stop_timeout=Duration.seconds(30),
            port_mappings=[aws_ecs.PortMapping(container_port=PORT)],
            environment=self._around.task(self.region, further),
            secrets={
                **{
                    name: aws_ecs.Secret.from_secrets_manager(self._secrets.credentials, name)
                    for name in CREDENTIALS
                },
                **{
                    name: aws_ecs.Secret.from_secrets_manager(self._secrets.access_token, name)
                    for name in WORKBENCH
                },
            },
            logging=aws_ecs.LogDrivers.aws_logs(stream_prefix="workbench", log_group=logs),
        )

    def _role(self, name: str) -> aws_iam.Role:
        return aws_iam.Role(
            self, name, assumed_by=aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com")
        )

    def _targets(self) -> aws_elasticloadbalancingv2.ApplicationTargetGroup:
        listener = self.balancer.add_listener("Http", port=80, open=False)
        return listener.add_targets(
            "Pages",
            port=PORT,
            protocol=aws_elasticloadbalancingv2.ApplicationProtocol.HTTP,
            targets=[self.service],
            # A page and its websocket must meet the same process.
            stickiness_cookie_duration=SIGNED_IN,
            deregistration_delay=Duration.seconds(30),
            health_check=aws_elasticloadbalancingv2.HealthCheck(
                path=HEALTH_PATH,
                healthy_http_codes="200",
                interval=Duration.seconds(30),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
