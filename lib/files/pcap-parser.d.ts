/** What the house uses of `pcap-parser`, which ships without types. */
declare module 'pcap-parser' {
	export interface PacketHeader {
		timestampSeconds: number;
		timestampMicroseconds: number;
		capturedLength: number;
		originalLength: number;
	}
	export interface GlobalHeader {
		magicNumber: number;
		majorVersion: number;
		minorVersion: number;
		snapshotLength: number;
		/** with the bits of the frame check sequence */
		linkLayerType: number;
	}
	export interface Parser {
		on(event: 'globalHeader', listener: (header: GlobalHeader) => void): this;
		on(event: 'packet', listener: (packet: { header: PacketHeader; data: Uint8Array }) => void): this;
		on(event: 'end', listener: () => void): this;
		on(event: 'error', listener: (error: Error) => void): this;
	}
	/** Takes the name of a file, or a readable stream of Node. */
	export function parse(input: unknown): Parser;
	const parser: { parse: typeof parse };
	export default parser;
}
