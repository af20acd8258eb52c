#!/usr/bin/env python3
"""The AWS Price List, for the tests, on 127.0.0.1.

usage: pricing_server.py DIRECTORY

Answers AWSPriceListService.GetProducts from DIRECTORY/products, one entry a
line, two entries a page; the port is written to DIRECTORY/port, requests to
DIRECTORY/requests. A page whose number (from 1, over the server's life) is in
DIRECTORY/fail answers 500, and all of them 400 AccessDeniedException when
DIRECTORY/deny exists. It ends when the process that started it is gone.
"""
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = 2


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def path_of(self, name):
        return os.path.join(sys.argv[1], name)

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def entries(self, asked):
        region = asked["Filters"][0]["Value"]
        with open(self.path_of("products")) as f:
            for line in f:
                try:
                    entry = json.loads(line)
                except ValueError:      # a broken entry is for everybody
                    yield line.strip()
                    continue
                if (entry["serviceCode"] == asked["ServiceCode"] and
                        entry["product"]["attributes"]["regionCode"] == region):
                    yield line.strip()

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock, open(self.path_of("requests"), "a") as f:
            f.write(json.dumps(asked) + "\n")
            self.server.pages += 1
            page = self.server.pages
        assert self.headers["X-Amz-Target"] == "AWSPriceListService.GetProducts"
        if os.path.exists(self.path_of("deny")):
            return self.answer(400, {"__type": "AccessDeniedException",
                                     "Message": "not for you"})
        if os.path.exists(self.path_of("fail")):
            with open(self.path_of("fail")) as f:
                if page >= int(f.read()):
                    return self.answer(500, {"__type": "InternalErrorException"})
        start = int(asked.get("NextToken", "0"))
        found = list(self.entries(asked))
        body = {"FormatVersion": "aws_v1",
                "PriceList": found[start:start + PAGE]}
        if start + PAGE < len(found):
            body["NextToken"] = str(start + PAGE)
        return self.answer(200, body)


def main():
    parent = os.getppid()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.lock = threading.Lock()
    server.pages = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(os.path.join(sys.argv[1], "port.new"), "w") as f:
        f.write(str(server.server_port))
    os.rename(os.path.join(sys.argv[1], "port.new"),
              os.path.join(sys.argv[1], "port"))
    while os.getppid() == parent:
        time.sleep(0.2)


main()
