import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Image } from '../memory/index.ts';
import { SessionTable, sessionTablePools } from './session.ts';
import type { SessionOptions } from './session.ts';
import { inSession, openedIn, sessionIn } from './session-text.ts';
import { ascii, textOf } from './text.ts';

function made(options: SessionOptions = {}): { image: Image; table: SessionTable } {
	const image = new Image({ pools: sessionTablePools(options), pages: 4, chunk: 2048, scratch: 0 });
	return { image, table: new SessionTable(image, options) };
}

/** Executes a request where it is to be executed; what came of it. */
function asked(table: SessionTable, session: number, serial: number, lowest: number, now: number, reply: string): string {
	const standing = table.judge({ session, serial, lowest }, now);
	if (standing === 'new') table.answer(ascii(reply));
	return standing === 'answered' ? `answered ${textOf(table.reply)}` : standing;
}

test('a request is executed once, and answered again as it was', () => {
	const { table } = made();
	const session = table.open(0);
	assert.is(asked(table, session, 1, 1, 10, 'eleven'), 'new');
	assert.is(asked(table, session, 1, 1, 20, 'twelve'), 'answered eleven');
	assert.is(asked(table, session, 2, 2, 30, 'twelve'), 'new');
	assert.is(asked(table, session, 1, 1, 40, '?'), 'collected');
	assert.is(asked(table, session, 2, 1, 50, '?'), 'answered twelve');
});

test('several requests may be outstanding, in any order; what the client has is let go', () => {
	const { table } = made();
	const session = table.open(0);
	for (const serial of [3, 1, 5, 2, 4]) assert.is(asked(table, session, serial, 1, 0, `r${serial}`), 'new');
	assert.is(table.replies, 5);
	assert.is(asked(table, session, 4, 3, 0, ''), 'answered r4');
	assert.is(table.replies, 3);
	assert.is(asked(table, session, 2, 3, 0, ''), 'collected');
	assert.is(asked(table, session, 6, 6, 0, 'r6'), 'new');
	assert.is(table.replies, 1);
});

test('an old copy that says less is collected than was said before brings nothing back', () => {
	const { table } = made();
	const session = table.open(0);
	asked(table, session, 1, 1, 0, 'a');
	asked(table, session, 2, 2, 0, 'b');
	assert.is(asked(table, session, 1, 1, 0, 'again'), 'collected');
	assert.is(table.replies, 1);
});

test('who is silent for too long is forgotten, gets an error, and no session is made for it', () => {
	const { table } = made({ lifetime: 100 });
	const first = table.open(0), second = table.open(50);
	assert.is(asked(table, first, 1, 1, 60, 'a'), 'new');
	assert.is(asked(table, second, 1, 1, 149, 'b'), 'new');
	assert.is(table.sessions, 2);
	assert.is(asked(table, first, 1, 1, 160, '?'), 'expired');
	assert.is(table.sessions, 1);
	assert.is(table.replies, 1);
	assert.is(asked(table, first, 2, 1, 161, '?'), 'expired');
	assert.is(asked(table, second, 1, 1, 248, '?'), 'answered b');
	assert.is(table.open(10_000), 3, 'a number is never given twice');
	assert.is(asked(table, first, 1, 1, 10_001, '?'), 'expired');
});

test('with a lifetime of 0 nobody is ever forgotten; a session can be closed', () => {
	const { table } = made({ lifetime: 0 });
	const session = table.open(0);
	asked(table, session, 1, 1, 0, 'a');
	assert.is(asked(table, session, 1, 1, 1e15, '?'), 'answered a');
	assert.ok(table.close(session));
	assert.not(table.close(session));
	assert.equal([table.sessions, table.replies], [0, 0]);
	assert.is(asked(table, session, 1, 1, 1e15, '?'), 'expired');
});

test('a full table opens no session and executes nothing whose reply it could not keep', () => {
	const { table } = made({ sessions: 2, replies: 2 });
	const first = table.open(0), second = table.open(0);
	assert.is(table.open(0), 0);
	assert.equal([asked(table, first, 1, 1, 0, 'a'), asked(table, second, 1, 1, 0, 'b'), asked(table, first, 2, 1, 0, 'c')], ['new', 'new', 'full']);
	assert.is(asked(table, first, 2, 2, 0, 'c'), 'new', 'the client has let the first go');
	assert.is(asked(table, first, 2, 2, 0, 'c'), 'answered c');
});

test('a reply that is longer than was said is an error at once', () => {
	const { table } = made({ longest: 8 });
	table.judge({ session: table.open(0), serial: 1, lowest: 1 }, 0);
	table.answer(new Uint8Array(8));
	assert.throws(() => table.answer(new Uint8Array(9)), /9 bytes/);
});

interface Known { readonly replies: Map<number, string>; lowest: number; heardAt: number }

const act = fc.record({ what: fc.constantFrom('open', 'ask', 'ask', 'ask', 'close'), session: fc.integer({ min: 0, max: 8 }), serial: fc.integer({ min: 0, max: 6 }), behind: fc.integer({ min: 0, max: 3 }), passed: fc.integer({ min: 0, max: 60 }) });

/** What the table is to say, kept in maps. */
class Model {
	readonly sessions: Map<number, Known> = new Map();
	#last = 0;

	sweep(now: number): void {
		for (const [number, { heardAt }] of this.sessions) if (now >= heardAt + 100) this.sessions.delete(number);
	}

	get replies(): number { return [...this.sessions.values()].reduce((sum, { replies }) => sum + replies.size, 0); }

	open(now: number): number {
		this.sweep(now);
		if (this.sessions.size === 4) return 0;
		this.sessions.set(++this.#last, { replies: new Map(), lowest: 1, heardAt: now });
		return this.#last;
	}

	ask(session: number, serial: number, lowest: number, now: number, reply: string): string {
		this.sweep(now);
		const known = this.sessions.get(session);
		if (known === undefined) return 'expired';
		known.heardAt = now;
		known.lowest = Math.max(known.lowest, lowest);
		for (const kept of known.replies.keys()) if (kept < known.lowest) known.replies.delete(kept);
		if (serial < known.lowest) return 'collected';
		const stored = known.replies.get(serial);
		if (stored !== undefined) return `answered ${stored}`;
		if (this.replies === 6) return 'full';
		known.replies.set(serial, reply);
		return 'new';
	}
}

test('whatever is asked, the table says what maps would, and two tables are the same bytes, put aside and taken up', () => {
	fc.assert(fc.property(fc.array(act, { maxLength: 80 }), fc.nat(80), (acts, cut) => {
		const options = { sessions: 4, replies: 6, longest: 16, lifetime: 100 };
		const model = new Model(), { image, table } = made(options);
		let twin = made(options), now = 0;
		for (const [i, { what, session, serial, behind, passed }] of acts.entries()) {
			now += passed;
			if (i === cut) {
				const fresh = made(options);
				fresh.image.restore(twin.image.snapshot());
				twin = { image: fresh.image, table: new SessionTable(fresh.image, options) };
			}
			const run = (on: SessionTable): string | number | boolean => {
				if (what === 'open') return on.open(now);
				return what === 'close' ? on.close(session) : asked(on, session, serial, Math.max(0, serial - behind), now, `reply ${i}`);
			};
			const said = run(table);
			assert.is(said, run(twin.table));
			if (what === 'open') assert.is(said, model.open(now));
			else if (what === 'close') assert.is(said, model.sessions.delete(session));
			else assert.is(said, model.ask(session, serial, Math.max(0, serial - behind), now, `reply ${i}`));
			assert.is(image.digest(), twin.image.digest());
		}
		// Whom nobody met since it was over is still counted.
		table.open(now);
		model.open(now);
		assert.equal([table.sessions, table.replies], [model.sessions.size, model.replies]);
	}), { numRuns: 1000 });
});

test('names are written as they are read', () => {
	fc.assert(fc.property(fc.nat(999_999_999), fc.nat(999_999_999), fc.nat(999_999_999), (session, serial, lowest) => {
		assert.equal(sessionIn(inSession('inc by 1', { session, serial, lowest })), { text: 'inc by 1', request: { session, serial, lowest } });
	}));
	for (const line of ['', 'inc', 'inc c1 s2', ' c1 s2', 'inc c1 s2 l', 'inc c-1 s2 l3', 'inc c1 s2 l3 ', 'inc c1234567890 s1 l1']) assert.is(sessionIn(line), null, line);
	assert.equal(['session 7', 'session', 'session x', 'full', ' session 7'].map(openedIn), [7, 0, 0, 0, 0]);
});

test.run();
