/** A `%{ … }%` block as read: the part of Python that scripts use to look at `tcp_info`. Lines count from 0 in the block. */
export type CodeStatement =
	| { readonly kind: 'assert'; readonly line: number; readonly test: CodeExpression; readonly message: CodeMessage | null; readonly text: string }
	| { readonly kind: 'print'; readonly line: number; readonly message: CodeMessage }
	/** `name = value`; `operator` is null, or that of `name operator= value`. */
	| { readonly kind: 'assign'; readonly line: number; readonly name: string; readonly operator: BinaryOperator | null; readonly value: CodeExpression };

/** What is only shown: where it is no expression we can evaluate, it is shown as written. */
export interface CodeMessage {
	readonly text: string;
	readonly expression: CodeExpression | null;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '&' | '|' | '^' | '<<' | '>>';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export type CodeExpression =
	| { readonly kind: 'constant'; readonly value: CodeValue }
	| { readonly kind: 'name'; readonly name: string }
	| { readonly kind: 'unary'; readonly operator: '-' | '+' | '~' | 'not'; readonly operand: CodeExpression }
	| { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: CodeExpression; readonly right: CodeExpression }
	| { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly left: CodeExpression; readonly right: CodeExpression }
	| { readonly kind: 'compare'; readonly first: CodeExpression; readonly rest: readonly CodeComparison[] }
	| { readonly kind: 'call'; readonly name: string; readonly args: readonly CodeExpression[] }
	| { readonly kind: 'tuple'; readonly items: readonly CodeExpression[] };

export interface CodeComparison {
	readonly operator: CompareOperator;
	readonly operand: CodeExpression;
}

/** A value of the evaluator; null is Python's None. */
export type CodeValue = number | string | boolean | null | readonly CodeValue[];

/** Thrown inside the room where code does what we do not evaluate; callers of `runCode` get an outcome instead. */
export class CodeUnsupported extends Error {
	readonly code = 'CODE_UNSUPPORTED' as const;
	readonly line: number;

	constructor(line: number, what: string) {
		super(what);
		this.name = 'CodeUnsupported';
		this.line = line;
	}
}
