import { register } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the package's subpaths are in this checkout or installation. */
const modules: { readonly [specifier: string]: string } = {
	'dupack': '../index', 'dupack/tcp': '../../tcp/index', 'dupack/host': '../host/index', 'dupack/service': '../service/index', 'dupack/replica': '../replica/index',
	'dupack/sim': '../sim/index', 'dupack/scenario': '../study/scenario', 'dupack/capture': '../capture/index',
};

/**
 * Lets a file that lies anywhere import `dupack/…`: it gets the very modules
 * that run it, whether or not the package is installed where it lies.
 */
export function offerOwnModules(): void {
	const extension = extname(fileURLToPath(import.meta.url));
	const table = Object.fromEntries(Object.entries(modules).map(([name, path]) => [name, new URL(`${path}${extension}`, import.meta.url).href]));
	const hook = `const table = ${JSON.stringify(table)};
export function resolve(specifier, context, next) {
	const own = table[specifier];
	return own === undefined ? next(specifier, context) : next(own, context);
}`;
	register(`data:text/javascript,${encodeURIComponent(hook)}`);
}
