/** How the client asks. */
export const transports = ['udp', 'tcp'] as const;
export type Transport = (typeof transports)[number];

/** What a request is recognised by: nothing, or client id, serial and the reply the server has stored. */
export const serialChoices = ['none', 'stored-reply'] as const;
export type Serials = (typeof serialChoices)[number];

/** What the pair does: as it should; a takeover sends nothing again; outputs leave before the backup has their entry. */
export const policies = ['normal', 'neither-sends', 'rule-off'] as const;
export type MatrixPolicy = (typeof policies)[number];

/** What the client does when no answer comes: waits; asks again; opens a new connection and asks again. */
export const clients = ['no-retry', 'retry', 'reconnect'] as const;
export type ClientHabit = (typeof clients)[number];

/** The one fault besides the crash. It befalls what belongs to the first request. */
export const faults = ['none', 'request-lost', 'request-twice', 'reply-lost', 'reply-late', 'log-lost', 'log-ack-lost'] as const;
export type Fault = (typeof faults)[number];

/** Where in the matrix a world stands, but for its crash point. */
export interface Coordinates {
	readonly transport: Transport;
	readonly serials: Serials;
	readonly policy: MatrixPolicy;
	readonly client: ClientHabit;
	readonly fault: Fault;
}

/** An axis as JSON and help have it. */
export interface Axis {
	readonly name: string;
	readonly values: readonly string[];
	readonly text: string;
}

export const axes: readonly Axis[] = [
	{ name: 'transport', values: transports, text: 'how the client asks' },
	{ name: 'serials', values: serialChoices, text: 'what a request is recognised by: nothing, or client id and serial, with the reply the server has stored' },
	{ name: 'policy', values: policies, text: 'the pair as it should be; a takeover that sends nothing again; outputs that leave before the backup has their log entry' },
	{ name: 'client', values: clients, text: 'what the client does when no answer comes' },
	{ name: 'fault', values: faults, text: 'one fault besides the crash, upon the first request' },
	{ name: 'crash', values: ['none', '1…n'], text: 'the step before which the primary is killed: every step from the first to the last of the conversation' },
];

/** Why coordinates make no sense; '' where they do. */
export function senseless({ transport, client }: Pick<Coordinates, 'transport' | 'client'>): string {
	return transport === 'udp' && client === 'reconnect' ? 'UDP has no connection to open again' : '';
}

/** Every combination but for the crash point, those without sense too, in the order of the table. */
export function combinations(): Coordinates[] {
	return transports.flatMap((transport) => serialChoices.flatMap((serials) => policies.flatMap((policy) => clients.flatMap((client) => faults.map((fault) => ({ transport, serials, policy, client, fault }))))));
}
