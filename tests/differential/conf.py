#!/usr/bin/env python3
"""Compare conf.c with botocore's reader of configuration files.

usage: conf.py DRIVER DIRECTORY COUNT [SEED]

DRIVER is the program of tests/unit/test_conf.c. Files are made of pieces
that a parser can trip over. Both sides refuse a file, or both give the same
answer to every question about it.
"""
import json
import os
import random
import subprocess
import sys

import botocore.exceptions
import botocore.session

DRIVER, HOME, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 1
NAMES = ["default", "a", "b", "a b", "profile a", "DEFAULT", "", "]", "a]"]
KEYS = ["k", "l", "m n", "s3", "services"]
INNER = ["x", "Y", "z z"]
SESSIONS = ["a", "b", "a b"]

HEADERS = ["[default]", "[profile a]", "[profile b]", '[profile "a b"]',
           "[profile 'a b']", "[profile a\\ b]", "[a]", "[b]", "[ a]",
           "[profile  a]", "[profile a b]", "[profile]", "[profile 'a]",
           "[profiles a]", "[profile a] # x", "[profile a]]", "[a]]",
           "[DEFAULT]", "[]", "[ ]", "[sso-session a]", "[sso-session b]",
           "[sso-session 'a b']", "[services a]", "[services b]",
           "[preview]", "[profile \u00e4]", "[profile default]", "[a", "a]"]
PIECES = ["k = v", "K=1", "k: v", "l = v = w", "l=", "l =   ", "m n = 1",
          "s3 =", "services = a", "s3=\t", "# k = 1", "; l", "#", "x = 1", "Y = 2", "z z= 3 ", "\u00e4 = \u00f6",
          "k = 'a' # b", "k := v", "k\x1f = v\x1f", "x = #"]
FAULTS = ["= v", ": v", "k", "x", "[profile a]", "q"]
INDENTS = ["", "", "", "", "", "", " ", "  ", "\t", "   "]
ENDS = ["\n"] * 12 + ["\r\n", "\r", "\n\n", "\n \n"]


def a_file(r):
    text, headers = "", []
    for _ in range(r.choice([1, 2, 2, 3, 4])):
        header = r.choice(HEADERS)
        if header in headers and r.random() < 0.9:
            continue
        headers.append(header)
        if text or r.random() < 0.97:
            text += r.choice(["", "", "", "", " "]) + header + r.choice(ENDS)
        pieces = r.sample(PIECES, r.choice([0, 1, 2, 3]))
        if r.random() < 0.1:
            pieces.append(r.choice(FAULTS))
        if r.random() < 0.4:  # a block, or lines that go on
            pieces = [r.choice(["s3 =", "k = 1", "l ="])] + [
                r.choice(["  ", "\t", " "]) + piece for piece in
                r.sample(["x = 1", "Y=2", "z z = 3", "# x", "x= 4",
                         "q" if r.random() < 0.2 else "Y = s"], 2)] + pieces
        for piece in pieces:
            text += r.choice(INDENTS) + piece + r.choice(ENDS)
    return text.rstrip("\n") if r.random() < 0.2 else text


def questions():
    asked = [[name] for name in NAMES if name != ""]
    asked += [[name, key] for name in NAMES for key in KEYS]
    for kind in ("sso-session", "services"):
        asked += [[kind, name, key] for name in SESSIONS for key in KEYS]
    for kind, names in (("profile", NAMES), ("sso-session", SESSIONS),
                        ("services", SESSIONS)):
        asked += [[kind, name, key, inner] for name in names
                  for key in KEYS for inner in INNER]
    return asked


def as_text(value):
    return value if isinstance(value, str) else None


def expected(config, asked):
    kinds = {"profile": config["profiles"],
             "sso-session": config.get("sso_sessions", {}),
             "services": config.get("services", {})}
    answers = []
    for q in asked:
        if len(q) == 1:
            answers.append(q[0] in config["profiles"])
        elif len(q) == 2:
            answers.append(as_text(config["profiles"].get(q[0], {})
                                   .get(q[1])))
        else:
            value = kinds[q[0]].get(q[1], {}).get(q[2])
            if len(q) == 4:
                value = value.get(q[3]) if isinstance(value, dict) else None
            answers.append(as_text(value))
    return answers


def main():
    asked = questions()
    os.makedirs(HOME, exist_ok=True)
    os.environ["AWS_CONFIG_FILE"] = HOME + "/config"
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = HOME + "/credentials"
    refused = 0
    for i in range(COUNT):
        r = random.Random(SEED * 1000003 + i)
        texts = a_file(r), a_file(r) if r.random() < 0.5 else ""
        for name, text in zip(("config", "credentials"), texts):
            with open(f"{HOME}/{name}", "w", newline="") as f:
                f.write(text)
        try:
            theirs = expected(botocore.session.Session().full_config, asked)
        except botocore.exceptions.ConfigParseError as error:
            theirs = str(error)
            refused += 1
        done = subprocess.run([DRIVER, "drive"], input=json.dumps(asked),
                              capture_output=True, text=True, timeout=60)
        ours = json.loads(done.stdout)
        if isinstance(ours, str) and "[DEFAULT]" in "".join(texts) and \
                "a block needs" in ours:
            continue  # where no section is there to see the fault
        if ours != theirs and not (
                isinstance(ours, str) and isinstance(theirs, str)):
            print(f"case {i} of seed {SEED}:\n{texts[0]!r}\n{texts[1]!r}")
            if isinstance(ours, str) or isinstance(theirs, str):
                print(f"botocore: {theirs}\nwe: {ours}")
                return 1
            for q, a, b in zip(asked, theirs, ours):
                if a != b:
                    print(f"{q}: botocore {a!r}, we {b!r}")
            return 1
    print(f"{COUNT} pairs of files agree, {refused} of them refused")
    return 0


sys.exit(main())
