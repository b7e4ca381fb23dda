import { seqDiff } from '../sequence.ts';
import { differingFields } from '../hex-diff.ts';
import { performPlan } from '../crash-points.ts';
import { readKnob } from '../knob.ts';
import { counterLinearity } from '../linear-counter.ts';
import { cellAt } from '../matrix/index.ts';
import type { Coordinates, Verdict } from '../matrix/index.ts';
import { partingOf } from '../parting.ts';
import { perform } from '../perform.ts';
import type { Run } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import { textOf } from '../packet.ts';
import { RST } from '../../wire/tcp.ts';
import { AnswerError, sameForm, sameWords, wholeNumber, words } from './exercise.ts';
import type { Exercise, Find, Judgement } from './exercise.ts';
import { selected } from './matrix-answer.ts';

/** A run of an arm, with knobs turned; the first arm where none is named. */
function runOf(scenario: Scenario, arm: string = Object.keys(scenario.arms)[0]!, set: { readonly [knob: string]: number | boolean | string } = {}): Run {
	return perform(scenario, arm, { set }).run;
}

function told(run: Run): string {
	return run.stage.clients.map(({ name }) => `${name}: ${run.client(name).delivered.join(', ') || '–'}`).join('; ');
}

/** Reads `knob=value` as a scenario has it. */
function oneKnob(answer: string, scenario: Scenario, forbidden: readonly string[]): { readonly [knob: string]: number | boolean | string } {
	const [, name = '', value = ''] = /^([^=]+)=(.+)$/.exec(answer) ?? [];
	const knob = scenario.knobs[name];
	if (knob === undefined) throw new AnswerError({ en: `'${answer}' turns no knob of '${scenario.name}': write knob=value.`, zh: `“${answer}”拧的不是 ${scenario.name} 的旋钮：请写成 knob=value。` });
	if (forbidden.includes(name)) throw new AnswerError({ en: `Leave '${name}' as it is: turn another knob.`, zh: `${name} 保持不变：请拧另一个旋钮。` });
	return { [name]: readKnob(name, knob, value) };
}

const repeat: Exercise = {
	id: 'repeat', form: sameForm('N'),
	question: { en: 'Before which step of duplicate-output must the primary be killed, so that the reply itself reaches the client twice? Give one such step.', zh: '在 duplicate-output 里，要在哪一步之前杀掉主机，回复本身才会两次到达客户端？给出一个这样的步号。' },
	check(answer, find) {
		const run = performPlan(find('duplicate-output'), { victim: 'primary', at: wholeNumber(answer, 1), fault: null }).run;
		const copies = run.on('client').filter(({ byServer, text }) => byServer && text === '11').length;
		return { ok: copies > 1, said: { en: `The reply came ${copies} times.`, zh: `回复到达了 ${copies} 次。` } };
	},
};

const drain: Exercise = {
	id: 'drain', form: sameForm('knob=value'),
	question: { en: 'Leave the drain of skip-drain off, turn one other knob, and nobody is told a number twice. Which?', zh: '让 skip-drain 的 drain 保持关闭，只拧另一个旋钮，就没有人会被告知同一个数两次。是哪一个？' },
	check(answer, find) {
		const scenario = find('skip-drain');
		const run = runOf(scenario, 'skip', oneKnob(answer, scenario, ['drain']));
		const ok = counterLinearity(run.trace).verdict === 'linearizable' && run.tookOverAt >= 0 && run.stage.clients.every(({ name }) => run.client(name).delivered.length > 0);
		return { ok, said: { en: `Told ${told(run)}.`, zh: `得到的回复是 ${told(run)}。` } };
	},
};

/** A takeover by a backup that kept three outputs, of which the client has some. */
export const RESEND: { readonly coordinates: Coordinates; readonly crash: number } = {
	coordinates: { transport: 'udp', serials: 'none', policy: 'neither-sends', client: 'no-retry', fault: 'none' }, crash: 51,
};

/** Outputs that were given up, and among them those that no client ever got. */
export function givenUp(trace: Run['trace']): { readonly all: number[]; readonly missing: number[] } {
	const kept = [...trace.of('outputKept')].filter(({ place }) => place === 'backup');
	const arrived = [...trace.of('frameArrived')].filter(({ place }) => place.startsWith('client'));
	const all = [...trace.of('outputDiscarded')].filter(({ place, reason }) => place === 'backup' && reason === 'policy').map(({ output }) => output);
	const missing = all.filter((output) => {
		const frame = kept.find((event) => event.output === output)?.bytes;
		return frame !== undefined && !arrived.some(({ bytes }) => bytes.length === frame.length && bytes.every((byte, i) => byte === frame[i]));
	});
	return { all, missing };
}

const resend: Exercise = {
	id: 'resend', form: { en: 'numbers of outputs, such as 1,2', zh: '输出的编号，例如 1,2' },
	question: {
		en: `Look at one takeover that sends nothing again: npx dupack matrix --only transport=udp,serials=none,policy=neither-sends,client=no-retry,fault=none --crash ${RESEND.crash}. Outputs are numbered from 1 in the order they were made: the ARP reply is 1. Which is the smallest set of outputs to send again, so that the client misses nothing?`,
		zh: `看一次什么都不重发的接管：npx dupack matrix --only transport=udp,serials=none,policy=neither-sends,client=no-retry,fault=none --crash ${RESEND.crash}。输出按产生的顺序从 1 开始编号，ARP 应答是 1。要让客户端什么也不缺，最少要重发哪些输出？`,
	},
	check(answer) {
		const numbers = words(answer).map((word) => wholeNumber(word, 1));
		const { missing } = givenUp(cellAt(RESEND.coordinates, 1, RESEND.crash).stage.trace);
		const lacking = missing.filter((output) => !numbers.includes(output)).length, more = numbers.filter((output) => !missing.includes(output)).length;
		return {
			ok: lacking === 0 && more === 0,
			said: { en: `${lacking} missing outputs are not in your set, and ${more} of yours the client has already, or were never made.`, zh: `客户端缺的输出中有 ${lacking} 个不在你的集合里；你给出的有 ${more} 个是客户端已经有的，或从未产生过的。` },
		};
	},
};

const fooled: Exercise = {
	id: 'fooled', form: sameForm('N'),
	question: {
		en: 'A client over UDP without serials asks twice: npx dupack matrix --only transport=udp,serials=none,policy=normal,client=no-retry,fault=none --points. Give a crash point at which it is told 11 for both requests.',
		zh: '一个不带序号的 UDP 客户端问了两次：npx dupack matrix --only transport=udp,serials=none,policy=normal,client=no-retry,fault=none --points。给出一个崩溃点，使两次请求都得到 11。',
	},
	check(answer) {
		const { seen } = cellAt({ transport: 'udp', serials: 'none', policy: 'normal', client: 'no-retry', fault: 'none' }, 1, wholeNumber(answer, 1)).cell;
		return { ok: seen.join() === '11,11', said: { en: `The application saw ${seen.join(', ') || 'nothing'}.`, zh: `应用看到的是 ${seen.join(', ') || '什么也没有'}。` } };
	},
};

const lie: Exercise = {
	id: 'lie', form: sameForm('N'),
	question: { en: 'Break the Output Rule (npx dupack run output-rule --arm off --crash-at all) and find a crash point that shows the lie: two requests that are told one number.', zh: '破坏输出规则（npx dupack run output-rule --arm off --crash-at all），找出一个让谎言显形的崩溃点：两个请求被告知同一个数。' },
	check(answer, find) {
		const { run } = performPlan(find('output-rule'), { victim: 'primary', at: wholeNumber(answer, 1), fault: null });
		const { verdict } = counterLinearity(run.trace);
		return { ok: verdict === 'impossible', said: { en: `Told ${told(run)}: ${verdict === 'impossible' ? 'no single machine would have' : 'one machine could have'}.`, zh: `得到的回复是 ${told(run)}：${verdict === 'impossible' ? '任何单台机器都不会这样回答' : '单台机器也可能这样回答'}。` } };
	},
};

const lostEntry: Exercise = {
	id: 'lost-entry', form: sameForm('N'),
	question: { en: 'In npx dupack run output-rule --arm off-udp one log entry is lost with the primary, and parts the pair for ever. Which number had it?', zh: '在 npx dupack run output-rule --arm off-udp 中，有一条日志条目随主机一起丢失，从此两台机器分道扬镳。它是第几条？' },
	check(answer, find) {
		const { trace } = runOf(find('output-rule'), 'off-udp');
		const has = Math.max(0, ...[...trace.of('entryReceived')].map(({ last }) => last));
		const lost = [...trace.of('entryLogged')].filter(({ place, entry, bytes }) => place === 'primary' && entry > has && textOf(bytes).includes('inc')).map(({ entry }) => entry);
		return { ok: lost.length === 1 && lost[0] === wholeNumber(answer, 1), said: { en: `The backup has the entries up to ${has}.`, zh: `备机拥有到第 ${has} 条为止的条目。` } };
	},
};

/** What became of the RST that a repeat drew; `none` where there was none. */
export function fateOfReset(run: Run): 'dropped' | 'aborts' | 'none' {
	const reset = run.on('client').find((packet) => packet.sent && packet.time > run.tookOverAt && packet.segment !== null && (packet.segment.flags & RST) !== 0);
	if (reset === undefined) return 'none';
	const address = run.stage.clients[0]!.address;
	const next = run.on('primary').filter((packet) => !packet.sent && packet.segment !== null && packet.source.startsWith(`${address}:`))
		.reduce((most, { segment }) => (seqDiff((segment!.seq + segment!.length) >>> 0, most) > 0 ? (segment!.seq + segment!.length) >>> 0 : most), reset.segment!.seq);
	return reset.segment!.seq === next ? 'aborts' : 'dropped';
}

const rst: Exercise = {
	id: 'rst', form: { en: 'a1=…,a2=…,b1=…,c=… with dropped, aborts or none', zh: 'a1=…,a2=…,b1=…,c=…，取值为 dropped、aborts 或 none' },
	question: { en: 'What becomes of the first RST that the client of client-closed sends after the takeover, in the arms a1, a2, b1 and c: is it dropped, does it abort a connection, or is there none?', zh: '在 client-closed 的 a1、a2、b1、c 四种情形里，接管之后客户端发出的第一个 RST 下场如何：被丢弃（dropped）、终止连接（aborts），还是根本没有（none）？' },
	check(answer, find) {
		const scenario = find('client-closed');
		const arms = ['a1', 'a2', 'b1', 'c'];
		const given = new Map(words(answer).map((word) => word.split('=') as [string, string]));
		if (arms.some((arm) => !given.has(arm)) || [...given.values()].some((fate) => !['dropped', 'aborts', 'none'].includes(fate))) throw new AnswerError({ en: `'${answer}' does not say it for each of ${arms.join(', ')}.`, zh: `“${answer}”没有逐一回答 ${arms.join('、')}。` });
		const wrong = arms.filter((arm) => fateOfReset(runOf(scenario, arm)) !== given.get(arm));
		return { ok: wrong.length === 0, said: { en: `${arms.length - wrong.length} of ${arms.length} are right.`, zh: `${arms.length} 个里对了 ${arms.length - wrong.length} 个。` } };
	},
};

const repeater: Exercise = {
	id: 'repeater', form: sameForm('N'),
	question: {
		en: 'Where the backup sends the outputs, it is the death of the backup that makes duplicates. Before which step of output-from-backup must it be killed (npx dupack run output-from-backup --crash backup --crash-at all), so that the client is sent a reply twice? Give one such step.',
		zh: '由备机发送输出时，造成重复的是备机的死亡。要在 output-from-backup 的哪一步之前杀掉备机（npx dupack run output-from-backup --crash backup --crash-at all），客户端才会收到同一个回复两次？给出一个这样的步号。',
	},
	check(answer, find) {
		const { run } = performPlan(find('output-from-backup'), { victim: 'backup', at: wholeNumber(answer, 1), fault: null });
		const twice = run.repeats.filter(({ first }) => first.payload.length > 0).length;
		return { ok: twice > 0, said: { en: `${run.repeats.length} outputs came twice, ${twice} of them with a reply in it.`, zh: `有 ${run.repeats.length} 个输出到达了两次，其中 ${twice} 个带有回复。` } };
	},
};

const later: Exercise = {
	id: 'later', form: { en: 'names of fields with commas, such as ip ttl,tcp seq', zh: '字段名，用逗号分隔，例如 ip ttl,tcp seq' },
	question: { en: 'The repeat of byte-identical is the same to the last bit. The frame its timer sends later is not: which fields differ from the repeat?', zh: 'byte-identical 里重发的帧与原帧每一比特都相同，而之后由定时器发出的帧则不然。与重发的帧相比，哪些字段不同？' },
	check(answer, find) {
		const run = runOf(find('byte-identical'));
		const again = run.repeatOf('11')!.again;
		const timer = run.on('client').find((packet) => packet.byServer && packet.text === '11' && packet.number > again.number)!;
		const fields = differingFields(again, timer), given = words(answer);
		const hits = given.filter((field) => fields.includes(field)).length;
		return { ok: sameWords(given, fields), said: { en: `${hits} of yours differ; ${fields.length} do in all.`, zh: `你给出的有 ${hits} 个不同；总共有 ${fields.length} 个。` } };
	},
};

const ageing: Exercise = {
	id: 'ageing', form: { en: 'µs', zh: '微秒数' },
	question: { en: 'In the arm black-hole of switch-port nobody announces anything. Which ageing time of the switch (µs, from 100000 on) lets the client have its answer within a second?', zh: '在 switch-port 的 black-hole 情形里没有任何通告。交换机的老化时间（微秒，不小于 100000）设为多少，客户端才能在一秒之内得到回答？' },
	check(answer, find) {
		const run = runOf(find('switch-port'), 'black-hole', { ageing: wholeNumber(answer, 100_000) });
		const { deliveredAt, wroteAt } = run.client();
		const took = (deliveredAt[1] ?? Infinity) - (wroteAt[1] ?? 0);
		return { ok: took <= 1_000_000, said: { en: took === Infinity ? 'It was never answered.' : `It was answered after ${Math.round(took / 1000)} ms.`, zh: took === Infinity ? '始终没有得到回答。' : `${Math.round(took / 1000)} 毫秒之后得到回答。` } };
	},
};

const epochs: Exercise = {
	id: 'epochs', form: sameForm('N'),
	question: { en: 'In the arm ten-in-a-row of new-backup ten machines die, and each time a new backup joins. In which epoch is the pair at the end, and why not in epoch 11?', zh: '在 new-backup 的 ten-in-a-row 情形里，先后死了十台机器，每次都有新的备机加入。最后处于第几个纪元（epoch）？为什么不是 11？' },
	check(answer, find) {
		const { trace } = runOf(find('new-backup'), 'ten-in-a-row');
		const last = Math.max(1, ...[...trace.of('arbiterDecided')].map(({ epoch }) => epoch));
		return { ok: wholeNumber(answer, 1) === last, said: { en: 'Each takeover opens an epoch, and something else does too.', zh: '每次接管都会开启一个新纪元，另有一件事也会。' } };
	},
};

const parting: Exercise = {
	id: 'parting', form: sameForm('N'),
	question: { en: 'In the arm random of divergence the backup throws its own dice. Behind which log entry are the two images different for the first time?', zh: '在 divergence 的 random 情形里，备机自己掷骰子。在第几条日志条目之后，两台机器的内存映像第一次不同？' },
	check(answer, find) {
		const found = partingOf(runOf(find('divergence'), 'random'));
		const given = wholeNumber(answer, 1), entry = found?.entry ?? 0;
		return { ok: given === entry, said: given < entry ? { en: 'There they are still equal.', zh: '那时两者还相同。' } : { en: 'There they are different.', zh: '那时两者不同。' } };
	},
};

const failover: Exercise = {
	id: 'failover', form: sameForm('knob=value'),
	question: { en: 'Turn one knob of duplicate-output so that the backup is live within 20 ms of the death of the primary, with all protections on.', zh: '只拧 duplicate-output 的一个旋钮，使备机在主机死后 20 毫秒之内上线，并且所有保护都开着。' },
	check(answer, find) {
		const scenario = find('duplicate-output');
		const { run, isProtected } = perform(scenario, Object.keys(scenario.arms)[0]!, { set: oneKnob(answer, scenario, []) });
		const took = run.tookOverAt < 0 || run.crashedAt < 0 ? Infinity : run.tookOverAt - run.crashedAt;
		const time = took === Infinity ? '∞' : `${(took / 1000).toFixed(1)} ms`;
		return { ok: took <= 20_000 && isProtected && run.holds, said: { en: `It took ${time}; ${isProtected && run.holds ? 'all protections held' : 'not every protection was on, or one did not hold'}.`, zh: `用了 ${time}；${isProtected && run.holds ? '所有保护都有效' : '有保护被关掉，或没有起作用'}。` } };
	},
};

const both: Exercise = {
	id: 'both', form: { en: 'names of arms with commas', zh: '情形的名字，用逗号分隔' },
	question: { en: 'In which arms of split-brain do both machines go on?', zh: '在 split-brain 的哪些情形里，两台机器都继续工作？' },
	check(answer, find) {
		const scenario = find('split-brain');
		const arms = Object.keys(scenario.arms).filter((arm) => {
			const { trace } = runOf(scenario, arm);
			return new Set([...trace.of('tookOver'), ...trace.of('wentAlone')].map(({ place }) => place)).size > 1;
		});
		const given = words(answer);
		return { ok: sameWords(given, arms), said: { en: `${given.filter((arm) => arms.includes(arm)).length} of yours are right; there are ${arms.length}.`, zh: `你给出的有 ${given.filter((arm) => arms.includes(arm)).length} 个对；总共有 ${arms.length} 个。` } };
	},
};

const networkAlone: Exercise = {
	id: 'network-alone', form: { en: 'the name of a fault of the matrix', zh: '矩阵中一种故障（fault）的名字' },
	question: { en: 'No machine has to die: with which fault is a request of a client that reconnects, over TCP without serials, executed twice although nobody crashes (--crash 0)?', zh: '不必有机器死掉：TCP、不带序号、会重连的客户端，在哪一种故障（fault）下，即使没有崩溃（--crash 0），请求也会被执行两次？' },
	check(answer) {
		const { cell } = cellAt(selected({ transport: 'tcp', serials: 'none', policy: 'normal', client: 'reconnect', fault: answer }), 1, 0);
		return { ok: cell.reason === 'asked-twice', said: { en: `The counter stood at ${cell.counter}; the application saw ${cell.seen.join(', ')}.`, zh: `计数器为 ${cell.counter}；应用看到的是 ${cell.seen.join(', ')}。` } };
	},
};

const copies: Exercise = {
	id: 'copies', form: { en: 'names of arms with commas', zh: '情形的名字，用逗号分隔' },
	question: { en: 'In which arms of fast-open is the request that came in a SYN executed once more when the SYN comes again?', zh: '在 fast-open 的哪些情形里，SYN 里携带的请求在 SYN 再次到来时又被执行了一遍？' },
	check(answer, find) {
		const scenario = find('fast-open');
		const arms = Object.keys(scenario.arms).filter((arm) => {
			const run = runOf(scenario, arm);
			const asked = run.client().wrote.filter((text) => text.startsWith('inc')).length;
			return Number(run.service['counter']) - 10 > asked;
		});
		const given = words(answer);
		return { ok: sameWords(given, arms), said: { en: `${given.filter((arm) => arms.includes(arm)).length} of yours are right; there are ${arms.length}.`, zh: `你给出的有 ${given.filter((arm) => arms.includes(arm)).length} 个对；总共有 ${arms.length} 个。` } };
	},
};

const poison: Exercise = {
	id: 'poison', form: sameForm('N'),
	question: { en: 'At which log entry do both machines of poison fall?', zh: '在 poison 里，两台机器都倒在第几条日志条目上？' },
	check(answer, find) {
		const halted = [...runOf(find('poison')).trace.of('halted')];
		const entries = [...new Set(halted.map(({ entry }) => entry))];
		return { ok: entries.length === 1 && entries[0] === wholeNumber(answer, 1), said: { en: `${halted.length} machines halted, at ${entries.length === 1 ? 'the same entry' : 'different entries'}.`, zh: `${halted.length} 台机器停了下来，${entries.length === 1 ? '停在同一条目' : '停在不同条目'}。` } };
	},
};

/** How a cell came out, in Chinese. */
const verdicts: { readonly [V in Verdict]: string } = { 'right': '正确', 'late': '正确但迟到', 'unanswered': '没有回答', 'wrong': '错误', 'n/a': '无意义' };

const unsafe: Exercise = {
	id: 'unsafe', form: sameForm('client=…,fault=…,crash=N'),
	question: { en: 'TCP and a pair that does everything right are not always enough. Find a world of the matrix with transport=tcp, serials=none, policy=normal in which the client is told what one machine would not have told it.', zh: '有了 TCP，主备也一切正常，仍不总是够的。在矩阵中找一个 transport=tcp、serials=none、policy=normal 的世界，使客户端得到单台机器不会给出的回答。' },
	check(answer) {
		const given = Object.fromEntries(words(answer).map((word) => word.split('='))) as { readonly [axis: string]: string };
		const { cell } = cellAt(selected({ transport: 'tcp', serials: 'none', policy: 'normal', client: given['client'] ?? '', fault: given['fault'] ?? '' }), 1, wholeNumber(given['crash'] ?? ''));
		return { ok: cell.verdict === 'wrong', said: { en: `It is ${cell.verdict}: the application saw ${cell.seen.join(', ') || 'nothing'}, and the counter stood at ${cell.counter}.`, zh: `结果是“${verdicts[cell.verdict]}”：应用看到的是 ${cell.seen.join(', ') || '什么也没有'}，计数器为 ${cell.counter}。` } };
	},
};

/** Every exercise, in the order of the guide. */
export const exercises: readonly Exercise[] = [repeat, drain, resend, fooled, lie, lostEntry, rst, later, ageing, epochs, parting, failover, repeater, both, networkAlone, copies, poison, unsafe];

/** Judges an answer. */
export function judgeAnswer(exercise: Exercise, answer: string, find: Find): Judgement {
	return exercise.check(answer.trim(), find);
}
