import { parseCode } from './code-parse.ts';
import { evaluate, isTrue, operate, show } from './code-evaluate.ts';
import type { CodeScope } from './code-evaluate.ts';
import { CodeUnsupported } from './code-tree.ts';
import type { CodeExpression, CodeMessage, CodeStatement, CodeValue } from './code-tree.ts';
import type { CodeAction } from './tree.ts';

/** What came of a block. `line` is a line of the script; `printed` what the block printed up to there. */
export type CodeOutcome =
	| { readonly kind: 'held'; readonly printed: readonly string[] }
	| { readonly kind: 'failed' | 'unsupported'; readonly line: number; readonly message: string; readonly printed: readonly string[] };

/**
 * Runs a `%{ … }%` block up to the first assertion that fails. A block that holds a statement we cannot read is
 * `unsupported` before any of it is run; one that meets a name or value we do not know, when it meets it.
 */
export function runCode(code: CodeAction, scope: CodeScope): CodeOutcome {
	const printed: string[] = [];
	try {
		for (const statement of parseCode(code.text)) {
			const failure = runStatement(statement, scope, printed);
			if (failure !== null) return { kind: 'failed', line: code.line + statement.line, message: failure, printed };
		}
	} catch (error) {
		if (!(error instanceof CodeUnsupported)) throw error;
		return { kind: 'unsupported', line: code.line + error.line, message: error.message, printed };
	}
	return { kind: 'held', printed };
}

/** Why the statement failed, or null. */
function runStatement(statement: CodeStatement, scope: CodeScope, printed: string[]): string | null {
	const { line } = statement;
	switch (statement.kind) {
		case 'assert':
			if (isTrue(evaluate(statement.test, scope, line))) return null;
			return explain(statement.text, statement.test, statement.message, scope, line);
		case 'print':
			printed.push(message(statement.message, scope, line));
			return null;
		case 'assign': {
			const value = evaluate(statement.value, scope, line);
			const before = statement.operator === null ? null : evaluate({ kind: 'name', name: statement.name }, scope, line);
			scope.assign(statement.name, statement.operator === null ? value : operate(statement.operator, before, value, line));
			return null;
		}
	}
}

function explain(text: string, test: CodeExpression, said: CodeMessage | null, scope: CodeScope, line: number): string {
	const seen = new Map<string, CodeValue>();
	collect(test, scope, seen);
	const values = [...seen].map(([name, value]) => `${name} is ${show(value)}`).join(', ');
	return text + (values === '' ? '' : `: ${values}`) + (said === null ? '' : ` (${message(said, scope, line)})`);
}

function collect(expression: CodeExpression, scope: CodeScope, seen: Map<string, CodeValue>): void {
	switch (expression.kind) {
		case 'name': {
			const value = scope.lookup(expression.name);
			if (value !== undefined) seen.set(expression.name, value);
			return;
		}
		case 'unary':
			return collect(expression.operand, scope, seen);
		case 'binary':
		case 'logic':
			collect(expression.left, scope, seen);
			return collect(expression.right, scope, seen);
		case 'compare':
			collect(expression.first, scope, seen);
			return expression.rest.forEach(({ operand }) => collect(operand, scope, seen));
		case 'call':
			return expression.args.forEach((arg) => collect(arg, scope, seen));
		case 'tuple':
			return expression.items.forEach((item) => collect(item, scope, seen));
		case 'constant':
			return;
	}
}

function message({ text, expression }: CodeMessage, scope: CodeScope, line: number): string {
	if (expression === null) return text;
	try {
		if (expression.kind !== 'tuple') return show(evaluate(expression, scope, line));
		return expression.items.map((item) => show(evaluate(item, scope, line))).join(' ');
	} catch (error) {
		if (error instanceof CodeUnsupported) return text;
		throw error;
	}
}
