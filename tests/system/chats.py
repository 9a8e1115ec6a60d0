"""A team that talks at Slack and at Matrix, and a daemon that asks them there
and by mail, all at once."""

import os
import re

import harness
import slack
import synapse
from harness import Daemon, Maildir

ANNA, BEN, EVE = "U0ANNA0001", "U0BEN00001", "U0EVE00001"


class Team:
    """Slack (a stand-in), Matrix (a real homeserver, or none), mail.

    anna and ben are reviewers and are asked everywhere; eve is in both places
    and is none.  socket: Slack's answers come by Socket Mode, else by HTTP.
    certificate: Slack's, (file, key file) of "localhost"; None: in clear.
    """

    def __init__(self, folder, matrix=True, socket=True, more="", chat="",
                 certificate=None, **daemon):
        if matrix:
            synapse.need()
        self.slack = slack.Slack(certificate)
        self.home = self.room = None
        self.daemon = None
        self.people = []
        try:
            if matrix:
                self.furnish()
            self.daemon = self.configure(folder, socket, more, chat, daemon)
            self.bens = Maildir(folder / "bens")
        except BaseException:
            self.close()
            raise

    def furnish(self):
        self.home = synapse.Synapse()
        self.bot = self.home.user("imprimatur")
        self.anna, self.ben, self.eve = (
            self.home.user(n) for n in ("anna", "ben", "eve"))
        self.room = self.bot.room(self.anna, self.ben, self.eve,
                                  alias="review")

    def configure(self, folder, socket, more, chat, also):
        def secret(name, text):
            path = folder / name
            path.write_text(text + "\n")
            path.chmod(0o600)
            return name
        answers = (f'app_token_file = "{secret("app", slack.APP_TOKEN)}";'
                   if socket else
                   f'secret_file = "{secret("signing", slack.SIGNING)}";')
        url = self.slack.url.replace("https://127.0.0.1", "https://localhost")
        places = [f"""{{ name = "team"; kind = "slack";
          url = "{url}"; channel = "{slack.CHANNEL}";
          token_file = "{secret("bot", slack.TOKEN)}"; {answers}
          retry_most = "1s"; per_minute = 6000; {chat} }}"""]
        media = ["mail", "team"]
        if self.home:
            media.append("room")
            places.append(f"""{{ name = "room"; kind = "matrix";
              url = "{self.home.url}"; room = "#review:{synapse.NAME}";
              token_file = "{secret("access", self.bot.token)}";
              retry_most = "1s"; per_minute = 6000; poll = "5s"; {chat} }}""")
        listed = ", ".join(f'"{m}"' for m in media)
        (folder / "bens").mkdir()
        people = ",".join(f"""{{ name = "{name}";
          address = "{name}@reviewers.example"; maildir = "{mail}";
          slack = "{slack.TEAM}/{member}"; matrix = "@{name}:{synapse.NAME}";
          media = [ {listed} ]; {rest} }}""" for name, member, mail, rest in (
              ("anna", ANNA, folder / "inbox",
               f"admin = true; users = [ {os.getuid()} ];"),
              ("ben", BEN, folder / "bens", "")))
        daemon = Daemon(folder, reviewers=people, http=None if socket
                        else "none", extra=f"""
chats = ( {", ".join(places)} );
{more}""", **also)
        if not socket:
            self.slack.request_url = ("127.0.0.1", daemon.http_port,
                                      "/slack/team")
        return daemon

    def start(self):
        """Until it is up everywhere."""
        try:
            self.daemon.start()
        except AssertionError as why:
            if "built without Socket Mode" in str(why):
                harness.skip("this build has no libwebsockets")
            raise
        if self.slack.request_url is None:
            self.slack.wait(lambda: self.slack.sockets, "Socket Mode")
        return self

    def person(self, user):
        """At Matrix, by Element's client; see node.reviewer()."""
        import node
        node.need()
        person = node.reviewer(user, self.room)
        self.people.append(person)
        return person

    def asked(self, *words):
        """Waits until a draft with these words can be answered everywhere:
        (Slack's message, Matrix's event, mail to anna)."""
        notice = self.daemon.inbox.message()
        message = self.slack.wait(
            lambda: (m := self.slack.find(*words)) and
            self.slack.buttons(m["ts"]) and m, f"buttons under {words}")
        self.known(2, message["ts"])
        event = self.home and self.bot.wait_text(self.room, *words)
        if event:  # or the thread in which a part of it is
            self.known(2, event["content"].get("m.relates_to", {}).get(
                "event_id", event["event_id"]))
        return message, event, notice

    def known(self, n, remote=None):
        self.daemon.wait_shown(n, remote)

    def close(self):
        for person in self.people:
            person.close()
        if self.daemon:
            self.daemon.close()
            self.bens.close()
        self.slack.close()
        if self.home:
            self.home.close()


def actions(message):
    """What can be done with the buttons of a message: the value of each, by
    its text."""
    import blocks
    return {e["text"]["text"]: e for _, e in blocks.elements(message)
            if e["type"] == "button"}


def press(team, user, message, words):
    """The button whose text has these words, once it is known where those who
    are asked there are: a person is not so quick."""
    import blocks
    team.known(len(blocks.wakes(message)), message["ts"])
    (label, button), = [(k, v) for k, v in actions(message).items()
                        if re.search(words, k, re.I)]
    return team.slack.press(user, message["ts"], button["action_id"],
                            button.get("value"))
