import type { CallAction } from '../tree.ts';
import { Args } from './args.ts';
import { callAccept, callBind, callClose, callConnect, callListen, callName, callOpen, callShutdown, callSocket } from './calls-connection.ts';
import { callRead, callReadv, callRecvmsg, callSendfile, callWrite, callWritev } from './calls-data.ts';
import { callFcntl, callGetsockopt, callIoctl, callSetsockopt } from './calls-option.ts';
import { callEpollControl, callEpollCreate, callEpollWait, callPoll } from './calls-poll.ts';
import { done } from './subject.ts';
import type { Process } from './process.ts';
import type { Attempt } from './subject.ts';
import { Unsupported } from './verdict.ts';

const CALLS: Readonly<Record<string, (process: Process, args: Args) => Attempt>> = {
	socket: callSocket, bind: callBind, listen: callListen, accept: callAccept, accept4: callAccept, connect: callConnect,
	shutdown: callShutdown, close: callClose,
	read: callRead, recv: callRead, recvfrom: callRead, readv: callReadv, recvmsg: callRecvmsg, getsockname: callName, getpeername: callName,
	write: callWrite, send: callWrite, sendto: callWrite, writev: callWritev, sendmsg: callWritev, sendfile: callSendfile, open: callOpen,
	unlink: () => () => done(0),
	poll: callPoll, epoll_create: callEpollCreate, epoll_create1: callEpollCreate, epoll_ctl: callEpollControl, epoll_wait: callEpollWait, epoll_pwait: callEpollWait,
	fcntl: callFcntl, ioctl: callIoctl, getsockopt: callGetsockopt, setsockopt: callSetsockopt,
};

/** Begins a system call. @throws Unsupported for one, or for an argument, that we do not know */
export function beginCall(process: Process, call: CallAction): Attempt {
	const begin = Object.hasOwn(CALLS, call.name) ? CALLS[call.name] : undefined;
	if (begin === undefined) throw new Unsupported(`the call ${call.name}`);
	return begin(process, new Args(call, process.profile));
}
