import { LiveError } from './error.ts';
import { errnoName, ERRNO, libc } from './libc.ts';
import type { Libc } from './libc.ts';

const O_RDWR = 2, O_NONBLOCK = 0o4000, O_CLOEXEC = 0o2000000;
const TUNSETIFF = 0x400454ca, TUNSETOFFLOAD = 0x400454d0;
const IFF_TUN = 0x0001, IFF_TAP = 0x0002, IFF_NO_PI = 0x1000, IFF_VNET_HDR = 0x4000;
/** an ifreq: the name, then its union */
const IFREQ = 40, IFNAMSIZ = 16;

export const TUN_DEVICE = '/dev/net/tun';

/** An ifreq for an interface. */
export function ifreq(name: string): Uint8Array {
	const bytes = new Uint8Array(IFREQ);
	if (name.length >= IFNAMSIZ) throw new LiveError('NAME_TOO_LONG', `'${name}' is no interface's name: at most ${IFNAMSIZ - 1} letters.`);
	for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i) & 0x7f;
	return bytes;
}

export interface TapOptions {
	/** IP packets pass, without an Ethernet header: a TUN device */
	readonly packets?: boolean;
	/** every frame is preceded by a header that tells of offloading; see `offload` */
	readonly header?: boolean;
	/** what the kernel may leave to us: bits of `TUN_F_*` */
	readonly offload?: number;
}

/**
 * One end of a TAP device: what is written enters the kernel's network by that
 * interface, what the kernel sends out of it is read. Nothing here waits.
 */
export class Tap {
	readonly name: string;
	readonly fd: number;
	/** whether every frame is preceded by a header that tells of offloading */
	readonly hasHeader: boolean;
	/** frames the device did not take: a full queue, or an interface that is down */
	refused: number = 0;
	/** why the last one was refused: an error number */
	why: number = 0;
	readonly #libc: Libc;

	/**
	 * Attaches to the interface `name`, which is made where there is none.
	 *
	 * @throws LiveError  `TUN_MISSING`, `NOT_PERMITTED`, `TAP_BUSY`, `TAP_FAILED`
	 */
	constructor(name: string, options: TapOptions = {}) {
		const calls = libc();
		this.#libc = calls;
		this.name = name;
		this.hasHeader = options.header === true;
		this.fd = calls.open(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (this.fd < 0) this.#failed(calls.errno());
		const request = ifreq(name);
		const flags = (options.packets === true ? IFF_TUN : IFF_TAP) | IFF_NO_PI | (options.header === true ? IFF_VNET_HDR : 0);
		new DataView(request.buffer).setUint16(IFNAMSIZ, flags, true);
		if (calls.ioctl(this.fd, TUNSETIFF, request) < 0) this.#failed(calls.errno());
		if (options.offload !== undefined && calls.ioctlNumber(this.fd, TUNSETOFFLOAD, options.offload) < 0) this.#failed(calls.errno());
	}

	#failed(errno: number): never {
		if (this.fd >= 0) this.#libc.close(this.fd);
		const { name } = this;
		if (errno === ERRNO.ENOENT || errno === ERRNO.ENODEV) throw new LiveError('TUN_MISSING', `${TUN_DEVICE} is missing: the kernel offers no TAP devices here.`, 'Run: modprobe tun');
		if (errno === ERRNO.EPERM || errno === ERRNO.EACCES) throw new LiveError('NOT_PERMITTED', `The TAP device '${name}' may not be used: ${errnoName(errno)}.`, 'Run as root, or make /dev/net/tun readable and writable for all.');
		if (errno === ERRNO.EBUSY) throw new LiveError('TAP_BUSY', `Another process holds the TAP device '${name}'.`);
		throw new LiveError('TAP_FAILED', `The TAP device '${name}' cannot be opened: ${errnoName(errno)}.`);
	}

	/** Reads one frame to `to[0]`; its length, 0 where none waits, −1 where the device is gone. */
	read(to: Uint8Array): number {
		const length = this.#libc.read(this.fd, to, to.length);
		if (length >= 0) return length;
		const errno = this.#libc.errno();
		return errno === ERRNO.EAGAIN || errno === ERRNO.EINTR ? 0 : -1;
	}

	/** Sends one frame; false where the device did not take it, as any device may drop. */
	write(frame: Uint8Array, length: number): boolean {
		if (this.#libc.write(this.fd, frame, length) === length) return true;
		this.why = this.#libc.errno();
		this.refused++;
		return false;
	}

	close(): void { this.#libc.close(this.fd); }
}
