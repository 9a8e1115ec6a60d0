"""Slack answers by Socket Mode: what people press comes through, also after
Slack asked to connect once more, cut the line, or the daemon was killed."""

import sys

import harness
from chats import ANNA, BEN, Team, press
from harness import draft


def shown(team, subject):
    """A draft that waits, and the message in which it can be decided."""
    n, _ = team.daemon.held(draft(subject=subject))
    message = team.slack.wait(
        lambda: (m := team.slack.find(subject)) and
        team.slack.buttons(m["ts"]) and m, f"buttons under {subject}")
    team.known(2, message["ts"])  # for anna and for ben
    return n, message


def approved(team, user, message, n):
    press(team, user, message, "^Approve")
    team.slack.wait(lambda: not team.slack.buttons(message["ts"]), "outcome")
    team.daemon.outbox.wait(1)
    team.daemon.wait_state(n, "sent")


def again(team, before):
    """Waits for a connection that is none of those before, which are over."""
    team.slack.wait(
        lambda: team.slack.sockets and not any(
            s in before for s in team.slack.sockets), "another connection")


def test_the_way_stays_open(folder):
    team = Team(folder, matrix=False)
    try:
        team.start()
        n, message = shown(team, "first")
        approved(team, ANNA, message, n)
        n, message = shown(team, "asked to connect once more")
        before = list(team.slack.sockets)
        team.slack.refresh()
        again(team, before)
        approved(team, BEN, message, n)
        n, message = shown(team, "cut off")
        before = list(team.slack.sockets)
        team.slack.drop_sockets()
        again(team, before)
        approved(team, ANNA, message, n)
        n, message = shown(team, "killed")
        before = list(team.slack.sockets)
        team.daemon.kill()
        team.daemon.start()
        again(team, before)
        approved(team, BEN, message, n)
    finally:
        team.close()


harness.run(harness.tests_of(sys.modules[__name__]))
