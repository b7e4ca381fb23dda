import { ACK, FIN, PSH, RST, SYN, URG } from '../../wire/tcp.ts';
import { CLOSED, ESTABLISHED, LISTEN, SYN_SENT, stateNames } from '../../../tcp/states.ts';
import type { Profile } from '../../../tcp/index.ts';
import type { Allowed, Arrival, View } from './model.ts';
import type { Breach, Line, Player } from './player.ts';

/** Whose behaviour a script is for is told by the system its commands speak to. */
const systems: { readonly [profile: string]: string } = { linux: '+0 `sysctl -q net.ipv4.tcp_sack=1`', freebsd: '+0 `sysctl -q net.inet.tcp.sack.enable=1`' };
const letters = [[SYN, 'S'], [FIN, 'F'], [RST, 'R'], [PSH, 'P'], [URG, 'U'], [ACK, '.']] as const;

function flagsOf(flags: number): string { return letters.filter(([flag]) => (flags & flag) !== 0).map(([, letter]) => letter).join('') || '-'; }
function range(seq: number, octets: number): string { return `${seq >>> 0}:${(seq + octets) >>> 0}(${octets})`; }

/** Options as a script writes them; none where there is another than these. */
function optionsOf(options: readonly number[]): string {
	if (options.length === 0) return '';
	const words: string[] = [];
	for (let at = 0; at < options.length;) {
		const kind = options[at]!;
		if (kind === 1) words.push('nop');
		else if (kind === 2) words.push(`mss ${(options[at + 2]! << 8) | options[at + 3]!}`);
		else if (kind === 4) words.push('sackOK');
		else if (kind === 8) words.push(`TS val ${((options[at + 2]! << 24) | (options[at + 3]! << 16) | (options[at + 4]! << 8) | options[at + 5]!) >>> 0} ecr 0`);
		at += kind === 1 ? 1 : options[at + 1]!;
	}
	return ` <${words.join(',')}>`;
}

/** Writes what was played as a packetdrill script, with what the model wants in place of what broke it. */
class Writer {
	readonly text: string[] = [];
	/** the file of the connection; 0 before there is one */
	#file = 0;
	#pause = '+0';

	line(text: string): void {
		this.text.push(`${this.#pause} ${text}`);
		this.#pause = '+0';
	}

	open(isActive: boolean, profile: Profile): void {
		const half = profile.name === 'linux' ? 2 : 1;
		if (systems[profile.name] !== undefined) this.text.push(systems[profile.name]!);
		this.line('socket(..., SOCK_STREAM, IPPROTO_TCP) = 3');
		for (const [name, value] of [['SOL_SOCKET, SO_RCVBUF', profile.receiveBuffer / half], ['SOL_SOCKET, SO_SNDBUF', profile.sendBuffer / half], ['SOL_TCP, TCP_MAXSEG', profile.mss]] as const) this.line(`setsockopt(3, ${name}, [${value}], 4) = 0`);
		if (!isActive) {
			for (const call of ['setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0', 'bind(3, ..., ...) = 0', 'listen(3, 1) = 0']) this.line(call);
			return;
		}
		this.line('fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0');
		this.line('connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)');
		this.line('> S 0:0(0) <...>');
		this.#file = 3;
	}

	arrive(arrival: Arrival, options: readonly number[], before: View): void {
		const { flags, seq, ack, text, window } = arrival;
		const said = (flags & ACK) === 0 ? '' : ` ack ${(before.state > LISTEN ? ack - before.iss : ack) >>> 0}`;
		this.line(`< ${flagsOf(flags)} ${range(seq, text)}${said} win ${window}${(flags & URG) === 0 ? '' : ` urg ${text}`}${optionsOf(options)}`);
	}

	/** What was answered, which was right. */
	answered({ answers, deed }: Line, iss: number): void {
		const when = deed.kind === 'wait' ? '*' : '+0';
		for (const { flags, seq, ack, text } of answers) this.text.push(`${when} > ${flagsOf(flags)} ${range((seq - iss) | 0, text.length)}${(flags & ACK) === 0 ? '' : ` ack ${ack >>> 0}`} <...>`);
	}

	/** What would have been right. */
	wanted(allowed: Allowed, before: View): void {
		const nxt = (before.nxt - before.iss) >>> 0;
		const most = allowed.rcv[0]?.[1] ?? before.rcvNxt;
		if (allowed.syn === 'must') this.line(`> S. 0:0(0) ack ${most >>> 0} <...>`);
		if (allowed.ack === 'must' && before.state > LISTEN) this.line(`> . ${nxt}:${nxt}(0) ack ${most >>> 0} <...>`);
		const [state] = allowed.states;
		if (allowed.states.length === 1 && state !== undefined && state > LISTEN) this.line(`%{ assert tcpi_state == TCP_${stateNames[state]!.replaceAll('-', '_').replace('SYN_RECEIVED', 'SYN_RECV').replace('FIN_WAIT_', 'FIN_WAIT')}, tcpi_state }%`);
		// Whatever else comes nobody has asked for.
		this.text.push('+.001 `true`');
	}

	call({ deed, taken }: Line): void {
		const file = this.#file;
		if (deed.kind === 'wait') this.#pause = `+${(deed.us / 1e6).toFixed(6)}`;
		if (file === 0) return;
		if (deed.kind === 'write' && taken > 0) this.line(`write(${file}, ..., ${deed.octets}) = ${taken}`);
		if (deed.kind === 'read' && taken > 0) this.line(`read(${file}, ..., ${deed.octets}) = ${taken}`);
		if (deed.kind === 'shutdown') this.line(`shutdown(${file}, SHUT_WR) = 0`);
		if (deed.kind === 'abort') this.line(`setsockopt(${file}, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0`);
		if (deed.kind !== 'abort' && deed.kind !== 'close') return;
		this.line(`close(${file}) = 0`);
		this.#file = 0;
	}

	/** The connection is there for its user. */
	accept(): void {
		if (this.#file !== 0) return;
		this.#file = 4;
		this.line('accept(3, ..., ...) = 4');
	}
}

/**
 * The case as a script that `dupack packetdrill` runs, and that fails where the
 * model says the stack does what it may not; null for what a script cannot say:
 * more than one connection, or a breach that no segment and no state shows.
 */
export function scriptOf({ lines, story }: Player, profile: Profile, breach: Breach): string | null {
	const { beginning } = story;
	if (beginning === 'closed' || breach.allowed === null) return null;
	const isActive = beginning === 'syn-sent' || beginning === 'both-open';
	const writer = new Writer();
	writer.open(isActive, profile);
	let iss = lines.find(({ before }) => before.state > LISTEN)?.before.iss ?? 0;
	let accepted = false;
	for (const [i, line] of lines.entries()) {
		const { before, arrival, options } = line;
		const after = lines[i + 1]?.before;
		if (before.state > LISTEN && before.iss !== iss) return null;
		if (iss === 0 && after !== undefined && after.state > LISTEN) iss = after.iss;
		if (arrival !== null) writer.arrive(arrival, options, before);
		else writer.call(line);
		if (after === undefined) break;
		writer.answered(line, iss);
		if (!isActive && !accepted && after.state >= ESTABLISHED) {
			writer.accept();
			accepted = true;
		}
	}
	writer.wanted(breach.allowed, breach.before);
	return [`// ${breach.message}`, `// ${breach.before.state === CLOSED || breach.before.state === SYN_SENT ? '' : 'numbers of the peer as they were sent; '}constants: ${profile.name}`, ...writer.text, ''].join('\n');
}
