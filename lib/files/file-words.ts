/** What the system's codes say, for people. */
const words: { readonly [code: string]: string } = {
	ENOENT: 'there is no such file or folder',
	EACCES: 'it is not permitted',
	EPERM: 'it is not permitted',
	ENOTDIR: 'a part of its path is a file, not a folder',
	EISDIR: 'it is a folder',
	EEXIST: 'there is a file of that name',
	EIO: 'the device failed',
	ENXIO: 'there is no such device',
	ENOSPC: 'the disk is full',
	EROFS: 'the disk is read-only',
	ELOOP: 'its links lead in a circle',
	ENAMETOOLONG: 'the name is too long',
	EMFILE: 'too many files are open',
	ETXTBSY: 'it is being executed',
	ENODEV: 'its device cannot do that',
};

/** Why a file cannot be read or written: in words where they are known, else as the system has it. */
export function fileWords(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const code = 'code' in error ? String(error.code) : '';
	return words[code] ?? error.message;
}
