#!/usr/bin/env python3
"""Compare rs-whoami with botocore on generated configurations.

usage: credentials.py URL DIRECTORY COUNT [SEED]

URL is that of identity_server.py, whose keys are digests of what was asked:
equal keys mean equal requests along the whole chain. Each case is a pair of
files, an environment and perhaps --profile. Both sides end with the same
key, account and name of the source, or both with an error.

What differs on purpose is not generated: see the table in rs-whoami(1).
"""
import hashlib
import json
import os
import random
import shlex
import subprocess
import sys
import time

os.environ["HOME"] = sys.argv[2]  # botocore looks at it when it is imported

import botocore.loaders  # noqa: E402
import botocore.session  # noqa: E402

URL, HOME, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 1
NAMES = ["default", "a", "b", "c", "my profile"]
LOADER = botocore.loaders.Loader()
PATH = os.environ["PATH"]


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ",
                         time.gmtime(time.time() + seconds))


def some(r, chance, *values):
    """One of the values with this chance, else nothing."""
    return r.choice(values) if r.random() < chance else None


def static(r, who):
    keys = {"aws_access_key_id": f"AKIA{who}",
            "aws_secret_access_key": "secret"}
    if r.random() < 0.1:
        del keys[r.choice(sorted(keys))]
    keys["aws_session_token"] = some(r, 0.3, "session")
    keys["aws_security_token"] = some(r, 0.1, "security")
    keys["aws_account_id"] = some(r, 0.2, "111122223333")
    return keys


def role(r, name):
    keys = {"role_arn": f"arn:aws:iam::444455556666:role/{name.split()[0]}"}
    which = r.random()
    if which < 0.72:
        keys["source_profile"] = r.choice(3 * NAMES + ["nobody"])
    if which > 0.7:
        keys["credential_source"] = r.choice(
            3 * ["Environment", "EcsContainer", "Ec2InstanceMetadata"]
            + ["environment", "Moon"])
    keys["external_id"] = some(r, 0.3, "ex-1", "äöü", "a/b:c")
    keys["role_session_name"] = some(r, 0.3, "me", "you@there")
    keys["duration_seconds"] = some(r, 0.3, "900", "3600", "43200")
    if r.random() < 0.15:
        keys.update(static(r, "ROLE" + name[0].upper()))
    return keys


def web(r, name):
    keys = {"web_identity_token_file": f"{HOME}/{r.choice(3 * ['token'] + ['none'])}"}
    keys["role_arn"] = some(r, 0.9, "arn:aws:iam::777788889999:role/web")
    keys["role_session_name"] = some(r, 0.3, "webber")
    return keys


def sso(r, name):
    keys = {"sso_account_id": "123123123123", "sso_role_name": "admin"}
    if r.random() < 0.5:
        keys["sso_session"] = r.choice(["corp", "corp", "old", "none"])
        keys["sso_start_url"] = some(r, 0.2, "https://corp", "https://other")
    else:
        keys["sso_start_url"] = r.choice(["https://legacy", "https://gone"])
        keys["sso_region"] = "us-east-1"
    for key in list(keys):
        if r.random() < 0.04:
            del keys[key]
    return keys


def process(r, name):
    answer = {"Version": 1, "AccessKeyId": "AKIAPROC'" + name[0],
              "SecretAccessKey": "x y"}
    answer["AccessKeyId"] = "AKIAPROC" + name[0].upper()
    for key, value in (("SessionToken", some(r, 0.5, "t")),
                       ("Expiration", some(r, 0.5, stamp(3600))),
                       ("AccountId", some(r, 0.3, "999900001111"))):
        if value is not None:
            answer[key] = value
    if r.random() < 0.15:
        del answer[r.choice(sorted(answer))]
    if r.random() < 0.1:
        answer["Version"] = r.choice([2, "1", None])
    text = json.dumps(answer)
    quoted = r.choice([
        shlex.quote(text),
        '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"',
        "".join("\\" + c if c in '"{}, \\' else c for c in text)])
    return {"credential_process": r.choice([
        f"echo {quoted}", f"/bin/echo  -n   {quoted}",
        f"printf '%s\\n' {quoted}", f"sh -c 'cat \"$0\"' {HOME}/answer",
        f"echo '{text[:20]}'", f"echo {quoted} '", "false", "",
        f"sh -c \"echo '$HOME'\"", f"echo {quoted}\n  {quoted[:0]}",
        f"no-such-command {quoted}"] + [f"echo {quoted}"] * 20)}


KINDS = [static, static, role, role, role, web, sso, process]


def profile(r, name):
    keys = {}
    for _ in range(r.choice([0, 1, 1, 1, 1, 1, 1, 2])):
        kind = r.choice(KINDS)
        keys.update(kind(r, "CFG" + name[0].upper()) if kind is static
                    else kind(r, name))
    keys["region"] = some(r, 0.2, "us-east-1")
    return keys


def section(header, keys):
    return f"[{header}]\n" + "".join(
        f"{k} = {v}\n" for k, v in keys.items() if v is not None)


def header(r, name):
    if name == "default":
        return r.choice(["default", "profile default"])
    if " " in name:
        return f"profile '{name}'"
    return r.choice([f"profile {name}", f'profile "{name}"'])


def files(r):
    config = "".join(section(header(r, n), profile(r, n))
                     for n in NAMES if r.random() < 0.95)
    config += section("sso-session corp", {
        "sso_start_url": "https://corp", "sso_region": "us-east-1"})
    config += section("sso-session old", {"sso_start_url": "https://old"})
    credentials = ""
    for n in NAMES:
        if r.random() < 0.35:
            keys = static(r, "CRED" + n[0].upper())
            if r.random() < 0.15:
                keys = r.choice(KINDS[2:])(r, n)
            credentials += section(n, keys)
    return config, credentials


def environment(r):
    env = {"HOME": HOME, "PATH": PATH, "AWS_REGION": "eu-west-1",
           "AWS_DEFAULT_REGION": "eu-west-1",
           "AWS_ENDPOINT_URL_STS": URL, "AWS_ENDPOINT_URL_SSO": URL,
           "AWS_ENDPOINT_URL_SSO_OIDC": URL,
           "AWS_EC2_METADATA_SERVICE_ENDPOINT": URL}
    optional = [
        ("AWS_ACCESS_KEY_ID", some(r, 0.25, "AKIAENV", "AKIAENV", "AKIAENV", "")),
        ("AWS_SECRET_ACCESS_KEY", some(r, 0.8, *["secret"] * 8, "")),
        ("AWS_SESSION_TOKEN", some(r, 0.2, "session", "")),
        ("AWS_SECURITY_TOKEN", some(r, 0.1, "security")),
        ("AWS_ACCOUNT_ID", some(r, 0.2, "555566667777")),
        ("AWS_CREDENTIAL_EXPIRATION",
         some(r, 0.15, stamp(3600), stamp(3600), stamp(-60), "soon")),
        ("AWS_PROFILE", some(r, 0.6, *NAMES)),
        ("AWS_DEFAULT_PROFILE", some(r, 0.1, *NAMES)),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", some(r, 0.08, HOME + "/token")),
        ("AWS_ROLE_ARN", some(r, 0.1, "arn:aws:iam::888877776666:role/e")),
        ("AWS_ROLE_SESSION_NAME", some(r, 0.1, "from-env")),
        ("AWS_EC2_METADATA_DISABLED", some(r, 0.7, "true", "TRUE", "no")),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI",
         some(r, 0.15, URL + "/container", URL + "/container", "http://198.51.100.1/container")),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", some(r, 0.1, "Bearer x")),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
         some(r, 0.1, HOME + "/token"))]
    env.update((k, v) for k, v in optional if v is not None)
    return env


def prepare():
    """What the cases refer to and never change."""
    cache = HOME + "/.aws/sso/cache"
    os.makedirs(cache, exist_ok=True)
    with open(HOME + "/token", "w") as f:
        f.write("web-identity-token")
    with open(HOME + "/answer", "w") as f:
        json.dump({"Version": 1, "AccessKeyId": "AKIAFILE",
                   "SecretAccessKey": "s"}, f)
    for name, token in (("corp", "good-corp"), ("https://legacy", "good"),
                        ("https://corp", "good-but-not-by-this-name")):
        digest = hashlib.sha1(name.encode()).hexdigest()
        with open(f"{cache}/{digest}.json", "w") as f:
            json.dump({"accessToken": token, "expiresAt": stamp(7200)}, f)


def ask_botocore(env, option):
    os.environ.clear()
    os.environ.update(env)
    try:
        session = botocore.session.Session(profile=option)
        session.register_component("data_loader", LOADER)
        session.get_scoped_config()
        found = session.get_credentials()
        if found is None:
            return "error", "no credentials"
        frozen = found.get_frozen_credentials()
        return frozen.access_key, frozen.account_id, found.method
    except Exception as error:  # whatever it is, it is no credentials
        return "error", repr(error)


def ask_whoami(env, option):
    command = ["rs-whoami", "--no-call"]
    done = subprocess.run(command + (["--profile", option] if option else []),
                          env=env, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode != 0:
        if done.returncode not in (4, 5) or not done.stderr.startswith(
                "rs-whoami: "):
            return "broken", done.returncode, done.stderr
        return "error", done.stderr
    record = json.loads(done.stdout.splitlines()[0])
    return (record["access_key_id"], record["account"],
            record["credential_source"][-1].split()[0])


def main():
    sources = {}
    prepare()
    for i in range(COUNT):
        r = random.Random(SEED * 1000003 + i)
        config, credentials = files(r)
        env = environment(r)
        option = some(r, 0.2, *NAMES)
        for name, text in (("config", config), ("credentials", credentials)):
            with open(f"{HOME}/.aws/{name}", "w") as f:
                f.write(text)
        theirs, ours = ask_botocore(env, option), ask_whoami(env, option)
        source = theirs[2] if len(theirs) == 3 else "error"
        if source == "error" and "SSO token provider" in theirs[1]:
            # A client of botocore looks at the bearer token of a profile
            # that it does not use, for calls that are not even signed.
            source, theirs = "skipped", ours
        sources[source] = sources.get(source, 0) + 1
        if theirs != ours and not theirs[0] == ours[0] == "error":
            print(f"case {i} of seed {SEED}\nconfig:\n{config}\n"
                  f"credentials:\n{credentials}\nenvironment: {env}\n"
                  f"--profile {option}\nbotocore: {theirs}\n"
                  f"rs-whoami: {ours}")
            return 1
    print(f"{COUNT} cases agree: " + ", ".join(
        f"{n} {source}" for source, n in sorted(sources.items())))
    return 0


sys.exit(main())
