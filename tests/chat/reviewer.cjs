/*
 * reviewer: a person at Matrix, by the client that Element is made of.
 *
 * usage: node reviewer.cjs URL USER TOKEN ROOM, with NODE_PATH; one command in
 * JSON a line, {"do": "reply", ...}; one answer a line, {"ok": ...} or
 * {"error": ...}, in the order of the commands.  The first line is
 * {"ok": "ready"}.
 */
"use strict";
const readline = require("node:readline");

// what the client has to say for itself is said by failing
for (const name of ["log", "info", "debug", "warn", "trace", "error"])
	console[name] = () => {};

const [url, user, token, room] = process.argv.slice(2);
let sdk, client;

const relates = {
	reaction: (event, key) => ({"m.relates_to":
		{rel_type: "m.annotation", event_id: event, key}}),
	edit: (event, text) => ({msgtype: "m.text", body: "* " + text,
		"m.new_content": {msgtype: "m.text", body: text},
		"m.relates_to": {rel_type: "m.replace", event_id: event}}),
};

function events() {
	const all = new Map();
	const r = client.getRoom(room);
	const sets = [r.getUnfilteredTimelineSet(),
		...r.getThreads().map((t) => t.timelineSet)];
	for (const set of sets)
		for (const timeline of set.getTimelines())
			for (const event of timeline.getEvents())
				all.set(event.getId(), event);
	return [...all.values()];
}

function messages() {
	return events().filter((e) => e.getType() === "m.room.message");
}

/* As it is seen: with the last edit in place of the first text. */
function seen(event) {
	const content = event.getContent();
	return {event: event.getId(), sender: event.getSender(),
		body: content.body, html: content.formatted_body,
		type: content.msgtype, edited: !!event.replacingEvent(),
		thread: event.threadRootId ?? null,
		mentions: content["m.mentions"] ?? null,
		redacted: event.isRedacted()};
}

const waiting = new Set();

function look() {
	for (const one of waiting)
		one();
}

/* Until some message has these words; the client tells when to look again. */
function wait({words = [], event, edited}) {
	return new Promise((resolve) => {
		const one = () => {
			const found = messages().map(seen).find((m) =>
				(!event || m.event === event) &&
				(edited === undefined || m.edited === edited) &&
				words.every((w) => (m.body ?? "").includes(w)));
			if (!found)
				return;
			waiting.delete(one);
			resolve(found);
		};
		waiting.add(one);
		one();
	});
}

/*
 * The event's id.  A client that hears of it by its sync before it is answered
 * fails; the server, asked once more by the same name, says the id again.
 */
async function sent(way, content, first) {
	const name = client.makeTxnId();
	try {
		return (await first(name)).event_id;
	} catch (error) {
		if (!/not a local echo/.test(error.message))
			throw error;
	}
	return (await client.http.authedRequest("PUT",
		`/rooms/${encodeURIComponent(room)}/${way}/${name}`, undefined,
		content)).event_id;
}

const send = (type, content, thread = null) => sent(`send/${type}`, content,
	(name) => client.sendEvent(room, thread, type, content, name));

const text = (body) => ({msgtype: "m.text", body});

const verbs = {
	say: (c) => send("m.room.message", text(c.text)),
	reply: (c) => send("m.room.message", text(c.text), c.root),
	react: (c) => send("m.reaction", relates.reaction(c.event, c.key)),
	edit: (c) => send("m.room.message", relates.edit(c.event, c.text)),
	redact: (c) => sent(`redact/${encodeURIComponent(c.event)}`, {},
		(name) => client.redactEvent(room, c.event, name)),
	see: async () => messages().map(seen),
	wait,
};

async function main() {
	sdk = await import(require.resolve("matrix-js-sdk"));
	client = sdk.createClient({baseUrl: url, userId: user,
		accessToken: token, deviceId: "reviewer"});
	for (const name of ["event", "Room.timeline", "Event.replaced",
		"Thread.update", "sync"])
		client.on(name, () => setImmediate(look));
	await new Promise((resolve, reject) => {
		client.on("sync", (state, _, data) => {
			if (state === "PREPARED")
				resolve();
			else if (state === "ERROR")
				reject(data?.error ?? new Error("no sync"));
		});
		client.startClient({initialSyncLimit: 200,
			threadSupport: true});
	});
	process.stdout.write('{"ok":"ready"}\n');
	for await (const line of readline.createInterface(process.stdin)) {
		const command = JSON.parse(line);
		let answer;
		try {
			answer = {ok: await verbs[command.do](command)};
		} catch (error) {
			answer = {error: String(error.message ?? error)};
		}
		process.stdout.write(JSON.stringify(answer) + "\n");
	}
	client.stopClient();
	process.exit(0);
}

main().catch((error) => {
	process.stdout.write(JSON.stringify({error: String(error)}) + "\n");
	process.exit(1);
});
