// How a machine that speaks stands to a second one.

/** It has a backup. */
export const PAIRED = 0;
/** It has lost its backup, and asked the arbiter whether it may do without. */
export const CLAIMING = 1;
/** It does without; a newcomer may be receiving the image meanwhile. */
export const ALONE = 2;
/** It holds its outputs for a newcomer, and asks the arbiter to take that in. */
export const ADMITTING = 3;
/** It has said farewell, and releases nothing more. */
export const LEAVING = 4;

export type SpeakerPhase = typeof PAIRED | typeof CLAIMING | typeof ALONE | typeof ADMITTING | typeof LEAVING;
