import type { Scenario } from '../lib/study/scenario.ts';
import byteIdentical from './byte-identical.ts';
import clientClosed from './client-closed.ts';
import divergence from './divergence.ts';
import duplicateOutput from './duplicate-output.ts';
import fastOpen from './fast-open.ts';
import newBackup from './new-backup.ts';
import neitherSideSends from './neither-side-sends.ts';
import outputFromBackup from './output-from-backup.ts';
import outputRule from './output-rule.ts';
import poison from './poison.ts';
import reconnect from './reconnect.ts';
import skipDrain from './skip-drain.ts';
import slowBackup from './slow-backup.ts';
import splitBrain from './split-brain.ts';
import switchPort from './switch-port.ts';
import withoutTcp from './without-tcp.ts';

/** The scenarios of the house, in the order of the lecture. */
export const scenarios: readonly Scenario[] = [duplicateOutput, skipDrain, neitherSideSends, withoutTcp, outputRule, clientClosed, byteIdentical, switchPort, newBackup, divergence, slowBackup, outputFromBackup, splitBrain, reconnect, fastOpen, poison];
