import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TCP_INFO_SIZE, tcpInfoField } from './tcp-info.ts';

/** A struct with these bytes at these places. */
function info(places: readonly (readonly [at: number, ...bytes: number[]])[], size: number = TCP_INFO_SIZE): Uint8Array {
	const bytes = new Uint8Array(size);
	for (const [at, ...some] of places) bytes.set(some, at);
	return bytes;
}

test('linux/tcp.h: fields stand where the struct has them, each with its width', () => {
	assert.is(tcpInfoField('tcpi_state', info([[0, 7]])), 7);
	assert.is(tcpInfoField('tcpi_backoff', info([[4, 200]])), 200);
	assert.is(tcpInfoField('tcpi_rto', info([[8, 0x40, 0x0d, 3, 0]])), 200_000);
	assert.is(tcpInfoField('tcpi_snd_ssthresh', info([[76, 255, 255, 255, 127]])), 0x7fff_ffff);
	assert.is(tcpInfoField('tcpi_snd_cwnd', info([[80, 10]])), 10);
	assert.is(tcpInfoField('tcpi_bytes_acked', info([[120, 1, 0, 0, 0, 1]])), 0x1_0000_0001);
	assert.is(tcpInfoField('tcpi_total_rto', info([[240, 2, 1]])), 258);
	assert.is(tcpInfoField('tcpi_total_rto_time', info([[244, 9]])), 9);
});

test('the fields narrower than a byte', () => {
	const bytes = info([[6, 0x87], [7, 0b101]]);
	assert.is(tcpInfoField('tcpi_snd_wscale', bytes), 7);
	assert.is(tcpInfoField('tcpi_rcv_wscale', bytes), 8);
	assert.is(tcpInfoField('tcpi_delivery_rate_app_limited', bytes), 1);
	assert.is(tcpInfoField('tcpi_fastopen_client_fail', bytes), 2);
});

test('what an older kernel does not give, and what none has, is not there', () => {
	const old = info([], 104);
	assert.is(tcpInfoField('tcpi_total_retrans', old), 0);
	assert.is(tcpInfoField('tcpi_pacing_rate', old), undefined);
	assert.is(tcpInfoField('tcpi_total_rto', old), undefined);
	assert.is(tcpInfoField('tcpi_of_nobody', info([])), undefined);
});

test.run();
