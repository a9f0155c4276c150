export { ClmService } from './clm-service.js'
export type { BufferDocument, NodeDocument, NotificationDocument, Observer } from './notifications.js'
