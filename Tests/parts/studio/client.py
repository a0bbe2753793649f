"""A browser without a page: sends what the page would send, and nothing is rendered."""

import http.client, json
from browsers import Failure


class NoAnswer(Exception):
    """The program ended before it answered: what was asked for may be done, or not."""


class Client:
    patience = 30  # seconds for one answer

    def __init__(self, studio):
        self.port = int(studio.port)
        self.cookie = ""
        printed = len([line for line in studio.lines if line and "#token=" in line])
        status, view = self.post("session", {"token": studio.address.split("token=")[1]})
        if status != 200:
            raise Failure(f"the client is not let in: {status} {view}")
        studio.address = studio.token(printed)

    def ask(self, method, path, body=None, headers={}):
        """Status and body; bytes unless it is JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        try:
            connection.request(method, f"/api/1/{path}", body, {"Cookie": self.cookie, **headers})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(str(error)) from error
        finally:
            connection.close()
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self.cookie = cookie.split(";")[0]
        if answer.getheader("Content-Type") == "application/json":
            content = json.loads(content)
        return answer.status, content

    def get(self, path):
        return self.ask("GET", path)

    def view(self, path):
        """A view that must be there."""
        status, view = self.get(path)
        if status != 200:
            raise Failure(f"{path} is answered with {status} {view}")
        return view

    def post(self, path, body={}):
        return self.ask("POST", path, json.dumps(body), self.page("application/json"))

    def upload(self, path, content):
        return self.ask("POST", path, content, self.page("application/octet-stream"))

    def page(self, kind):
        origin = f"http://127.0.0.1:{self.port}"
        return {"Origin": origin, "Sec-Fetch-Site": "same-origin", "X-Firstword": "1", "Content-Type": kind}
