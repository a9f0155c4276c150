export { explanationText } from './amf-decision-text.js'
export { statusText } from './amf-status-text.js'
export { failureKinds, type FailureKind } from './amf-stress-failures.js'
export { amfStressLine, amfStressText, isPassed, type AmfStressLine } from './amf-stress-text.js'
export { stressAmf } from './amf-stress.js'
export { testAmf, testComponents } from './amf-test.js'
export { watchAmf } from './amf-watch.js'
export { AppError, appSteps, renderApp, type AppOptions, type RenderedApp } from './app-template.js'
export { checkUnconfigured, initConfig, InitError, type InitRequest, type InitResult } from './config-init.js'
export {
  firstOutside,
  interfaceText,
  meantInterfaces,
  proposeInterfaces,
  type ProposedInterface,
} from './config-init-interfaces.js'
export {
  askInitValues,
  canAsk,
  confirmInit,
  isGivenUp,
  type Answered,
  type InitAnswers,
} from './config-init-questions.js'
export { initForms, type InitForm } from './config-init-render.js'
export { problemOf, proposed, type InitKey, type InitValues } from './config-init-values.js'
export { explainedText } from './config-explain-text.js'
export {
  benchCheckpoints,
  benchModes,
  benchSizes,
  type BenchMode,
  type BenchResult,
  type BenchRow,
} from './ckpt-bench.js'
export { comparisonText, isSame as isSameConfiguration } from './config-diff-text.js'
export { diffConfigurations, type AskNode, type ConfigurationComparison } from './config-diff.js'
export {
  groupsTree,
  networkTable,
  type ShownDirectory,
  type ShownGroupsFile,
  type ShownNetworkFile,
} from './config-show-text.js'
export { createCheckpoint } from './ckpt-create.js'
export { conflictSections, exportConflict, findConflict } from './ckpt-conflicts.js'
export { listCheckpoints, listConflicts, listSections } from './ckpt-list.js'
export { stressCheckpoints } from './ckpt-stress.js'
export { stressLine, stressText, type StressLine } from './ckpt-stress-text.js'
export { testCheckpoints, testStepText, type TestLine, type TestStep } from './ckpt-test.js'
export {
  checkpointCells,
  checkpointColumns,
  checkpointDetailLine,
  checkpointFacts,
  checkpointLine,
  conflictCells,
  conflictColumns,
  guaranteeFlag,
  guaranteeNames,
  sectionCells,
  sectionColumns,
  sectionIdOf,
  sectionName,
  sectionText,
  type CheckpointDetailLine,
  type CheckpointLine,
  type Guarantee,
  type SectionName,
} from './ckpt-text.js'
export { readSection, writeSection } from './ckpt-transfer.js'
export { watchCheckpoint } from './ckpt-watch.js'
export { instantText, nodesLine, quorumText, type NodesLine } from './clm-text.js'
export { standardOutput } from './program-output.js'
export { aborted, stopSignal } from './stop-signal.js'
export { testClm } from './test-clm.js'
export { watchClm } from './watch-clm.js'
export { benchGroups, CpgBenchFailure, type CpgBenchResult } from './cpg-bench.js'
export { cpgBenchModes, cpgBenchSenders, cpgBenchSizes, type CpgBenchRow } from './cpg-bench-rows.js'
export { withSandbox } from './cpg-sandbox.js'
export { sendToGroup, type CpgSendDocument } from './cpg-send.js'
export { watchGroup } from './cpg-watch.js'
