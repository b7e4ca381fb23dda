/** What an ACK says of what was outstanding. One object is used again and again. */
export class Acked {
	/** octets newly acknowledged, and how many of them had been SACKed */
	octets = 0;
	sacked = 0;
	/** octets newly SACKed */
	fresh = 0;
	/** when the first and the latest of them that were sent but once were sent, µs; 0: none */
	firstAt = 0;
	sentAt = 0;
	/** whether all of them were sent but once */
	clean = false;
	/** the same for what was newly SACKed, µs; 0: none */
	sackFirstAt = 0;
	sackLastAt = 0;
	/** whether it reports a duplicate */
	dsack = false;
	/** whether something sent but once before the loss has arrived (RFC 5682 §2.1) */
	original = false;
	/** lowest number that has arrived after higher ones; none where that is not `late` */
	lowest = 0;
	late = false;
	/** the highest SACKed before this ACK, sequence space */
	high = 0;
	/** octets taken for lost on account of it; whether some of them had been sent again */
	lost = 0;
	lostAgain = false;

	/** A new ACK; `high` is the highest SACKed number so far. */
	begin(high: number): void {
		this.octets = 0;
		this.sacked = 0;
		this.fresh = 0;
		this.firstAt = 0;
		this.sentAt = 0;
		this.clean = true;
		this.sackFirstAt = 0;
		this.sackLastAt = 0;
		this.dsack = false;
		this.original = false;
		this.late = false;
		this.high = high;
		this.lost = 0;
		this.lostAgain = false;
	}
}
