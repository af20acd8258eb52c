"""The Redshift Data API, which runs its SQL on a real PostgreSQL.

RS_SANDBOX_POSTGRES is the libpq connection string of that server; without
it, moto answers (with rows it made up). RS_SANDBOX_LONG_POLL=1 makes it know
WaitTimeSeconds, which is younger than many a model of botocore.
"""

import base64
import ctypes
import ctypes.util
import os
import threading
import time
import uuid

from .shapes import check_output, checked_input, service_model
from .wire import ServiceError

PAGE_ROWS = 100
TYPES = {
    16: "bool", 17: "bytea", 20: "int8", 21: "int2", 23: "int4", 26: "oid",
    114: "super", 700: "float4", 701: "float8", 3802: "super",
    1042: "bpchar", 1043: "varchar", 1082: "date", 1114: "timestamp",
    1184: "timestamptz", 1700: "numeric",
}
GOING = ("SUBMITTED", "PICKED", "STARTED")


def libpq():
    lib = ctypes.CDLL(ctypes.util.find_library("pq"))
    for name in ("PQconnectdb", "PQexec", "PQgetCancel"):
        getattr(lib, name).restype = ctypes.c_void_p
    for name in ("PQgetvalue", "PQfname", "PQresultErrorField",
                 "PQerrorMessage", "PQcmdTuples"):
        getattr(lib, name).restype = ctypes.c_char_p
    return lib


class Failed(Exception):
    """The server refused a command."""


class Server:
    """One connection."""

    def __init__(self, database):
        self.lib = libpq()
        settings = f"{os.environ['RS_SANDBOX_POSTGRES']} dbname='{database}'"
        self.conn = ctypes.c_void_p(self.lib.PQconnectdb(settings.encode()))
        if self.lib.PQstatus(self.conn) != 0:
            raise Failed(self.lib.PQerrorMessage(self.conn).decode())
        self.run("SET extra_float_digits = 2")

    def run(self, sql):
        """Return (columns, rows, number of rows)."""
        pq = self.lib
        result = ctypes.c_void_p(pq.PQexec(self.conn, sql.encode()))
        try:
            if pq.PQresultStatus(result) not in (0, 1, 2):
                raise Failed(self._error(result))
            columns = [
                (pq.PQfname(result, c).decode(), pq.PQftype(result, c))
                for c in range(pq.PQnfields(result))
            ]
            rows = [
                [self._value(result, r, c) for c in range(len(columns))]
                for r in range(pq.PQntuples(result))
            ]
            count = pq.PQcmdTuples(result).decode()
            return columns, rows, int(count) if count else 0
        finally:
            pq.PQclear(result)

    def _error(self, result):
        """As the service words it."""
        text = self.lib.PQresultErrorField(result, ord("M")).decode()
        position = self.lib.PQresultErrorField(result, ord("P"))
        place = f"\n  Position: {position.decode()}" if position else ""
        return f"ERROR: {text}{place}"

    def _value(self, result, row, column):
        if self.lib.PQgetisnull(result, row, column):
            return None
        return self.lib.PQgetvalue(result, row, column).decode()

    def cancel(self):
        why = ctypes.create_string_buffer(256)
        request = ctypes.c_void_p(self.lib.PQgetCancel(self.conn))
        self.lib.PQcancel(request, why, 256)
        self.lib.PQfreeCancel(request)

    def close(self):
        self.lib.PQfinish(self.conn)


def field(value, oid):
    kind = TYPES.get(oid)
    if value is None:
        return {"isNull": True}
    if kind == "bool":
        return {"booleanValue": value == "t"}
    if kind in ("int2", "int4", "int8", "oid"):
        return {"longValue": int(value)}
    if kind in ("float4", "float8") and value[-1].isdigit():
        return {"doubleValue": float(value)}
    if kind == "bytea":
        raw = bytes.fromhex(value[2:])
        return {"blobValue": base64.b64encode(raw).decode()}
    return {"stringValue": value}


class Statement:
    """A statement, or a batch, in a thread of its own."""

    def __init__(self, params, sqls):
        self.id = str(uuid.uuid4())
        self.params, self.sqls = params, sqls
        self.status, self.error = "SUBMITTED", None
        self.columns, self.rows, self.count = [], [], 0
        self.began, self.ended = time.time(), threading.Event()
        self.server = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        try:
            self.server = Server(self.params["Database"])
            self.status = "STARTED"
            many = len(self.sqls) > 1 or "Sqls" in self.params
            for sql in ["BEGIN"] * many + self.sqls + ["COMMIT"] * many:
                self.columns, self.rows, self.count = self.server.run(sql)
            self.status = "FINISHED"
        except Failed as error:
            self.error = str(error)
            self.status = "ABORTED" if "cancel" in self.error else "FAILED"
        finally:
            if self.server:
                self.server.close()
            self.ended.set()

    def view(self):
        view = {
            "Id": self.id,
            "Status": self.status,
            "CreatedAt": self.began,
            "HasResultSet": bool(self.columns),
            "ResultRows": self.count if self.status == "FINISHED" else -1,
            "Duration": int((time.time() - self.began) * 1e9),
        }
        if self.error:
            view["Error"] = self.error
        return view


class DataApi:
    def __init__(self):
        self.statements, self.tokens = {}, {}

    @staticmethod
    def wanted():
        return "RS_SANDBOX_POSTGRES" in os.environ

    def call(self, name, params):
        model = service_model("redshift-data").operation_model(name)
        params = dict(params)
        wait = params.get("WaitTimeSeconds")
        if os.environ.get("RS_SANDBOX_LONG_POLL") == "1":
            params.pop("WaitTimeSeconds", None)
        params = checked_input(model, params)
        answer = getattr(self, "do_" + name)(params, wait or 0)
        check_output(model, answer)
        return answer

    def _start(self, params, sqls):
        token = params.get("ClientToken")
        if token not in self.tokens or token is None:
            statement = Statement(params, sqls)
            self.statements[statement.id] = statement
            self.tokens[token] = statement.id
        return {
            "Id": self.tokens[token],
            "CreatedAt": time.time(),
            "Database": params["Database"],
            "WorkgroupName": params["WorkgroupName"],
        }

    def do_ExecuteStatement(self, params, _wait):
        return self._start(params, [params["Sql"]])

    def do_BatchExecuteStatement(self, params, _wait):
        return self._start(params, params["Sqls"])

    def _get(self, params):
        if params["Id"] not in self.statements:
            raise ServiceError(
                "ResourceNotFoundException", "Query does not exist."
            )
        return self.statements[params["Id"]]

    def do_DescribeStatement(self, params, wait):
        statement = self._get(params)
        statement.ended.wait(wait)
        return statement.view()

    def do_CancelStatement(self, params, _wait):
        statement = self._get(params)
        if statement.status == "STARTED":
            statement.server.cancel()
        return {"Status": statement.status in GOING}

    def do_GetStatementResult(self, params, _wait):
        statement = self._get(params)
        first = int(params.get("NextToken", "0"))
        rows = statement.rows[first:first + PAGE_ROWS]
        answer = {
            "Records": [
                [field(v, oid) for v, (_, oid) in zip(row, statement.columns)]
                for row in rows
            ],
            "ColumnMetadata": [
                {"name": name, "label": name, "nullable": 1,
                 "typeName": TYPES.get(oid, "varchar")}
                for name, oid in statement.columns
            ],
            "TotalNumRows": len(statement.rows),
        }
        if first + PAGE_ROWS < len(statement.rows):
            answer["NextToken"] = str(first + PAGE_ROWS)
        return answer
