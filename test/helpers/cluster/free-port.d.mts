/** An even UDP port that, with the port below it, is free on all the addresses: for mcastport. */
export function freePort(addresses: readonly string[]): Promise<number>
