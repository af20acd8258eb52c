"""canned_server.py DIR - AWS, as far as the files of DIR go.

DIR/OPERATION is the body of the answer to that operation; without one the
answer is 404. The port is written to DIR/port, each operation to DIR/log.
Ends with its parent.
"""

import http.server
import os
import re
import sys
import threading
import time

DIR = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        target = self.headers.get("X-Amz-Target", "")
        query = re.search(r"Action=(\w+)", body)
        operation = target.rpartition(".")[2] or (query and query[1]) or "none"
        with open(os.path.join(DIR, "log"), "a") as log:
            print(operation, file=log)
        path = os.path.join(DIR, operation)
        found = os.path.exists(path)
        answer = open(path, "rb").read() if found else b"{}"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


def end_with_parent(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


threading.Thread(
    target=end_with_parent, args=(os.getppid(),), daemon=True
).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(os.path.join(DIR, "port.new"), "w") as f:
    print(server.server_port, file=f)
os.rename(os.path.join(DIR, "port.new"), os.path.join(DIR, "port"))
server.serve_forever()
