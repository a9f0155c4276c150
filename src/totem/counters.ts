/** What a ring counts, by name. Counters of refused frames say why a frame changed nothing. */
export type Counters = Record<string, number>

export function count(counters: Counters, name: string, by = 1): void {
  if (by !== 0) counters[name] = (counters[name] ?? 0) + by
}
