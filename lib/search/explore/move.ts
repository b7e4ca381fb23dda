/**
 * One step of exploring. Every step of a machine goes on to the last of its
 * outputs, unless the machine dies before: `crash` says behind how many of
 * them, −1 that it lives.
 */
export type Move =
	/** hands over the `nth` frame of a lane; `copies`: another one like it stays on its way; `overtakes`: others were sent before it; `late`: it was delayed, or is a copy */
	| { readonly kind: 'deliver'; readonly lane: number; readonly nth: number; readonly copies: boolean; readonly overtakes: boolean; readonly late: boolean; readonly crash: number }
	| { readonly kind: 'wake'; readonly place: number; readonly crash: number }
	| { readonly kind: 'drop' | 'delay'; readonly lane: number; readonly nth: number }
	| { readonly kind: 'cut' | 'mend'; readonly link: number };
