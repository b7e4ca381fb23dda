import type { Text } from './text.ts';

/** A command to run, and what its output has to say. */
export interface Shown {
	/** what stands behind `npx dupack ` */
	readonly command: string;
	/** passages of its output, spaces and line ends aside */
	readonly quotes: readonly string[];
}

/** One station of the lecture. */
export interface Chapter {
	readonly id: string;
	readonly title: Text;
	/** what is asked, by the lecture or because of it */
	readonly question: Text;
	readonly run: Shown;
	/** what to look for in the output */
	readonly look: Text;
	/** what to change next, and what that shows */
	readonly next: Shown & { readonly text: Text };
	/** ids of exercises */
	readonly exercises: readonly string[];
}
