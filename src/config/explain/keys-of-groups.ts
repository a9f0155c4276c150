import type { KeyStory } from './story.js'

const ofFile: Readonly<Record<string, KeyStory>> = {
  lease: {
    story:
      'An active component holds its work on a lease that its executive renews. If no word comes for ' +
      'so long the library in the component’s own process ends it, before others may take over: that ' +
      'is why two are never active. Shorter is a faster failover of a node that was cut off; longer ' +
      'bears a longer pause.',
    example: 'lease=500',
    related: ['takeover-delay', 'token'],
  },
  'takeover-delay': {
    story:
      'After a node is lost so long is waited before its work is given to others: time for its ' +
      'components, whose connection broke, to notice. More than the lease is time lost.',
    example: 'takeover-delay=20',
    related: ['lease'],
  },
  'no-quorum': {
    story:
      'What a part without quorum does with its actives: `stop` takes the work away, so that the ' +
      'other part can have it; `freeze` leaves all as it is; `ignore` goes on as if it had quorum.',
    example: 'no-quorum=stop',
    related: ['quorum'],
    elsewhere: 'Pacemaker: no-quorum-policy.',
  },
}

const ofGroup: Readonly<Record<string, KeyStory>> = {
  'group.name': {
    story: 'By this name `ais amf status` shows the group and `ais amf lock NAME --kind group` locks it.',
    example: 'name=raid',
    elsewhere: 'openais: safSg. OpenSAF: safSg in the DN. Pacemaker: the id of the clone.',
  },
  'group.model': {
    story:
      '2n: one unit is active, others stand by for it. nplusm: `active-units` are active, ' +
      '`backup-units` stand by. noredundancy: each unit is active for one instance, nobody stands by.',
    example: 'model=2n',
    related: ['active-units', 'backup-units'],
    elsewhere: 'openais: saAmfSGRedundancyModel. OpenSAF: saAmfSgtRedundancyModel, 1 to 5.',
  },
  'active-units': {
    story:
      'So many units are active at a time. In a group without service-instance blocks there are as ' +
      'many implied instances, and each active unit has one.',
    example: 'active-units=2',
    related: ['backup-units', 'max-active-instances'],
    elsewhere: 'openais and OpenSAF: saAmfSGNumPrefActiveSUs.',
  },
  'backup-units': {
    story: 'So many units stand by at a time. The original parsed the number and never used it; we do.',
    example: 'backup-units=1',
    related: ['active-units', 'max-standby-instances'],
    elsewhere: 'openais and OpenSAF: saAmfSGNumPrefStandbySUs.',
  },
  'max-active-instances': {
    story: 'No unit is active for more instances than this, even if some then have no active unit at all.',
    example: 'max-active-instances=2',
    related: ['active-units'],
    elsewhere: 'openais and OpenSAF: saAmfSGMaxActiveSIsperSU(s).',
  },
  'max-standby-instances': {
    story: 'No unit stands by for more instances than this.',
    example: 'max-standby-instances=4',
    related: ['backup-units'],
    elsewhere: 'openais and OpenSAF: saAmfSGMaxStandbySIsperSU(s).',
  },
  'component-restart-max': {
    story:
      'A component that fails is restarted; at the next error after so many restarts within the ' +
      'probation time its whole unit is restarted instead: something is more deeply wrong.',
    example: 'component-restart-max=2',
    related: ['component-restart-probation', 'restart-timeout', 'unit-restart-max'],
    elsewhere: 'openais and OpenSAF: saAmfSGCompRestartMax. Pacemaker: migration-threshold.',
  },
  'component-restart-probation': {
    story: 'Restarts of components longer ago than this are forgotten.',
    example: 'component-restart-probation=100s',
    related: ['component-restart-max'],
    elsewhere: 'openais and OpenSAF: saAmfSGCompRestartProb. Pacemaker: failure-timeout.',
  },
  'unit-restart-max': {
    story: 'At the next error after so many restarts of a unit within the probation time it fails over.',
    example: 'unit-restart-max=3',
    related: ['unit-restart-probation', 'unit-failover-max'],
    elsewhere: 'openais and OpenSAF: saAmfSGSuRestartMax.',
  },
  'unit-restart-probation': {
    story: 'Restarts of units longer ago than this are forgotten.',
    example: 'unit-restart-probation=20s',
    related: ['unit-restart-max'],
    elsewhere: 'openais and OpenSAF: saAmfSGSuRestartProb.',
  },
  'unit-failover-max': {
    story:
      'So many units of one node may fail over within the probation time; at the next one all of ' +
      'them do: the node itself is not to be trusted any more.',
    example: 'unit-failover-max=2',
    related: ['unit-failover-probation'],
    elsewhere: 'openais and OpenSAF: saAmfNodeSuFailoverMax of the node.',
  },
  'unit-failover-probation': {
    story: 'Failovers of units longer ago than this are forgotten.',
    example: 'unit-failover-probation=2s',
    related: ['unit-failover-max'],
    elsewhere: 'openais and OpenSAF: saAmfNodeSuFailOverProb of the node.',
  },
}

const ofUnit: Readonly<Record<string, KeyStory>> = {
  'unit.name': {
    story: 'By this name a unit is shown, locked and repaired: it is what is active or stands by as a whole.',
    example: 'name=raidA',
    elsewhere: 'openais and OpenSAF: safSu.',
  },
  node: {
    story:
      'The unit’s components register on this node alone: the `nodename` of its network.conf. ' +
      'Without it the unit lives where the first of its components registers, until all of them are ' +
      'gone.',
    example: 'node=shop1',
    related: ['nodename'],
    elsewhere: 'openais: saAmfSUHostedByNode. OpenSAF: saAmfSUHostNodeOrNodeGroup. Pacemaker: rsc_location.',
  },
  rank: {
    story:
      'Of units, instances or csis the lower ones come first; equal ones in the order of the file. A ' +
      'unit that is active stays active, though: nothing moves back by itself because of a rank.',
    example: 'rank=1',
    elsewhere: 'openais and OpenSAF: saAmfSURank, saAmfSIRank.',
  },
}

const ofComponent: Readonly<Record<string, KeyStory>> = {
  'component.name': {
    story: 'The component registers by this name; nobody else can while it is registered.',
    example: 'name=comp_a_in_su_x',
    elsewhere: 'openais and OpenSAF: safComp. Pacemaker: the id of the primitive.',
  },
  'component.model': {
    story:
      'For how many csis at a time the component can be active and stand by, and whether both at ' +
      'once. x_active_and_y_standby can do all; 1_active_or_1_standby one thing at a time; x_active ' +
      'never stands by.',
    example: 'model=1_active_or_1_standby',
    related: ['max-active-csis', 'max-standby-csis'],
    elsewhere: 'openais: saAmfCompCapability. OpenSAF: saAmfCtCompCapability, 1 to 7.',
  },
  'max-active-csis': {
    story: 'A number for the x of the model: never active for more csis than this at a time.',
    example: 'max-active-csis=4',
    related: ['model'],
    elsewhere: 'openais and OpenSAF: saAmfCompNumMaxActiveCsi(s).',
  },
  'max-standby-csis': {
    story: 'A number for the y of the model: never standing by for more csis than this at a time.',
    example: 'max-standby-csis=4',
    related: ['model'],
    elsewhere: 'openais and OpenSAF: saAmfCompNumMaxStandbyCsi(s).',
  },
  'healthcheck-interval': {
    story:
      'So often the executive asks the component whether it is well. 0: it asks only if the ' +
      'component starts a health check itself. The original asked every 100 ms, and so do classic ' +
      'groups.',
    example: 'healthcheck-interval=100',
    related: ['healthcheck-max-duration'],
    elsewhere: 'openais: saAmfHealthcheckPeriod. Pacemaker: interval of op monitor.',
  },
  'healthcheck-max-duration': {
    story: 'A component that does not answer within this time is stuck: its error is handled by `recovery`.',
    example: 'healthcheck-max-duration=300',
    related: ['healthcheck-interval', 'recovery'],
    elsewhere: 'openais: saAmfHealthcheckMaxDuration. Pacemaker: timeout of op monitor.',
  },
  'callback-timeout': {
    story: 'Any other callback, to become active say, must be answered within this time.',
    example: 'callback-timeout=5s',
    related: ['recovery'],
    elsewhere: 'openais: saAmfCompDefaultCallbackTimeOut.',
  },
  recovery: {
    story:
      'What is done about an error when its reporter recommends nothing: restart the component, fail ' +
      'its unit over, move or fail over all units of the node. Restarts that come too often escalate ' +
      'by themselves.',
    example: 'recovery=component-failover',
    related: ['restart-timeout', 'component-restart-max'],
    elsewhere: 'openais: saAmfCompRecoveryOnError. Pacemaker: on-fail.',
  },
  'restart-timeout': {
    story:
      'Says that somebody brings the component back when it ends (systemd, a loop of the shell), ' +
      'within so long. Without it an error of the component fails its unit over at once.',
    example: 'restart-timeout=2s',
    related: ['recovery', 'component-restart-max'],
    elsewhere: 'openais: saAmfCompDefaultClcCliTimeout comes near it.',
  },
}

const ofWork: Readonly<Record<string, KeyStory>> = {
  'protection.name': {
    story:
      'Names a protection group: components of several units that protect one piece of work. In a ' +
      'group without service-instance blocks it is the name of the component service instance as ' +
      'well.',
    example: 'name=pgA',
  },
  member: {
    story:
      'A component that can carry the work, a line each. In each unit the first of its components ' +
      'that is a member carries it.',
    example: 'member = comp_a_in_su_x',
    related: ['protection'],
    elsewhere: 'openais: saAmfCompCsTypes of the component.',
  },
  'service-instance.name': {
    story: 'Names a workload that is given to a unit as a whole.',
    example: 'name=sales',
    elsewhere: 'openais and OpenSAF: safSi.',
  },
  'standby-assignments': {
    story: 'So many units are to stand by for this instance.',
    example: 'standby-assignments=1',
    related: ['backup-units'],
    elsewhere: 'OpenSAF: saAmfSIPrefStandbyAssignments.',
  },
  'csi.name': {
    story: 'Names a component service instance: the part of a workload that one component carries.',
    example: 'name=sales-db',
    elsewhere: 'openais and OpenSAF: safCsi.',
  },
  protection: {
    story:
      'Whose members can carry this csi: a protection of the same group; without it that of its own ' +
      'name.',
    example: 'protection=db',
    related: ['member'],
    elsewhere: 'openais: saAmfCSTypeName.',
  },
  attribute: {
    story:
      'Told to the component with the assignment: which disk, which address. A name given again adds ' +
      'a value.',
    example: 'attribute=device:/dev/md0',
    elsewhere: 'openais: safCSIAttr. OpenSAF: SaAmfCSIAttribute.',
  },
}

/** By the name of the key; where blocks of several kinds have one of that name, by `BLOCK.KEY`. */
export const keysOfGroups: Readonly<Record<string, KeyStory>> = {
  ...ofFile,
  ...ofGroup,
  ...ofUnit,
  ...ofComponent,
  ...ofWork,
}
