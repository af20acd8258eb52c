#!/usr/bin/env python3
"""rs-costest against a second computation, with Python's fractions.

usage: cost.py PRICES

Generates plans and logs (always the same ones), has rs-costest price them,
and works out every amount again from the manual page's words alone. Prints
what differs, then "N compared, M different".
"""
import collections
import datetime
import json
import random
import subprocess
import sys
from fractions import Fraction

FLEETS = 10000
REGION = "us-east-1"
HOURS = 730
RPUS = [4] + list(range(8, 513, 8)) + list(range(544, 1025, 32))
COUNTS = {  # member: (item, hourly)
    "storage_gb": ("managed-storage", False),
    "snapshot_gb": ("snapshot-storage", False),
    "nlbs": ("nlb", True), "nlcus": ("nlcu", True),
    "endpoint_enis": ("endpoint-eni", True),
    "endpoint_gb": ("endpoint-data", False),
    "resolver_enis": ("resolver-eni", True),
    "resolver_queries_million": ("resolver-queries", False),
    "secrets": ("secret", False), "secret_calls_10k": ("secret-calls", False),
    "metrics": ("metric", False), "logs_gb": ("logs-ingested", False),
}


def shown(amount, least=2, most=10):
    """Half away from zero, as money is shown."""
    scaled = abs(amount) * 10 ** most
    n = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = str(n).rjust(most + 1, "0")
    whole, part = digits[:-most], digits[-most:].rstrip("0")
    text = whole + "." + part.ljust(least, "0")
    return "-" + text if amount < 0 and n else text


class Prices:
    def __init__(self, path):
        with open(path) as f:
            self.of = {p["item"]: p for p in json.load(f)["prices"]}

    def cost(self, item, quantity):
        price = self.of[item]
        if "usd" in price:
            return quantity * Fraction(price["usd"])
        total, below = Fraction(0), Fraction(0)
        for tier in price["tiers"]:
            top = Fraction(tier["up_to"]) if "up_to" in tier else quantity
            if quantity > below:
                total += (min(quantity, top) - below) * Fraction(tier["usd"])
            below = top
        return total


def decimal(rng, low, high, places):
    """A number between low and high, as JSON would have it, and exactly."""
    n = rng.randint(low * 10 ** places, high * 10 ** places)
    text = str(Fraction(n, 10 ** places)) if places == 0 else \
        f"{n // 10 ** places}.{n % 10 ** places:0{places}d}"
    if rng.random() < 0.5 and len(text) < 15:
        return json.loads(text), Fraction(text)
    return text, Fraction(text)


def plan(rng, fleet, i):
    """A usage record and what it costs in each scenario, exactly."""
    record = {"kind": "usage", "region": REGION, "tags": {"fleet": fleet}}
    x = {}

    def member(name, low, high, places, chance=1.0):
        if rng.random() < chance:
            record[name], x[name] = decimal(rng, low, high, places)

    if rng.random() < 0.75:
        record["workgroup"] = f"w{fleet}-{i}"
        record["base_rpu"] = rng.choice(RPUS)
        if rng.random() < 0.5:
            record["max_rpu"] = rng.choice([record["base_rpu"], 2048, 5632, -1])
        top = record.get("max_rpu", -1)
        if rng.random() < 0.3:
            top = 5632 if top == -1 else top
            record["average_rpu"] = rng.randint(record["base_rpu"], top)
        member("hours_per_day", 0, 24, rng.choice([0, 2, 5]), 0.7)
        member("days", 0, 31, rng.choice([0, 3]), 0.5)
        if rng.random() < 0.4 or not {"hours_per_day"} & record.keys():
            if rng.random() < 0.5:
                member("active_fraction", 0, 1, 6)
            else:
                member("queries_per_hour", 0, 200, 1)
                member("query_s", 0, 500, 3)
        member("zero_etl_refresh_s", 0, 7200, 0, 0.2)
        if "zero_etl_refresh_s" in record:
            member("zero_etl_run_s", 0, 300, 1, 0.5)
    else:
        record["name"] = f"n{fleet}-{i}"
    for name in rng.sample(sorted(COUNTS), rng.randint(0, 3)):
        member(name, 0, 20000, rng.choice([0, 0, 4]))
    return record, x


def awake(n, seconds, spread):
    if spread:
        busy = n * max(seconds, 60)
    else:
        busy = max(n * seconds, 60 * min(n, 1))
    return min(busy, 3600) / Fraction(3600)


def compute_hours(record, x, scenario):
    base = record["base_rpu"]
    days = x.get("days", Fraction(30))
    if scenario == "max":
        top = record.get("max_rpu", -1)
        return (5632 if top == -1 else top) * max(24 * days, Fraction(HOURS))
    hours, part = x.get("hours_per_day", Fraction(24)), Fraction(1)
    refreshed = "zero_etl_refresh_s" in record
    if refreshed and not {"hours_per_day", "active_fraction",
                          "queries_per_hour"} & record.keys():
        hours = Fraction(0)
    if "active_fraction" in record:
        part = x["active_fraction"]
    if "queries_per_hour" in record:
        part = awake(x["queries_per_hour"], x["query_s"], scenario != "low")
    rpu = base if scenario == "low" else record.get("average_rpu", base)
    worked = hours * days * part
    total = rpu * worked
    if refreshed:
        every = x["zero_etl_refresh_s"]
        part = Fraction(1) if every == 0 else awake(
            Fraction(3600) / every, x.get("zero_etl_run_s", Fraction(60)), True)
        total += base * max(HOURS - worked, 0) * part
    return total


def cost(record, x, scenario, prices):
    usd = Fraction(0)
    if "base_rpu" in record:
        usd += prices.cost("serverless-compute",
                           compute_hours(record, x, scenario))
    for name, (item, hourly) in COUNTS.items():
        if name in x:
            usd += prices.cost(item, x[name] * (HOURS if hourly else 1))
    return usd


def run(lines, *options):
    done = subprocess.run(["rs-costest", *options, "/dev/stdin"],
                          input="\n".join(lines) + "\n", text=True,
                          stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Verdict:
    def __init__(self):
        self.compared = self.different = 0

    def same(self, what, got, wanted):
        self.compared += 1
        if got != wanted:
            self.different += 1
            if self.different <= 20:
                print(f"{what}: rs-costest {got}, we {wanted}")


def fleets(prices, options, verdict):
    rng = random.Random(6)
    wanted = collections.defaultdict(Fraction)
    lines = []
    for fleet in range(FLEETS):
        for i in range(rng.randint(1, 4)):
            record, x = plan(rng, str(fleet), i)
            record["secrets"], x["secrets"] = 1, Fraction(1)
            lines.append(json.dumps(record))
            for scenario in ("low", "expected", "max"):
                amount = cost(record, x, scenario, prices)
                wanted[scenario, str(fleet)] += amount
                wanted[scenario, "total"] += amount
    rng.shuffle(lines)
    got = {}
    for record in run(lines, "--scenario", "low,expected,max", *options):
        if record.get("by") == "tag:fleet":
            got[record["scenario"], record["name"]] = record["usd"]
        elif record.get("item") == "total":
            got[record["scenario"], "total"] = record["usd"]
    for key, amount in wanted.items():
        verdict.same(key, got.get(key), shown(amount))
    for fleet in range(FLEETS):
        low, expected, most = (wanted[s, str(fleet)]
                               for s in ("low", "expected", "max"))
        verdict.same(f"order of scenarios, fleet {fleet}",
                     low <= expected <= most, True)


def stamp(second):
    return datetime.datetime.fromtimestamp(
        second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def log(rng):
    """A query log as (start, end) in milliseconds."""
    at = rng.randint(1.7e9, 1.8e9) * 1000
    for _ in range(rng.randint(1, 40)):
        at += rng.randint(0, rng.choice([3, 90, 4000, 90000])) * 1000
        at += rng.randint(0, 999)
        yield at, at + rng.randint(0, rng.choice([200, 70000, 10**6]))


def paid(activities):
    """Seconds billed, by month."""
    seconds = set()
    for start, end in activities:
        first, last = start // 1000, -(-end // 1000)
        seconds.update(range(first, max(last, first + 60)))
    days = collections.Counter(s // 86400 for s in seconds)
    months = collections.Counter()
    for day, n in days.items():
        months[stamp(day * 86400)[:7]] += n
    return months


def logs(prices, options, verdict):
    rng = random.Random(7)
    lines, wanted = [], {}
    for i in range(300):
        activities = list(log(rng))
        rpu = rng.choice(RPUS)
        more = list(log(rng))
        other = activities + more
        whole, parts = paid(other).total(), [
            paid(activities).total(), paid(more).total()]
        verdict.same(f"more is never less, log {i}",
                     max(parts) <= whole, True)
        verdict.same(f"merged is never more than the sum, log {i}",
                     whole <= sum(parts), True)
        for name, some in ((f"a{i}", activities), (f"b{i}", other)):
            for month, n in paid(some).items():
                wanted[name, month] = Fraction(n * rpu, 3600)
            lines += [json.dumps({
                "kind": "usage", "workgroup": name, "region": REGION,
                "start": f"{stamp(s // 1000)}.{s % 1000:03d}Z",
                "end": f"{stamp(e // 1000)}.{e % 1000:03d}Z",
                "rpu": rpu}) for s, e in some]
    rng.shuffle(lines)
    got = {(r["name"], r["month"]): r["usd"] for r in run(lines, *options)
           if r.get("item") == "serverless-compute"}
    for key, hours in wanted.items():
        verdict.same(key, got.get(key),
                     shown(prices.cost("serverless-compute", hours)))
    verdict.same("months", len(got), len(wanted))


def charges(prices, options, verdict):
    rng = random.Random(8)
    lines, wanted = [], collections.defaultdict(Fraction)
    for _ in range(20000):
        value, exact = decimal(rng, 0, 2000, rng.choice([0, 0, 3, 6, 9]))
        day = rng.randint(0, 364)
        at = datetime.datetime(2026, 1, 1) + datetime.timedelta(days=day)
        name = f"c{rng.randint(0, 20)}"
        wanted[name, f"{at:%Y-%m}"] += exact / 3600
        lines.append(json.dumps({
            "kind": "usage", "workgroup": name, "region": REGION,
            "start": f"{at:%Y-%m-%d}T{rng.randint(0, 23):02d}:00:00Z",
            "charged_seconds": value}))
    got = {(r["name"], r["month"]): r["usd"] for r in run(lines, *options)
           if r.get("item") == "serverless-compute"}
    for key, hours in wanted.items():
        verdict.same(key, got.get(key),
                     shown(prices.cost("serverless-compute", hours)))


def reservations(prices, options, verdict):
    """The integral of what is reserved and at work, month by month."""
    rng = random.Random(9)
    rate = Fraction(prices.of["serverless-compute"]["usd"])
    reserved_rate = Fraction(
        prices.of["serverless-reservation-no-upfront"]["usd"])
    for i in range(100):
        runs = [(rng.choice(RPUS), Fraction(rng.randint(0, 2400), 100))
                for _ in range(rng.randint(1, 5))]
        reserved = rng.randint(1, 1500)
        lines = [json.dumps({
            "kind": "usage", "workgroup": f"w{n}", "region": REGION,
            "base_rpu": rpu, "hours_per_day": str(float(hours))})
            for n, (rpu, hours) in enumerate(runs)]
        lines.append(json.dumps({"kind": "usage", "name": "r",
                                 "region": REGION, "reserved_rpu": reserved}))
        # Every hundredth of an hour by itself, of one day.
        ends = [(rpu, int(hours * 100)) for rpu, hours in runs]
        steps = [sum(rpu for rpu, end in ends if end > step)
                 for step in range(2400)]
        covered = Fraction(sum(min(s, reserved) for s in steps), 100) * 30
        used = Fraction(sum(steps), 100) * 30
        wanted = (used - covered) * rate + reserved * HOURS * reserved_rate
        got = [r["usd"] for r in run(lines, *options)
               if r.get("item") == "total"]
        verdict.same(f"reservation {i}", got, [shown(wanted)])


def main():
    prices = Prices(sys.argv[1])
    options = ["--prices", sys.argv[1]]
    verdict = Verdict()
    for part in (fleets, logs, charges, reservations):
        part(prices, options, verdict)
    print(f"{verdict.compared} compared, {verdict.different} different")
    return verdict.different != 0


sys.exit(main())
