import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Host } from '../../host/index.ts';
import { parseScript } from '../../packetdrill/index.ts';
import { runScript } from '../../packetdrill/run/index.ts';
import { readPacket } from '../../study/packet.ts';
import { ACK, FIN, RST, SYN } from '../../wire/tcp.ts';
import { put16, put32 } from '../../wire/bytes.ts';
import { search } from '../property.ts';
import { Breach, Player } from './player.ts';
import { profiles, segments } from './segments.ts';
import type { Story } from './story.ts';
import { HostSubject } from './subject.ts';

/** A fault at the host's edge: what it lets out is bent, or lost. */
function plant(bend: (frame: Uint8Array) => Uint8Array | null, act: () => void): void {
	const whole = Host.prototype.drain;
	Host.prototype.drain = function drain(sink) {
		whole.call(this, {
			take: (bytes, at, length, port) => {
				const frame = bend(bytes.slice(at, at + length));
				if (frame !== null) sink.take(frame, 0, frame.length, port);
			},
		});
	};
	try {
		act();
	} finally {
		Host.prototype.drain = whole;
	}
}

function flagsOf(frame: Uint8Array): number { return readPacket(frame).segment?.flags ?? -1; }

const faults: { readonly [name: string]: (frame: Uint8Array) => Uint8Array | null } = {
	'a bare ACK that is due never comes': (frame) => (flagsOf(frame) === ACK && readPacket(frame).payload.length === 0 ? null : frame),
	'a FIN that comes is answered with a RST': (frame) => {
		const { segment } = readPacket(frame);
		if (segment === null || segment.flags !== ACK || readPacket(frame).payload.length > 0) return frame;
		frame[14 + 20 + 13] = RST | ACK;
		put16(frame, 14 + 20 + 16, 0);
		return frame;
	},
};

for (const [name, bend] of Object.entries(faults)) {
	test(`a planted fault is found, and the script of it fails the same way: ${name}`, () => {
		plant(bend, () => {
			const outcome = search(segments, { seed: 1, runs: 300 });
			assert.not(outcome.ok);
			assert.equal(search(segments, { seed: 1, path: outcome.path }).why, outcome.why, 'the line finds it again');
			const { run, script } = outcome.exhibit!();
			assert.ok(run !== null && run.packets.length > 0);
			assert.ok(script !== null, outcome.counterexample);
			const { status, message } = runScript(parseScript(script, 'x.pkt'));
			assert.is(status, 'fail', `${script}\n${message}`);
		});
	});
}

test('the script of a fault passes when the fault is gone', () => {
	let script = '';
	plant(faults['a bare ACK that is due never comes']!, () => { script = search(segments, { seed: 1, runs: 300 }).exhibit!().script!; });
	const { status, message } = runScript(parseScript(script, 'x.pkt'));
	assert.is(status, 'pass', `${script}\n${message}`);
});

test('every kind of breach is told', () => {
	const wrongs: readonly (readonly [RegExp, (frame: Uint8Array) => Uint8Array | null])[] = [
		[/beyond SND.NXT|below SND.UNA|number/, (frame) => { if ((flagsOf(frame) & (SYN | RST)) === 0 && flagsOf(frame) >= 0) put32(frame, 38, 77); return frame; }],
		[/acknowledges/, (frame) => { if (flagsOf(frame) === ACK || flagsOf(frame) === (ACK | FIN)) put32(frame, 42, 78); return frame; }],
	];
	for (const [what, bend] of wrongs) plant(bend, () => assert.match(search(segments, { seed: 2, runs: 200 }).why, what));
});

const segment = (flags: number, more: object = {}): Story['deeds'][number] => ({ kind: 'segment', flags, seq: { from: 'next', by: 0 }, ack: { from: 'nxt', by: 0 }, text: 0, window: 5000, stamp: 'same', ...more });

test('text whose ACK is withheld for ever is told', () => {
	class Silent extends HostSubject {
		override wait(us: number): ReturnType<HostSubject['wait']> {
			super.wait(us);
			return [];
		}
	}
	for (const profile of profiles) {
		// The first text a linux hears is acknowledged at once.
		const deeds = [segment(ACK, { text: 1 }), segment(ACK, { text: 1 }), segment(FIN | ACK, { text: 1 })].slice(0, profile.quickAcks > 0 ? 3 : 1);
		const story: Story = { beginning: 'established', options: 'none', irs: 0, deeds };
		assert.throws(() => new Player(new Silent(profile), story).play(), /§3.8.6.3: what was taken 500000 µs ago is not acknowledged/, profile.name);
		new Player(new HostSubject(profile), story).play();
	}
});

const regressions: { readonly [name: string]: Story } = {
	'CLOSE in SYN-RECEIVED, text came with the crossing SYN': { beginning: 'syn-sent', options: 'none', irs: 0, deeds: [segment(SYN, { text: 100 }), { kind: 'shutdown' }, segment(ACK), { kind: 'read', octets: 536 }] },
	'a RST with a SYN at the number of the SYN': { beginning: 'both-open', options: 'none', irs: 0, deeds: [segment(SYN | RST | ACK, { seq: { from: 'first', by: 0 } })] },
	'text held beyond a FIN': { beginning: 'fin-wait-1', options: 'none', irs: 0, deeds: [segment(ACK, { seq: { from: 'next', by: 10 }, text: 101 }), segment(FIN | ACK, { text: 100 })] },
	'text with a FIN behind it, whose ACK a linux withholds': { beginning: 'established', options: 'none', irs: 0, deeds: [segment(FIN | ACK, { text: 101 }), { kind: 'wait', us: 1000 }] },
	'our SYN again in FIN-WAIT-1, while it is not acknowledged': { beginning: 'both-open', options: 'none', irs: 0, deeds: [{ kind: 'shutdown' }, { kind: 'wait', us: 1_500_000 }, segment(ACK)] },
};

for (const [name, story] of Object.entries(regressions)) {
	test(`holds: ${name}`, () => {
		for (const profile of profiles) {
			const player = new Player(new HostSubject(profile), story);
			try {
				player.play();
			} catch (error) {
				assert.unreachable(error instanceof Breach ? `${profile.name}: ${error.message}` : String(error));
			}
		}
	});
}

test.run();
