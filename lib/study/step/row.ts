/** One line of the view: what it is, and what it is at each machine; '' where it is nothing there. */
export interface Row {
	/** stable over steps, so that a change can be seen */
	readonly key: string;
	readonly name: string;
	readonly values: readonly string[];
	/** places of the two replicas among the values, where they are meant to be equal in the end */
	readonly compared: boolean;
}
