import { expect } from 'chai';
import { CircuitBreaker } from '../../../lib/delivery/pace/circuit-breaker.js';
import { defaultTiming } from '../../../lib/delivery/pace/timing.js';

const fault = { cause: 'fault' } as const;
const steady = () => 0.5;

describe('CircuitBreaker', () => {
  const breakerOf = () => new CircuitBreaker(defaultTiming, steady);

  it('goes on after one fault, holds after three of different items in a row', () => {
    const breaker = breakerOf();
    expect(breaker.onFailure(0, fault)).to.equal(false);
    breaker.onAnswered();
    expect(breaker.onFailure(2, fault)).to.equal(false);
    expect(breaker.onFailure(3, fault)).to.equal(false);
    expect(breaker.onFailure(4, { cause: 'fault', isRepeat: true })).to.equal(false);
    expect(breaker.nextAt).to.equal(0);
    expect(breaker.onFailure(5, fault)).to.equal(true);
    expect(breaker.nextAt).to.equal(1005);
  });
  it('doubles the wait with each failed probe and starts over after a success', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 3; i += 1) breaker.onFailure(0, fault);
    breaker.onSent();
    breaker.onFailure(1000, fault);
    expect(breaker.nextAt).to.equal(3000);
    breaker.onSent();
    breaker.onAnswered();
    expect(breaker.hold).to.equal(undefined);
    for (let i = 0; i < 3; i += 1) breaker.onFailure(4000, fault);
    expect(breaker.nextAt).to.equal(5000);
  });
  it('counts the faults of one burst once', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 30; i += 1) breaker.onFailure(i, fault);
    expect(breaker.nextAt).to.equal(1002);
  });
  it('lets a flush probe sooner, but not more often than its gap', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 3; i += 1) breaker.onFailure(0, fault);
    breaker.hurry(100, 500);
    expect(breaker.nextAt).to.equal(500);
    breaker.hurry(100, 0);
    expect(breaker.capacity(100, 0)).to.equal(1);
  });
  it('sends nothing during the Retry-After of a 503, even if a flush waits or other answers come', () => {
    const breaker = breakerOf();
    expect(breaker.onFailure(0, { cause: 'fault', retryAfterMs: 9000 })).to.equal(true);
    breaker.hurry(100, 0);
    breaker.onAnswered();
    expect(breaker.capacity(8999, 0)).to.equal(0);
    expect(breaker.capacity(9000, 0)).to.equal(1);
  });
  it('probes a refused key once a minute', () => {
    const breaker = breakerOf();
    expect(breaker.onFailure(0, { cause: 'blocked' })).to.equal(true);
    expect(breaker.onFailure(1, { cause: 'blocked' })).to.equal(false);
    expect(breaker.capacity(59_999, 0)).to.equal(0);
    expect(breaker.capacity(60_000, 0)).to.equal(1);
    breaker.onSent();
    breaker.onAnswered();
    expect(breaker.hold).to.equal(undefined);
  });
});
