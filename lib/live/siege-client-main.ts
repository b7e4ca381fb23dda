import { existsSync } from 'node:fs';
import { siegeClient } from './siege-client.ts';

// A client that checks what it is told, until a file appears:
// `node siege-client-main.js CLIENT ADDRESS FILE`. Its last line is what it found.
const [, , name = '', address = '', stop = ''] = process.argv;
const found = await siegeClient(name, address, () => existsSync(stop), () => { process.stdout.write('began\n'); });
process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
