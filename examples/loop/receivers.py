"""Real receivers on this machine: an HTTP webhook that checks signatures, and an SMTP server for one kind of mail."""
import email
import hashlib
import hmac
import http.server
import json
import socketserver
import threading
import time


class Inbox:
    """What came, in order: (how, parsed message, seconds)."""

    def __init__(self, heard=lambda message: None):
        self.messages, self.lock, self.heard = [], threading.Lock(), heard

    def add(self, how, **message):
        message.update(how=how, at=time.monotonic())
        with self.lock:
            self.messages.append(message)
        self.heard(message)

    def of(self, how=None, kind=None):
        with self.lock:
            return [m for m in self.messages if how in (None, m["how"]) and kind in (None, m["kind"])]


class Threaded(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True


def webhook(inbox, key):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            wanted = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
            signed = hmac.compare_digest(self.headers.get("X-CD4ML-Signature", ""), wanted)
            event = json.loads(body)
            inbox.add("webhook", kind=event["type"], id=event["id"], text=event["data"].get("text", ""), signed=signed, event=event)
            self.send_response(204 if signed else 401)
            self.end_headers()

        def log_message(self, *ignored):
            pass

    return start(Threaded(("127.0.0.1", 0), Handler))


def smtp(inbox):
    class Handler(socketserver.StreamRequestHandler):
        def say(self, text):
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self):
            try:
                self.converse()
            except ConnectionError:
                pass  # whoever sent was killed

        def converse(self):
            self.say("220 localhost a receiver for the demonstration")
            while True:
                line = self.rfile.readline()
                verb = line.split(b" ")[0].strip().upper()
                if not line or verb == b"QUIT":
                    if line:
                        self.say("221 bye")
                    return
                if verb != b"DATA":
                    self.say("250 yes")
                    continue
                self.say("354 go on")
                lines = []
                while (line := self.rfile.readline().rstrip(b"\r\n")) != b".":
                    lines.append(line[1:] if line.startswith(b"..") else line)
                mail = email.message_from_bytes(b"\n".join(lines))
                body = mail.get_payload(decode=True)
                text = body.decode() if body is not None else str(mail.get_payload())
                inbox.add("mail", kind=mail["X-CD4ML-Type"] or "", id=mail["Message-ID"] or "", text=text, subject=str(email.header.make_header(email.header.decode_header(mail["Subject"] or ""))), mail=mail)
                self.say("250 taken")

    return start(Threaded(("127.0.0.1", 0), Handler))


def start(server):
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server, server.server_address[1]
