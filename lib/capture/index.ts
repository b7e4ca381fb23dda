// Captures over bytes: reading, writing, and what TCP did in them.
export { analysisFlags, flagNames } from './analysis-flag.ts';
export type { AnalysisFlag } from './analysis-flag.ts';
export { CaptureAnalysis } from './capture-analysis.ts';
export type { StreamReport } from './capture-analysis.ts';
export { CaptureError } from './capture-error.ts';
export type { CaptureErrorCode } from './capture-error.ts';
export { CaptureReader } from './capture-reader.ts';
export { CaptureRecord } from './capture-record.ts';
export { Decoder } from './decoder.ts';
export type { Discard, DiscardReason } from './discard-finder.ts';
export { skipReasons } from './layer.ts';
export type { SkipReason } from './layer.ts';
export { PcapngWriter } from './pcapng-writer.ts';
export { readCapture } from './read-capture.ts';
export type { CapturedPacket } from './read-capture.ts';
export type { Repeat, RepeatKind } from './repeat-finder.ts';
export type { HeaderField } from './header-difference.ts';
export { Segment } from './segment.ts';
export { SegmentOptions } from './segment-options.ts';
export type { Ending, FlowOptions, FlowSummary, Handshake } from './stream-summary.ts';
export type { Endpoint } from './stream-table.ts';
export { TimeSequencePlot } from './time-sequence-plot.ts';

// Playing a captured side into the stack.
export { Replay, ReplayError, plainWork, streamText } from './replay/index.ts';
export type { ByteWork, Crossed, Digester, Divergence, DivergenceClass, FrameWatcher, Pace, Policies, ReplayErrorCode, ReplayOptions, SegmentView, Side, StreamReplay } from './replay/index.ts';
