import type { Mutant } from '../mutant.ts';

/** The pair: log, gate, lease, arbiter, join. */
export const replica: readonly Mutant[] = [
	{
		name: 'ack-before-receipt', pitfall: 'replica', text: 'acknowledges an entry before it has it', file: 'lib/replica/listener.ts',
		from: 'this.#echo, core.log.last, core.executed, room, 0);', to: 'this.#echo, core.log.last + 1, core.executed, room, 0);',
	},
	{
		name: 'gap-acknowledged', pitfall: 'replica', text: 'acknowledges entries behind a gap', file: 'lib/replica/listener.ts',
		from: 'if (index !== log.last + 1) { core.counters.channelGap++; this.#gap = true; return false; }', to: 'if (index > log.last + 2) { core.counters.channelGap++; this.#gap = true; return false; }',
	},
	{
		name: 'released-one-entry-early', pitfall: 'replica', text: 'releases the outputs of one entry too many', file: 'lib/replica/gate.ts',
		from: 'if (this.#entries[slot]! > entry) return;\n\t\t\tconst number', to: 'if (this.#entries[slot]! > entry + 1) return;\n\t\t\tconst number',
	},
	{
		name: 'watermark-one-too-high', pitfall: 'replica', text: 'tells a watermark one too high', file: 'lib/replica/gate.ts',
		from: 'if (number > this.watermark) this.watermark = number;', to: 'if (number >= this.watermark) this.watermark = number + 1;',
	},
	{
		name: 'one-more-discarded', pitfall: 'replica', text: 'gives up one output more than the watermark says', file: 'lib/replica/gate.ts',
		from: "this.discard(watermark, this.spare, 'watermark');", to: "this.discard(watermark + 1, this.spare, 'watermark');",
	},
	{
		name: 'held-without-rule', pitfall: 'replica', text: 'waits for no acknowledgement at all', file: 'lib/replica/speaker.ts',
		from: 'gate.release(this.phase === ALONE || !core.knobs.outputRule ? Infinity', to: 'gate.release(this.phase !== CLAIMING || !core.knobs.outputRule ? Infinity',
	},
	{
		name: 'backup-hears-old-epochs', pitfall: 'replica', text: 'listens to a primary of an old epoch', file: 'lib/replica/listener.ts',
		from: "if (letter.epoch < core.epoch) return core.drop('channelEpoch', PORT_CHANNEL);", to: '',
	},
	{
		name: 'primary-hears-old-epochs', pitfall: 'replica', text: 'takes acknowledgements from an old epoch', file: 'lib/replica/speaker.ts',
		from: 'if (letter.epoch < core.epoch) return this.#old(letter);', to: '',
	},
	{
		name: 'later-epoch-ignored', pitfall: 'replica', text: 'goes on when it hears of a later epoch', file: 'lib/replica/speaker.ts',
		from: 'if (letter.epoch > core.epoch) return this.#begin();', to: '',
	},
	{
		name: 'machine-clock-steps-back', pitfall: 'replica', text: 'lets the machine\'s clock step back', file: 'lib/replica/machine.ts',
		from: 'Math.max(record.time, get64(u8, at + ENTRY.time))', to: 'get64(u8, at + ENTRY.time)',
	},
	{
		name: 'outage-takes-no-time', pitfall: 'replica', text: 'lets the machine\'s clock stand still while nobody speaks', file: 'lib/replica/takeover.ts',
		from: 'log.time + sinceLast - core.now;', to: 'log.time - core.now;',
	},
	{
		name: 'digest-of-half', pitfall: 'replica', text: 'takes the digest of every other word', file: 'lib/memory/digest.ts',
		from: 'for (let i = 0; i < words; i++) {', to: 'for (let i = 0; i < words; i += 2) {',
	},
	{
		name: 'digest-not-compared', pitfall: 'replica', text: 'does not halt when its image is not what the log says', file: 'lib/replica/core.ts',
		from: 'if (mine === other) return true;', to: 'if (mine !== \'\') return true;',
	},
	{
		name: 'arbiter-decides-twice', pitfall: 'replica', text: 'lets one who is no member any more claim the next epoch', file: 'lib/replica/arbiter.ts',
		from: 'if (!term.members.includes(claim.machine)) return', to: 'if (term.members.length === 0) return',
	},
	{
		name: 'arbiter-forgets-its-answer', pitfall: 'replica', text: 'does not tell a winner again that it has won', file: 'lib/replica/arbiter.ts',
		from: 'term.winner === claim.machine && equalMembers(', to: 'term.winner === claim.machine && !equalMembers(',
	},
	{
		name: 'ledger-overwrites', pitfall: 'replica', text: 'puts a second term into an epoch', file: 'lib/replica/ledger.ts',
		from: 'if (term.epoch !== this.newest().epoch + 1) return false;', to: '',
	},
	{
		name: 'ballot-unchecked', pitfall: 'replica', text: 'takes damaged messages of the arbiter', file: 'lib/replica/ballot.ts',
		from: ' || sumOf(u8, at) !== 0xffff) return null;', to: ') return null;',
	},
	{
		name: 'lease-ignored', pitfall: 'replica', text: 'releases outputs when its lease has run out', file: 'lib/replica/speaker.ts',
		from: 'gate.held === 0 || core.now >= this.leaseEnd) return;', to: 'gate.held === 0) return;',
	},
	{
		name: 'lease-from-receipt', pitfall: 'replica', text: 'counts its lease from when the echo came, not from when it had spoken', file: 'lib/replica/lease.ts',
		from: 'this.echo = echo;\n\t\tif', to: 'this.echo = now;\n\t\tif',
	},
	{
		name: 'lease-kept-for-another', pitfall: 'replica', text: 'goes on with the lease of the last backup when another joins', file: 'lib/replica/speaker.ts',
		from: 'this.lease.reset();', to: '',
	},
	{
		name: 'backup-speaks-at-once', pitfall: 'replica', text: 'speaks before the old primary\'s lease has surely run out', file: 'lib/replica/listener.ts',
		from: 'return this.#echoedAt + Math.ceil(knobs.lease * (1 + knobs.drift));', to: 'return this.#echoedAt;',
	},
	{
		name: 'drift-forgotten', pitfall: 'replica', text: 'does not allow for a clock that runs slower than its own', file: 'lib/replica/listener.ts',
		from: 'Math.ceil(knobs.lease * (1 + knobs.drift))', to: 'knobs.lease',
	},
	{
		name: 'acknowledges-while-asking', pitfall: 'replica', text: 'acknowledges after it has asked the arbiter', file: 'lib/replica/listener.ts',
		from: 'this.phase = ASKING;\n\t\tthis.#acknowledgeAt = Infinity;', to: 'this.phase = ASKING;',
	},
	{
		name: 'loser-does-not-halt', pitfall: 'replica', text: 'does not halt when it has lost', file: 'lib/replica/claim.ts',
		from: "if (verdict === 'lost') core.halt('lost');", to: '',
	},
	{
		name: 'trims-what-is-under-way', pitfall: 'replica', text: 'lets go of entries that were sent and not acknowledged', file: 'lib/replica/speaker.ts',
		from: 'donor.busy ? donor.index : this.sender.acknowledged;', to: 'donor.busy ? donor.index : this.sender.sent;',
	},
	{
		name: 'goes-back-too-far', pitfall: 'replica', text: 'does not forget what it believed to be in flight when it sends again', file: 'lib/replica/sender.ts',
		from: 'this.sent = this.acknowledged;\n\t\tthis.#flying = 0;', to: 'this.sent = this.acknowledged;',
	},
	{
		name: 'entropy-round-the-log', pitfall: 'replica', text: 'stirs the machine without an entry of the log', file: 'lib/replica/speaker.ts',
		from: 'if (this.ending.wanted === 0 && !this.#core.append(ENTRY_ENTROPY, 0, bytes, at, length)) this.#core.counters.entropyFull++;', to: 'if (ENTRY_ENTROPY > 0) this.#core.machine.host.stir(bytes, at, length);',
	},
	{
		name: 'newcomer-admitted-early', pitfall: 'replica', text: 'takes a newcomer in before it has everything that was released', file: 'lib/replica/speaker.ts',
		from: ' || sender.acknowledged < donor.owed) return;', to: ') return;',
	},
	{
		name: 'log-sent-behind-the-image', pitfall: 'replica', text: 'sends a newcomer the log from now on, not from its image on', file: 'lib/replica/speaker.ts',
		from: 'this.sender.begin(donor.index, letter.room);', to: 'this.sender.begin(this.#core.log.last, letter.room);',
	},
	{
		name: 'letter-unchecked', pitfall: 'replica', text: 'takes damaged messages of the log channel', file: 'lib/replica/letter.ts',
		from: "!== stated) return 'channelChecksum';", to: "!== stated && body < 0) return 'channelChecksum';",
	},
	{
		name: 'image-greeting-unjudged', pitfall: 'replica', text: 'makes a pair of two machines that began differently', file: 'lib/replica/greeting.ts',
		from: "return state !== '' && getDigest(u8, at + STATE) !== state ? 'STATE_MISMATCH' : 'NONE';", to: "return state === '-' && getDigest(u8, at + STATE) !== state ? 'STATE_MISMATCH' : 'NONE';",
	},
];
