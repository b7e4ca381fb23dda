import type { ByteWindow } from './byte-window.ts';
import type { CaptureRecord } from './capture-record.ts';

/** What a step through a capture came to. */
export const STEP_MORE = 0;
/** The record is filled. */
export const STEP_RECORD = 1;
/** Something was read that is no packet. */
export const STEP_OTHER = 2;

export type Step = typeof STEP_MORE | typeof STEP_RECORD | typeof STEP_OTHER;

/** One file format: reads what begins at the window's position, and moves it on. */
export interface CaptureFormat {
	/**
	 * @returns STEP_MORE, and the position unchanged, where more bytes are needed
	 * @throws CaptureError where what begins here is damaged; the position is unchanged
	 */
	step(window: ByteWindow, record: CaptureRecord): Step;
}

/** No packet is longer than this in a sane file; Wireshark draws the line here too. */
export const MAX_PACKET = 262_144;
