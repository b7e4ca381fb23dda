import { formatText, show } from './code-format.ts';
import { CodeUnsupported } from './code-tree.ts';
import type { BinaryOperator, CodeExpression, CodeValue, CompareOperator } from './code-tree.ts';

export { show };

/** The names a block sees: constants, `tcpi_…` of the socket under test, and variables that earlier blocks set. */
export interface CodeScope {
	/** undefined where there is no such name. */
	lookup(name: string): CodeValue | undefined;
	assign(name: string, value: CodeValue): void;
}

/** A scope whose variables live from block to block; `info` answers for `tcpi_…` at the time of the call. */
export function makeScope(constants: ReadonlyMap<string, number>, info: (name: string) => number | undefined): CodeScope {
	const variables = new Map<string, CodeValue>();
	return {
		lookup: (name) => variables.get(name) ?? info(name) ?? constants.get(name),
		assign: (name, value) => void variables.set(name, value),
	};
}

/** @throws CodeUnsupported for names, functions and mixtures of types we do not know */
export function evaluate(expression: CodeExpression, scope: CodeScope, line: number): CodeValue {
	switch (expression.kind) {
		case 'constant':
			return expression.value;
		case 'name': {
			const value = scope.lookup(expression.name);
			if (value === undefined) throw new CodeUnsupported(line, `the name ${expression.name}`);
			return value;
		}
		case 'tuple':
			return expression.items.map((item) => evaluate(item, scope, line));
		case 'unary':
			return negate(expression.operator, evaluate(expression.operand, scope, line), line);
		case 'binary':
			return operate(expression.operator, evaluate(expression.left, scope, line), evaluate(expression.right, scope, line), line);
		case 'logic': {
			const left = evaluate(expression.left, scope, line);
			return isTrue(left) === (expression.operator === 'or') ? left : evaluate(expression.right, scope, line);
		}
		case 'compare': {
			let left = evaluate(expression.first, scope, line);
			for (const { operator, operand } of expression.rest) {
				const right = evaluate(operand, scope, line);
				if (!holds(operator, left, right, line)) return false;
				left = right;
			}
			return true;
		}
		case 'call':
			return apply(expression.name, expression.args.map((arg) => evaluate(arg, scope, line)), line);
	}
}

export function isTrue(value: CodeValue): boolean {
	return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function negate(operator: '-' | '+' | '~' | 'not', value: CodeValue, line: number): CodeValue {
	if (operator === 'not') return !isTrue(value);
	const number = toNumber(value, line);
	if (operator === '~') return Number(~toInteger(number, line));
	return operator === '-' ? 0 - number : number;
}

/** Applies an operator as Python does. */
export function operate(operator: BinaryOperator, left: CodeValue, right: CodeValue, line: number): CodeValue {
	if (typeof left === 'string' && operator === '%') return formatText(left, right, line);
	if (typeof left === 'string' && typeof right === 'string' && operator === '+') return left + right;
	const a = toNumber(left, line);
	const b = toNumber(right, line);
	switch (operator) {
		case '+':
			return a + b;
		case '-':
			return a - b;
		case '*':
			return a * b;
		case '/':
			return a / divisor(b, line);
		case '//':
			return Math.floor(a / divisor(b, line));
		case '%':
			return a - Math.floor(a / divisor(b, line)) * b;
		case '**':
			return a ** b;
		default:
			return combine(operator, toInteger(a, line), toInteger(b, line), line);
	}
}

function combine(operator: '&' | '|' | '^' | '<<' | '>>', a: bigint, b: bigint, line: number): number {
	switch (operator) {
		case '&':
			return Number(a & b);
		case '|':
			return Number(a | b);
		case '^':
			return Number(a ^ b);
		default:
			if (b < 0n || b > 64n) throw new CodeUnsupported(line, `a shift by ${b}`);
			return Number(operator === '<<' ? a << b : a >> b);
	}
}

function divisor(value: number, line: number): number {
	if (value === 0) throw new CodeUnsupported(line, 'a division by zero');
	return value;
}

function holds(operator: CompareOperator, left: CodeValue, right: CodeValue, line: number): boolean {
	switch (operator) {
		case '==':
			return equal(left, right);
		case '!=':
			return !equal(left, right);
		case 'in':
		case 'not in':
			return contains(right, left, line) === (operator === 'in');
		default:
			return ordered(operator, left, right, line);
	}
}

function ordered(operator: '<' | '<=' | '>' | '>=', left: CodeValue, right: CodeValue, line: number): boolean {
	const bothText = typeof left === 'string' && typeof right === 'string';
	const a = bothText ? left : toNumber(left, line);
	const b = bothText ? right : toNumber(right, line);
	switch (operator) {
		case '<':
			return a < b;
		case '<=':
			return a <= b;
		case '>':
			return a > b;
		case '>=':
			return a >= b;
	}
}

/** True equals 1 in Python, but a text never equals a number. */
function equal(left: CodeValue, right: CodeValue): boolean {
	if (isTuple(left) || isTuple(right)) {
		return isTuple(left) && isTuple(right) && left.length === right.length && left.every((item, i) => equal(item, right[i] ?? null));
	}
	const a = typeof left === 'boolean' ? Number(left) : left;
	return a === (typeof right === 'boolean' ? Number(right) : right);
}

function contains(where: CodeValue, what: CodeValue, line: number): boolean {
	if (isTuple(where)) return where.some((item) => equal(item, what));
	if (typeof where === 'string' && typeof what === 'string') return where.includes(what);
	throw new CodeUnsupported(line, `'in' of ${show(where)}`);
}

function isTuple(value: CodeValue): value is readonly CodeValue[] {
	return Array.isArray(value);
}

function toNumber(value: CodeValue, line: number): number {
	if (typeof value === 'number') return value;
	if (typeof value === 'boolean') return Number(value);
	throw new CodeUnsupported(line, `arithmetic with ${show(value)}`);
}

function toInteger(value: number, line: number): bigint {
	if (!Number.isSafeInteger(value)) throw new CodeUnsupported(line, `bits of ${value}`);
	return BigInt(value);
}

function apply(name: string, args: readonly CodeValue[], line: number): CodeValue {
	const [first] = args;
	const values = args.length === 1 && first !== undefined && isTuple(first) ? first : args;
	switch (name) {
		case 'abs':
			return Math.abs(toNumber(only(name, args, line), line));
		case 'int':
			return Math.trunc(toNumber(only(name, args, line), line));
		case 'float':
			return toNumber(only(name, args, line), line);
		case 'str':
			return show(only(name, args, line));
		case 'min':
		case 'max': {
			if (values.length === 0) throw new CodeUnsupported(line, `${name} of nothing`);
			const numbers = values.map((value) => toNumber(value, line));
			return numbers.reduce((best, value) => ((value < best) === (name === 'min') ? value : best));
		}
		default:
			throw new CodeUnsupported(line, `the function ${name}`);
	}
}

function only(name: string, args: readonly CodeValue[], line: number): CodeValue {
	const [value] = args;
	if (value === undefined || args.length !== 1) throw new CodeUnsupported(line, `${name} of ${args.length} values`);
	return value;
}
