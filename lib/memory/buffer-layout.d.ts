/** What the house uses of `buffer-layout`, which ships without types: placement, never `decode` at run time. */
declare module 'buffer-layout' {
	export interface Layout {
		readonly span: number;
		readonly property: string;
	}
	export interface Structure extends Layout {
		readonly fields: readonly Layout[];
		/** Byte offset of the named field from the start of the structure. */
		offsetOf(property: string): number;
		decode(bytes: Uint8Array, offset?: number): Record<string, unknown>;
		encode(source: object, bytes: Uint8Array, offset?: number): number;
	}
	export function u8(property?: string): Layout;
	export function u16(property?: string): Layout;
	export function u16be(property?: string): Layout;
	export function u24be(property?: string): Layout;
	export function u32(property?: string): Layout;
	export function u32be(property?: string): Layout;
	export function u48be(property?: string): Layout;
	export function s8(property?: string): Layout;
	export function s16(property?: string): Layout;
	export function s32(property?: string): Layout;
	export function s32be(property?: string): Layout;
	export function nu64(property?: string): Layout;
	export function nu64be(property?: string): Layout;
	export function ns64(property?: string): Layout;
	export function f64(property?: string): Layout;
	export function f64be(property?: string): Layout;
	export function blob(length: number, property?: string): Layout;
	export function struct(fields: readonly Layout[], property?: string): Structure;
}
