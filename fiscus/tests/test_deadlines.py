"""A connection whose time is over is cut, however busy the other side keeps it."""

import socket
import time

import pytest

from fiscus.deadlines import cut_after


@pytest.fixture
def pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    return ours, theirs


def test_who_waits_for_the_other_side_is_waked(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with ours, theirs:
        began = time.monotonic()
        with cut_after(ours, 0.05) as is_over:
            said = ours.recv(10)

        assert (said, is_over.is_set()) == (b"", True)
        assert time.monotonic() - began < 2


def test_a_connection_in_time_stays_open(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with ours, theirs:
        with cut_after(ours, 5) as is_over:
            theirs.sendall(b"one")
            assert ours.recv(10) == b"one"
        theirs.sendall(b"two")

        assert (ours.recv(10), is_over.is_set()) == (b"two", False)
