import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ENTRY_WAKE } from './entry.ts';
import { Log } from './log.ts';
import { judge, Oracle, survivingLog } from './oracle.ts';
import { Store } from './store.ts';
import { TOY_POISON, ToyHost, toyRequest } from './toy.test.helper.ts';

const config = { bytes: 0x1_0000, entries: 256, longest: 1000, batch: 16 };

/** Entries with the epochs given, from index 1 on; what differs makes their bytes differ. */
function entries(epochs: readonly number[], differs = 0): Uint8Array[] {
	const log = new Log(new Store(Log.sizeOf(config)), config);
	for (const epoch of epochs) log.append(ENTRY_WAKE, 0, new Uint8Array(1), 0, 0, epoch, 100 + differs);
	return Array.from(epochs, (_, i) => log.ring.u8.slice(log.ring.placeOf(i + 1), log.ring.placeOf(i + 1) + log.ring.lengthOf(i + 1)));
}

/** One request an entry. */
function requests(count: number, poison = 0): Uint8Array[] {
	const log = new Log(new Store(Log.sizeOf(config)), config);
	for (let i = 1; i <= count; i++) {
		log.gather(toyRequest(1, i, i === poison ? TOY_POISON : 1), 0, 60);
		log.appendFrames(1, i * 10);
	}
	return Array.from({ length: count }, (_, i) => log.ring.u8.slice(log.ring.placeOf(i + 1), log.ring.placeOf(i + 1) + log.ring.lengthOf(i + 1)));
}

const epochsOf = (logged: Uint8Array[]): string => survivingLog(logged).entries.map((entry) => entry[11]).join('');

test('what survives is what the last epoch was built on', () => {
	const old = entries([1, 1, 1, 1, 1]);
	assert.is(epochsOf(old), '11111');
	// The backup had three entries when it took over, and wrote two.
	assert.is(epochsOf([...old, ...entries([1, 1, 1, 2, 2]).slice(3)]), '11122');
	// It wrote one and died: nothing the old primary wrote behind that survived.
	assert.is(epochsOf([...old, ...entries([1, 1, 1, 2]).slice(3)]), '1112');
	// In any order.
	assert.is(epochsOf([...entries([1, 1, 1, 2]).slice(3), ...[...old].reverse()]), '1112');
	// Three epochs, the second left nothing behind.
	assert.is(epochsOf([...old, ...entries([1, 2, 2, 2]).slice(1), ...entries([1, 3]).slice(1)]), '13');
	assert.is(epochsOf(old.slice(1)), '');
});

test('two that wrote in one epoch are a conflict, at the first place where they differ', () => {
	const mine = entries([1, 2, 2]), other = entries([1, 2, 2], 1);
	assert.equal(survivingLog([...mine, ...other.slice(1)]).conflict, { index: 2, epoch: 2 });
	assert.is(survivingLog([...mine, ...mine]).conflict, null);
	assert.is(survivingLog([...mine, new Uint8Array(5)]).entries.length, 3);
});

test('outputs may be lost, repeated and late; nothing else may be seen', () => {
	const logged = requests(3);
	const oracle = new Oracle(new ToyHost());
	oracle.execute(logged);
	assert.is(oracle.outputs.length, 3);
	const [one, two, three] = oracle.outputs as [Uint8Array, Uint8Array, Uint8Array];
	for (const frames of [[], [three, one, one], [two, two, two]]) assert.ok(judge({ host: new ToyHost(), logged, frames }).ok);
	assert.equal(judge({ host: new ToyHost(), logged, frames: [three, one, one] }).numbers, [3, 1, 1]);

	const wrong = two.slice();
	wrong[27] = 99;
	const verdict = judge({ host: new ToyHost(), logged, frames: [one, wrong, three] });
	assert.not(verdict.ok);
	assert.equal(verdict.numbers, [1, -1, 3]);
	assert.is(verdict.violation!.frame, 1);
	assert.is(verdict.violation!.nearest!.output, 2);
	assert.is(verdict.violation!.nearest!.entry, 2);
	assert.is(verdict.violation!.nearest!.difference!.field, 'payload');
	assert.match(verdict.violation!.text, /output 2, of entry 2/);
});

test('announcements are let through when they are named', () => {
	const announcement = new Uint8Array(60).fill(0xff);
	const frames = [announcement];
	assert.not(judge({ host: new ToyHost(), logged: [], frames }).ok);
	const verdict = judge({ host: new ToyHost(), logged: [], frames, announcements: [announcement] });
	assert.ok(verdict.ok);
	assert.equal(verdict.numbers, [0]);
});

test('where nothing was ever sent, nothing is near', () => {
	const { violation } = judge({ host: new ToyHost(), logged: [], frames: [new Uint8Array(60)] });
	assert.is(violation!.nearest, null);
});

test('an entry that brings the machine down puts nothing out, and ends the log', () => {
	const logged = requests(3, 2);
	const all = new Oracle(new ToyHost());
	all.execute(logged);
	assert.is(all.entries, 1);
	assert.is(all.outputs.length, 1);
	assert.match((all.fault as Error).message, /planted/);
	all.execute(logged);
	assert.is(all.entries, 1);
	const reply = new Oracle(new ToyHost());
	reply.execute(requests(2));
	assert.not(judge({ host: new ToyHost(), logged, frames: [reply.outputs[1]!] }).ok);
});

test.run();
