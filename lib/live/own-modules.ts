import { register } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the package's subpaths are in this checkout or installation. */
const modules: { readonly [specifier: string]: string } = {
	'dupack': '../index', 'dupack/tcp': '../../tcp/index', 'dupack/host': '../host/index', 'dupack/service': '../service/index', 'dupack/replica': '../replica/index',
	'dupack/sim': '../sim/index', 'dupack/scenario': '../study/scenario', 'dupack/capture': '../capture/index', 'dupack/live': './index', 'dupack/net': './net/index',
};

/**
 * Lets a file that lies anywhere import `dupack/…`, and be a module whatever
 * its folder's package.json says or does not say: what has `import` and
 * `export` statements is one. To be called after other hooks were registered.
 */
export function offerOwnModules(): void {
	const extension = extname(fileURLToPath(import.meta.url));
	const table = Object.fromEntries(Object.entries(modules).map(([name, path]) => [name, new URL(`${path}${extension}`, import.meta.url).href]));
	register(`data:text/javascript,${encodeURIComponent(hooks(table))}`);
}

/** The hooks as source: they run in a thread of their own. */
function hooks(table: { readonly [specifier: string]: string }): string {
	return String.raw`import { readFileSync } from 'node:fs';
const table = ${JSON.stringify(table)};
function isModule(url) {
	if (!url.startsWith('file:') || url.includes('/node_modules/') || !/\.[jt]s(\?|$)/.test(url)) return false;
	try { return /^\s*(import|export)\b/m.test(readFileSync(new URL(url), 'utf8')); } catch { return false; }
}
export async function resolve(specifier, context, next) {
	const found = await next(table[specifier] ?? specifier, context);
	return found.format !== 'module' && isModule(found.url) ? { ...found, format: 'module' } : found;
}`;
}
