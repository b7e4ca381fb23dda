// Loaded before every test file: properties try the same cases each time, so
// that what passed once passes again. Other cases are looked for by
// `DUPACK_SEED=n npm test`, and by `dupack fuzz`, which tells its seed.
import fc from 'fast-check';

const given = process.env['DUPACK_SEED'];
const seed = given === undefined ? 20 : Number(given);
if (!Number.isSafeInteger(seed)) throw new Error(`DUPACK_SEED is '${given}', and has to be an integer`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
