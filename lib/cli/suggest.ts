/** Edits that turn one word into another: letters put in, left out, changed, or two exchanged. */
export function distance(a: string, b: string): number {
	const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const changed = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
			const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : Infinity;
			row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, changed, swapped));
		}
		rows.push(row);
	}
	return rows[a.length]![b.length]!;
}

/** Which of the names was probably meant: ` Did you mean 'x'?`, or ''. */
export function didYouMean(word: string, names: readonly string[]): string {
	const near = names.map((name) => ({ name, away: name.startsWith(word) && word.length > 2 ? 1 : distance(word, name) })).sort((a, b) => a.away - b.away)[0];
	return near !== undefined && near.away <= Math.max(2, Math.floor(near.name.length / 3)) ? ` Did you mean '${near.name}'?` : '';
}
