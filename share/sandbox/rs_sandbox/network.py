"""The part of the network that Redshift takes from EC2, kept in moto.

moto is imported late: loading its EC2 takes most of a second, which a
sandbox that is only asked for its status need not spend.
"""

import uuid

from . import ACCOUNT
from .wire import ServiceError

# A VPC on the loopback network: its addresses can really be listened on.
VPC_CIDR = "127.64.0.0/16"
SUBNET_CIDRS = ("127.64.0.0/20", "127.64.16.0/20", "127.64.32.0/20")


def ec2(region):
    from moto.ec2.models import ec2_backends

    return ec2_backends[ACCOUNT][region]


def sandbox_vpc(region):
    """Return (VPC id, subnet ids) of the loopback VPC, made when missing."""
    backend = ec2(region)
    for vpc in backend.vpcs.values():
        if vpc.cidr_block == VPC_CIDR:
            break
    else:
        vpc = backend.create_vpc(
            VPC_CIDR, tags=[{"Key": "Name", "Value": "sandbox"}]
        )
        for cidr, zone in zip(SUBNET_CIDRS, "abc", strict=True):
            backend.create_subnet(
                vpc.id, cidr, availability_zone=region + zone
            )
    return vpc.id, [
        subnet.id
        for subnet in backend.describe_subnets()
        if subnet.vpc_id == vpc.id
    ]


def default_subnets(region):
    """Subnet ids of the default VPC, one per availability zone."""
    found = ec2(region).get_default_subnets()
    return [found[zone].id for zone in sorted(found)]


def find_subnets(region, subnet_ids):
    """Look subnets up; all have to exist and lie in one VPC."""
    known = {
        subnet.id: subnet
        for zone in ec2(region).subnets.values()
        for subnet in zone.values()
    }
    for subnet_id in subnet_ids:
        if subnet_id not in known:
            raise ServiceError(
                "ValidationException", f"Subnet {subnet_id} does not exist."
            )
    subnets = [known[subnet_id] for subnet_id in subnet_ids]
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise ServiceError(
            "ValidationException", "All subnets must be in the same VPC."
        )
    return subnets


def check_groups(region, group_ids, vpc_id):
    """Return the security groups to use: those given, or the VPC's own."""
    backend = ec2(region)
    if not group_ids:
        return [backend.get_default_security_group(vpc_id).id]
    for group_id in group_ids:
        if group_id not in backend.groups.get(vpc_id, {}):
            raise ServiceError(
                "ValidationException",
                f"VPC Security group {group_id} does not exist "
                f"in VPC {vpc_id}.",
            )
    return group_ids


def _interface_class():
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface

    class EndpointInterface(NetworkInterface):
        """An interface that a service put into somebody's subnet."""

        FILTERS = {
            "requester-managed": lambda eni: "true",
            "requester-id": lambda eni: eni.requester_id,
            "interface-type": lambda eni: eni.interface_type,
            "status": lambda eni: eni.status,
            "owner-id": lambda eni: eni.owner_id,
        }

        def get_filter_value(self, filter_name, method_name=None):
            if filter_name in self.FILTERS:
                return self.FILTERS[filter_name](self)
            return super().get_filter_value(filter_name, method_name)

    return EndpointInterface


def create_vpc_endpoint(region, subnets, group_ids):
    """Put one interface into each subnet; returns the API's description."""
    endpoint_id = f"vpce-{uuid.uuid4().hex[:17]}"
    kind = _interface_class()
    interfaces = []
    for subnet in subnets:
        address = subnet.get_available_subnet_ip(None)
        eni = kind(
            ec2(region),
            subnet,
            address,
            group_ids=group_ids,
            description=f"VPC Endpoint Interface {endpoint_id}",
        )
        eni.requester_managed = True
        eni.requester_id = "amazon-redshift"
        eni.interface_type = "vpc_endpoint"
        eni.status = "in-use"
        ec2(region).enis[eni.id] = eni
        interfaces.append(
            {
                "networkInterfaceId": eni.id,
                "subnetId": subnet.id,
                "privateIpAddress": address,
                "availabilityZone": subnet.availability_zone,
            }
        )
    return {
        "vpcEndpointId": endpoint_id,
        "vpcId": subnets[0].vpc_id,
        "networkInterfaces": interfaces,
    }


def delete_vpc_endpoint(region, endpoint):
    """Take the interfaces away again; those already gone do not matter."""
    for interface in endpoint.get("networkInterfaces", []):
        eni = ec2(region).enis.get(interface["networkInterfaceId"])
        if eni:
            eni.delete()
