import { LiveError } from './error.ts';
import { errnoName, ERRNO, libc } from './libc.ts';
import { ifreq } from './tap.ts';

const AF_INET = 2, SOCK_DGRAM = 2, SOCK_CLOEXEC = 0o2000000;
const SIOCGIFFLAGS = 0x8913, SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const FLAGS_AT = 16;

/** Opens a socket that questions about interfaces are put through. */
function questions(): number {
	const fd = libc().socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) throw new LiveError('SOCKET_FAILED', `No socket for interface calls: ${errnoName(libc().errno())}.`);
	return fd;
}

function call(fd: number, request: number, name: string, flags: number = 0): number {
	const argument = ifreq(name);
	const view = new DataView(argument.buffer);
	view.setUint16(FLAGS_AT, flags, true);
	if (libc().ioctl(fd, request, argument) < 0) {
		const errno = libc().errno();
		libc().close(fd);
		if (errno === ERRNO.ENODEV) throw new LiveError('PORT_UNKNOWN', `There is no interface '${name}'.`);
		throw new LiveError('FENCE_FAILED', `The interface '${name}' cannot be set: ${errnoName(errno)}.`);
	}
	return view.getUint16(FLAGS_AT, true);
}

/**
 * Takes an interface down or up. Once a TAP device is down the kernel refuses
 * every write to it, whoever holds it: what a process had checked before it was
 * stopped no longer matters.
 *
 * @throws LiveError  `PORT_UNKNOWN` where there is no such interface; `FENCE_FAILED`
 */
export function setInterface(name: string, up: boolean): void {
	const fd = questions();
	const flags = call(fd, SIOCGIFFLAGS, name);
	call(fd, SIOCSIFFLAGS, name, up ? flags | IFF_UP : flags & ~IFF_UP);
	libc().close(fd);
}

/** Whether an interface is up. @throws LiveError  as above */
export function isInterfaceUp(name: string): boolean {
	const fd = questions();
	const flags = call(fd, SIOCGIFFLAGS, name);
	libc().close(fd);
	return (flags & IFF_UP) !== 0;
}

const SIOCETHTOOL = 0x8946;
/** ethtool's commands that set: checksums left to the device, scatter and gather, segmentation by the device and late segmentation */
const OFFLOADS = [0x17, 0x1f, 0x24];

/** Has an interface finish every frame before it is seen, or leave checksums and segmentation for later. */
export function setOffload(name: string, on: boolean): void {
	const fd = questions();
	for (const command of OFFLOADS) {
		const value = Uint8Array.from(Buffer.from(Uint32Array.of(command, on ? 1 : 0).buffer));
		const argument = ifreq(name);
		new DataView(argument.buffer).setBigUint64(FLAGS_AT, libc().address(value), true);
		// What a device cannot set it does not do.
		libc().ioctl(fd, SIOCETHTOOL, argument);
	}
	libc().close(fd);
}
