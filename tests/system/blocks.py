"""What Slack takes as blocks of a message or a modal: the limits that it
publishes, so that a message of ours which passes here passes there; what a
person reads of it; and whom it would wake.

Written from the reference of Block Kit; `limits` of a block are in characters.
"""

import re

MESSAGE_BLOCKS, MODAL_BLOCKS = 50, 100
MESSAGE_TEXT = 40000
MESSAGE_TOTAL = 13200  # of all blocks; not published, but met by many
STYLES = {"primary", "danger"}
ELEMENTS = {"button", "static_select", "overflow", "plain_text_input",
            "image", "radio_buttons", "checkboxes", "multi_static_select",
            "datetimepicker"}


class Wrong(Exception):
    """Not taken; says why, as response_metadata.messages would."""


def need(truth, why):
    if not truth:
        raise Wrong(why)


def check_text(text, where, most, kinds=("plain_text", "mrkdwn")):
    need(isinstance(text, dict), f"{where}: must be a text object")
    need(text.get("type") in kinds, f"{where}: type must be one of {kinds}")
    need(isinstance(text.get("text"), str), f"{where}: no text")
    need(1 <= len(text["text"]) <= most,
         f"{where}: must have 1 to {most} characters, not {len(text['text'])}")
    need(set(text) <= {"type", "text", "emoji", "verbatim"},
         f"{where}: additional property")
    if text["type"] == "plain_text":
        need("verbatim" not in text, f"{where}: verbatim is for mrkdwn")
    else:
        need("emoji" not in text, f"{where}: emoji is for plain_text")


def plain(text, where, most):
    check_text(text, where, most, ("plain_text",))


def check_option(option, where):
    check_text(option.get("text"), f"{where}/text", 75)
    need(isinstance(option.get("value"), str) and
         1 <= len(option["value"]) <= 150, f"{where}: value of 1 to 150")
    if "description" in option:
        plain(option["description"], f"{where}/description", 75)


def check_confirm(confirm, where):
    plain(confirm.get("title"), f"{where}/title", 100)
    check_text(confirm.get("text"), f"{where}/text", 300)
    plain(confirm.get("confirm"), f"{where}/confirm", 30)
    plain(confirm.get("deny"), f"{where}/deny", 30)
    need(confirm.get("style", "primary") in STYLES, f"{where}: style")


def check_button(e, where):
    plain(e.get("text"), f"{where}/text", 75)
    need(len(e.get("value", "")) <= 2000, f"{where}: value")
    need(len(e.get("url", "")) <= 3000, f"{where}: url")
    need(e.get("style", "primary") in STYLES, f"{where}: style")
    need(len(e.get("accessibility_label", "")) <= 75, f"{where}: label")


def check_select(e, where):
    options = e.get("options")
    groups = e.get("option_groups")
    need((options is None) != (groups is None), f"{where}: options")
    for group in groups or []:
        plain(group.get("label"), f"{where}/label", 75)
    options = options or [o for g in groups for o in g["options"]]
    need(1 <= len(options) <= 100, f"{where}: 1 to 100 options")
    for n, option in enumerate(options):
        check_option(option, f"{where}/options/{n}")
    if "placeholder" in e:
        plain(e["placeholder"], f"{where}/placeholder", 150)
    if "initial_option" in e:
        need(e["initial_option"] in options, f"{where}: initial_option")


def check_overflow(e, where):
    need(1 <= len(e.get("options", [])) <= 5, f"{where}: 1 to 5 options")
    for n, option in enumerate(e["options"]):
        check_option(option, f"{where}/options/{n}")


def check_input(e, where):
    least, most = e.get("min_length", 0), e.get("max_length", 3000)
    need(0 <= least <= 3000 and 1 <= most <= 3000, f"{where}: length")
    need(len(e.get("initial_value", "")) <= most, f"{where}: initial_value")
    if "placeholder" in e:
        plain(e["placeholder"], f"{where}/placeholder", 150)


CHECKS = {"button": check_button, "static_select": check_select,
          "multi_static_select": check_select, "overflow": check_overflow,
          "plain_text_input": check_input}


def check_element(e, where, allowed):
    need(isinstance(e, dict) and e.get("type") in allowed & ELEMENTS,
         f"{where}: type {e.get('type')!r} does not belong here")
    need(1 <= len(e.get("action_id", "x")) <= 255, f"{where}: action_id")
    if "confirm" in e:
        check_confirm(e["confirm"], f"{where}/confirm")
    if e["type"] in CHECKS:
        CHECKS[e["type"]](e, where)


def check_rich(block, where):
    kinds = {"rich_text_section", "rich_text_list", "rich_text_quote",
             "rich_text_preformatted"}
    need(block.get("elements"), f"{where}: no elements")
    for n, part in enumerate(block["elements"]):
        need(part.get("type") in kinds, f"{where}/{n}: type")
        need(isinstance(part.get("elements"), list), f"{where}/{n}: elements")
        if part["type"] == "rich_text_list":
            check_rich(part, f"{where}/{n}")
            continue
        for k, leaf in enumerate(part["elements"]):
            at = f"{where}/{n}/{k}"
            need(leaf.get("type") in {
                "text", "link", "emoji", "user", "usergroup", "channel",
                "broadcast", "date", "color"}, f"{at}: type")
            if leaf["type"] == "text":
                need(isinstance(leaf.get("text"), str) and leaf["text"],
                     f"{at}: text")


def check_section(block, where):
    need("text" in block or "fields" in block, f"{where}: nothing in it")
    if "text" in block:
        check_text(block["text"], f"{where}/text", 3000)
    need(len(block.get("fields", [1])) in range(1, 11), f"{where}: fields")
    for n, field in enumerate(block.get("fields", [])):
        check_text(field, f"{where}/fields/{n}", 2000)
    if "accessory" in block:
        check_element(block["accessory"], f"{where}/accessory",
                      ELEMENTS - {"plain_text_input"})


def check_context(block, where):
    need(1 <= len(block.get("elements", [])) <= 10, f"{where}: 1 to 10")
    for n, e in enumerate(block["elements"]):
        if e.get("type") != "image":
            check_text(e, f"{where}/{n}", 3000)


def check_actions(block, where):
    need(1 <= len(block.get("elements", [])) <= 25, f"{where}: 1 to 25")
    ids = [e.get("action_id") for e in block["elements"]
           if e.get("action_id")]
    need(len(ids) == len(set(ids)), f"{where}: an action_id twice")
    for n, e in enumerate(block["elements"]):
        check_element(e, f"{where}/{n}", ELEMENTS - {"plain_text_input"})


def check_input_block(block, where):
    plain(block.get("label"), f"{where}/label", 2000)
    if "hint" in block:
        plain(block["hint"], f"{where}/hint", 2000)
    check_element(block.get("element") or {}, f"{where}/element",
                  ELEMENTS - {"button", "overflow", "image"})


def check_header(block, where):
    plain(block.get("text"), f"{where}/text", 150)


def check_markdown(block, where):
    need(1 <= len(block.get("text", "")) <= 12000, f"{where}: text")


BLOCKS = {"section": check_section, "context": check_context,
          "actions": check_actions, "input": check_input_block,
          "header": check_header, "rich_text": check_rich,
          "markdown": check_markdown, "divider": lambda block, where: None}


def check_blocks(blocks, most):
    need(isinstance(blocks, list), "blocks must be a list")
    need(len(blocks) <= most, f"no more than {most} items allowed")
    ids = [b.get("block_id") for b in blocks if isinstance(b, dict)]
    ids = [i for i in ids if i is not None]
    need(len(ids) == len(set(ids)), "a block_id twice")
    need(all(1 <= len(i) <= 255 for i in ids), "block_id")
    for n, block in enumerate(blocks):
        where = f"/blocks/{n}"
        need(isinstance(block, dict) and block.get("type") in BLOCKS,
             f"{where}: unsupported type")
        BLOCKS[block["type"]](block, where)


def check_view(view):
    need(isinstance(view, dict) and view.get("type") == "modal",
         "view: type must be modal")
    plain(view.get("title"), "/title", 24)
    for name in ("submit", "close"):
        if name in view:
            plain(view[name], f"/{name}", 24)
    need(len(view.get("private_metadata", "")) <= 3000, "/private_metadata")
    need(len(view.get("callback_id", "")) <= 255, "/callback_id")
    check_blocks(view.get("blocks"), MODAL_BLOCKS)
    if any(b["type"] == "input" for b in view["blocks"]):
        need("submit" in view, "/submit is required with input blocks")


def walk(thing):
    """Every dict within, outermost first."""
    if isinstance(thing, dict):
        yield thing
        for value in thing.values():
            yield from walk(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from walk(value)


def total(blocks):
    """Characters of all texts."""
    return sum(len(d["text"]) for d in walk(blocks)
               if isinstance(d.get("text"), str))


def pieces(thing):
    """What stands on its own for a reader: lines of rich text whole, other
    texts one by one."""
    if isinstance(thing, list):
        for value in thing:
            yield from pieces(value)
    elif isinstance(thing, dict):
        leaves = thing.get("elements")
        if thing.get("type", "").startswith("rich_text_") and all(
                not e["type"].startswith("rich_text_") for e in leaves):
            yield "".join(
                f"<@{e['user_id']}>" if e["type"] == "user"
                else e.get("text") or e.get("url") or "" for e in leaves)
            return
        if isinstance(thing.get("text"), str):
            yield (unescape(thing["text"]) if thing.get("type") == "mrkdwn"
                   else thing["text"])
        if isinstance(thing.get("initial_value"), str):
            yield thing["initial_value"]
        for value in thing.values():
            yield from pieces(value)


def words(message):
    """All that a person can read of a message or view, in its order; mrkdwn's
    three escapes undone."""
    found = list(pieces(message.get("blocks") or []))
    return "\n".join(found or [unescape(message.get("text") or "")])


def unescape(text):
    return (text.replace("&lt;", "<").replace("&gt;", ">")
            .replace("&amp;", "&"))


def wakes(message):
    """Whom a message makes aware: "U...", "!channel", "!here", "!everyone",
    "!subteam^S..."; what stands in mrkdwn, in the plain `text`, or in rich
    text as an element for it."""
    found = set()
    texts = [message.get("text") or ""]
    for d in walk(message.get("blocks") or []):
        if d.get("type") in ("mrkdwn", "markdown"):
            texts.append(d.get("text", ""))
        if d.get("type") == "user":
            found.add(d["user_id"])
        if d.get("type") == "broadcast":
            found.add("!" + d["range"])
        if d.get("type") == "usergroup":
            found.add("!subteam^" + d["usergroup_id"])
    for text in texts:
        found.update(re.findall(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", text))
        found.update(re.findall(r"<(![a-z]+(?:\^[A-Z0-9]+)?)(?:\|[^>]*)?>",
                                text))
    return found


def elements(message):
    """Everything that can be pressed: (block_id, element)."""
    for block in message.get("blocks") or []:
        if block["type"] == "actions":
            for e in block["elements"]:
                yield block.get("block_id", ""), e
        elif "accessory" in block:
            yield block.get("block_id", ""), block["accessory"]
