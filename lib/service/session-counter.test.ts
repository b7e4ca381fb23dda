import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ServiceRig } from './rig.test.helper.ts';
import { SessionClient } from './session-client.ts';
import { SessionCounter } from './session-counter.ts';
import { EVENT_OPEN } from './service.ts';
import type { Service, Sockets } from './service.ts';
import { ascii } from './text.ts';

/** Writes its lines at once, and tells what comes back. */
class Lines implements Service {
	readonly name = 'lines';
	readonly pools = [];
	readonly #text: string;
	constructor(lines: readonly string[]) { this.#text = lines.map((line) => `${line}\n`).join(''); }
	attach(): void {}
	start(io: Sockets): void { io.connect('10.0.0.1', 7000); }
	ready(io: Sockets, socket: number, events: number): void {
		if ((events & EVENT_OPEN) !== 0) io.write(socket, ascii(this.#text));
		for (let length = io.peek(socket); length > 0; length = io.peek(socket)) {
			io.tell('delivered', 1, 0, io.bytes.slice(io.at, io.at + length));
			io.consume(socket, length);
		}
	}
}

function answers(lines: readonly string[]): { said: string[]; state: ReturnType<typeof SessionCounter.stateIn> } {
	const rig = new ServiceRig(new SessionCounter({ sessions: 2, replies: 3 }), new Lines(lines)).run();
	return { said: rig.told('delivered').join('').split('?').slice(0, -1), state: SessionCounter.stateIn(rig.server.image) };
}

test('a request that comes again is answered again and not executed again', () => {
	const { said, state } = answers(['hello', 'inc c1 s1 l1', 'inc c1 s1 l1', 'inc c1 s2 l1', 'inc c1 s1 l1']);
	assert.equal(said, ['session 1', '11 s1', '11 s1', '12 s2', '11 s1']);
	assert.equal(state, { counter: 12, sessions: 1, replies: 2 });
});

test('without a session a line is executed each time that it comes', () => {
	assert.equal(answers(['inc', 'inc', 'anything']).said, ['11', '12', '13']);
});

test('who never opened a session gets an error, and is not given one', () => {
	const { said, state } = answers(['inc c9 s1 l1', 'hello', 'inc c1 s1 l1']);
	assert.equal(said, ['expired s1', 'session 1', '11 s1']);
	assert.is(state.sessions, 1);
});

test('what has no room is not executed', () => {
	const { said, state } = answers(['hello', 'hello', 'hello', 'inc c1 s1 l1', 'inc c2 s1 l1', 'inc c1 s2 l1', 'inc c1 s3 l1', 'inc c1 s3 l3']);
	assert.equal(said, ['session 1', 'session 2', 'full', '11 s1', '12 s1', '13 s2', 'full s3', '14 s3']);
	assert.equal(state, { counter: 14, sessions: 2, replies: 2 });
});

test('a client with a session counts on, and only its last reply is kept', () => {
	const rig = new ServiceRig(new SessionCounter(), new SessionClient({ requests: [0, 0, 50_000] })).run();
	assert.equal(rig.told('delivered'), ['11 s1', '12 s2', '13 s3']);
	assert.equal(rig.told('wrote'), ['hello', 'inc c1 s1 l1', 'inc c1 s2 l2', 'inc c1 s3 l3']);
	assert.equal(SessionCounter.stateIn(rig.server.image), { counter: 13, sessions: 1, replies: 1 });
});

/** A cable that is cut while the reply to the second request is on it. */
function interrupted(session: boolean, lifetime: number = 0): ServiceRig {
	const rig = new ServiceRig(new SessionCounter({ lifetime }), new SessionClient({ requests: [0, 50_000, 900_000], session, timeout: 100_000 }), { delay: 200 });
	const [link] = rig.world.links;
	rig.world.at(50_300, (world) => world.cut(link!));
	rig.world.at(260_000, (world) => world.mend(link!));
	return rig;
}

test('its connection lost, a client asks again over another: with a session it is executed once', () => {
	const rig = interrupted(true).run();
	assert.equal(rig.told('delivered'), ['11 s1', '12 s2', '13 s3']);
	assert.equal(rig.told('failed'), []);
	assert.ok([...rig.trace.of('connected')].length > 1);
	assert.is(SessionCounter.stateIn(rig.server.image).counter, 13);
});

test('without a session it is executed twice', () => {
	assert.equal(interrupted(false).run().told('delivered'), ['11', '13', '14']);
});

test('a client whose session is over is told so, and asks for no other', () => {
	const rig = interrupted(true, 150_000).run();
	assert.equal(rig.told('delivered'), ['11 s1']);
	assert.equal(rig.told('failed'), ['ESESSION']);
	assert.is(rig.told('wrote').filter((line) => line === 'hello').length, 1);
	assert.is(SessionCounter.stateIn(rig.server.image).sessions, 0);
});

test('a client that reaches nobody gives up behind its last try', () => {
	const rig = new ServiceRig(new SessionCounter({ port: 1 }), new SessionClient({ requests: [0], tries: 3 })).run(9_000_000);
	assert.equal(rig.told('failed'), ['ECONNREFUSED']);
	assert.is([...rig.trace.of('connecting')].length, 3);
});

test.run();
