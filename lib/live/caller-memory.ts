/** Where the thread that makes system calls and the one that asks for them meet: words of 32 bits, then numbers of 64. */
export const ASKED = 0;
export const DONE = 1;
export const NAME = 2;
export const ERRNO_AT = 3;
export const SERVING = 4;
/** bytes before the numbers */
export const WORDS_AT = 32;
/** six arguments, then the result, the eventfd, and the address of a one */
export const ARGUMENTS = 6;
export const RESULT = 6;
export const MEMORY = 128;

/** Calls that can be asked for, and what they give back. */
export const SYSTEM_CALLS: readonly { readonly name: string; readonly result: 'int' | 'int64_t' }[] = [
	...['socket', 'bind', 'listen', 'accept4', 'connect', 'shutdown', 'close', 'setsockopt', 'getsockopt', 'getsockname', 'getpeername', 'fcntl', 'ioctl', 'poll', 'epoll_create1', 'epoll_ctl', 'epoll_wait', 'open', 'memfd_create', 'pipe2', 'sched_setscheduler']
		.map((name) => ({ name, result: 'int' as const })),
	...['read', 'readv', 'recvfrom', 'recvmsg', 'write', 'writev', 'sendto', 'sendmsg', 'sendfile', 'splice'].map((name) => ({ name, result: 'int64_t' as const })),
];
