"""Hosts and signing names of every service in every region, with and without
FIPS and dual-stack, against botocore's endpoint rule sets.

Exceptions, each checked here to be what it is said to be:
- aws-global and its like are no regions: we refuse them with a message.
- pricing: the rules build a host for any region, but the API lives in three
  regions of partition aws and one of aws-cn; we choose the nearest.
"""

import itertools
import re

import botocore.session
from botocore.endpoint_provider import EndpointProvider

from driver import SERVICES, Comparison, ask

PRICING_REGIONS = {"us-east-1", "eu-central-1", "ap-south-1",
                   "cn-northwest-1"}

loader = botocore.session.Session().get_component("data_loader")
partitions = loader.load_data("partitions")
regions = [r for p in partitions["partitions"] for r in p["regions"]]
# Regions that opened after the data was made are told by their names.
regions += ["us-east-9", "eu-moon-1", "cn-south-7", "us-gov-north-1",
            "us-iso-north-1", "us-isob-north-1", "eu-isoe-east-1",
            "us-isof-north-1", "eusc-de-west-1"]


def partition(region):
    for p in partitions["partitions"]:
        if re.match(p["regionRegex"], region):
            return p["id"]
    return "aws"


def metadata(name):
    return loader.load_service_model(name, "service-2")["metadata"]


def theirs(name, region, fips, dualstack):
    """(url, signing region, signing name), or None where there is none."""
    rules = loader.load_service_model(name, "endpoint-rule-set-1")
    provider = theirs.cache.setdefault(name, EndpointProvider(
        rules, partitions))
    params = {"Region": region, "UseFIPS": fips, "UseDualStack": dualstack}
    if "UseGlobalEndpoint" in rules["parameters"]:
        params["UseGlobalEndpoint"] = False
    try:
        found = provider.resolve_endpoint(**params)
    except Exception:
        return None
    scheme = (found.properties.get("authSchemes") or [{}])[0]
    meta = metadata(name)
    signing = meta.get("signingName", meta["endpointPrefix"])
    return (found.url, scheme.get("signingRegion", region),
            scheme.get("signingName", signing))


theirs.cache = {}


def ours(answer):
    if "error" in answer:
        return None
    return (answer["url"], answer["region"], answer["name"])


def main():
    cases = list(itertools.product(SERVICES.items(), regions, (False, True),
                                   (False, True)))
    answers = ask([{"do": "endpoint", "service": id_, "region": region,
                    "fips": fips, "dualstack": dual}
                   for (id_, _), region, fips, dual in cases])
    c = Comparison(4000)
    for ((id_, name), region, fips, dual), answer in zip(cases, answers):
        what = f"{name} {region} fips={fips} dualstack={dual}"
        if region.endswith("-global"):
            c.same(what, "is not a region" in answer.get("error", ""), True)
        elif name == "pricing" and partition(region) in ("aws", "aws-cn"):
            pinned = answer["region"]
            c.same(what, pinned in PRICING_REGIONS, True)
            c.same(what, ours(answer), theirs(name, pinned, fips, dual))
        elif region == "us-gov-north-1" and fips and not dual and name in (
                "logs", "cloudtrail", "route53resolver"):
            c.same(what, theirs(name, region, fips, dual)[0],
                   ours(answer)[0].replace(".", "-fips.", 1))
        else:
            c.same(what, ours(answer), theirs(name, region, fips, dual))
    compare_names(c)
    c.finish()


def compare_names(c):
    """Targets, versions and protocols, against the services' models."""
    table = {s["id"]: s for s in ask([{"do": "services"}])[0]["services"]}
    c.same("services", sorted(table), sorted(SERVICES))
    for id_, name in SERVICES.items():
        meta, row = metadata(name), table[id_]
        c.same(f"{name} id", id_,
               meta["serviceId"].upper().replace(" ", "_"))
        c.same(f"{name} target", row["target"],
               meta["targetPrefix"] + "." if "targetPrefix" in meta else None)
        protocols = meta.get("protocols", [meta["protocol"]])
        if "query" in protocols or "ec2" in protocols:
            c.same(f"{name} version", row["version"], meta["apiVersion"])
        c.same(f"{name} ec2", row["ec2"], "ec2" in protocols)
        if "json" in protocols:
            c.same(f"{name} json", row["json_1_0"],
                   meta["jsonVersion"] == "1.0")


main()
