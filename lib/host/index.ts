export { Host } from './host.ts';
export type { HostConfig } from './host.ts';
export type { Application } from './application.ts';
export { Sockets } from './sockets.ts';
export { Network, networkPools } from './network.ts';
export type { NetworkConfig, NetworkQuotas } from './network.ts';
export type { InterfaceConfig } from './addresses.ts';
export { counterName } from './counters.ts';
export type { CounterName } from './counters.ts';
