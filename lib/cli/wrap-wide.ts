/** Characters that take two columns of a terminal: Han, kana, and full-width forms. */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

/** Columns a text takes. */
export function columnsOf(text: string): number {
	return [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
}

/** Where a text may be broken: at spaces, and behind every wide character. */
function pieces(text: string): string[] {
	const found: string[] = [];
	let piece = '';
	for (const character of text) {
		piece += character;
		if (character !== ' ' && !WIDE.test(character)) continue;
		found.push(piece);
		piece = '';
	}
	return piece === '' ? found : [...found, piece];
}

/** Marks that do not begin a line. */
const CLOSING = /^[，。；：！？、”’）》,.;:!?)]/;

/** Breaks a text into lines of at most `width` columns; Chinese may be broken between any two characters. */
export function wrapWide(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const piece of pieces(text)) {
		const isFull = line !== '' && columnsOf(line) + columnsOf(piece.trimEnd()) > width;
		if (isFull && !CLOSING.test(piece)) {
			lines.push(line.trimEnd());
			line = piece;
		} else line += piece;
	}
	return [...lines, line.trimEnd()];
}
