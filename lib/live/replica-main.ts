import { readFileSync } from 'node:fs';
import { LiveError } from './error.ts';
import { ReplicaProcess } from './replica-process.ts';
import type { ReplicaOrder } from './replica-order.ts';
import { loadService } from './services.ts';

// The process of one replica: `node replica-main.js ORDER.json`. It ends with 0
// after an orderly stop, 10 when it was halted, 3 where it lacks something.
try {
	const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ReplicaOrder;
	await loadService(order.machine.service);
	const reason = new ReplicaProcess(order).run();
	process.exit(reason === 'stopped' ? 0 : 10);
} catch (error) {
	process.stderr.write(`${error instanceof LiveError ? error.message : (error as Error).stack}\n`);
	process.exit(error instanceof LiveError ? 3 : 1);
}
