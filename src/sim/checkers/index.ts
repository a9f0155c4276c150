import type { History } from '../history.js'
import { checkAgreement, checkSafeDelivery, checkSettling, checkVirtualSynchrony } from './configurations.js'
import { checkCausality, checkInvention, checkSelfDelivery, checkTotalOrder } from './messages.js'

/** Every promise that can be checked when a run has ended; see Observer for those checked on the way. */
export function checkPromises(history: History): void {
  checkInvention(history)
  checkSelfDelivery(history)
  checkTotalOrder(history)
  checkVirtualSynchrony(history)
  checkSafeDelivery(history)
  checkCausality(history)
  checkAgreement(history)
  checkSettling(history)
}
