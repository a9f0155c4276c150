import { quoted, type CheckContext } from '../../check-context.js'
import type { GroupsSource } from '../../groups/block.js'
import type { Entry } from '../../parse.js'
import { reportLost, reportLostBlock } from '../lost.js'
import { readTree } from '../saf/read-tree.js'
import { addAttribute, newObject, type SafObject } from '../saf/tree.js'
import { parseXml } from '../xml/parse-xml.js'
import { immClasses, type Meaning } from './classes.js'
import { Conversions } from './conversions.js'
import { firstRdn, parentDn } from './dn.js'
import { readObjects, type ImmObject } from './objects.js'

const target = 'groups.conf'

/** Values that objects take over from their types, all together: files that mean something have thousands. */
const INHERITED_MAX = 200_000

class ImmReader {
  private readonly byDn = new Map<string, ImmObject>()
  private readonly byClass = new Map<string, ImmObject[]>()
  private readonly byParent = new Map<string, ImmObject[]>()
  private readonly saf = new Map<ImmObject, SafObject>()
  private readonly conversions: Conversions
  /** What objects may still take over from their types. */
  private inheritable = INHERITED_MAX

  constructor(
    private readonly objects: readonly ImmObject[],
    private readonly context: CheckContext,
  ) {
    const put = (map: Map<string, ImmObject[]>, key: string, object: ImmObject): void => {
      const list = map.get(key)
      if (list === undefined) map.set(key, [object])
      else list.push(object)
    }
    for (const object of objects) {
      const { value } = object.dn
      if (!this.byDn.has(value)) this.byDn.set(value, object)
      put(this.byClass, object.class, object)
      put(this.byParent, parentDn(value), object)
    }
    this.conversions = new Conversions(
      this.of('SaAmfCSType').map(({ dn }) => dn.value),
      context,
    )
  }

  read(): SafObject[] {
    for (const object of this.objects) this.begin(object)
    const top: SafObject[] = []
    for (const [object, saf] of this.saf) this.attach(object, saf, top)
    for (const object of this.of('SaAmfComp')) this.completeComponent(object, this.saf.get(object)!)
    this.host()
    this.declareTypes(top)
    this.loseUnused()
    return top
  }

  private of(name: string): readonly ImmObject[] {
    return this.byClass.get(name) ?? []
  }

  /** Every object as such: what its class does not know is reported, whatever becomes of the rest. */
  private begin(object: ImmObject): void {
    const known = immClasses.get(object.class)
    if (known === undefined) {
      const what = `${quoted(object.dn.value)} of class ${quoted(object.class)}`
      reportLostBlock(what, object.element.place, target, 'it is left out', this.context)
      return
    }
    for (const [name, entries] of object.attributes) {
      if (known.attributes[name] !== undefined) continue
      for (const entry of entries) reportLost(entry, target, 'it is left out', this.context)
    }
    if (known.kind === null) return
    const { attribute, value } = firstRdn(object.dn.value)
    const saf = newObject(known.kind, { ...object.dn, key: attribute, value }, object.element.place)
    this.saf.set(object, saf)
    this.inherit(saf, object, known.attributes)
    const type =
      known.type === null ? undefined : this.byDn.get(object.attributes.get(known.type)?.[0]?.value ?? '')
    const ofType = type === undefined ? undefined : immClasses.get(type.class)
    if (type !== undefined && ofType !== undefined) this.inherit(saf, type, ofType.attributes)
  }

  /** Give the attributes of an object to what it stands for, or is the type of, unless it has its own. */
  private inherit(saf: SafObject, from: ImmObject, meanings: Readonly<Record<string, Meaning>>): void {
    const own = new Set(saf.attributes.keys())
    for (const [name, entries] of from.attributes) {
      const meaning = meanings[name]
      if (meaning === null || meaning === undefined || own.has(meaning[0])) continue
      if (!this.spend(entries.length, from)) return
      for (const entry of entries) addAttribute(saf, meaning[0], this.conversions.convert(entry, meaning[1]))
    }
  }

  /** @returns false after an error was reported: types are shared by too many */
  private spend(count: number, object: ImmObject): boolean {
    const wasLeft = this.inheritable >= 0
    this.inheritable -= count
    if (this.inheritable >= 0) return true
    if (wasLeft) {
      this.context.report('error', null, object.element.place, {
        code: 'limit-exceeded',
        message: 'objects take over too much from their types',
        expected: `at most ${INHERITED_MAX} values`,
      })
    }
    return false
  }

  private attach(object: ImmObject, saf: SafObject, top: SafObject[]): void {
    if (saf.kind === 'safApp' || saf.kind === 'safAmfNode' || saf.kind === 'safAmfCluster') {
      top.push(saf)
      return
    }
    const outer = this.saf.get(this.byDn.get(parentDn(object.dn.value))!)
    if (outer !== undefined && homes[saf.kind] === outer.kind) outer.children.push(saf)
    else {
      const what = quoted(object.dn.value)
      reportLostBlock(what, object.element.place, target, 'what it is in is not in the file', this.context)
    }
  }

  private completeComponent(object: ImmObject, saf: SafObject): void {
    const typeDn = object.attributes.get('saAmfCompType')?.[0]?.value ?? ''
    const inner = this.byParent.get(object.dn.value) ?? []
    const ofType = this.byParent.get(typeDn) ?? []
    if (!this.spend(ofType.length, object)) return
    this.completeTypes(saf, inner, ofType)
    this.completeHealthchecks(saf, inner, ofType)
  }

  /** Types of csis that a component knows: its own, else those of its type; the type tells how. */
  private completeTypes(saf: SafObject, inner: readonly ImmObject[], ofType: readonly ImmObject[]): void {
    const own = inner.filter((one) => one.class === 'SaAmfCompCsType')
    const typed = ofType.filter((one) => one.class === 'SaAmfCtCsType')
    const byName = new Map(typed.map((one) => [firstRdn(one.dn.value).value, one]))
    for (const one of own.length > 0 ? own : typed) {
      const { value } = firstRdn(one.dn.value)
      const entry = { ...one.dn, key: 'safSupportedCsType', value }
      addAttribute(saf, 'saAmfCompCsTypes', this.conversions.convert(entry, 'type'))
      const fresh = newObject(saf.kind, saf.name, saf.place)
      this.inherit(fresh, one, immClasses.get(one.class)!.attributes)
      const type = byName.get(value)
      if (type !== undefined && type !== one)
        this.inherit(fresh, type, immClasses.get(type.class)!.attributes)
      this.merge(saf, fresh)
    }
  }

  /** A component is the same for all its types here: the first says how. */
  private merge(saf: SafObject, fresh: SafObject): void {
    for (const [name, entries] of fresh.attributes) {
      const known = saf.attributes.get(name)
      if (known === undefined) saf.attributes.set(name, entries)
      else if (known[0].value !== entries[0].value) {
        const why = 'a component is the same for all its csis, and another of its types says otherwise'
        reportLost(entries[0], target, why, this.context)
      }
    }
  }

  private completeHealthchecks(
    saf: SafObject,
    inner: readonly ImmObject[],
    ofType: readonly ImmObject[],
  ): void {
    const seen = new Map<string, SafObject>()
    for (const one of [...inner, ...ofType]) {
      if (one.class !== 'SaAmfHealthcheck' && one.class !== 'SaAmfHealthcheckType') continue
      const { attribute, value } = firstRdn(one.dn.value)
      const name: Entry = { ...one.dn, key: attribute, value }
      const check = seen.get(value) ?? newObject('safHealthcheckKey', name, one.element.place)
      this.inherit(check, one, immClasses.get(one.class)!.attributes)
      if (!seen.has(value)) saf.children.push(check)
      seen.set(value, check)
    }
  }

  /** Units name their node by its whole name, or a group of nodes. */
  private host(): void {
    const groups = new Map(this.of('SaAmfNodeGroup').map((group) => [group.dn.value, group]))
    for (const object of this.of('SaAmfSU')) {
      const saf = this.saf.get(object)!
      const [entry] = saf.attributes.get('saAmfSUHostedByNode') ?? []
      if (entry === undefined) continue
      const members = groups.get(entry.value)?.attributes.get('saAmfNGNodeList')
      const isNode = members === undefined && firstRdn(entry.value).attribute === 'safAmfNode'
      if (isNode || members?.length === 1) {
        const { value } = firstRdn(isNode ? entry.value : members![0].value)
        saf.attributes.set('saAmfSUHostedByNode', [{ ...entry, value }])
      } else {
        saf.attributes.delete('saAmfSUHostedByNode')
        reportLost(entry, target, 'a unit names one node, or none', this.context)
      }
    }
    for (const object of this.of('SaAmfSG')) {
      const units = (this.byParent.get(object.dn.value) ?? []).filter((one) => one.class === 'SaAmfSU')
      const areHosted = units.every((unit) => this.saf.get(unit)!.attributes.has('saAmfSUHostedByNode'))
      if (areHosted) this.saf.get(object)!.attributes.delete('saAmfSGSuHostNodeGroup')
    }
  }

  /** Types of csis are the same for all applications; their order is that of the file. */
  private declareTypes(top: SafObject[]): void {
    for (const object of this.of('SaAmfCSType')) {
      const entry = this.conversions.convert({ ...object.dn, key: 'safCSType' }, 'type')
      top.push(newObject('safCSType', entry, object.element.place))
    }
  }

  /** Groups of nodes, and nodes of the membership service, that nobody refers to. */
  private loseUnused(): void {
    const used = new Set<string>()
    for (const [object] of this.saf) {
      for (const name of ['saAmfSGSuHostNodeGroup', 'saAmfSUHostNodeOrNodeGroup', 'saAmfNodeClmNode']) {
        for (const { value } of object.attributes.get(name) ?? []) used.add(value)
      }
    }
    for (const object of [...this.of('SaAmfNodeGroup'), ...this.of('SaClmNode')]) {
      if (used.has(object.dn.value)) continue
      reportLostBlock(quoted(object.dn.value), object.element.place, target, 'nothing names it', this.context)
    }
  }
}

/** What an object stands in. */
const homes: Readonly<Record<string, string>> = {
  safSg: 'safApp',
  safSu: 'safSg',
  safComp: 'safSu',
  safSi: 'safApp',
  safCsi: 'safSi',
  safCSIAttr: 'safCsi',
}

/** The groups of an imm.xml. @returns null after an error was reported */
export function readImm(text: string, context: CheckContext): GroupsSource | null {
  const root = parseXml(text, context)
  const objects = root === null ? null : readObjects(root, context)
  return objects === null ? null : readTree(new ImmReader(objects, context).read(), context)
}
