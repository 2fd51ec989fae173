"""Where a feed connects, from what users give."""

import ssl
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.live.address import USER_AGENT, address_of, name_of
from rugs_lab.feed.live.live_feed import RUGS_FUN_URL, LiveFeed

PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_site_is_greeted_with_its_own_origin_and_an_honest_name():
    address = address_of(RUGS_FUN_URL)
    assert address.headers == {"Origin": "https://rugs.fun", "User-Agent": USER_AGENT}
    assert (address.url, address.path, address.transports) == (
        RUGS_FUN_URL,
        "socket.io",
        ("websocket", "polling"),
    )


@pytest.mark.parametrize("url", ["https://rugs.fun.example", "http://notrugs.fun", "http://127.0.0.1:5000"])
def test_another_host_gets_no_origin(url):
    assert "Origin" not in address_of(url).headers


def test_headers_are_replaced_whatever_their_case_and_left_out_with_none():
    headers = {"origin": "https://mirror.example", "USER-AGENT": None, "X-Own": "1"}
    assert address_of(RUGS_FUN_URL, headers=headers).headers == {
        "origin": "https://mirror.example",
        "X-Own": "1",
    }


@pytest.mark.parametrize(
    ("url", "base", "path"),
    [
        ("https://h/socket.io/?EIO=4&transport=websocket&sid=abc&t=Px1", "https://h", "socket.io"),
        ("wss://h/socket.io/?frontend-version=1.0&EIO=4&sid=a", "wss://h?frontend-version=1.0", "socket.io"),
        ("http://h:81/relay/", "http://h:81", "relay/socket.io"),
        ("http://h:81/relay/socket.io/?key=1", "http://h:81?key=1", "relay/socket.io"),
        ("http://h#fragment", "http://h", "socket.io"),
    ],
)
def test_a_copied_address_and_a_relay(url, base, path):
    address = address_of(url)
    assert (address.url, address.path) == (base, path)


def test_a_path_that_is_given_wins():
    assert address_of("http://h/relay", path="/live/ws/").path == "live/ws"


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({"https_proxy": "http://p:1"}, "https://h", "http://p:1"),
        ({"HTTPS_PROXY": "p:1"}, "wss://h", "http://p:1"),
        ({"https_proxy": "http://p:1"}, "http://h", None),
        ({"http_proxy": "http://p:1"}, "ws://h", "http://p:1"),
        ({"all_proxy": "socks5://p:1"}, "https://h", "socks5://p:1"),
        ({"all_proxy": "http://p:1", "no_proxy": ".example,h"}, "https://h", None),
        ({"all_proxy": "http://p:1"}, "http://127.0.0.1:5000", None),
        ({"all_proxy": "http://p:1"}, "http://localhost:5000", None),
        ({"all_proxy": "http://p:1"}, "http://[::1]:5000", None),
        ({"all_proxy": "http://p:1"}, "http://localhost.:5000", None),
        ({"all_proxy": "http://p:1"}, "http://0.0.0.0:5000", None),
        ({"all_proxy": "http://p:1"}, "http://[::ffff:127.0.0.1]:5000", None),
        ({"all_proxy": "http://p:1"}, "http://notlocalhost", "http://p:1"),
        ({"all_proxy": "http://p:1", "no_proxy": "h:8443"}, "https://me:word@h:8443", None),
        ({"all_proxy": "http://p:1", "no_proxy": "h:8443"}, "https://h:8444", "http://p:1"),
        ({"all_proxy": "http://p:1", "no_proxy": "[fd00::1]"}, "http://[fd00::1]", None),
        ({"all_proxy": "http://p:1", "no_proxy": "fd00::1"}, "http://[fd00::1]", None),
    ],
)
def test_the_environment_names_the_proxy(monkeypatch, environment, url, proxy):
    monkeypatch.setitem(sys.modules, "aiohttp_socks", sys)  # as if it were installed
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert address_of(url).proxy == proxy
    assert address_of(url, proxy=False).proxy is None
    assert address_of(url, proxy="http://own:2").proxy == "http://own:2"


def test_a_proxy_whose_scheme_is_in_capitals_is_not_gone_past():
    assert address_of("https://h", proxy="HTTP://p:1").proxy == "http://p:1"


def test_a_name_for_people_has_no_secrets():
    assert name_of("https://me:secret@h:8/socket.io/?key=1#x") == "https://h:8"
    feed = LiveFeed("https://me:secret@h:8/relay?key=1")
    assert feed.source == "https://h:8/relay"
    assert "secret" not in repr(feed)
    assert "key" not in repr(feed.address)


@pytest.mark.parametrize(
    "wrong", [{"url": "ftp://me:secret@h:1"}, {"url": "http://h", "proxy": "ftp://me:se@cret@h"}]
)
def test_an_error_repeats_no_password(wrong):
    with pytest.raises(ArgumentError, match="got 'ftp://h") as caught:
        address_of(**wrong)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"headers": {"a b": "1"}},
        {"headers": {"a": "1\r\nb: 2"}},
        {"headers": {"a": 1}},
        {"headers": "a: 1"},
        {"proxy": "p:1"},
        {"proxy": "ftp://p"},
        {"transports": []},
        {"transports": ["carrier pigeon"]},
        {"transports": ["polling", "polling"]},
        {"path": "a b"},
        {"path": "/"},
        {"path": "http://x/y"},
        {"ssl": "certificate.pem"},
    ],
)
def test_what_cannot_be_is_rejected_with_what_is_expected(wrong):
    with pytest.raises(ArgumentError, match="got"):
        LiveFeed("http://127.0.0.1:9", **wrong)


def test_a_context_is_taken_as_it_is():
    context = ssl.create_default_context()
    assert address_of("https://h", ssl=context).ssl is context


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_an_argument_error(text):
    for url in (text, f"http://{text}", f"https://h/{text}", f"https://h?{text}"):
        try:
            address = address_of(url, proxy=False)
        except ArgumentError:
            continue
        assert address.url.startswith(("http", "ws"))
        assert not address.path.startswith("/")
