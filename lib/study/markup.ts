const entities: { readonly [letter: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as HTML and SVG have it. */
export function escaped(text: string): string {
	return text.replace(/[&<>"]/g, (letter) => entities[letter]!);
}

/** Attributes of an element, in the order given. */
export interface Attributes { readonly [name: string]: string | number }

function written(attributes: Attributes): string {
	return Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(typeof value === 'number' ? String(Math.round(value * 100) / 100) : value)}"`).join('');
}

/** An element whose content is markup already. */
export function element(name: string, attributes: Attributes, content: string = ''): string {
	return content === '' ? `<${name}${written(attributes)}/>` : `<${name}${written(attributes)}>${content}</${name}>`;
}

/** An element that holds text. */
export function texted(name: string, attributes: Attributes, text: string): string {
	return `<${name}${written(attributes)}>${escaped(text)}</${name}>`;
}
