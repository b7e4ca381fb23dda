import { pool, record } from '../lib/memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../lib/memory/index.ts';
import type { Application, Sockets } from '../lib/host/index.ts';
import { EVENT_END, EVENT_OPEN, HELLO, SessionCounter, ascii, inSession, newline, openedIn, textOf } from '../lib/service/index.ts';
import { ACK, SYN } from '../lib/wire/tcp.ts';
import { claim, durationText, frame, hasFlags, number, scenario, toggle } from '../lib/study/scenario.ts';
import type { Claim, Packet, Run, Scenario } from '../lib/study/scenario.ts';

/** When the client's two connections begin, and when the primary is killed, where it is, µs. */
const FIRST = 10_000, SECOND = 60_000, CRASH = 80_000;

const fastOpen: Scenario = scenario({
	name: 'fast-open',
	title: 'A request in the SYN, and the network duplicates the SYN',
	lecture:
		'TCP finds duplicates because both ends count the bytes of a connection. With Fast Open a request comes with the very first segment, before there is a connection to count in. ' +
		'If the network duplicates that segment, and its copy comes when the connection is over, the request is executed again. Serial numbers of the application find it.',
	knobs: {
		'serials': toggle(false, 'the client has a session, and its requests bear serial numbers'),
		'fast-open': toggle(true, 'the server takes the text of a SYN that shows its cookie (RFC 7413)'),
		'copy-after': number(200_000, 'how long after the SYN its copy arrives, µs', 0),
		'crash': toggle(false, 'the primary dies when the connection is over, before the copy comes'),
	},
	arms: {
		'plain': { title: 'without serials' },
		'serials': { title: 'with serials', knobs: { serials: true } },
		'takeover': { title: 'with serials, and another machine gets the copy', knobs: { serials: true, crash: true } },
		'at-once': { title: 'without serials, and the copy comes while the connection lives', knobs: { 'copy-after': 60 } },
		'ordinary': { title: 'without serials, and without Fast Open', knobs: { 'fast-open': false } },
	},
	service: ({ 'fast-open': isFast }) => new SessionCounter({ fastOpen: isFast }),
	until: 1_500_000,
	stage: () => ({ describe: (image) => SessionCounter.stateIn(image) }),
	play(stage, { serials, crash, 'copy-after': by }) {
		const { link } = stage.client(new FastClient(serials));
		link.script('client', { act: 'duplicate', by, nth: 2, when: frame((packet) => isSyn(packet)) });
		if (crash) stage.crash(CRASH);
	},
	claims(run, { serials, crash, 'fast-open': isFast, 'copy-after': by }) {
		const common = [copyClaim(run, isFast)];
		if (!isFast) return [...common, ordinaryClaim(run)];
		const savedOne = [savedClaim(run), ...common];
		if (by < 10_000) return [...savedOne, livingClaim(run)];
		return [...savedOne, ...(serials ? foundClaims(run, crash) : twiceClaims(run))];
	},
});

export default fastOpen;

const shape = { dueAt: 'f64', socket: 'i32', session: 'i32', connections: 'i32' } as const;
const FastRecord: RecordType<typeof shape> = record(shape);

/** Asks twice, over a connection each, with its request in the SYN where it may. */
class FastClient implements Application {
	readonly name = 'fast-client';
	readonly pools: readonly PoolSpec[] = [pool('fastClient', FastRecord, 1)];
	readonly #serials: boolean;
	#own: Cursor<typeof shape> | null = null;

	constructor(serials: boolean) { this.#serials = serials; }

	start(io: Sockets): void { io.setAlarm(FIRST); }

	attach(io: Sockets): void {
		const records = io.image.pool('fastClient');
		this.#own = new FastRecord(io.image);
		this.#own.go(io.image.first(records) || io.image.alloc(records));
	}

	alarm(io: Sockets): void {
		const own = this.#own!, isFirst = own.connections === 0;
		const line = !this.#serials ? 'inc' : isFirst ? HELLO : inSession('inc', { session: own.session, serial: 1, lowest: 1 });
		own.connections++;
		io.tell('connecting', own.connections);
		io.tell('wrote', own.connections, own.connections, ascii(line));
		own.socket = io.connectWith('10.0.0.1', 7000, ascii(`${line}\n`));
		if (isFirst) io.setAlarm(SECOND);
	}

	ready(io: Sockets, socket: number, events: number): void {
		const own = this.#own!;
		if (socket !== own.socket) return;
		if ((events & EVENT_OPEN) !== 0) io.tell('connected', own.connections);
		const length = io.peek(socket, 512), end = newline(io.bytes, io.at, length);
		if (end >= 0) {
			const line = textOf(io.bytes, io.at, end - io.at);
			io.consume(socket, length);
			own.session ||= openedIn(line);
			io.tell('delivered', own.connections, own.connections, ascii(line));
			io.close(socket);
			own.socket = 0;
		} else if ((events & EVENT_END) !== 0) own.socket = 0;
	}
}

function isSyn({ segment }: Pick<Packet, 'segment'>): boolean {
	return segment !== null && (segment.flags & (SYN | ACK)) === SYN;
}

/** The SYN of the second connection as it was sent, and as often as it came to a machine that speaks. */
function syns(run: Run): { readonly sent: Packet | undefined; readonly arrived: readonly Packet[] } {
	const sent = run.on('client').filter((packet) => packet.sent && isSyn(packet))[1];
	const arrived = run.packets.filter((packet) => (packet.interface === 'primary' || packet.interface === 'backup') && !packet.sent && isSyn(packet) && packet.source === sent?.source);
	return { sent, arrived };
}

function copyClaim(run: Run, isFast: boolean): Claim {
	const { sent, arrived } = syns(run);
	const [first, copy] = arrived;
	const isSame = sent !== undefined && arrived.length === 2 && arrived.every(({ bytes }) => bytes.length === sent.bytes.length && bytes.every((byte, i) => byte === sent.bytes[i]));
	const text = sent?.text ?? '';
	return claim('two-syns', isFast ? 'The client sends one SYN, with its request in it. The network delivers it twice, every byte the same.' : 'The client sends one SYN. The network delivers it twice; there is nothing in it.', isSame && (text !== '') === isFast, [sent, first, copy], `${isFast ? `"${text}", ` : ''}${durationText((copy?.time ?? 0) - (first?.time ?? 0))} apart`);
}

/** What Fast Open is for. */
function savedClaim(run: Run): Claim {
	const { wroteAt, deliveredAt } = run.client();
	const times = [0, 1].map((i) => (deliveredAt[i] ?? Infinity) - (wroteAt[i] ?? 0)) as [number, number];
	const early = run.packets.find((packet) => packet.interface === 'client' && packet.byServer && !packet.sent && packet.text !== '' && packet.time > SECOND);
	return claim('saved', 'The first connection got a cookie. The second shows it, and is answered before its handshake is done: a round trip less.', times[1] < times[0] && early !== undefined, [syns(run).sent, early], `${durationText(times[0])} for the first answer, ARP and all, ${durationText(times[1])} for the second`);
}

function counterOf(run: Run): number {
	return Number(run.service['counter']);
}

/** What the server answered to the copy, where no connection waits for it any more. */
function lateReply(run: Run): Packet | undefined {
	const copy = syns(run).arrived[1];
	return run.on('client').find((packet) => packet.byServer && !packet.sent && packet.text !== '' && packet.time >= (copy?.time ?? Infinity));
}

function twiceClaims(run: Run): Claim[] {
	const { delivered: told } = run.client(), late = lateReply(run);
	return [
		claim('executed-twice', 'When the copy comes the connection is over: to the server it is a new one, with a right cookie and a request. It is executed again (RFC 7413 §2.1).', counterOf(run) === 13 && told.join() === '11,12', [syns(run).arrived[1]], `2 requests, told ${told.join(' and ')}; counter ${counterOf(run)}`),
		claim('nobody-hears', 'Its answer goes to a client that has no such connection open; no application hears of it.', late !== undefined && late.text === '13' && !told.includes('13'), [late], late === undefined ? 'no answer was seen' : `"${late.text}"`),
		claim('no-machines-fault', 'No replica has done wrong: a single machine would have done the same.', run.oracle.ok, []),
	];
}

function foundClaims(run: Run, crash: boolean): Claim[] {
	const { delivered: told } = run.client(), copy = syns(run).arrived[1], late = lateReply(run);
	const claims = [
		claim('found', 'The serial is known: the copy is answered from memory, and not executed.', counterOf(run) === 11 && told.at(-1) === '11' && late?.text === '11 s1', [copy, late], `told ${told.join(', ')}; counter ${counterOf(run)}; the copy was answered "${late?.text ?? ''}"`),
	];
	if (crash) claims.unshift(claim('same-secret', 'The new primary takes the copy\'s cookie for right, for it has the dead one\'s secret; and it has its memory of serials.', run.tookOverAt > 0 && copy !== undefined && copy.interface === 'backup' && copy.time > run.tookOverAt && late !== undefined, [copy], `the copy came ${durationText((copy?.time ?? 0) - run.tookOverAt)} after the takeover`));
	return claims;
}

function livingClaim(run: Run): Claim {
	const { delivered: told } = run.client(), { arrived: [, copy] } = syns(run);
	return claim('tcp-finds-it', 'While the connection lives its numbers are known: TCP throws the copy away itself, and answers with what it has.', counterOf(run) === 12 && told.join() === '11,12', [copy, ...(copy === undefined ? [] : run.answers(copy).slice(0, 1))], `told ${told.join(' and ')}; counter ${counterOf(run)}`);
}

function ordinaryClaim(run: Run): Claim {
	const { delivered: told } = run.client(), { arrived: [, copy] } = syns(run);
	const isBoth = hasFlags(SYN | ACK);
	const answer = run.on('client').find((packet) => packet.byServer && !packet.sent && isBoth(packet) && packet.time >= (copy?.time ?? Infinity));
	return claim('harmless', 'A copy of an ordinary SYN opens half a connection, which nobody completes: there is a handshake so that old copies do no harm. The request is executed once.', counterOf(run) === 12 && told.join() === '11,12' && answer !== undefined, [copy, answer], `told ${told.join(' and ')}; counter ${counterOf(run)}`);
}
