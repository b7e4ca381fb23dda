/** What the house uses of WebAssembly: a memory, and one function over it. Every engine has it; `lib.es2022` does not name it. */
declare namespace WebAssembly {
	class Memory {
		constructor(descriptor: { initial: number; maximum: number });
		readonly buffer: ArrayBuffer;
	}
	class Module {
		constructor(bytes: Uint8Array);
	}
	class Instance {
		constructor(module: Module, imports: object);
		readonly exports: { readonly [name: string]: unknown };
	}
}
