"""Nobody gets in without being let in, whatever the route; and nothing outside the server's root is reached."""

from __future__ import annotations

import json
import re
import socket
from http.cookies import SimpleCookie

import pytest
import websocket
from serving import API, TOKEN, Server, routes, serving

import jupyter_mlops as mlops
from jupyter_mlops.api import OPERATIONS


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("access")
    mlops.open_project(home / "root" / "churn", create=True)
    mlops.open_project(home / "outside", create=True)
    (home / "root" / "link").symlink_to(home / "outside")
    mlops.open_project(home / "root" / ".hidden" / "secret", create=True)
    with serving(home) as running:
        yield running


@pytest.fixture(scope="module")
def all_routes(tmp_path_factory):
    found = [route for route in routes(tmp_path_factory.mktemp("routes")) if route[0] not in ("OPTIONS", "HEAD")]
    assert len(found) >= len(OPERATIONS) + 3, found
    return found


def path_of(pattern: str) -> str:
    """Return a path that the route takes."""
    path = pattern.removesuffix("$").removesuffix("/?").replace("([^/]+)", "one")
    assert re.fullmatch(pattern.removesuffix("$"), path), pattern
    return f"{path}?project=churn"


def knock(server: Server, route: tuple[str, str, bool], headers: dict[str, str]) -> int:
    """Return the status with which a route answers; a websocket's is that of its handshake."""
    method, pattern, streams = route
    if not streams:
        return server.ask(method, path_of(pattern), {} if method in ("POST", "PUT") else None, headers).status
    try:
        lines = [f"{name}: {value}" for name, value in headers.items()]
        websocket.create_connection(f"ws://127.0.0.1:{server.port}{path_of(pattern)}", timeout=20, header=lines).close()
    except websocket.WebSocketBadStatusException as refused:
        return refused.status_code
    return 101


def cookies(server: Server) -> dict[str, str]:
    """Return the headers of a browser that logged in with the token, without the one that proves where a request comes from."""
    answer = server.ask("GET", f"/?token={TOKEN}", headers={})
    while answer.status in (301, 302):
        jar = SimpleCookie(answer.headers.get("set-cookie", ""))
        there = answer.headers["location"]
        answer = server.ask("GET", there, headers={"Cookie": "; ".join(f"{key}={value.value}" for key, value in jar.items())})
        if jar:
            break
    raw = server.ask("GET", f"/api/status?token={TOKEN}", headers={})
    jar = SimpleCookie()
    for line in raw.headers.get("set-cookie", "").split(", "):
        jar.load(line)
    return {"Cookie": "; ".join(f"{key}={morsel.value}" for key, morsel in jar.items())}


def test_every_route_refuses_who_has_no_token(server, all_routes):
    let_in = [route for route in all_routes if knock(server, route, {}) not in (401, 403)]
    assert let_in == []


def test_every_route_refuses_who_has_another_token(server, all_routes):
    let_in = [route for route in all_routes if knock(server, route, {"Authorization": "token another"}) not in (401, 403)]
    assert let_in == []


def test_every_route_that_changes_something_refuses_a_browser_that_another_site_sent(server, all_routes):
    headers = cookies(server)
    assert server.ask("GET", f"{API}/hello", headers=headers).status == 200, "the browser is logged in"
    changing = [route for route in all_routes if route[0] in ("POST", "PUT", "DELETE")]
    assert len(changing) >= 15
    let_in = [route for route in changing if knock(server, route, headers) != 403]
    assert let_in == []
    assert "_xsrf" in server.ask("POST", f"{API}/runs?project=churn", {}, headers).json["message"]


def test_the_websocket_refuses_another_sites_page(server, all_routes):
    (route,) = [route for route in all_routes if route[2]]
    headers = {**cookies(server), "Origin": "https://elsewhere.example"}
    assert knock(server, route, headers) == 403


def test_a_refusal_by_the_authorizer_holds_for_every_route(tmp_path, all_routes):
    config = """
from jupyter_server.auth import Authorizer
class Nobody(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "jupyter-mlops" or "hello" in handler.request.path
c.ServerApp.authorizer_class = Nobody
"""
    with serving(tmp_path, config=config) as server:
        mlops.open_project(server.root / "churn", create=True)
        rest = [route for route in all_routes if "hello" not in route[1]]
        let_in = [route for route in rest if knock(server, route, server.headers) != 403]
        assert let_in == []


def test_who_may_read_only_can_neither_write_nor_run_anything(tmp_path, all_routes):
    config = """
from jupyter_server.auth import Authorizer
class Reader(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return action == "read"
c.ServerApp.authorizer_class = Reader
"""
    with serving(tmp_path, config=config) as server:
        mlops.open_project(server.root / "churn", create=True)
        assert server.call("GET", "/runs").status == 200
        assert server.call("POST", "/workflows/nightly/check", body={"yaml": "name: nightly\nsteps: {}"}).status == 200
        ran = server.call("POST", "/workflows/nightly/check", body={"python": "open('ran', 'w')"})
        assert ran.status == 403 and not list(tmp_path.rglob("ran"))
        for operation in OPERATIONS.values():
            if operation.writes:
                path = f"{API}{re.sub(r'{.*?}', 'one', operation.path)}?project=churn"
                assert server.ask(operation.method, path, {} if operation.method != "DELETE" else None).status == 403, (
                    operation.name
                )


@pytest.mark.parametrize(
    "place",
    [
        "..",
        "../outside",
        "churn/../../outside",
        "/etc",
        "/",
        "churn/..",
        "./churn",
        "link",
        "churn\\..",
        "c\0d",
        "~",
        "nowhere",
        "\ud800",
        "x" * 300,
        "x/" * 2000,
        " ",
    ],
)
def test_a_project_outside_the_root_is_refused(server, place):
    from urllib.parse import quote

    name = quote(place.encode("utf-8", "surrogatepass"))
    answer = server.ask("GET", f"{API}/runs?project={name}")
    assert answer.status in (400, 404), answer.body
    assert "rows" not in answer.json
    assert answer.json["message"] and "Traceback" not in answer.json["message"]
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        url = f"ws://127.0.0.1:{server.port}{API}/events?project={name}"
        websocket.create_connection(url, timeout=20, header=[f"Authorization: token {TOKEN}"])
    assert refused.value.status_code in (400, 404)


@pytest.mark.parametrize("part", ["", "/log", "/diff"])
def test_an_id_that_no_folder_can_have_is_no_run(server, part):
    answer = server.call("GET", f"/runs/{'x' * 3000}{part}")
    assert answer.status == 404 and answer.json["kind"] == "RunNotFoundError"


def test_refusals_of_places_are_logged(server):
    server.call("GET", "/runs", project="../outside")
    assert "a request for a project was refused: '../outside'" in server.said


def test_hidden_folders_are_reached_only_where_the_contents_manager_shows_them(server, tmp_path):
    assert server.call("GET", "/runs", project=".hidden/secret").status == 400
    with serving(tmp_path, "--ContentsManager.allow_hidden=True") as open_one:
        mlops.open_project(open_one.root / ".hidden" / "secret", create=True)
        assert open_one.call("GET", "/runs", project=".hidden/secret").status == 200


@pytest.mark.parametrize(
    "path", ["/runs/..", "/runs/%2e%2e%2fchurn", "/functions/..%2f..%2fx", "/workflows/%2e%2e%2fproject", "/artifacts/..%2fx"]
)
def test_a_name_can_not_be_a_path(server, path):
    answer = server.ask("GET", f"{API}{path}?project=churn")
    assert answer.status in (400, 404)
    assert b"Traceback" not in answer.body


def test_a_body_that_is_too_large_is_refused(server):
    answer = server.call("PUT", "/functions/train", body={"code": "x" * (4 << 20)})
    assert answer.status == 413
    assert "send less" in answer.json["message"]


def test_a_body_in_pieces_that_is_too_large_is_refused(server):
    piece = b"x" * (1 << 20)
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        head = f"PUT {API}/functions/train?project=churn HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {TOKEN}\r\n"
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(5):
            line.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        line.sendall(b"0\r\n\r\n")
        assert b" 413 " in line.recv(1000).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1]", b'"text"', b"\xff\xfe", b"{" * 100_000, b'{"name": NaN, "code": 1}', b'{"name": "a", "code": 7}', b"null"],
)
def test_a_body_that_makes_no_sense_is_refused(server, body):
    answer = server.call("PUT", "/functions/train", body=body)
    assert answer.status == 400, answer.body
    assert answer.json["message"] and "Traceback" not in answer.json["message"]


def test_an_argument_of_the_wrong_type_is_named(server):
    answer = server.call("GET", "/runs", limit="many")
    assert answer.status == 400
    assert "limit" in answer.json["message"]
    unknown = server.call("GET", "/runs", colour="red")
    assert unknown.status == 400 and "colour" in unknown.json["message"]


def test_an_error_of_our_own_is_logged_and_not_shown(server):
    (server.root / "broken").mkdir()
    project = mlops.open_project(server.root / "broken", create=True)
    (project.folder / "runs").rmdir()
    (project.folder / "functions" / "train.ipynb").mkdir()
    answer = server.call("GET", "/functions/train", project="broken")
    assert b"Traceback" not in answer.body
    assert answer.status in (400, 404, 500)


def test_answers_say_that_they_are_json_and_nothing_else(server):
    answer = server.call("GET", "/runs")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "message", ["", "{", "[]", '{"follow": "all"}', '{"follow": [1]}', '{"unfollow": []}', "x" * 100_000, b"\xff\x00"]
)
def test_a_message_on_the_websocket_that_makes_no_sense_is_refused_and_the_line_stays_open(server, message):
    line = server.watch()
    try:
        if isinstance(message, bytes):
            line.send_binary(message)
        else:
            line.send(message)
        (refused,) = json.loads(line.recv())
        assert refused["type"] == "refused" and "follow" in refused["message"]
        line.send('{"follow": []}')
        line.ping()
        assert line.connected
    finally:
        line.close()
