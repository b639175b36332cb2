import { bare } from './bare.js';
import { floor, floorSending } from './floor.js';
import { langfuse } from './langfuse.js';
import { langsmith } from './langsmith.js';
import { otel } from './otel.js';
import { ours } from './ours.js';
import type { Peer } from './peer.js';
import { vendor } from './vendor.js';

/** Everything that can be measured, by the name the command line takes, in the order of the tables. */
export const peers: Readonly<Record<string, Peer>> = {
  bare,
  floor,
  'floor-sending': floorSending,
  ours,
  otel,
  langfuse,
  langsmith,
  vendor,
};

/** @throws Error when there is no peer of that name */
export function peerNamed(name: string): Peer {
  const peer = peers[name];
  if (peer === undefined) throw new Error(`expected a peer (${Object.keys(peers).join(', ')}), got ${name}`);
  return peer;
}
