import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { craft, counted, exchange, replayOf, replayed, said, talk } from './capture-maker.test.helper.ts';
import type { Crafted } from './capture-maker.test.helper.ts';
import { ReplayError } from './replay-error.ts';

function sha(text: string | Uint8Array): string {
	return createHash('sha256').update(typeof text === 'string' ? Buffer.from(text, 'latin1') : text).digest('hex');
}

test('an exchange is played from either side, over numbers that wrap, over either IP', () => {
	for (const isIpv6 of [false, true]) {
		for (const side of ['server', 'client'] as const) {
			const played = replayed(craft(exchange, undefined, isIpv6), { side });
			const [ask, answer] = side === 'server' ? [played.in, played.out] : [played.out, played.in];
			assert.equal(ask, { bytes: 3, sha256: sha('ask') });
			assert.equal(answer, { bytes: 6, sha256: sha('answer') });
			assert.ok(played.ok);
			assert.equal(counted(played.policies), {});
			assert.equal(played.divergences.filter(({ class: name }) => name !== 'options' && name !== 'ack' && name !== 'window'), []);
		}
	}
});

test('any talk over any link, captured at either end, gives its bytes from either side', () => {
	const chance = fc.constantFrom(0, 0, 0.02, 0.1);
	const talks = fc.record({
		seed: fc.nat(), up: fc.nat(40_000), down: fc.nat(40_000), piece: fc.integer({ min: 1, max: 9000 }), at: fc.constantFrom('client' as const, 'server' as const),
		link: fc.record({ delay: fc.nat(40_000), jitter: fc.nat(500), loss: chance, duplication: chance, reordering: chance }),
	});
	fc.assert(fc.property(talks, fc.constantFrom('server' as const, 'client' as const), fc.constantFrom({ kind: 'virtual' } as const, { kind: 'scaled', factor: 1 } as const), (about, side, pace) => {
		const frames = talk(about);
		const replay = replayOf(frames, { side, pace });
		for (const stream of replay.streams()) {
			const { ok, in: into, out, captured, policies } = replay.play(stream);
			assert.ok(ok, `${into.bytes} of ${captured.in.bytes}, ${out.bytes} of ${captured.out.bytes}: ${JSON.stringify(counted(policies))}`);
			if (policies.zeroFilled > 0) continue;
			const [up, down] = side === 'server' ? [into, out] : [out, into];
			assert.equal([up, down], [{ bytes: about.up, sha256: sha(said(about.up, 'client')) }, { bytes: about.down, sha256: sha(said(about.down, 'server')) }]);
		}
	}), { numRuns: 40 });
});

test('a replay is the same each time, and alone as among others', () => {
	const frames = craft(exchange);
	const first = replayOf(frames), alone = replayOf(frames, { stream: 0 });
	assert.equal(first.play(0), alone.play(0));
	assert.equal(first.play(0), first.play(0));
});

test('wrong checksums are repaired on the way in', () => {
	const played = replayed(craft(exchange.map((segment) => ({ ...segment, isDamaged: segment.data !== undefined }))));
	assert.ok(played.ok);
	assert.is(played.policies.badChecksums, 2);
	assert.is(played.in.sha256, sha('ask'));
});

test('without a SYN the handshake is made up, from either side', () => {
	for (const side of ['server', 'client'] as const) {
		const played = replayed(craft(exchange.slice(3)), { side });
		assert.ok(played.ok);
		assert.is(played.policies.missingSyn, 1);
		assert.is((side === 'server' ? played.in : played.out).sha256, sha('ask'));
		assert.is((side === 'server' ? played.out : played.in).sha256, sha('answer'));
	}
});

test('of one side alone the other is made up: zeros, as many as were acknowledged', () => {
	for (const by of ['client', 'server'] as const) {
		const played = replayed(craft(exchange.filter((segment) => segment.by === by)));
		assert.ok(played.ok);
		assert.is(played.policies.oneSided, 1);
		const [known, unknown] = by === 'client' ? [played.in, played.out] : [played.out, played.in];
		assert.is(known.sha256, sha(by === 'client' ? 'ask' : 'answer'));
		assert.is(unknown.sha256, sha('\0'.repeat(by === 'client' ? 6 : 3)));
		assert.is(played.policies.zeroFilled, by === 'client' ? 6 : 3);
	}
});

test('what the capture cut off is zeros', () => {
	const frames = craft(exchange.map((segment) => (segment.data === 'answer' ? { ...segment, kept: 14 + 20 + 20 + 2 } : segment)));
	const played = replayed(frames);
	assert.ok(played.ok);
	assert.is(played.policies.cutFrames, 1);
	assert.is(played.policies.zeroFilled, 4);
	assert.is(played.out.sha256, sha('an\0\0\0\0'));
});

test('an oversize segment is split', () => {
	const long = 'x'.repeat(1600);
	const segments = exchange.map((segment) => (segment.data === 'ask' ? { ...segment, data: long } : segment.by === 'server' && segment.ack! > 1 ? { ...segment, ack: segment.ack! + 1597 } : segment.by === 'client' && segment.seq > 1 ? { ...segment, seq: segment.seq + 1597 } : segment));
	const played = replayed(craft(segments));
	assert.ok(played.ok);
	assert.is(played.policies.oversize, 1);
	assert.equal(played.in, { bytes: 1600, sha256: sha(long) });
});

test('bytes that come twice count as they came first', () => {
	const again: Crafted = { by: 'client', flags: 'P', seq: 2, ack: 1, data: 'XXmore' };
	const segments = [...exchange.slice(0, 4), again, { by: 'server', flags: 'P', seq: 1, ack: 8, data: 'answer' } as const, { by: 'client', flags: '', seq: 8, ack: 7 } as const];
	const played = replayed(craft(segments));
	assert.ok(played.ok);
	assert.is(played.in.sha256, sha('askmore'));
	assert.is(played.policies.overlapping, 1);
});

test('bytes that came early count as they come in order', () => {
	const early: Crafted = { by: 'client', flags: 'P', seq: 3, ack: 1, data: 'XYZ' }, inOrder: Crafted = { by: 'client', flags: 'P', seq: 1, ack: 1, data: 'askm' };
	const segments = [...exchange.slice(0, 3), early, inOrder, { by: 'server', flags: 'P', seq: 1, ack: 6, data: 'answer' } as const, { by: 'client', flags: '', seq: 6, ack: 7 } as const];
	const played = replayed(craft(segments));
	assert.is(played.in.sha256, sha('askmZ'));
	assert.ok(played.ok);
});

test('a connection reset in the midst gives all its bytes first', () => {
	for (const by of ['client', 'server'] as const) {
		// The answer was never acknowledged.
		const reset: Crafted = by === 'client' ? { by, flags: 'R', seq: 4, ack: 1 } : { by, flags: 'R', seq: 7, ack: 4 };
		for (const side of ['server', 'client'] as const) {
			const played = replayed(craft([...exchange.slice(0, 5), reset]), { side });
			assert.ok(played.ok, `${by} ${side}`);
			assert.is(played.in.bytes + played.out.bytes, 9);
			assert.not(played.divergences.some(({ class: name }) => name === 'reset'), `${by} ${side}`);
		}
	}
});

test('who refused a connection refuses it again', () => {
	const played = replayed(craft([{ by: 'client', flags: 'S', seq: 0 }, { by: 'server', flags: 'R', seq: 0, ack: 1 }]));
	assert.ok(played.ok);
	assert.equal(played.divergences, []);
});

test('a segment is held until what it acknowledges was sent', () => {
	// The capture shows the ACK before the answer: it was put together from two points.
	const [syn, synAck, ack, ask, answer, ...rest] = exchange;
	const crossed = [syn!, synAck!, ack!, ask!, { by: 'client', flags: '', seq: 4, ack: 7 } as const, answer!, ...rest];
	const played = replayed(craft(crossed));
	assert.ok(played.ok);
	assert.is(played.policies.clipped, 0);
});

test('an ACK of what nobody sent is clipped, and the rest is played', () => {
	const stray: Crafted = { by: 'client', flags: '', seq: 4, ack: 0x4000_0000 };
	const played = replayed(craft([...exchange.slice(0, 5), stray, ...exchange.slice(5)]));
	assert.ok(played.ok);
	assert.is(played.policies.strayAcks, 1);
});

test('data far away from all the rest is nobody\'s', () => {
	const far: Crafted = { by: 'client', flags: 'P', seq: 0x3000_0000, ack: 1, data: 'far' };
	const played = replayed(craft([...exchange.slice(0, 5), far, ...exchange.slice(5)]));
	assert.ok(played.ok);
	assert.is(played.in.sha256, sha('ask'));
});

test('a capture of any nonsense between two ends is played to an end', () => {
	const segment = fc.record({
		by: fc.constantFrom('client' as const, 'server' as const), flags: fc.constantFrom('', 'S', 'F', 'R', 'P', 'SF', 'FR', 'SR'),
		seq: fc.oneof(fc.integer({ min: -3, max: 40 }), fc.integer()), ack: fc.oneof(fc.integer({ min: -3, max: 40 }), fc.integer()), data: fc.constantFrom('', '', 'a', 'some', 'words and more'),
		window: fc.constantFrom(0, 1, 20, 65535),
	});
	fc.assert(fc.property(fc.array(segment, { minLength: 1, maxLength: 20 }), fc.constantFrom('server' as const, 'client' as const), fc.boolean(), (segments, side, whole) => {
		const replay = replayOf(craft(whole ? [...exchange.slice(0, 3), ...segments] : segments), { side });
		for (const stream of replay.streams()) {
			const { in: into, captured, out } = replay.play(stream);
			assert.ok(into.bytes <= captured.in.bytes && out.bytes <= captured.out.bytes);
		}
	}), { numRuns: 150 });
});

test('a stream that is not there is named', () => {
	try {
		replayOf(craft(exchange), { stream: 7 }).streams();
		assert.unreachable();
	} catch (error) {
		assert.instance(error, ReplayError);
		assert.is((error as ReplayError).code, 'REPLAY_NO_STREAM');
	}
});

test('more than the memory set aside is refused', () => {
	assert.throws(() => replayOf(craft(exchange), { most: -1 }), (error: unknown) => error instanceof ReplayError && error.code === 'REPLAY_TOO_LARGE');
});

test.run();
