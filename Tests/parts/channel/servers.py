"""Servers on 127.0.0.1: nginx for what is published, and one that breaks off, never ends or lies."""

import os, socket, struct, subprocess, threading, time


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


CONFIGURATION = """
daemon off; master_process off; worker_processes 1; pid {top}/nginx.pid; error_log {top}/nginx.error;
events {{ worker_connections 512; }}
http {{
  log_format plain '$status $body_bytes_sent $uri';
  access_log {top}/nginx.log plain;
  client_body_temp_path {top}/body; proxy_temp_path {top}/proxy; fastcgi_temp_path {top}/fastcgi;
  uwsgi_temp_path {top}/uwsgi; scgi_temp_path {top}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {top}/www;
    location /slow/ {{ limit_rate 100; alias {top}/www/; }}
    location /steady/ {{ limit_rate 400k; alias {top}/www/; }}
    location /lazy/ {{ limit_rate 60k; alias {top}/www/; }}
    location /whole/ {{ max_ranges 0; alias {top}/www/; }}
    location /loop/ {{ return 302 /loop$uri; }}
    location /away/ {{ rewrite ^/away/(.*)$ /$1 redirect; }}
    location /file/ {{ return 302 file:///etc/passwd; }}
    location /error/ {{ return 503; }}
  }}
}}
"""


class Nginx:
    """Serves TOP/www. `log` has a line for each request: status, bytes, path."""

    def __init__(self, top):
        self.top, self.port = top, free_port()
        os.makedirs(f"{top}/www")
        with open(f"{top}/nginx.conf", "w") as file:
            file.write(CONFIGURATION.format(top=top, port=self.port))
        self.process = subprocess.Popen(
            ["nginx", "-e", f"{top}/nginx.error", "-c", f"{top}/nginx.conf", "-p", top],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(self.port)
        self.url = f"http://127.0.0.1:{self.port}"

    def log(self):
        with open(f"{self.top}/nginx.log") as file:
            return [line.split(" ", 2) for line in file.read().splitlines()]

    def quit(self):
        self.process.kill()
        self.process.wait()


class Listener:
    """Takes connections at a free port; `handle` serves each, on a thread of its own."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        count = 0
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.handle, args=(connection, count), daemon=True).start()
            count += 1

    def quit(self):
        self.socket.close()


class Hostile(Listener):
    """Answers each request by a function of the path and the connection, which writes what it likes."""

    def __init__(self, answer):
        self.answer = answer
        super().__init__()

    def handle(self, connection, _):
        with connection:
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = connection.recv(4096)
                    if not part:
                        return
                    head += part
                self.answer(head.split(b" ")[1].decode(), connection)
            except OSError:
                pass


class Gate(Listener):
    """Passes connections on to a port. `limits` are the bytes that the first of them get before they are reset."""

    def __init__(self, port, limits):
        self.port, self.limits, self.count, self.cuts = port, limits, 0, 0
        super().__init__()

    def handle(self, connection, number):
        self.count += 1
        limit = self.limits[number] if number < len(self.limits) else 1 << 40
        with connection, socket.create_connection(("127.0.0.1", self.port)) as server:
            threading.Thread(target=self.pump, args=(connection, server), daemon=True).start()
            try:
                while limit > 0:
                    part = server.recv(min(4096, limit))
                    if not part:
                        return
                    connection.sendall(part)
                    limit -= len(part)
                self.cuts += 1
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass

    @staticmethod
    def pump(source, sink):
        try:
            while part := source.recv(4096):
                sink.sendall(part)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
