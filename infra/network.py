"""The network: a way out for jobs and the workbench, and none in.

Jobs call Anthropic, GitHub and AWS. In a private subnet that takes NAT gateways, which cost by the
hour and by each GiB of every clone. Here tasks have a public address of their own while they run,
and a security group without any rule for what comes in: what can reach them is the same, nothing.
"""

from __future__ import annotations

from aws_cdk import Stack, aws_ec2
from constructs import Construct

from infra.lifetimes import log_group
from infra.stages import Stage

ADDRESSES = "10.64.0.0/16"
HTTPS = 443


class Network(Stack):
    """Public subnets for tasks, isolated ones for the load balancer, S3 and DynamoDB by gateway."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(
            scope, f"{stage.prefix}-network", description="Cody Batch: the network of its tasks"
        )
        self.vpc = aws_ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=aws_ec2.IpAddresses.cidr(ADDRESSES),
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[
                aws_ec2.SubnetConfiguration(
                    name="tasks",
                    subnet_type=aws_ec2.SubnetType.PUBLIC,
                    cidr_mask=20,
                    map_public_ip_on_launch=False,
                ),
                aws_ec2.SubnetConfiguration(
                    name="inner", subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24
                ),
            ],
            gateway_endpoints={
                "S3": aws_ec2.GatewayVpcEndpointOptions(
                    service=aws_ec2.GatewayVpcEndpointAwsService.S3
                ),
                "DynamoDb": aws_ec2.GatewayVpcEndpointOptions(
                    service=aws_ec2.GatewayVpcEndpointAwsService.DYNAMODB
                ),
            },
        )
        self._note_refused(stage)
        self.tasks = aws_ec2.SubnetSelection(subnet_type=aws_ec2.SubnetType.PUBLIC)
        self.inner = aws_ec2.SubnetSelection(subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED)
        self.jobs = self.outward("Jobs", "Jobs: nothing in, HTTPS out")

    def outward(self, name: str, description: str) -> aws_ec2.SecurityGroup:
        """A security group that lets nothing in, and out only HTTPS."""
        group = aws_ec2.SecurityGroup(
            self, name, vpc=self.vpc, description=description, allow_all_outbound=False
        )
        group.add_egress_rule(
            aws_ec2.Peer.any_ipv4(),
            aws_ec2.Port.tcp(HTTPS),
            "Anthropic, GitHub and AWS",
        )
        return group

    def _note_refused(self, stage: Stage) -> None:
        logs = log_group(self, "Refused", stage)
        self.vpc.add_flow_log(
            "FlowLog",
            destination=aws_ec2.FlowLogDestination.to_cloud_watch_logs(logs),
            traffic_type=aws_ec2.FlowLogTrafficType.REJECT,
        )
