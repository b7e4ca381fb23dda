/** What can be wrong with how a study is asked for. */
export type StudyErrorCode = 'SCENARIO_INVALID' | 'SCENARIO_UNKNOWN' | 'KNOB_UNKNOWN' | 'KNOB_VALUE' | 'STEP_UNKNOWN' | 'FAULT_INVALID';

/** A scenario, a knob or a step that cannot be. */
export class StudyError extends Error {
	readonly code: StudyErrorCode;
	override readonly name: string = 'StudyError';

	constructor(code: StudyErrorCode, message: string) {
		super(message);
		this.code = code;
	}
}
