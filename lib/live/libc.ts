import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { LiveError } from './error.ts';

/** The calls of the C library that Node lacks. Each gives −1 where it fails; `errno` then says why. */
export interface Libc {
	open(path: string, flags: number): number;
	close(fd: number): number;
	read(fd: number, to: Uint8Array, length: number): number;
	write(fd: number, from: Uint8Array, length: number): number;
	ioctl(fd: number, request: number, argument: Uint8Array): number;
	/** The same for requests whose argument is no address. */
	ioctlNumber(fd: number, request: number, argument: number): number;
	/** @param fds  `pollfd` structs; @param timeout  a `timespec`, null: wait for ever */
	ppoll(fds: Int32Array, count: number, timeout: BigInt64Array | null, mask: null): number;
	/** Waits in another thread; `done` is called in this one with the number of those that are ready. */
	waitAside(fds: Int32Array, count: number, timeout: BigInt64Array, done: (ready: number) => void): void;
	socket(domain: number, type: number, protocol: number): number;
	bind(fd: number, address: Uint8Array, length: number): number;
	listen(fd: number, backlog: number): number;
	accept4(fd: number, address: null, length: null, flags: number): number;
	connect(fd: number, address: Uint8Array, length: number): number;
	setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number;
	getsockopt(fd: number, level: number, option: number, value: Uint8Array, length: Int32Array): number;
	recvfrom(fd: number, to: Uint8Array, length: number, flags: number, address: Uint8Array, addressLength: Int32Array): number;
	/** Asks for something of the process; of use here for its timer slack alone. */
	prctl(option: number, a: number, b: number, c: number, d: number): number;
	/** Maps a file into memory, shared, readable and writable. */
	map(fd: number, length: number): Uint8Array;
	/** Memory of its own, and where it lies. */
	anonymous(length: number): { readonly address: bigint; readonly bytes: Uint8Array };
	eventfd(count: number, flags: number): number;
	getsockname(fd: number, address: Uint8Array, length: Int32Array): number;
	getpeername(fd: number, address: Uint8Array, length: Int32Array): number;
	/** Has this thread run before all that have no such priority. */
	sched_setscheduler(thread: number, policy: number, priority: Int32Array): number;
	/** Ends the process at once, whatever its threads do. */
	_exit(code: number): void;
	/** Where bytes lie, for a struct that refers to them. */
	address(bytes: Uint8Array): bigint;
	clock_gettime(clock: number, to: BigInt64Array): number;
	/** Why the call before failed. */
	errno(): number;
}

interface Koffi {
	load(path: string): { func(definition: string, result?: string, parameters?: readonly string[]): (...args: unknown[]) => unknown };
	errno(): number;
	view(pointer: unknown, length: number): ArrayBuffer;
	address(value: unknown): bigint;
}

const PROT_READ_WRITE = 3, MAP_SHARED = 1, MAP_PRIVATE_ANONYMOUS = 0x22;

const declarations: { readonly [name: string]: string } = {
	open: 'int open(const char *, int)',
	close: 'int close(int)',
	read: 'intptr_t read(int, void *, size_t)',
	write: 'intptr_t write(int, const void *, size_t)',
	// Declared with its third argument fixed: variadic functions take a slower way.
	ioctl: 'int ioctl(int, unsigned long, void *)',
	ppoll: 'int ppoll(void *, unsigned long, const void *, const void *)',
	socket: 'int socket(int, int, int)',
	bind: 'int bind(int, const void *, uint32_t)',
	listen: 'int listen(int, int)',
	accept4: 'int accept4(int, void *, void *, int)',
	connect: 'int connect(int, const void *, uint32_t)',
	setsockopt: 'int setsockopt(int, int, int, const void *, uint32_t)',
	getsockopt: 'int getsockopt(int, int, int, void *, void *)',
	recvfrom: 'intptr_t recvfrom(int, void *, size_t, int, void *, void *)',
	clock_gettime: 'int clock_gettime(int, void *)',
	eventfd: 'int eventfd(unsigned int, int)',
	getsockname: 'int getsockname(int, void *, void *)',
	getpeername: 'int getpeername(int, void *, void *)',
	sched_setscheduler: 'int sched_setscheduler(int, int, const void *)',
	_exit: 'void _exit(int)',
	prctl: 'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
};

function loadKoffi(): Koffi {
	try {
		return createRequire(import.meta.url)('koffi') as Koffi;
	} catch (error) {
		throw new LiveError('KOFFI_MISSING', `The package koffi cannot be loaded: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}.`, 'Run: npm ci');
	}
}

function bindAll(): Libc {
	if (process.platform !== 'linux') throw new LiveError('NOT_LINUX', `TAP devices and bridges are those of Linux; this is ${process.platform}.`, 'Run it on Linux, or in a Linux virtual machine.');
	const koffi = loadKoffi();
	const library = koffi.load('libc.so.6');
	const calls = Object.fromEntries(Object.entries(declarations).map(([name, text]) => [name, library.func(text)]));
	const ioctlNumber = library.func('ioctl', 'int', ['int', 'unsigned long', 'unsigned long']);
	const aside = calls['ppoll'] as unknown as { async(...args: unknown[]): void };
	const mmap = library.func('void *mmap(void *, size_t, int, int, int, int64_t)');
	return {
		...(calls as unknown as Omit<Libc, 'map' | 'anonymous' | 'errno' | 'address' | 'ioctlNumber' | 'waitAside'>),
		waitAside: (fds, count, timeout, done) => { aside.async(fds, count, timeout, null, (_error: unknown, ready: number) => done(ready)); },
		ioctlNumber: ioctlNumber as Libc['ioctlNumber'],
		map: (fd, length) => new Uint8Array(koffi.view(mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0), length)),
		anonymous: (length) => {
			const pointer = mmap(null, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
			return { address: koffi.address(pointer), bytes: new Uint8Array(koffi.view(pointer, length)) };
		},
		address: (bytes) => koffi.address(bytes),
		errno: () => koffi.errno(),
	};
}

let bound: Libc | null = null;

/**
 * The C library, bound once a process.
 *
 * @throws LiveError  `NOT_LINUX`, `KOFFI_MISSING`
 */
export function libc(): Libc {
	bound ??= bindAll();
	return bound;
}

/** Errors that are dealt with, as Linux numbers them on every architecture Node runs on. */
export const ERRNO: { readonly EPERM: number; readonly ENOENT: number; readonly EINTR: number; readonly EIO: number; readonly EAGAIN: number; readonly EACCES: number; readonly EBUSY: number; readonly EEXIST: number; readonly ENODEV: number; readonly EINPROGRESS: number; readonly ENOBUFS: number; readonly ECONNREFUSED: number; readonly ENETDOWN: number } = {
	EPERM: 1, ENOENT: 2, EINTR: 4, EIO: 5, EAGAIN: 11, EACCES: 13, EBUSY: 16, EEXIST: 17, ENODEV: 19, ENETDOWN: 100, ENOBUFS: 105, ECONNREFUSED: 111, EINPROGRESS: 115,
};

/** Errors of sockets that Node has no name for. */
const UNNAMED: Readonly<Record<number, string>> = { 64: 'ENONET', 108: 'ESHUTDOWN', 112: 'EHOSTDOWN' };
const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(constants.errno).filter(([name]) => name !== 'EWOULDBLOCK').map(([name, number]) => [number, name]));

/** An error number by its name, as people and scripts write it. */
export function errnoName(errno: number): string {
	return NAMES.get(errno) ?? UNNAMED[errno] ?? `errno ${errno}`;
}
