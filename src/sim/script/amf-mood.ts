import type { AmfEvent } from '../amf/amf-watcher.js'
import type { Fate, Mood, SimComponent } from '../amf/component.js'

type Callback = AmfEvent['type']

/** Does as it is told, and what the script says. */
export class ScriptMood implements Mood {
  /** Of each callback what becomes of it from now on. */
  readonly fates = new Map<Callback, Fate | 'die' | number>()
  answersAfterMs = 0.5
  quiescesForMs = 20

  fate(component: SimComponent, callback: Callback): Fate {
    const fate = this.fates.get(callback) ?? 'ok'
    if (typeof fate === 'number') component.loop.block(fate)
    else if (fate === 'die') component.kill()
    else return fate
    return 'ok'
  }

  answerMs(): number {
    return this.answersAfterMs
  }

  quiescingMs(): number {
    return this.quiescesForMs
  }

  endingMs(): number {
    return 1
  }

  againMs(): number {
    return 20
  }

  pauseMs(): null {
    return null
  }

  onRegistered(): void {
    return undefined
  }
}
