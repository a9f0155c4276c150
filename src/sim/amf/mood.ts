import type { Random } from '../../base/index.js'
import type { Fate, Mood, SimComponent } from './component.js'

/** Mostly as it ought to be. */
export class RandomMood implements Mood {
  constructor(
    private readonly random: Random,
    /** Longest stall, milliseconds. */
    private readonly stallMaxMs: number,
    /** It may do wrong. */
    private readonly isTroubled: () => boolean,
    private readonly note: (what: string) => void,
  ) {}

  /** What becomes of a callback. It may end the process, or not return for a while. */
  fate(component: SimComponent): Fate {
    if (!this.isTroubled()) return 'ok'
    const draw = this.random.next()
    if (draw < 0.006) {
      this.note('diedInCallback')
      component.kill()
    } else if (draw < 0.02) {
      this.note('blocked')
      component.loop.block(this.random.next() * this.random.pick([5, 40, this.stallMaxMs]))
    } else if (draw < 0.028) {
      this.note('silent')
      return 'silent'
    } else if (draw < 0.036) {
      this.note('error')
      return 'error'
    } else if (draw < 0.06) return 'twice'
    return 'ok'
  }

  answerMs(): number {
    if (!this.isTroubled()) return this.random.next()
    return this.random.next() * this.random.pick([0.2, 0.2, 2, 10, 60])
  }

  quiescingMs(): number {
    return this.random.next() * this.random.pick([1, 30, 300])
  }

  endingMs(): number {
    return this.random.next() * 5
  }

  againMs(): number {
    return 10 + this.random.next() * 40
  }

  pauseMs(): number {
    return this.random.next() * 300
  }

  /** Some have themselves looked after in other ways as well. */
  onRegistered(component: SimComponent): void {
    const draw = this.random.next()
    const { name } = component
    if (draw < 0.1) {
      this.note('ownHealthcheck')
      const params = { component: name, key: 'own', invocation: 'component', periodMs: 100 }
      component.call('healthcheckStart', { ...params, maxDurationMs: 100, recovery: 'no-recommendation' })
      this.confirm(component)
    } else if (draw < 0.2) {
      component.call('pmStart', { component: name, pid: component.pid, recovery: 'no-recommendation' })
    }
  }

  private confirm(component: SimComponent): void {
    component.loop.after(50 + this.random.next() * 30, () => {
      if (!component.isRegistered) return
      component.call('healthcheckConfirm', { component: component.name, key: 'own', error: 'OK' })
      this.confirm(component)
    })
  }
}
