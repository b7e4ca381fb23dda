import { scanStatement, splitStatements } from './code-scan.ts';
import type { CodeLine, CodeToken } from './code-scan.ts';
import { CodeUnsupported } from './code-tree.ts';
import type { BinaryOperator, CodeComparison, CodeExpression, CodeMessage, CodeStatement, CompareOperator } from './code-tree.ts';
import { DEPTH_LIMIT } from './cursor.ts';

/**
 * Reads the Python of a `%{ … }%` block.
 *
 * @throws CodeUnsupported where it is more than assertions, prints and assignments
 */
export function parseCode(code: string): CodeStatement[] {
	const statements: CodeStatement[] = [];
	for (const line of splitStatements(code)) {
		const statement = new StatementParser(line).statement();
		if (statement !== null) statements.push(statement);
	}
	return statements;
}

/** From what binds least to what binds most, `not`, comparison and the unary ones apart. */
const BINARY_LEVELS: readonly (readonly BinaryOperator[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '//', '%']];
const COMPARISONS: readonly CompareOperator[] = ['==', '!=', '<', '<=', '>', '>='];
const ASSIGNMENTS: Readonly<Record<string, BinaryOperator | null>> = {
	'=': null, '+=': '+', '-=': '-', '*=': '*', '/=': '/', '//=': '//', '%=': '%', '**=': '**', '&=': '&', '|=': '|', '^=': '^', '<<=': '<<', '>>=': '>>',
};
/** Words that are no names. */
const KEYWORDS: ReadonlySet<string> = new Set([
	'and', 'or', 'not', 'in', 'is', 'if', 'else', 'elif', 'for', 'while', 'def', 'class', 'import', 'from', 'lambda', 'return', 'try', 'with', 'raise', 'del', 'global', 'yield', 'async', 'await',
]);

class StatementParser {
	private readonly line: CodeLine;
	private readonly tokens: readonly CodeToken[];
	private at = 0;
	private depth = 0;

	constructor(line: CodeLine) {
		this.line = line;
		this.tokens = scanStatement(line);
	}

	/** null for `pass` and `import`, which do nothing. */
	statement(): CodeStatement | null {
		const { line } = this.line;
		const word = this.peek();
		if (word.kind !== 'name') throw this.unsupported(`the statement ${this.line.text}`);
		this.at++;
		if (word.text === 'pass' && this.peek().kind === 'end') return null;
		// What a module holds is asked for by its name, and nothing is known by that.
		if (word.text === 'import' && /^import\s+\w+(?:\s*,\s*\w+)*$/.test(this.line.text.trim())) return null;
		if (word.text === 'assert') return this.assertion();
		const operator = ASSIGNMENTS[this.peek().kind === 'mark' ? this.peek().text : ''];
		if (operator !== undefined && !KEYWORDS.has(word.text)) {
			this.at++;
			const value = this.list();
			this.finish();
			return { kind: 'assign', line, name: word.text, operator, value };
		}
		if (word.text === 'print') return { kind: 'print', line, message: this.message() };
		throw this.unsupported(`the statement ${this.line.text}`);
	}

	private assertion(): CodeStatement {
		const test = this.expression();
		let message: CodeMessage | null = null;
		const text = this.line.text.slice(0, this.peek().start).trim();
		if (this.accept(',')) message = this.message();
		this.finish();
		return { kind: 'assert', line: this.line.line, test, message, text };
	}

	/** The rest of the statement, of which nothing depends on whether we can evaluate it. */
	private message(): CodeMessage {
		const text = this.line.text.slice(this.peek().start).trim();
		let expression: CodeExpression | null = null;
		try {
			if (this.peek().kind !== 'end') expression = this.list();
			this.finish();
		} catch (error) {
			if (!(error instanceof CodeUnsupported)) throw error;
			expression = null;
		}
		this.at = this.tokens.length - 1;
		return { text, expression };
	}

	/** Expressions with commas between them are a tuple. */
	private list(): CodeExpression {
		const first = this.expression();
		if (!this.is(',')) return first;
		const items = [first];
		while (this.accept(',')) {
			if (this.peek().kind === 'end' || this.is(')') || this.is(']')) break;
			items.push(this.expression());
		}
		return { kind: 'tuple', items };
	}

	private expression(): CodeExpression {
		this.enter();
		let left = this.conjunction();
		while (this.acceptWord('or')) left = { kind: 'logic', operator: 'or', left, right: this.conjunction() };
		this.depth--;
		return left;
	}

	private conjunction(): CodeExpression {
		let left = this.negation();
		while (this.acceptWord('and')) left = { kind: 'logic', operator: 'and', left, right: this.negation() };
		return left;
	}

	private negation(): CodeExpression {
		if (!this.acceptWord('not')) return this.comparison();
		this.enter();
		const operand = this.negation();
		this.depth--;
		return { kind: 'unary', operator: 'not', operand };
	}

	private comparison(): CodeExpression {
		const first = this.binary(0);
		const rest: CodeComparison[] = [];
		for (;;) {
			const operator = this.compareOperator();
			if (operator === null) return rest.length === 0 ? first : { kind: 'compare', first, rest };
			rest.push({ operator, operand: this.binary(0) });
		}
	}

	private compareOperator(): CompareOperator | null {
		if (this.acceptWord('in')) return 'in';
		if (this.peek().text === 'not' && this.tokens[this.at + 1]?.text === 'in') {
			this.at += 2;
			return 'not in';
		}
		return this.oneOf(COMPARISONS);
	}

	private binary(level: number): CodeExpression {
		const operators = BINARY_LEVELS[level];
		if (operators === undefined) return this.unary();
		let left = this.binary(level + 1);
		for (let operator = this.oneOf(operators); operator !== null; operator = this.oneOf(operators)) {
			left = { kind: 'binary', operator, left, right: this.binary(level + 1) };
		}
		return left;
	}

	private unary(): CodeExpression {
		const operator = this.oneOf(['-', '+', '~'] as const);
		if (operator === null) return this.power();
		this.enter();
		const operand = this.unary();
		this.depth--;
		return { kind: 'unary', operator, operand };
	}

	private power(): CodeExpression {
		const left = this.primary();
		if (!this.accept('**')) return left;
		this.enter();
		const right = this.unary();
		this.depth--;
		return { kind: 'binary', operator: '**', left, right };
	}

	private primary(): CodeExpression {
		const token = this.peek();
		let value: CodeExpression;
		this.at++;
		if (token.kind === 'number') value = { kind: 'constant', value: Number(token.text) };
		else if (token.kind === 'string') value = { kind: 'constant', value: this.adjacentStrings(token.text) };
		else if (token.kind === 'name') value = this.named(token.text);
		else if (token.text === '(') value = this.enclosed(')');
		else if (token.text === '[') value = this.enclosed(']');
		else throw this.unsupported(token.kind === 'end' ? 'an expression that ends too soon' : `'${token.text}' in an expression`);
		if (this.is('.') || this.is('[') || this.is('(')) throw this.unsupported(`'${this.peek().text}' after a value`);
		return value;
	}

	private adjacentStrings(first: string): string {
		let text = first;
		while (this.peek().kind === 'string') text += this.tokens[this.at++]?.text ?? '';
		return text;
	}

	private named(name: string): CodeExpression {
		if (name === 'True' || name === 'False') return { kind: 'constant', value: name === 'True' };
		if (name === 'None') return { kind: 'constant', value: null };
		if (KEYWORDS.has(name)) throw this.unsupported(`'${name}' in an expression`);
		if (!this.accept('(')) return { kind: 'name', name };
		const args = this.enclosed(')');
		return { kind: 'call', name, args: args.kind === 'tuple' ? args.items : [args] };
	}

	/** What stands up to a closing bracket: nothing or a list are a tuple, one expression is itself within `()`. */
	private enclosed(close: string): CodeExpression {
		if (this.accept(close)) return { kind: 'tuple', items: [] };
		const inner = this.list();
		if (!this.accept(close)) throw this.unsupported(`a missing '${close}'`);
		return close === ']' && inner.kind !== 'tuple' ? { kind: 'tuple', items: [inner] } : inner;
	}

	private enter(): void {
		if (++this.depth > DEPTH_LIMIT) throw this.unsupported(`an expression nested more than ${DEPTH_LIMIT} deep`);
	}

	private finish(): void {
		if (this.peek().kind !== 'end') throw this.unsupported(`'${this.peek().text}' in ${this.line.text}`);
	}

	private peek(): CodeToken {
		const token = this.tokens[this.at];
		if (token === undefined) throw this.unsupported('an expression that ends too soon');
		return token;
	}

	private is(mark: string): boolean {
		const token = this.tokens[this.at];
		return token !== undefined && token.kind === 'mark' && token.text === mark;
	}

	private accept(mark: string): boolean {
		if (!this.is(mark)) return false;
		this.at++;
		return true;
	}

	private acceptWord(word: string): boolean {
		const token = this.peek();
		if (token.kind !== 'name' || token.text !== word) return false;
		this.at++;
		return true;
	}

	private oneOf<T extends string>(marks: readonly T[]): T | null {
		const token = this.peek();
		if (token.kind !== 'mark') return null;
		const found = marks.find((mark) => mark === token.text);
		if (found === undefined) return null;
		this.at++;
		return found;
	}

	private unsupported(what: string): CodeUnsupported {
		return new CodeUnsupported(this.line.line, what);
	}
}
