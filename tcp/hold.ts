/** Who keeps a connection's record alive: TCP alone, its user, or the listener it has not been accepted from. */
export const FREE_ON_END = 0;
export const HELD_BY_USER = 1;
export const HELD_BY_LISTENER = 2;
