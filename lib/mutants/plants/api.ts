import type { Mutant } from '../mutant.ts';

/** The user's calls, and what is left behind. */
export const api: readonly Mutant[] = [
	{
		name: 'close-in-syn-sent-sends-fin', pitfall: 'api', text: 'sends a FIN when it is closed in SYN-SENT', file: 'tcp/calls.ts',
		from: 'case SYN_SENT:\n\t\t\tdestroy(t, ERROR_ABORTED);\n\t\t\treturn;', to: 'case SYN_SENT:',
	},
	{
		name: 'timers-after-close', pitfall: 'api', text: 'lets timers run on a connection that is closed', file: 'tcp/lifecycle.ts',
		from: 'stopTimers(t);\n\tfreeRuns(t);', to: 'freeRuns(t);',
	},
	{
		name: 'unread-text-lost-at-end', pitfall: 'api', text: 'throws away unread text when a connection has ended in order', file: 'tcp/lifecycle.ts',
		from: 'if (error !== NO_ERROR && !isLeft) freeReceiveQueue(t);', to: 'if (!isLeft) freeReceiveQueue(t);',
	},
	{
		name: 'accept-queue-broken', pitfall: 'api', text: 'breaks the queue of a listener when a connection in it is reset', file: 'tcp/lifecycle.ts',
		from: 'if (listen.first === 0) listen.last = 0;', to: '',
	},
	{
		name: 'port-used-twice', pitfall: 'api', text: 'gives two connections to one peer the same ephemeral port', file: 'tcp/calls.ts',
		from: 'if (!isTaken(t, port)) return port;', to: 'return port;',
	},
	{
		name: 'connect-over-another', pitfall: 'api', text: 'opens a connection between two sockets that have one', file: 'tcp/calls.ts',
		from: '(port !== 0 && isTaken(t, port))', to: 'port < 0',
	},
	{
		name: 'read-more-than-there-is', pitfall: 'api', text: 'lets a user read more than there is', file: 'tcp/calls.ts',
		from: 'const taken = Math.min(length, recvq.length);', to: 'const taken = length;',
	},
	{
		name: 'write-beyond-quota', pitfall: 'api', text: 'takes more to send than its buffer holds', file: 'tcp/calls.ts',
		from: 'Math.min(length, sendq.quota - sendq.length)', to: 'length',
	},
	{
		name: 'stale-record-freed', pitfall: 'api', text: 'releases whoever has the record now, when a connection ended that its user had released', file: 'lib/host/host.ts',
		from: '&& this.image.tag(at) === tag) release', to: ') release',
	},
	{
		name: 'handle-without-its-life', pitfall: 'api', text: 'takes a stale handle for whoever has the record now', file: 'lib/memory/image.ts',
		from: ' && this.i32[at >> 2] === tag;', to: ' && (this.i32[at >> 2]! & 1) === 1;',
	},
	{
		name: 'record-not-cleared', pitfall: 'api', text: 'hands out records with what was in them before', file: 'lib/memory/image.ts',
		from: 'this.zero(at, pool.size);', to: '',
	},
];
