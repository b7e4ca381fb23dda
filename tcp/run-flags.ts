/** Flags of a run: selectively acknowledged; taken for lost and not yet sent again; sent more than once. */
export const SACKED = 1;
export const LOST = 2;
export const RESENT = 4;
/** taken for lost, sent again since, and not given up a second time */
export const REPAIRED = 8;
