/** What goes wrong in TCP stacks and in replicated pairs: the classes a planted bug can belong to. */
export const pitfalls = {
	sequence: 'Sequence arithmetic',
	window: 'Zero window',
	loops: 'ACK and RST loops',
	fin: 'FIN',
	rst: 'RST',
	syn: 'SYN',
	ack: 'ACK validation',
	retransmission: 'Retransmission',
	options: 'Options',
	headers: 'Headers',
	reassembly: 'Reassembly',
	api: 'API',
	delay: 'Delayed ACK',
	restore: 'Restore',
	takeover: 'Takeover',
	failover: 'Failover',
	replica: 'Replica',
} as const;

export type Pitfall = keyof typeof pitfalls;

/** A bug that is planted into a copy of the sources. */
export interface Mutant {
	/** unique; lower case and hyphens */
	readonly name: string;
	readonly pitfall: Pitfall;
	/** what the stack does wrong with it: "it …" */
	readonly text: string;
	/** the source it stands in, from the root of the project */
	readonly file: string;
	/** a piece of that source that stands in it once */
	readonly from: string;
	/** what stands there instead */
	readonly to: string;
	/** why no check can find it, where that is so */
	readonly harmless?: string;
}

/** A mutant that cannot be planted. */
export class PatchError extends Error {
	/** `PATCH_LOST`: the piece is not in the file; `PATCH_AMBIGUOUS`: more than once; `PATCH_IDLE`: nothing changes */
	readonly code: string;
	override readonly name: string = 'PatchError';

	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

/**
 * The source with the bug in it.
 *
 * @throws PatchError
 */
export function plant(source: string, { name, file, from, to }: Mutant): string {
	const at = source.indexOf(from);
	if (at < 0) throw new PatchError('PATCH_LOST', `'${name}' finds no place in ${file}: the source has changed there, rewrite its 'from'`);
	if (source.includes(from, at + 1)) throw new PatchError('PATCH_AMBIGUOUS', `'${name}' fits ${file} in more than one place: make its 'from' longer`);
	if (from === to) throw new PatchError('PATCH_IDLE', `'${name}' changes nothing in ${file}`);
	return source.slice(0, at) + to + source.slice(at + from.length);
}
