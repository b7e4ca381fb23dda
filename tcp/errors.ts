/** Why a connection ended, as its user is told. */
export const NO_ERROR = 0;
/** the peer reset it (RFC 9293 §3.10.7.4, second check) */
export const ERROR_RESET = 1;
/** the peer's TCP has nobody listening there */
export const ERROR_REFUSED = 2;
/** nothing was heard for as long as the profile is patient (RFC 9293 §3.8.3) */
export const ERROR_TIMEOUT = 3;
/** the user aborted it */
export const ERROR_ABORTED = 4;
/** the network says that nothing of the kind is there (RFC 9293 §3.9.2.2) */
export const ERROR_UNREACHABLE = 5;
/** as 5, in the words that some stacks have for it: no such network, protocol, host, way there; the packet was not understood, or is not allowed */
export const ERROR_NET_UNREACHABLE = 6;
export const ERROR_NO_PROTOCOL = 7;
export const ERROR_HOST_DOWN = 8;
export const ERROR_NO_NETWORK = 9;
export const ERROR_NOT_SUPPORTED = 10;
export const ERROR_PROTOCOL = 11;
export const ERROR_FORBIDDEN = 12;
/** the peer reset it after it had closed: what is still written goes nowhere */
export const ERROR_PIPE = 13;

/** The names of the errno values a socket would give. */
export const errorNames: readonly string[] = ['', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'ECONNABORTED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOPROTOOPT', 'EHOSTDOWN', 'ENONET', 'EOPNOTSUPP', 'EPROTO', 'EACCES', 'EPIPE'];
