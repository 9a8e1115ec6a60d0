/*
 * judge: Slack's own clients, which take the tests' stand-in for Slack, or do
 * not.
 *
 * usage: node judge.cjs '{"url", "hook", "token", "app_token", "signing"}',
 * with NODE_PATH; one command in JSON a line, one answer a line.
 */
"use strict";
const readline = require("node:readline");
const {WebClient} = require("@slack/web-api");
const {IncomingWebhook} = require("@slack/webhook");
const {SocketModeClient} = require("@slack/socket-mode");
const bolt = require("@slack/bolt");

const given = JSON.parse(process.argv[2]);
const api = {slackApiUrl: given.url + "/", logLevel: "error",
	retryConfig: {retries: 2, minTimeout: 50, maxTimeout: 50}};
const web = new WebClient(given.token, api);
const seen = [];
let socket;

/* What it says no with: {"code", "error", ...} as the client has it. */
function refusal(error) {
	return {refused: error.data?.error ?? error.code ?? error.message,
		code: error.code, data: error.data ?? null,
		status: error.statusCode ?? null};
}

function what(body) {
	if (body.type === "event_callback")
		return {type: "event", user: body.event.user,
			text: body.event.text, thread: body.event.thread_ts,
			id: body.event_id};
	return {type: body.type, user: body.user.id,
		action: body.actions?.[0]?.action_id,
		value: body.actions?.[0]?.value,
		chosen: body.actions?.[0]?.selected_option?.value,
		ts: body.container?.message_ts,
		values: body.view?.state?.values, trigger: body.trigger_id};
}

const verbs = {
	/* any method of the Web API, by the client's own function for it */
	call: async ({method, args}) => {
		let at = web;
		for (const name of method.split("."))
			at = at[name];
		return at(args);
	},
	hook: async ({message}) =>
		new IncomingWebhook(given.hook).send(message),
	/* an app of bolt on a port; its receiver checks the signatures */
	listen: async () => {
		const receiver = new bolt.HTTPReceiver({
			signingSecret: given.signing, logLevel: "error",
			endpoints: ["/slack/team"]});
		const app = new bolt.App({receiver, token: given.token,
			clientOptions: api, logLevel: "error",
			ignoreSelf: true});
		app.action(/.*/, async ({ack, body}) => {
			seen.push(what(body));
			await ack();
		});
		app.view(/.*/, async ({ack, body}) => {
			seen.push(what(body));
			await ack({response_action: "clear"});
		});
		app.event("message", async ({body}) => {
			seen.push(what(body));
		});
		const server = await app.start(0);
		return server.address().port;
	},
	socket: async () => {
		socket = new SocketModeClient({appToken: given.app_token,
			clientOptions: api, logLevel: "error"});
		socket.on("slack_event", async ({ack, body}) => {
			seen.push(what(body));
			await ack(body.type === "view_submission"
				? {response_action: "clear"} : undefined);
		});
		await socket.start();
		return "connected";
	},
	connected: async () => new Promise((resolve) => {
		socket.once("connected", () => resolve("again"));
	}),
	seen: async () => seen.splice(0),
};

async function main() {
	process.stdout.write('{"ok":"ready"}\n');
	for await (const line of readline.createInterface(process.stdin)) {
		const command = JSON.parse(line);
		let answer;
		try {
			answer = await verbs[command.do](command);
		} catch (error) {
			answer = refusal(error);
		}
		process.stdout.write(JSON.stringify({ok: answer ?? null}) +
			"\n");
	}
	process.exit(0);
}

main();
