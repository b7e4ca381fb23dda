import { combinations, senseless } from '../matrix/index.ts';
import type { Coordinates } from '../matrix/index.ts';
import { AnswerError } from './exercise.ts';

/**
 * The combination of the matrix with these values.
 *
 * @throws AnswerError where there is none, or it makes no sense
 */
export function selected(values: { readonly [A in keyof Coordinates]: string }): Coordinates {
	const found = combinations().find((one) => (Object.keys(values) as (keyof Coordinates)[]).every((axis) => one[axis] === values[axis]));
	if (found === undefined) {
		const named = Object.entries(values).map(([axis, value]) => `${axis}=${value || '…'}`).join(', ');
		throw new AnswerError({ en: `The matrix has no ${named}: 'dupack matrix --help' lists the values of its axes.`, zh: `矩阵里没有 ${named}：'dupack matrix --help' 列出各个轴的取值。` });
	}
	const reason = senseless(found);
	if (reason !== '') throw new AnswerError({ en: `That combination makes no sense: ${reason}.`, zh: '这种组合没有意义：UDP 没有可以重新打开的连接。' });
	return found;
}
