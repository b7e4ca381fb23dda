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
	if (found === undefined) throw new AnswerError(`The matrix has no ${Object.entries(values).map(([axis, value]) => `${axis}=${value || '…'}`).join(', ')}: 'dupack matrix --help' lists the values of its axes.`);
	const reason = senseless(found);
	if (reason !== '') throw new AnswerError(`That combination makes no sense: ${reason}.`);
	return found;
}
