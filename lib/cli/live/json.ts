import type { Claim } from '../../study/index.ts';
import { clientJson } from '../../study/index.ts';
import type { ClientJson } from '../../study/index.ts';
import type { Act, Gap } from './act.ts';

/** One act as JSON has it. */
export interface ActJson {
	readonly act: string;
	readonly title: string;
	readonly ok: boolean;
	readonly claims: readonly Claim[];
	/** of the first death; null where there was none */
	readonly gap: Gap | null;
	readonly gaps: readonly Gap[];
	readonly client: ClientJson;
	readonly service: { readonly [name: string]: number | string };
	readonly tables: Act['tables'];
	readonly repeated: readonly { readonly first: number; readonly again: number; readonly identical: boolean; readonly sha256: string }[];
	readonly verdict: string;
}

export function actJson({ id, title, claims, gaps, tables, run }: Act): ActJson {
	return {
		act: id, title, ok: claims.every(({ ok }) => ok), claims, gap: gaps[0] ?? null, gaps, client: clientJson(run.client()), service: run.service, tables,
		repeated: run.repeats.map(({ first, again, identical, sha256 }) => ({ first: first.number, again: again.number, identical, sha256 })), verdict: run.verdict,
	};
}

/** All of them: the top level has the claims of every act, and the gap of the first. */
export function demoJson(acts: readonly Act[]): { readonly ok: boolean; readonly claims: readonly Claim[]; readonly gap: Gap | null; readonly acts: readonly ActJson[] } {
	const all = acts.map(actJson);
	return { ok: all.every(({ ok }) => ok), claims: all.flatMap(({ claims }) => claims), gap: all[0]?.gap ?? null, acts: all };
}
