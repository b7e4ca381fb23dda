export { Replica } from './replica.ts';
export type { ReplicaConfig, Role, SavedReplica } from './replica.ts';
export { PORT_ARBITER, PORT_CHANNEL, PORT_CLIENTS } from './core.ts';
export type { HaltReason } from './core.ts';
export type { Pace } from './listener.ts';
export { ReplicaCounters } from './counters.ts';
export { defaultKnobs, KnobError, turned } from './knobs.ts';
export type { Announce, Divergence, Knobs, Policy } from './knobs.ts';
export type { Likeness } from './greeting.ts';
export { announcement } from './announcer.ts';
export type { Identity } from './announcer.ts';
export { Machine, MachineError } from './machine.ts';
export type { MachineHost, Outputs } from './machine.ts';
export { machinePool, MachineRecord } from './machine-record.ts';
export {
	checkEntry, CONTROL_DIGEST, CONTROL_GO_LIVE, CONTROL_HAND_OVER, CONTROL_JOINED, CONTROL_STOP, ENTRY, ENTRY_CONTROL, ENTRY_ENTROPY, ENTRY_FRAMES, ENTRY_WAKE, entryFrames, entryHead, entryName,
} from './entry.ts';
export type { EntryHead, EntryOffsets } from './entry.ts';
export { LETTER, Letter, machineMac, Post, refusals } from './letter.ts';
export type { LetterFault, LetterOffsets, Refusal } from './letter.ts';
export { Arbiter, ArbiterCounters, decide } from './arbiter.ts';
export { LedgerError, MemoryLedger } from './ledger.ts';
export type { Ledger, Term } from './ledger.ts';
export { BALLOT_ANSWER, BALLOT_CLAIM, putBallot, readBallot } from './ballot.ts';
export type { Ballot, Verdict } from './ballot.ts';
export { judge, loggedIn, Oracle, survivingLog } from './oracle.ts';
export type { LogConflict, OracleInput, OracleVerdict, OracleViolation, SurvivingLog } from './oracle.ts';
export { fieldDifference, frameFields } from './frame-fields.ts';
export type { FieldDifference, FrameField } from './frame-fields.ts';
