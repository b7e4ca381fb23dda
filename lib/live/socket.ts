import { LiveError } from './error.ts';
import { errnoName, ERRNO, libc } from './libc.ts';

const AF_UNIX = 1, AF_INET = 2;
const SOCK_STREAM = 1, SOCK_NONBLOCK = 0o4000, SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_ERROR = 4, SO_SNDBUF = 7, SO_RCVBUF = 8, SO_KEEPALIVE = 9;
const IPPROTO_TCP = 6, TCP_NODELAY = 1, TCP_KEEPIDLE = 4, TCP_KEEPINTVL = 5, TCP_KEEPCNT = 6, TCP_USER_TIMEOUT = 18;
/** A machine that cannot be reached for this long is given up, so that it is looked for anew: s, ms. Who may speak is the lease's and the arbiter's to say. */
const KEEP_ALIVE = 1, GIVE_UP = 3000;
/** Path of a Unix socket, its end included. */
const LONGEST_PATH = 108;

/** Where a stream socket listens or connects to: `unix:/path` or `tcp:10.0.0.1:7000`. */
export interface StreamAddress {
	readonly text: string;
	/** whether the other end is on this machine, so that its closing proves that its process has ended */
	readonly isLocal: boolean;
	/** a sockaddr */
	readonly bytes: Uint8Array;
	/** path of a Unix socket; '' for TCP */
	readonly path: string;
}

function unixAddress(text: string, path: string): StreamAddress {
	const name = Buffer.from(path);
	if (name.length === 0 || name.length >= LONGEST_PATH) throw new LiveError('ADDRESS_INVALID', `'${text}' cannot be a socket's path: it takes 1 to ${LONGEST_PATH - 1} bytes.`, 'Choose a shorter folder.');
	const bytes = new Uint8Array(2 + name.length + 1);
	new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
	bytes.set(name, 2);
	return { text, isLocal: true, bytes, path };
}

function tcpAddress(text: string, host: string, port: number): StreamAddress {
	const octets = host.split('.').map(Number);
	if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255)) || !(port > 0 && port < 65536)) throw new LiveError('ADDRESS_INVALID', `'${text}' is no address: write tcp:10.0.0.1:7000.`);
	const bytes = new Uint8Array(16);
	const view = new DataView(bytes.buffer);
	view.setUint16(0, AF_INET, true);
	view.setUint16(2, port);
	bytes.set(octets, 4);
	return { text, isLocal: false, bytes, path: '' };
}

/** Reads an address. @throws LiveError ADDRESS_INVALID */
export function streamAddress(text: string): StreamAddress {
	if (text.startsWith('unix:')) return unixAddress(text, text.slice(5));
	const [, host = '', port = ''] = /^tcp:([^:]+):(\d+)$/.exec(text) ?? [];
	return tcpAddress(text, host, Number(port));
}

function failed(what: string, address: StreamAddress): never {
	throw new LiveError('SOCKET_FAILED', `${what} ${address.text} failed: ${errnoName(libc().errno())}.`);
}

function made(address: StreamAddress): number {
	const fd = libc().socket(address.path === '' ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) failed('A socket for', address);
	if (address.path === '') notice(fd);
	return fd;
}

function setOption(fd: number, level: number, option: number, value: number): void {
	libc().setsockopt(fd, level, option, new Uint8Array(Int32Array.of(value).buffer), 4);
}

/** Has a connection notice that nobody is there any more; those that a listener accepts do as it does. */
function notice(fd: number): void {
	setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_ALIVE);
	setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_ALIVE);
	setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, GIVE_UP / 1000 / KEEP_ALIVE);
	setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, GIVE_UP);
}

/** Listens; the descriptor. @throws LiveError SOCKET_FAILED */
export function listenOn(address: StreamAddress): number {
	const fd = made(address);
	if (address.path === '') setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (libc().bind(fd, address.bytes, address.bytes.length) < 0 || libc().listen(fd, 8) < 0) failed('Listening on', address);
	return fd;
}

/** The next connection; −1 where none waits. */
export function acceptFrom(fd: number): number {
	return libc().accept4(fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/** Begins to connect; −1 where nobody listens there now. The connection stands once it can be written. */
export function connectTo(address: StreamAddress): number {
	const fd = made(address);
	if (libc().connect(fd, address.bytes, address.bytes.length) === 0 || libc().errno() === ERRNO.EINPROGRESS) return fd;
	libc().close(fd);
	return -1;
}

/** Why a connection that was begun failed: an error number, 0 where it stands. */
export function connectError(fd: number): number {
	const value = new Int32Array(1);
	libc().getsockopt(fd, SOL_SOCKET, SO_ERROR, new Uint8Array(value.buffer), Int32Array.of(4));
	return value[0]!;
}

/** Room for what is on its way, and no waiting for more to send. */
export function tune(fd: number, address: StreamAddress, bytes: number): void {
	setOption(fd, SOL_SOCKET, SO_SNDBUF, bytes);
	setOption(fd, SOL_SOCKET, SO_RCVBUF, bytes);
	if (address.path === '') setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}
