/** Flags of a run: selectively acknowledged; taken for lost and not yet sent again; sent more than once. */
export const SACKED = 1;
export const LOST = 2;
export const RESENT = 4;
/** taken for lost, sent again since, and not given up a second time */
export const REPAIRED = 8;
/** what was written at one time ends with it: wherever bursts are cut late, the mark of that, PSH, is kept with the text and sent again with it */
export const ENDS_WRITE = 16;
