/**
 * The sum of `checksum.ts` for a memory WebAssembly can reach: sixteen octets
 * an instruction. The module is this, assembled:
 *
 *     (module
 *       (import "m" "memory" (memory 0))
 *       (func (export "sum") (param $at i32) (param $length i32) (result i32)
 *         (local $end i32) (local $v v128) (local $total i64)
 *         ;; whole blocks of 64 octets: pairs of 16-bit words are added into four lanes
 *         (local.set $end (i32.add (local.get $at) (i32.and (local.get $length) (i32.const -64))))
 *         (block $done (loop $more
 *           (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
 *           (local.set $v (i32x4.add (local.get $v) (i32x4.add
 *             (i32x4.add (i32x4.extadd_pairwise_i16x8_u (v128.load (local.get $at)))
 *                        (i32x4.extadd_pairwise_i16x8_u (v128.load offset=16 (local.get $at))))
 *             (i32x4.add (i32x4.extadd_pairwise_i16x8_u (v128.load offset=32 (local.get $at)))
 *                        (i32x4.extadd_pairwise_i16x8_u (v128.load offset=48 (local.get $at)))))))
 *           (local.set $at (i32.add (local.get $at) (i32.const 64)))
 *           (br $more)))
 *         ;; the four lanes, the words left over, an odd last octet
 *         …
 *         ;; folded to 16 bits three times
 *         …))
 */
const module = [
	'0061736d0100000001070160027f7f017f020d01016d066d656d6f7279020000030201000707010373756d00000ae701',
	'01e40103017f017b017e200020014140716a210202400340200020024f0d0120032000fd000400fd7f2000fd000410fd',
	'7ffdae012000fd000420fd7f2000fd000430fd7ffdae01fdae01fdae012103200041c0006a21000c000b0b2003fd1b00',
	'ad2003fd1b01ad7c2003fd1b02ad2003fd1b03ad7c7c210420002001413e716a210202400340200020024f0d01200420',
	'002f0100ad7c2104200041026a21000c000b0b20014101710440200420002d0000ad7c21040b200442ffff0383200442',
	'10887c2104200442ffff038320044210887c2104200442ffff038320044210887c21042004a70b',
].join('');

function bytesOf(hex: string): Uint8Array {
	return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

let compiled: WebAssembly.Module | null = null;

/**
 * Makes the function for one memory: the sum of 16-bit words in the machine's
 * own order, folded to 16 bits, not swapped.
 */
export function simdSum(memory: WebAssembly.Memory): (at: number, length: number) => number {
	compiled ??= new WebAssembly.Module(bytesOf(module));
	return new WebAssembly.Instance(compiled, { m: { memory } }).exports['sum'] as (at: number, length: number) => number;
}
