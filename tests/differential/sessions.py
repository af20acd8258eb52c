"""Region and endpoint overrides from generated environments and configuration
files, against botocore.

Exceptions: we also read AWS_REGION, before AWS_DEFAULT_REGION, as the other
SDKs and version 2 of the AWS CLI do; and a FIPS or dual-stack setting that is
neither true nor false is an error here, where botocore takes it for false;
an empty variable counts as unset, and an empty section as a section.
"""

import os
import random
import tempfile

import botocore.session
from botocore.exceptions import BotoCoreError

from driver import SERVICES, Comparison, ask

SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
rnd = random.Random(SEED)
COUNT = 250
# Clients whose models load quickly; the precedence is the same for all.
TESTED = ["REDSHIFT_SERVERLESS", "STS", "SSO_OIDC", "SECRETS_MANAGER",
          "ELASTIC_LOAD_BALANCING_V2"]
OPERATION = {
    "REDSHIFT_SERVERLESS": "ListWorkgroups", "STS": "GetCallerIdentity",
    "SSO_OIDC": "CreateToken", "SECRETS_MANAGER": "ListSecrets",
    "ELASTIC_LOAD_BALANCING_V2": "DescribeTargetGroups",
}
loader = botocore.session.Session().get_component("data_loader")


def url(name):
    return rnd.choice([f"https://{name}.example.com",
                       f"http://{name}.example.com:8080",
                       f"https://{name}.example.com/prefix",
                       f"https://{name}.example.com/"])


def maybe(chance, value):
    return value if rnd.random() < chance else None


def region():
    return rnd.choice(["us-west-2", "eu-central-1", "cn-north-1",
                       "us-gov-west-1", "ap-south-1"])


def service_block(section):
    lines = [f"[services {section}]"]
    for id_ in TESTED:
        if rnd.random() < 0.4 or id_ == TESTED[-1]:
            lines += [f"{id_.lower()} =",
                      "  endpoint_url = " +
                      url("section-" + id_.lower().replace("_", "-"))]
    return lines


def profile_lines(name):
    lines = ["[default]" if name == "default" else f"[profile {name}]"]
    settings = {
        "region": maybe(0.6, region()),
        "endpoint_url": maybe(0.3, url("profile")),
        "services": maybe(0.5, rnd.choice(["one", "one", "none"])),
        "ignore_configured_endpoint_urls": maybe(
            0.15, rnd.choice(["true", "false", "True"])),
        "use_fips_endpoint": maybe(0.1, rnd.choice(["true", "false"])),
        "use_dualstack_endpoint": maybe(0.1, rnd.choice(["true", "false"])),
    }
    return lines + [f"{k} = {v}" for k, v in settings.items()
                    if v is not None]


def environment(directory, number):
    config = os.path.join(directory, f"config-{number}")
    with open(config, "w") as f:
        for name in ("default", "dev"):
            f.write("\n".join(profile_lines(name)) + "\n")
        f.write("\n".join(service_block("one")) + "\n")
    settings = {
        "AWS_CONFIG_FILE": config,
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": maybe(0.4, region()),
        "AWS_PROFILE": maybe(0.4, rnd.choice(["dev", "default", "nobody"])),
        "AWS_DEFAULT_PROFILE": maybe(0.2, "dev"),
        "AWS_ENDPOINT_URL": maybe(0.2, url("global")),
        "AWS_ENDPOINT_URL_STS": maybe(0.2, url("env-sts")),
        "AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS": maybe(0.2, url("env-rs")),
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": maybe(
            0.15, rnd.choice(["true", "false", "TRUE"])),
        "AWS_USE_FIPS_ENDPOINT": maybe(0.1, rnd.choice(["true", "false"])),
        "AWS_USE_DUALSTACK_ENDPOINT": maybe(
            0.1, rnd.choice(["true", "false"])),
        "PATH": os.environ["PATH"],
    }
    return {k: v for k, v in settings.items() if v is not None}


def theirs(env, option):
    """Region and one URL per service; None where botocore refuses."""
    saved = dict(os.environ)
    os.environ.clear()
    os.environ.update(env)
    try:
        session = botocore.session.Session()
        session.register_component("data_loader", loader)
        found = {"region": session.get_config_variable("region")}
        for id_ in TESTED if found["region"] else []:
            found[id_] = endpoint(session, id_, option)
        return found
    except BotoCoreError:
        return None
    finally:
        os.environ.clear()
        os.environ.update(saved)


def endpoint(session, id_, option):
    try:
        client = session.create_client(SERVICES[id_], endpoint_url=option)
        operation = client.meta.service_model.operation_model(OPERATION[id_])
        got = client._ruleset_resolver.construct_endpoint(
            operation, {}, {})
        return got.url.rstrip("/")
    except BotoCoreError:
        return None


def main():
    print(f"SEED={SEED}")
    c = Comparison(COUNT)
    with tempfile.TemporaryDirectory() as directory:
        for number in range(COUNT):
            env = environment(directory, number)
            option = maybe(0.15, url("option"))
            q = {"do": "session", "services": TESTED}
            if option:
                q["endpoint_url"] = option
            ours = ask([q], env=env)[0]
            with open(env["AWS_CONFIG_FILE"]) as f:
                shown = {k: v for k, v in env.items() if k != "PATH"}
                compare(c, (shown, option, f.read()), ours,
                        theirs(env, option))
    c.finish()


def compare(c, what, ours, wanted):
    if (wanted is None or wanted["region"] is None or
            what[0].get("AWS_DEFAULT_PROFILE",
                        what[0].get("AWS_PROFILE")) == "nobody"):
        c.same(what, "error" in ours, True)
        return
    c.same(what, ours.get("region"), wanted["region"])
    for id_ in TESTED:
        c.same((id_, what), ours.get(id_, {}).get("url"), wanted[id_])


main()
