import type { Script } from './tree.ts';

export type ProfileName = 'rfc' | 'linux' | 'freebsd';

/** The commands of a script in order: set-up, events, clean-up. */
export function commandsOf(script: Script): string[] {
	const timed = script.events.flatMap(({ action }) => (action.kind === 'command' ? [action.text] : []));
	const before = script.options.flatMap(({ name, value }) => (name === 'init_scripts' && value !== null ? [value] : []));
	return [...before, ...script.init, ...timed, ...script.cleanup];
}

/** Whose behaviour a script is written for, judged by the system its commands speak to. */
export function wantedProfile(script: Script): ProfileName {
	const commands = commandsOf(script).join('\n');
	if (/\bnet\.inet6?\.tcp\b/.test(commands)) return 'freebsd';
	if (/defaults\.sh\b|\bset_sysctls\b|\/proc\/sys\/|\bnet\.ipv4\./.test(commands)) return 'linux';
	return 'rfc';
}
