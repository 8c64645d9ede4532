"""The report site: static files in a private bucket, behind CloudFront and a password."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import (
    CfnOutput,
    Duration,
    Stack,
    aws_cloudfront,
    aws_cloudfront_origins,
    aws_s3,
    aws_s3_deployment,
)
from constructs import Construct

from infra.buckets import access_log_bucket, private_bucket
from infra.lifetimes import log_group
from infra.options import Options
from infra.stages import Stage

INDEX = Path(__file__).with_name("site_index")
DOOR = Path(__file__).with_name("site_door.js")
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class Site(Stack):
    """Reports for whoever was given the password; nobody where none was set."""

    def __init__(self, scope: Construct, stage: Stage, options: Options) -> None:
        super().__init__(
            scope,
            f"{stage.prefix}-site",
            description="Cody Batch: static reports",
            termination_protection=stage.keeps_data,
        )
        self._stage = stage
        logs = access_log_bucket(self, stage, for_cloudfront=True)
        self.reports = private_bucket(
            self,
            "Reports",
            stage,
            logs=logs,
            rules=[
                aws_s3.LifecycleRule(
                    id="leftovers",
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    noncurrent_version_expiration=Duration.days(stage.noncurrent_days),
                )
            ],
        )
        self.distribution = self._distribution(logs, options)
        aws_s3_deployment.BucketDeployment(
            self,
            "Index",
            destination_bucket=self.reports,
            sources=[aws_s3_deployment.Source.asset(str(INDEX))],
            distribution=self.distribution,
            distribution_paths=["/*"],
            prune=False,  # the reports beside it stay
            log_group=log_group(self, "IndexLog", stage),
            cache_control=[aws_s3_deployment.CacheControl.from_string("public, max-age=60")],
        )
        self.url = f"https://{self.distribution.distribution_domain_name}/"
        CfnOutput(self, "SiteUrl", value=self.url)
        CfnOutput(self, "ReportsBucket", value=self.reports.bucket_name)
        CfnOutput(self, "DistributionId", value=self.distribution.distribution_id)

    def _distribution(self, logs: aws_s3.Bucket, options: Options) -> aws_cloudfront.Distribution:
        return aws_cloudfront.Distribution(
            self,
            "Front",
            comment=f"{self._stage.prefix} reports",
            default_root_object="index.html",
            price_class=aws_cloudfront.PriceClass.PRICE_CLASS_100,
            enable_logging=True,
            log_bucket=logs,
            log_file_prefix="site/",
            default_behavior=aws_cloudfront.BehaviorOptions(
                origin=aws_cloudfront_origins.S3BucketOrigin.with_origin_access_control(
                    self.reports
                ),
                viewer_protocol_policy=aws_cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                cache_policy=aws_cloudfront.CachePolicy.CACHING_OPTIMIZED,
                response_headers_policy=self._headers(),
                compress=True,
                function_associations=[
                    aws_cloudfront.FunctionAssociation(
                        event_type=aws_cloudfront.FunctionEventType.VIEWER_REQUEST,
                        function=self._door(options.reports_token_sha256),
                    )
                ],
            ),
        )

    def _door(self, digest: str) -> aws_cloudfront.Function:
        code = DOOR.read_text().replace("DIGEST_OF_THE_PASSWORD", digest)
        return aws_cloudfront.Function(
            self,
            "Door",
            runtime=aws_cloudfront.FunctionRuntime.JS_2_0,
            code=aws_cloudfront.FunctionCode.from_inline(code),
            comment="Asks for the password of the report site",
        )

    def _headers(self) -> aws_cloudfront.ResponseHeadersPolicy:
        return aws_cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            security_headers_behavior=aws_cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=aws_cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=POLICY, override=True
                ),
                content_type_options=aws_cloudfront.ResponseHeadersContentTypeOptions(
                    override=True
                ),
                frame_options=aws_cloudfront.ResponseHeadersFrameOptions(
                    frame_option=aws_cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=aws_cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=aws_cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=aws_cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(365),
                    include_subdomains=False,
                    override=True,
                ),
            ),
        )
