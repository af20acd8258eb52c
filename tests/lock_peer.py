"""lock_peer.py - a second client of the awslabs lock protocol.

usage: lock_peer.py contend TABLE NAME DIRECTORY ROUNDS
       lock_peer.py hold TABLE NAME LEASE_MS     hold, with heartbeats
       lock_peer.py leave TABLE NAME LEASE_MS    take it and die
       lock_peer.py keep TABLE NAME LEASE_MS     release without deleting
       lock_peer.py take TABLE NAME LEASE_MS     over a lock, in place

Written from the protocol alone, with boto3, to contend with rs-lock. Items:
key, ownerName, leaseDuration (ms as a string), recordVersionNumber,
isReleased "1", data. A lock is expired when its version did not change for
a lease of watching.
"""
import os
import sys
import time
import uuid

import boto3
from botocore.config import Config

REFRESH = 0.2


class Taken(Exception):
    """Somebody else was faster."""


class Peer:
    def __init__(self, table, name, lease_ms):
        self.db = boto3.client("dynamodb", config=Config(
            retries={"mode": "standard"}))
        self.conditional = self.db.exceptions.ConditionalCheckFailedException
        self.table, self.name, self.lease_ms = table, name, lease_ms
        self.owner = "peer-" + uuid.uuid4().hex
        self.version = None

    def key(self):
        return {"key": {"S": self.name}}

    def read(self):
        return self.db.get_item(TableName=self.table, Key=self.key(),
                                ConsistentRead=True).get("Item")

    def mine(self, version):
        """A refused write may be the second try of one that was done."""
        item = self.read()
        return item is not None and item["recordVersionNumber"]["S"] == version

    def put(self, condition, names, values):
        version = str(uuid.uuid4())
        item = dict(self.key(), ownerName={"S": self.owner},
                    leaseDuration={"S": str(self.lease_ms)},
                    recordVersionNumber={"S": version},
                    data={"B": b"\x00\xff of the peer"})
        more = {"ExpressionAttributeValues": values} if values else {}
        try:
            self.db.put_item(TableName=self.table, Item=item,
                             ConditionExpression=condition,
                             ExpressionAttributeNames=names, **more)
        except self.conditional:
            if not self.mine(version):
                raise Taken from None
        self.version = version

    def take_free(self, item):
        if item is None:
            self.put("attribute_not_exists(#pk)", {"#pk": "key"}, None)
        else:
            self.put("attribute_exists(#pk) AND #ir = :ir",
                     {"#pk": "key", "#ir": "isReleased"}, {":ir": {"S": "1"}})

    def take_expired(self, version):
        self.put("attribute_exists(#pk) AND #rvn = :rvn",
                 {"#pk": "key", "#rvn": "recordVersionNumber"},
                 {":rvn": {"S": version}})

    def acquire(self):
        seen, since = None, 0
        while True:
            item = self.read()
            try:
                if item is None or "isReleased" in item:
                    return self.take_free(item)
                version = item["recordVersionNumber"]["S"]
                if version != seen:
                    seen, since = version, time.monotonic()
                lease = int(item["leaseDuration"]["S"]) / 1000
                if time.monotonic() - since >= lease:
                    return self.take_expired(version)
            except Taken:
                pass
            time.sleep(REFRESH)

    def change(self, expression, values):
        """An update of the lock as we hold it."""
        self.db.update_item(
            TableName=self.table, Key=self.key(), UpdateExpression=expression,
            ConditionExpression="attribute_exists(#pk) AND "
            "recordVersionNumber = :was AND ownerName = :owner",
            ExpressionAttributeNames={"#pk": "key"},
            ExpressionAttributeValues=dict(
                values, **{":was": {"S": self.version},
                           ":owner": {"S": self.owner}}))

    def heartbeat(self):
        version = str(uuid.uuid4())
        self.change("SET recordVersionNumber = :new", {":new": {"S": version}})
        self.version = version

    def release(self):
        try:
            self.db.delete_item(
                TableName=self.table, Key=self.key(),
                ConditionExpression="recordVersionNumber = :was AND "
                "ownerName = :owner",
                ExpressionAttributeValues={":was": {"S": self.version},
                                           ":owner": {"S": self.owner}})
        except self.conditional:
            if self.mine(self.version):
                raise

    def keep(self):
        self.change("SET isReleased = :one", {":one": {"S": "1"}})

    def take_in_place(self):
        """As with updateExistingLockRecord: what we do not know stays."""
        item, version = self.read(), str(uuid.uuid4())
        time.sleep(int(item["leaseDuration"]["S"]) / 1000)
        self.version = item["recordVersionNumber"]["S"]
        self.db.update_item(
            TableName=self.table, Key=self.key(),
            UpdateExpression="SET ownerName = :o, leaseDuration = :l, "
            "recordVersionNumber = :new REMOVE isReleased",
            ConditionExpression="recordVersionNumber = :was",
            ExpressionAttributeValues={
                ":was": {"S": self.version}, ":new": {"S": version},
                ":o": {"S": self.owner}, ":l": {"S": str(self.lease_ms)}})


def critical_section(directory):
    inside = os.path.join(directory, "inside")
    try:
        os.mkdir(inside)
    except FileExistsError:
        with open(os.path.join(directory, "overlap"), "a") as log:
            log.write("peer\n")
        return
    with open(os.path.join(directory, "log"), "a") as log:
        log.write("peer\n")
    time.sleep(0.02)
    os.rmdir(inside)


def main(verb, table, name, *rest):
    if verb == "contend":
        peer = Peer(table, name, 20000)
        for _ in range(int(rest[1])):
            peer.acquire()
            critical_section(rest[0])
            peer.release()
        return
    peer = Peer(table, name, int(rest[0]))
    if verb == "take":
        peer.take_in_place()
        return
    peer.acquire()
    print(peer.version, flush=True)
    if verb == "keep":
        peer.keep()
    while verb == "hold":
        time.sleep(peer.lease_ms / 4000)
        peer.heartbeat()


main(*sys.argv[1:])
