import { Counter, TcpClient, carries, claim, number, scenario, sent } from '../lib/study/scenario.ts';
import type { Claim, Packet, Run, Scenario } from '../lib/study/scenario.ts';
import { discardClaims } from './shared.ts';

const duplicateOutput: Scenario = scenario({
	name: 'duplicate-output',
	title: 'The reply is sent twice and read once',
	lecture:
		'The primary has answered the client and dies; the request still lies in the backup\'s log buffer. The backup takes over: it executes what is left of its log, ' +
		'goes live, and sends the same reply again. The client\'s TCP has those bytes already and throws the second reply away: the application never sees it.',
	knobs: {
		behind: number(1, 'log entries the backup leaves unexecuted while it follows: the request lies in its buffer', 0, 1000),
	},
	service: () => new Counter(),
	until: 3_000_000,
	play(stage) {
		stage.client(new TcpClient({ connectAt: 5_000, requests: [10_000] }));
		// The reply is on the wire; nothing that follows it is.
		stage.crash(sent('primary', carries('11\n')));
	},
	claims(run) {
		const { delivered } = run.client();
		const repeat = run.repeatOf('11');
		return [
			bufferClaim(run),
			claim('same-bytes', 'The backup sends the reply again, and every byte of the frame is the same.', repeat?.identical ?? false, [repeat?.first, repeat?.again],
				repeat === undefined ? 'the reply was not seen twice' : `${repeat.first.bytes.length} bytes, SHA-256 ${repeat.sha256.slice(0, 16)}… twice`),
			claim('same-seq', 'It bears the same sequence number: the backup\'s TCP stands where the primary\'s stood.', repeat !== undefined && repeat.first.segment?.seq === repeat.again.segment?.seq, [repeat?.first, repeat?.again],
				repeat === undefined ? '' : `SEQ ${repeat.first.segment?.seq} and ${repeat.again.segment?.seq}`),
			...discardClaims(run, repeat),
			claim('once', 'The application was given 11 once.', delivered.join() === '11', [], `it was given ${delivered.join(', ') || 'nothing'}`),
			claim('counted-once', 'The request was executed once in the history that survives: the counter stands at 11.', run.service['counter'] === 11, [], `counter ${run.service['counter']}`),
		];
	},
});

export default duplicateOutput;

/** The lecture's premise: what the backup had not yet executed when the primary died. */
function bufferClaim(run: Run): Claim {
	const took = run.events('tookOver', 'backup')[0];
	const request: Packet | undefined = run.find('client', (packet) => packet.sent && packet.text.startsWith('inc'));
	return claim('in-buffer', 'The request lay unexecuted in the backup\'s log when the primary died, and was executed before the backup went live.', (took?.drained ?? 0) > 0, [request],
		took === undefined ? 'the backup did not take over' : `${took.drained} ${took.drained === 1 ? 'entry' : 'entries'} executed between asking the arbiter and going live`);
}
