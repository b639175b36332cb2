/** A number of items for a log line: `1 item`, `2 items`. */
export function itemsText(count: number): string {
  return count === 1 ? '1 item' : `${count} items`;
}

/** The same with a verb: `1 item is`, `2 items are`. */
export function itemsAre(count: number): string {
  return `${itemsText(count)} ${count === 1 ? 'is' : 'are'}`;
}
