const days = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
/** Days of 400 years, of 100, of 4, of one; the year is taken to begin with March, so that a leap day comes last. */
const ERA = 146_097, CENTURY = 36_524, OLYMPIAD = 1461, YEAR = 365;
/** Days from the 1st of March of year 0 to the 1st of January 1970. */
const EPOCH = 719_468;

function two(value: number): string {
	return String(value).padStart(2, '0');
}

/**
 * A moment as HTTP writes it (RFC 9110 §5.6.7): `Thu, 01 Jan 1970 00:00:00 GMT`.
 * Calendars of the engine are not asked: replicas must agree to the letter.
 *
 * @param seconds  since 1970, 0 or later
 */
export function httpDate(seconds: number): string {
	const day = Math.floor(seconds / 86_400), rest = seconds - day * 86_400;
	const since = day + EPOCH;
	const era = Math.floor(since / ERA), ofEra = since - era * ERA;
	const yearOfEra = Math.floor((ofEra - Math.floor(ofEra / (OLYMPIAD - 1)) + Math.floor(ofEra / CENTURY) - Math.floor(ofEra / (ERA - 1))) / YEAR);
	const ofYear = ofEra - (yearOfEra * YEAR + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
	const fromMarch = Math.floor((5 * ofYear + 2) / 153);
	const date = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
	const month = (fromMarch + 2) % 12;
	const year = era * 400 + yearOfEra + (month < 2 ? 1 : 0);
	const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(Math.floor(rest) % 60)}`;
	return `${days[day % 7]}, ${two(date)} ${months[month]} ${year} ${time} GMT`;
}
