/** The last item that fits; null where none does. */
export function lastOf<T>(items: readonly T[], fits: (item: T) => boolean): T | null {
	for (let i = items.length - 1; i >= 0; i--) if (fits(items[i]!)) return items[i]!;
	return null;
}
