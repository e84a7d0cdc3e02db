"""Requests that are none: from a seeded grammar of mistakes, over raw sockets."""
import json
import random
import socket
import time

from project import Project, Server

GOOD = {"date": "2001-05-01T10:00:00Z", "distance": 300.0, "origin": "SFO", "destination": "LAX"}
BODY = json.dumps({"dataframe_records": [GOOD]}).encode()


def request(line=b"POST /invocations HTTP/1.1", fields=(b"Host: localhost", b"Content-Type: application/json"), body=BODY, length=None, end=b"\r\n"):
    fields = list(fields) + ([b"Content-Length: %d" % len(body)] if length is None else [length] if length else [])
    return end.join([line, *fields, b"", b""]) + body


def exchanges(rng):
    """One malformed exchange and the statuses that are right for it; () where the connection may just end."""
    host = b"Host: localhost"
    kind = b"Content-Type: application/json"
    token = bytes(rng.choice(b"abcXYZ019-_") for _ in range(rng.randrange(1, 9)))
    junk = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 60)))
    control = bytes([rng.choice([0, 1, 7, 11, 27, 127])])
    return rng.choice([
        lambda: (junk, (400, 414, 431)),
        lambda: (b"\r\n" + request(), (400,)),
        lambda: (request(line=b"POST  /invocations HTTP/1.1"), (400, 404, 405)),
        lambda: (request(line=b"POST /invocations"), (400,)),
        lambda: (request(line=b"POST /invocations HTTP/" + rng.choice([b"2.0", b"0.9", b"1.7", b"9.9"])), (505,)),
        lambda: (request(line=b"POST /invocations HTTPS/1.1"), (400,)),
        lambda: (request(line=b"PO" + control + b"ST /invocations HTTP/1.1"), (400,)),
        lambda: (request(line=b"POST /invo" + control + b"cations HTTP/1.1"), (400,)),
        lambda: (request(line=token + b" /invocations HTTP/1.1"), (405,)),
        lambda: (request(line=b"GET /invocations HTTP/1.1"), (405,)),
        lambda: (request(line=b"POST /" + token + b" HTTP/1.1"), (404,)),
        lambda: (request(line=b"POST " + token + b" HTTP/1.1"), (400,)),
        lambda: (request(line=b"POST /../../etc/passwd HTTP/1.1"), (404,)),
        lambda: (request(line=b"POST /invocations#" + token + b" HTTP/1.1"), (400,)),
        lambda: (request(line=b"GET /" + b"a" * rng.randrange(8200, 12000) + b" HTTP/1.1", body=b"", length=b""), (414,)),
        lambda: (request(line=b"GET /" + b"a" * 40000), (414, 431)),
        lambda: (request(fields=[host, b"X: " + b"y" * 17000]), (431,)),
        lambda: (request(fields=[host] + [b"X%d: y" % i for i in range(150)]), (431,)),
        lambda: (request(fields=[host, b"X-" + token + b": a" + control + b"b"]), (400,)),
        lambda: (request(fields=[host, b"X " + token + b": a"]), (400,)),
        lambda: (request(fields=[host, token + b" : a"]), (400,)),
        lambda: (request(fields=[host, b": a"]), (400,)),
        lambda: (request(fields=[host, token]), (400,)),
        lambda: (request(fields=[host, b"X: a", b" folded"]), (400,)),
        lambda: (request(fields=[host, b"X: a", b"\tfolded"]), (400,)),
        lambda: (request(fields=[kind]), (400,)),
        lambda: (request(fields=[host, b"Host: other"]), (400,)),
        lambda: (request(fields=[b"Host: evil.example", kind]), (403,)),
        lambda: (request(fields=[host, kind, b"Origin: http://evil.example"]), (403,)),
        lambda: (request(length=b"Content-Length: " + rng.choice([b"-1", b"+5", b"0x10", b"1e3", b"", b"5 5", b"5,5", b"99999999999999999999", token + b"!"])), (400,)),
        lambda: (request(fields=[host, kind, b"Content-Length: %d" % len(BODY)]), (400,)),
        lambda: (request(length=b"Content-Length: %d" % rng.randrange(7 << 20, 1 << 40)), (413,)),
        lambda: (request(fields=[host, kind, b"Transfer-Encoding: chunked"]), (400,)),
        lambda: (request(fields=[host, kind, b"Transfer-Encoding: " + rng.choice([b"gzip", b"identity", b"chunked, chunked", b"xchunked", b"gzip, chunked"])], length=b""), (501,)),
        lambda: (request(fields=[host, kind, b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"], length=b""), (400,)),
        lambda: (request(fields=[host, kind, b"Transfer-Encoding: chunked"], length=b"", body=rng.choice(
            [b"zz\r\nabc\r\n0\r\n\r\n", b"-1\r\n", b"5\r\nabc\r\n0\r\n\r\n", b"3\r\nabcdef\r\n0\r\n\r\n", b"fffffffffffffffff\r\n", b"3 \n\nabc", b"\r\n\r\n",
             b" 3\r\nabc\r\n0\r\n\r\n", b"3;" + b"x" * 300 + b"\r\nabc\r\n0\r\n\r\n"])), (400, 413)),
        lambda: (request(fields=[host, kind, b"Transfer-Encoding: chunked"], length=b"", body=b"ffffffff\r\n" + b"a" * 100), (413,)),
        lambda: (request(fields=[host, kind, b"Expect: " + token]), (417,)),
        lambda: (request(fields=[host, kind, b"Content-Encoding: " + rng.choice([b"gzip", b"br", token])]), (415,)),
        lambda: (request(fields=[host, b"Content-Type: " + rng.choice([b"image/png", b"application/xml", b"text/csv; charset=latin-1", token])]), (415,)),
        lambda: (request(fields=[host, kind, b"Content-Type: text/csv"]), (400,)),
        lambda: (request(fields=[host, kind, b"Accept: image/png"]), (406,)),
        lambda: (request(end=b"\n"), (400,)),
        lambda: (request()[:rng.randrange(5, 90)], ()),
        lambda: (request(body=BODY[:rng.randrange(0, len(BODY))], length=b"Content-Length: %d" % len(BODY)), ()),
    ])()


def bodies(rng):
    """A malformed body for a sound request: where it goes and what it is."""
    text = json.dumps({"dataframe_records": [GOOD] * rng.randrange(1, 4)})
    cut = rng.randrange(1, len(text) - 1)
    tensors = [{"name": "date", "datatype": "BYTES", "shape": [1], "data": [GOOD["date"]]}, {"name": "distance", "datatype": "FP64", "shape": [1], "data": [300.0]},
               {"name": "origin", "datatype": "BYTES", "shape": [1], "data": ["SFO"]}, {"name": "destination", "datatype": "BYTES", "shape": [1], "data": ["LAX"]}]
    bad = rng.choice([None, [], {}, "x", -1, 1e400, True, 2 ** 70, [[]], {"a": 1}])
    wrong = rng.choice(["date", "distance", "origin", "destination"])
    v2, ml = "/v2/models/late/infer", "/invocations"

    def tensor(**change):
        out = [dict(t) for t in tensors]
        out[rng.randrange(4)].update(change)
        return json.dumps({"inputs": out})

    return rng.choice([
        lambda: (ml, text[:cut].encode()),
        lambda: (ml, (text[:cut] + rng.choice('}]"{[,:\\') + text[cut:]).encode() + b"]"),
        lambda: (ml, text.encode() + rng.choice([b"x", b"}", b"{}", b"\0"])),
        lambda: (ml, text.replace("SFO", "S\x01FO").encode()),
        lambda: (ml, text.encode().replace(b"SFO", bytes([rng.randrange(128, 256)]) * rng.randrange(1, 4))),
        lambda: (ml, json.dumps({"dataframe_records": [{**GOOD, "distance": bad if bad not in (-1, 1e400, 2 ** 70) else "x"}]}).encode()),
        lambda: (ml, json.dumps({"dataframe_records": [{**GOOD, rng.choice(["origin", "destination"]): bad if bad != "x" else 5}]}).encode()),
        lambda: (ml, json.dumps({"dataframe_records": [{k: v for k, v in GOOD.items() if k != wrong}]}).encode()),
        lambda: (ml, json.dumps({"dataframe_records": [{**GOOD, "c%d" % rng.randrange(99): 1}]}).encode()),
        lambda: (ml, json.dumps({rng.choice(["dataframe_split", "dataframe_records", "instances", "inputs"]): bad}).encode()),
        lambda: (ml, json.dumps({"dataframe_split": {"columns": list(GOOD), "data": [list(GOOD.values())[:rng.randrange(4)]]}}).encode()),
        lambda: (ml, json.dumps({"dataframe_split": {"columns": list(GOOD) + ["date"], "data": [list(GOOD.values()) + [1]]}}).encode()),
        lambda: (ml, json.dumps({"instances": [GOOD, list(GOOD.values())]}).encode()),
        lambda: (ml, json.dumps({"inputs": {k: [v] * rng.randrange(1, 9) for k, v in GOOD.items()} | {"date": [GOOD["date"]] * 9 + [1]}}).encode()),
        lambda: (ml, b'{"dataframe_records":[{"date":"2001-05-01","date":"2001-05-01","distance":1,"origin":"a","destination":"b"}]}'),
        lambda: (ml, ("[" * rng.randrange(33, 5000)).encode()),
        lambda: (ml, b'{"instances":' + b"[" * 60 + b"1" + b"]" * 60 + b"}"),
        lambda: (ml, b""),
        lambda: (ml, bytes(rng.randrange(256) for _ in range(rng.randrange(1, 400)))),
        lambda: (ml, json.dumps({"dataframe_records": [GOOD], "params": {"on_error": "maybe"}}).encode()),
        lambda: (v2, tensor(shape=rng.choice([[2], [0], [-1], [1, 2], [], "x", [1.5], [2 ** 62, 4], [1] * 9]))),
        lambda: (v2, tensor(datatype=rng.choice(["FP128", "INT3", "", 5, None]))),
        lambda: (v2, tensor(data=rng.choice([[], [None, None], [[[[1]]]], "x", {}, [{}]]))),
        lambda: (v2, tensor(name=rng.choice(["x", "", None, 5, "Date"]))),
        lambda: (v2, tensor(colour="red")),
        lambda: (v2, json.dumps({"inputs": tensors[:3]})),
        lambda: (v2, json.dumps({"inputs": tensors + tensors[:1]})),
        lambda: (v2, json.dumps({"inputs": tensors, "outputs": rng.choice([[{"name": "x"}], "x", [1], [{}]])})),
        lambda: (v2, json.dumps({"inputs": tensors, "id": rng.choice([5, None, "x" * 999, "a\nb"])})),
        lambda: (v2, json.dumps({"inputs": tensors, "parameters": rng.choice([5, [], {"on_error": 1}])})),
        lambda: (v2, json.dumps({"inputs": bad})),
        lambda: (v2, json.dumps({"inputs": tensors, "extra": 1})),
        lambda: ("/v1/feedback", json.dumps(rng.choice([{}, {"id": "a"}, {"label": 1}, {"id": "", "label": 1}, {"id": 5, "label": 1}, {"id": "a", "label": [1]}, {"id": "a", "label": None},
                                                        {"labels": []}, {"labels": {}}, {"labels": [1]}, {"id": "a", "label": 1, "at": "soon"}, [], "x", 5]))),
    ])()


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else None


def check_exchanges(server, count):
    rng = random.Random(20260101)
    seen = {}
    for i in range(count):
        data, right = exchanges(rng)
        cut = not right
        got, how = server.raw(data, timeout=2.0, shut=cut, answers=1)
        status = status_of(got)
        assert status in right or (not right and (status is None or 400 <= status < 500)), f"exchange {i}: {data[:200]!r} gave {got[:200]!r} ({how})"
        assert server.alive(), f"exchange {i} ended the server: {data[:200]!r}"
        seen[status] = seen.get(status, 0) + 1
    assert server.ask("POST", "/invocations", BODY)[0] == 200
    print(f"  {count} malformed exchanges: {dict(sorted((str(k), v) for k, v in seen.items()))}")


def check_bodies(server, count):
    rng = random.Random(20260102)
    connection = server.connection()
    for i in range(count):
        path, body = bodies(rng)
        body = body if isinstance(body, bytes) else body.encode()
        status, said, _ = server.ask("POST", path, body, connection=connection)
        assert 400 <= status < 500, f"body {i}: {path} {body[:300]!r} gave {status} {said[:300]!r}"
        message = json.loads(said).get("error") or json.loads(said)["message"]
        assert message and "/" not in message.replace("application/", "").replace("text/", ""), message
    assert server.ask("POST", "/invocations", BODY, connection=connection)[0] == 200
    print(f"  {count} malformed bodies, each refused on a connection that goes on")


def check_smuggling(server):
    inner = b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for fields in ([b"Host: localhost", b"Content-Length: 5", b"Transfer-Encoding: chunked"], [b"Host: localhost", b"Content-Length: 5", b"Content-Length: 6"]):
        got, how = server.raw(b"\r\n".join([b"POST /invocations HTTP/1.1", *fields, b"", b""]) + b"0\r\n\r\n" + inner, timeout=2.0)
        assert got.count(b"HTTP/1.1 ") == 1 and status_of(got) == 400 and how == "closed", got
    # Pipelining is no smuggling: three requests, three answers in their order.
    got, _ = server.raw(inner + request() + inner.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), timeout=3.0)
    assert got.count(b"HTTP/1.1 200 OK") == 3 and got.index(b'"predictions"') > got.index(b'"live"'), got
    print("  nothing is smuggled; pipelined requests are answered in order")


def check_slow(server):
    """Slow clients end in time, all at once, and nobody else waits for them."""
    sockets = []
    for i in range(200):
        s = socket.create_connection(("127.0.0.1", server.port))
        s.sendall(b"POST /invocations HTTP/1.1\r\nHost: local" if i % 2 else b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{")
        sockets.append(s)
    began = time.monotonic()
    ended = {}
    while len(ended) < len(sockets) and time.monotonic() - began < 15:
        for i, s in enumerate(sockets):
            if i in ended:
                continue
            s.settimeout(0.001)
            try:
                data = s.recv(4096)
                ended[i] = (time.monotonic() - began, data)
            except socket.timeout:
                if i % 2 == 0:  # a byte now and then keeps no body alive
                    try:
                        s.send(b"x")
                    except OSError:
                        ended[i] = (time.monotonic() - began, b"")
            except OSError:
                ended[i] = (time.monotonic() - began, b"")
        t = time.monotonic()
        assert server.ask("GET", "/v2/health/ready")[0] == 200 and time.monotonic() - t < 1
    for s in sockets:
        s.close()
    assert len(ended) == len(sockets), f"{len(sockets) - len(ended)} slow clients are still there"
    assert all(d == b"" or status_of(d) == 408 for _, d in ended.values())
    print(f"  200 slow clients ended within {max(t for t, _ in ended.values()):.1f} s")


def check_memory(server, before):
    """Large claims take no memory; large bodies give theirs back."""
    sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(500)]
    for s in sockets:
        s.sendall(b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 6000000\r\n\r\n{")
    time.sleep(0.5)
    claimed = server.memory() - before
    for s in sockets:
        s.close()
    row = [GOOD["date"], 300.0, "SFO", "LAX"]
    big = json.dumps({"instances": [row] * 60000}).encode()
    for _ in range(5):
        assert server.ask("POST", "/invocations", big)[0] == 200
    many = json.dumps({"instances": [row] * 70000}).encode()
    assert server.ask("POST", "/invocations", many)[0] == 413
    after = server.memory() - before
    assert claimed < 64 << 20, f"500 claims took {claimed >> 20} MB"
    assert after < 300 << 20, f"{after >> 20} MB more than before"
    print(f"  500 claims of 6 MB took {claimed >> 20} MB; after bodies of 60,000 rows {after >> 20} MB more than before")


def main():
    project = Project()
    try:
        project.deploy()
        server = Server(project.folder, "production")
        try:
            assert server.ask("POST", "/invocations", BODY)[0] == 200
            before = server.memory()
            check_exchanges(server, 300)
            check_bodies(server, 200)
            check_smuggling(server)
            grown = server.memory() - before
            assert grown < 64 << 20, f"{grown >> 20} MB more after malformed requests"
            check_slow(server)
            check_memory(server, before)
        finally:
            code = server.stop()
        assert code == 0
    finally:
        project.remove()


if __name__ == "__main__":
    main()
