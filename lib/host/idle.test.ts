import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Tcb, freebsd, linux, rfc } from '../../tcp/index.ts';
import type { Profile } from '../../tcp/index.ts';
import type { Sink } from '../wire/node.ts';
import type { Application } from './application.ts';
import { Host } from './host.ts';

const PORT = 7, CONNECTIONS = 10;

const opener: Application = {
	name: 'opener', pools: [], attach: () => { /* keeps nothing */ },
	start: (io) => { for (let i = 0; i < CONNECTIONS; i++) io.connect('10.0.0.2', PORT); },
	ready: () => { /* says nothing */ },
};
let listener = 0;
const taker: Application = {
	name: 'taker', pools: [], attach: () => { /* keeps nothing */ },
	start: (io) => { listener = io.listen(PORT); },
	ready: (io, socket) => { if (socket === listener) while (io.accept(listener) !== 0); else io.consume(socket, io.readable(socket)); },
};

function meet(profile: Profile): { a: Host; b: Host; run: () => void } {
	const a = new Host({ mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], application: opener, profile });
	const b = new Host({ mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application: taker, profile });
	let now = 0;
	const to = (host: Host): Sink => ({ take: (bytes, at, length) => host.receive(0, bytes, at, length, now) });
	const run = (): void => {
		for (let i = 0; i < 20; i++) {
			now += 1000;
			a.drain(to(b));
			b.drain(to(a));
		}
	};
	run();
	return { a, b, run };
}

const second = (host: Host): number => host.image.live(host.image.pool('tcbAside'));

for (const profile of [rfc, linux, freebsd]) {
	test(`a connection that is open and was never used has no second record, profile ${profile.name}`, () => {
		const { a, b } = meet(profile);
		assert.is(b.tcp.counters.opened, CONNECTIONS);
		assert.is(second(a), 0);
		assert.is(second(b), 1, 'the listener has one');
	});
}

test('a connection that is used has one, and it goes with the connection', () => {
	const { a, b, run } = meet(rfc);
	const { image, tcp } = a;
	const at = image.first(image.pool('tcb'));
	a.sockets.write(at, Uint8Array.of(1, 2, 3));
	run();
	assert.equal([second(a), second(b)], [1, 2]);
	a.sockets.abort(at);
	run();
	assert.equal([second(a), second(b)], [0, 1]);
	assert.is(image.live(tcp.tcbs), CONNECTIONS - 1);
});

test('twelve control blocks fit into a page', () => {
	assert.ok(Tcb.placement.size * 12 <= 4096, `a control block takes ${Tcb.placement.size} bytes: mark \`aside\` what only a connection in use needs`);
});

test.run();
