import { Cells } from './kv-cells.ts';
import { latin1 } from './kv-keys.ts';
import type { Keys } from './kv-keys.ts';
import type { RespReply, RespRequest } from './resp.ts';

/** What a command is carried out on. */
export interface KvContext {
	readonly keys: Keys;
	readonly request: RespRequest;
	readonly reply: RespReply;
	/** where the request's words lie */
	readonly bytes: Uint8Array;
	/** the machine's clock, µs */
	readonly now: number;
	/** connections there are */
	readonly clients: number;
}

interface Command {
	/** words, the name included; negative: at least so many */
	readonly arity: number;
	readonly run: (context: KvContext) => void;
}

/** A reply to a command that changes something is shorter than this. */
export const LONGEST_ANSWER = 512;
const LONGEST_KEY = 1024;
/** A value has to fit a reply, and a request. */
const LONGEST_VALUE = 60_000;
const SECOND = 1_000_000, MILLISECOND = 1000;

const NOT_INTEGER = 'ERR value is not an integer or out of range';
const SYNTAX = 'ERR syntax error';
const NO_ROOM = 'OOM command not allowed when used memory > \'maxmemory\'.';
const TOO_LONG = 'ERR string exceeds maximum allowed size';

function word({ request, bytes }: KvContext, i: number): string {
	return latin1(bytes, request.at[i]!, request.length[i]!);
}

/** A word as a whole number that can be counted with exactly; NaN where it is none. */
function integer(context: KvContext, i: number): number {
	return integerIn(word(context, i));
}

function integerIn(text: string): number {
	if (!/^-?\d{1,16}$/.test(text)) return Number.NaN;
	const value = Number(text);
	return Number.isSafeInteger(value) && String(value) === text ? value : Number.NaN;
}

function isTooLong({ request }: KvContext, key: number, value: number): boolean {
	return request.length[key]! > LONGEST_KEY || request.length[value]! > LONGEST_VALUE;
}

/** Puts a bulk string with the value of the entry found last. */
function value({ keys, reply }: KvContext): void {
	const { entry, cells } = keys;
	const at = reply.open(entry.valueLength);
	cells.copy(entry.value, 0, entry.valueLength, reply.bytes, at);
}

function get(context: KvContext): void {
	const { keys, reply, now } = context;
	if (keys.find(word(context, 1), now)) value(context);
	else reply.none();
}

/** What SET's options say; null where they are wrong. */
function setOptions(context: KvContext): { readonly nx: boolean; readonly xx: boolean; readonly keep: boolean; readonly expires: number } | string {
	let nx = false, xx = false, keep = false, expires = 0;
	for (let i = 3; i < context.request.count; i++) {
		const option = word(context, i).toUpperCase();
		if (option === 'NX' && !xx) nx = true;
		else if (option === 'XX' && !nx) xx = true;
		else if (option === 'KEEPTTL' && expires === 0) keep = true;
		else if ((option === 'EX' || option === 'PX') && expires === 0 && !keep && i + 1 < context.request.count) {
			const time = integer(context, ++i);
			if (Number.isNaN(time)) return NOT_INTEGER;
			expires = deadline(time, option === 'EX' ? SECOND : MILLISECOND, context.now);
			if (time <= 0 || expires === 0) return 'ERR invalid expire time in \'set\' command';
		} else return SYNTAX;
	}
	return { nx, xx, keep, expires };
}

/** When a time from now on is over, µs; 0 where that cannot be counted. */
function deadline(time: number, unit: number, now: number): number {
	const at = now + time * unit;
	return Number.isSafeInteger(at) ? at : 0;
}

function set(context: KvContext): void {
	const { keys, request, reply, bytes, now } = context;
	const options = setOptions(context);
	if (typeof options === 'string') return reply.error(options);
	if (isTooLong(context, 1, 2)) return reply.error(TOO_LONG);
	const key = word(context, 1);
	const isOld = keys.find(key, now);
	if (options.nx ? isOld : options.xx && !isOld) return reply.none();
	if (!keys.set(key, bytes, request.at[2]!, request.length[2]!, now)) return reply.error(NO_ROOM);
	if (!options.keep) keys.expire(options.expires);
	reply.simple('OK');
}

function append(context: KvContext): void {
	const { keys, request, reply, bytes, now } = context;
	if (isTooLong(context, 1, 2)) return reply.error(TOO_LONG);
	const key = word(context, 1), at = request.at[2]!, length = request.length[2]!;
	if (!keys.find(key, now)) {
		if (!keys.set(key, bytes, at, length, now)) return reply.error(NO_ROOM);
	} else {
		if (keys.entry.valueLength + length > LONGEST_VALUE) return reply.error(TOO_LONG);
		if (!keys.append(bytes, at, length)) return reply.error(NO_ROOM);
	}
	reply.integer(keys.entry.valueLength);
}

function add(context: KvContext, by: number): void {
	const { keys, reply, now } = context;
	if (Number.isNaN(by)) return reply.error(NOT_INTEGER);
	if (context.request.length[1]! > LONGEST_KEY) return reply.error(TOO_LONG);
	const key = word(context, 1);
	const before = keys.find(key, now) ? numberIn(keys) : 0;
	if (Number.isNaN(before)) return reply.error(NOT_INTEGER);
	const sum = before + by;
	if (!Number.isSafeInteger(sum)) return reply.error('ERR increment or decrement would overflow');
	const text = Uint8Array.from(String(sum), (digit) => digit.charCodeAt(0));
	if (!keys.set(key, text, 0, text.length, now)) return reply.error(NO_ROOM);
	reply.integer(sum);
}

/** The value of the entry found last as a number; NaN where it is none. */
function numberIn({ entry, cells }: Keys): number {
	if (entry.valueLength > 20) return Number.NaN;
	const bytes = new Uint8Array(entry.valueLength);
	cells.copy(entry.value, 0, bytes.length, bytes, 0);
	return integerIn(latin1(bytes, 0, bytes.length));
}

/** Counts the keys named, and does something with each. */
function count(context: KvContext, each: (key: string) => boolean): void {
	let found = 0;
	for (let i = 1; i < context.request.count; i++) if (each(word(context, i))) found++;
	context.reply.integer(found);
}

function del(context: KvContext): void {
	count(context, (key) => context.keys.remove(key, context.now));
}

function mget(context: KvContext): void {
	const { keys, request, reply, now } = context;
	reply.array(request.count - 1);
	for (let i = 1; i < request.count; i++) {
		if (keys.find(word(context, i), now)) value(context);
		else reply.none();
	}
}

function mset(context: KvContext): void {
	const { keys, request, reply, bytes, now } = context;
	if (request.count % 2 === 0) return reply.error('ERR wrong number of arguments for \'mset\' command');
	let cells = 0;
	for (let i = 1; i < request.count; i += 2) {
		if (isTooLong(context, i, i + 1)) return reply.error(TOO_LONG);
		cells += Cells.needed(request.length[i]!) + Cells.needed(request.length[i + 1]!);
	}
	// All of it or nothing: so there has to be room even where nothing old is replaced.
	if (!keys.fits((request.count - 1) / 2, cells)) return reply.error(NO_ROOM);
	for (let i = 1; i < request.count; i += 2) {
		keys.set(word(context, i), bytes, request.at[i + 1]!, request.length[i + 1]!, now);
		keys.expire(0);
	}
	reply.simple('OK');
}

function expire(context: KvContext, unit: number): void {
	const { keys, reply, now } = context;
	const time = integer(context, 2);
	if (Number.isNaN(time) || !Number.isSafeInteger(now + time * unit)) return reply.error(NOT_INTEGER);
	const key = word(context, 1);
	if (!keys.find(key, now)) return reply.integer(0);
	if (time <= 0) keys.remove(key, now);
	else keys.expire(now + time * unit);
	reply.integer(1);
}

function ttl(context: KvContext, unit: number): void {
	const { keys, reply, now } = context;
	if (!keys.find(word(context, 1), now)) return reply.integer(-2);
	const { expires } = keys.entry;
	reply.integer(expires === 0 ? -1 : Math.floor((expires - now + unit / 2) / unit));
}

function persist(context: KvContext): void {
	const { keys, reply, now } = context;
	if (!keys.find(word(context, 1), now) || keys.entry.expires === 0) return reply.integer(0);
	keys.expire(0);
	reply.integer(1);
}

function clear({ keys, reply }: KvContext): void {
	keys.clear();
	reply.simple('OK');
}

function ping(context: KvContext): void {
	const { request, reply, bytes } = context;
	if (request.count === 1) reply.simple('PONG');
	else reply.bulk(bytes, request.at[1]!, request.length[1]!);
}

function echo({ request, reply, bytes }: KvContext): void {
	reply.bulk(bytes, request.at[1]!, request.length[1]!);
}

function select(context: KvContext): void {
	if (word(context, 1) === '0') context.reply.simple('OK');
	else context.reply.error('ERR DB index is out of range');
}

/** RESP3 is refused, and whoever asked goes on with RESP2. */
function hello(context: KvContext): void {
	const { request, reply } = context;
	if (request.count > 1 && word(context, 1) !== '2') return reply.error('NOPROTO unsupported protocol version');
	reply.array(14);
	for (const [name, text] of [['server', 'redis'], ['version', VERSION]] as const) { reply.words(name); reply.words(text); }
	reply.words('proto');
	reply.integer(2);
	reply.words('id');
	reply.integer(1);
	for (const [name, text] of [['mode', 'standalone'], ['role', 'master']] as const) { reply.words(name); reply.words(text); }
	reply.words('modules');
	reply.array(0);
}

/** What clients take for the version of the server they talk to. */
const VERSION = '7.0.0';

function info({ keys, reply, now, clients }: KvContext): void {
	keys.sweep(now);
	reply.words([
		'# Server', `redis_version:${VERSION}`, 'redis_mode:standalone', 'os:dupack', `uptime_in_seconds:${Math.floor(now / SECOND)}`, '',
		'# Clients', `connected_clients:${clients}`, '',
		'# Keyspace', ...(keys.size === 0 ? [] : [`db0:keys=${keys.size},expires=0,avg_ttl=0`]), '',
	].join('\r\n'));
}

/** Clients ask for settings that do not exist here. */
function config(context: KvContext): void {
	if (word(context, 1).toUpperCase() !== 'GET' || context.request.count !== 3) return context.reply.error('ERR unknown subcommand or wrong number of arguments for \'CONFIG\' command');
	context.reply.array(2);
	context.reply.words(word(context, 2).replace(/[^\x21-\x7e]/g, '?'));
	context.reply.words('');
}

const commands: { readonly [name: string]: Command } = {
	PING: { arity: -1, run: ping }, ECHO: { arity: 2, run: echo },
	GET: { arity: 2, run: get }, SET: { arity: -3, run: set }, APPEND: { arity: 3, run: append },
	STRLEN: { arity: 2, run: (context) => context.reply.integer(context.keys.find(word(context, 1), context.now) ? context.keys.entry.valueLength : 0) },
	INCR: { arity: 2, run: (context) => add(context, 1) }, DECR: { arity: 2, run: (context) => add(context, -1) },
	INCRBY: { arity: 3, run: (context) => add(context, integer(context, 2)) }, DECRBY: { arity: 3, run: (context) => add(context, -integer(context, 2)) },
	DEL: { arity: -2, run: del }, UNLINK: { arity: -2, run: del },
	EXISTS: { arity: -2, run: (context) => count(context, (key) => context.keys.find(key, context.now)) },
	MGET: { arity: -2, run: mget }, MSET: { arity: -3, run: mset },
	EXPIRE: { arity: 3, run: (context) => expire(context, SECOND) }, PEXPIRE: { arity: 3, run: (context) => expire(context, MILLISECOND) },
	TTL: { arity: 2, run: (context) => ttl(context, SECOND) }, PTTL: { arity: 2, run: (context) => ttl(context, MILLISECOND) }, PERSIST: { arity: 2, run: persist },
	DBSIZE: { arity: 1, run: ({ keys, reply, now }) => { keys.sweep(now); reply.integer(keys.size); } },
	FLUSHALL: { arity: -1, run: clear }, FLUSHDB: { arity: -1, run: clear },
	INFO: { arity: -1, run: info }, SELECT: { arity: 2, run: select }, HELLO: { arity: -1, run: hello },
	COMMAND: { arity: -1, run: ({ reply }) => reply.array(0) }, CONFIG: { arity: -2, run: config },
	CLIENT: { arity: -2, run: ({ reply }) => reply.simple('OK') },
	QUIT: { arity: -1, run: ({ reply }) => reply.simple('OK') },
};

/** Carries out a request that has at least one word. Returns whether the connection is to be closed behind the reply. */
export function execute(context: KvContext): boolean {
	const { request, reply } = context;
	const name = request.length[0]! > 32 ? '' : word(context, 0).toUpperCase();
	const command = Object.hasOwn(commands, name) ? commands[name]! : undefined;
	const shown = (name || 'that').toLowerCase().replace(/[^\x21-\x7e]/g, '?');
	if (command === undefined) reply.error(`ERR unknown command '${shown}'`);
	else if (command.arity >= 0 ? request.count !== command.arity : request.count < -command.arity) reply.error(`ERR wrong number of arguments for '${shown}' command`);
	else command.run(context);
	return name === 'QUIT';
}
