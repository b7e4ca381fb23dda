import { isIP } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { AddressError, formatAddress, formatMac, parseAddress, parseMac, parsePrefix } from './address.ts';

test('RFC 5952 §4: the one text of an address', () => {
	const texts: readonly (readonly [string, string])[] = [
		['2001:0db8::0001', '2001:db8::1'], ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'], ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
		['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], ['2001:DB8::A', '2001:db8::a'],
		['::', '::'], ['::1', '::1'], ['1::', '1::'], ['::ffff:192.0.2.1', '192.0.2.1'], ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'], ['10.0.0.1', '10.0.0.1'],
	];
	for (const [text, shown] of texts) assert.is(formatAddress(parseAddress(text)), shown);
});

test('any 16 bytes survive being written and read', () => {
	fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(0xffff), (bytes, holes) => {
		for (let i = 0; i < 16; i++) if ((holes >> i) & 1) bytes[i] = 0;
		assert.equal([...parseAddress(formatAddress(bytes))], [...bytes]);
	}));
});

test('what is an address, Node says too', () => {
	const piece = fc.constantFrom(':', '::', '.', '0', '1', 'ff', 'abcd', '12345', '10.0.0.1', '256', '01', 'g', '1.2.3.4', '');
	fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.array(piece, { maxLength: 17 }).map((parts) => parts.join('')), fc.array(fc.constantFrom('0', 'a', '12'), { maxLength: 10 }).map((parts) => parts.join(':'))), (text) => {
		let taken = true;
		try { parseAddress(text); } catch (error) { taken = false; assert.instance(error, AddressError); assert.is((error as AddressError).code, 'ADDRESS_INVALID'); }
		assert.is(taken, isIP(text) !== 0, text);
	}), { numRuns: 2000 });
});

test('a prefix has a length its family allows', () => {
	assert.is(parsePrefix('10.0.0.1/24').length, 24);
	assert.is(parsePrefix('fe80::1/128').length, 128);
	for (const text of ['10.0.0.1', '10.0.0.1/33', '10.0.0.1/', '::1/129', '::1/-1', '10.0.0/8', '10.0.0.1/1e1']) assert.throws(() => parsePrefix(text), /prefix length|no IP address/);
});

test('an Ethernet address has six bytes', () => {
	assert.is(formatMac(parseMac('02-0:5E:10:0:FF')), '02:00:5e:10:00:ff');
	for (const text of ['', '02:00:00:00:00', '02:00:00:00:00:01:02', '02:00:00:00:00:100', '02:00:00:00:00:0g']) assert.throws(() => parseMac(text), /no Ethernet address/);
});

test.run();
