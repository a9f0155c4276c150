import fc from 'fast-check'
import { checkGroupsText } from '../../../../src/config/groups/check-groups.js'
import { groupsFileArbitrary } from '../../../helpers/convert-arbitrary.js'
import { withoutLosses } from '../../../helpers/convert-losses.js'
import { roundTrip } from '../../../helpers/convert.js'

// Any groups.conf to openais or OpenSAF and back: the same meaning, but for what was listed.

test.each(['amf', 'imm'] as const)('groups to %s and back', (format) => {
  let compared = 0
  fc.assert(
    fc.property(groupsFileArbitrary, (text) => {
      const checked = checkGroupsText(text)
      if (!checked.ok) throw new Error(text)
      const { there, back } = roundTrip(text, 'groups', format)
      // A unit without a node, or a name that cannot be said: refused, with the reason at its place.
      if (there.text === null) {
        const errors = there.diagnostics.filter(({ severity }) => severity === 'error')
        expect(errors.map(({ code }) => code)).not.toEqual([])
        expect(errors.every(({ code }) => code === 'key-missing' || code === 'not-convertible')).toBe(true)
        return
      }
      // Beyond a hundred findings the rest are counted only.
      if (there.diagnostics.some(({ code }) => code === 'too-many')) return
      expect(back!.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
      const again = checkGroupsText(back!.text!)
      if (!again.ok) throw new Error(back!.text!)
      const { before, after } = withoutLosses(text, checked.config, again.config, there.diagnostics, format)
      expect(after).toEqual(before)
      compared++
    }),
    { numRuns: 100, seed: 3 },
  )
  expect(compared).toBeGreaterThan(0)
})
